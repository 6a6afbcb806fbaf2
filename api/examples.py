"""An example of everything that goes in and out, made from its JSON Schema: it cannot be older than the models.

A model that wants another one says so itself (`examples` of a field).
"""

import re
from collections.abc import Mapping
from typing import Any

MOMENT = "2026-11-28T09:30:00Z"
NUMBER = "01m8ftc559f83b2fxxyzdp8j3v"
HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
UUID = "6f1f9a52-0c5e-4d0e-9b1a-2f6d7c3e8a10"
IDS: Mapping[str, str] = {
    "asset": "ast",
    "author": "usr",
    "by": "usr",
    "decision": "dec",
    "episode": "epi",
    "lookup": "lkp",
    "project": "prj",
    "proposal": "prp",
    "run": "run",
    "scene": "scn",
    "season": "sea",
    "take": "tak",
    "team": "team",
    "upload": "upl",
    "user": "usr",
    "purchase": "pur",
    "verdict": "vdt",
    "version": "ver",
    "wallet": "usr",
}
"""Fields, path parameters and models by these names hold ids with these prefixes."""
CURSOR = "lvfNhvKbEG9oHqDs41L84HByal8wMW04ZnRj"
TEXTS: Mapping[str, str] = {
    "brain": "thriller",
    "code": "SplxlOBeZQQYbYS6WxSbIA",
    "colour": "#aa33bb",
    "content_type": "image/png",
    "cursor": CURSOR,
    "document": NUMBER,
    "email": "ada@studio.example",
    "entity": f"scn_{NUMBER}",
    "format": "1280x720@24",
    "from": "0",
    "iss": "https://issuer.example/",
    "label": "First cut",
    "language": "en",
    "month": "2026-11",
    "name": "Ada",
    "next": CURSOR,
    "pack": "small",
    "prompt": "A train at night, rain on the windows.",
    "q": "night train",
    "request_id": "5f2b9c1e7a4d3f60",
    "sig": "pbTWRhCQ4eJkJxVfO2pQ0kQxO1cQZ7nWq0x2c1aB3dE",
    "since": "0",
    "title": "Night train",
    "to": "12",
    "token": "eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl",
    "track": "trk_main",
    "url": "https://studio.example/",
}
NAMES: Mapping[tuple[str, str], str] = {
    ("AssetOut", "name"): "rain.wav",
    ("ContentOut", "name"): f"sb:{NUMBER}~1",
    ("DocumentOut", "name"): f"sb:{NUMBER}~1",
    ("FailedRuns", "code"): "route.nobody",
    ("NewTransfer", "to"): f"team_{NUMBER}",
    ("DocumentToken", "name"): f"sb:{NUMBER}~1",
    ("Problem", "code"): "field.invalid",
    ("Problem", "detail"): "title: String should have at most 255 characters",
    ("Problem", "field"): "title",
    ("Problem", "type"): "urn:storyforge:problem:field.invalid",
    ("TeamOut", "name"): "Second unit",
    ("", "format"): "three_act",
    ("", "next"): f"/studio/prj_{NUMBER}",
}
"""By model and field, where the field alone does not say it; without a model: of a query or a path."""
_ID_PATTERN = re.compile(r"\^([a-z]+_)?\[0-[79][0-9a-z-]*\](\{26\}|\[[0-9a-z-]*\]\{25\})\$")
_DEPTH_MAX = 8


def example(schema: Mapping[str, Any], models: Mapping[str, Any], name: str = "", whole: bool = True) -> Any:
    """`models`: what `$ref` names. `name`: of the field. `whole`: with what may be left out, too."""
    return _Maker(models, whole).make(schema, name, "", 0)


def example_id(name: str) -> str | None:
    """Of a path parameter or a field, by its name."""
    prefix = IDS.get(name.removesuffix("_id"))
    return None if prefix is None else f"{prefix}_{NUMBER}"


class _Maker:
    def __init__(self, models: Mapping[str, Any], whole: bool) -> None:
        self._models = models
        self._whole = whole

    def make(self, schema: Mapping[str, Any], name: str, model: str, depth: int) -> Any:
        for key in ("examples", "enum"):
            if schema.get(key):
                return schema[key][0]
        if "const" in schema:
            return schema["const"]
        if "$ref" in schema:
            model = schema["$ref"].rpartition("/")[2]
            return self.make(self._models[model], name, model, depth)
        for key in ("anyOf", "oneOf", "allOf"):
            if key in schema:
                return self.make(_first(schema[key]), name, model, depth)
        return self._of_type(schema, name, model, depth)

    def _of_type(self, schema: Mapping[str, Any], name: str, model: str, depth: int) -> Any:
        match schema.get("type"):
            case "object":
                return self._object(schema, model, depth)
            case "array":
                return self._array(schema, name, model, depth)
            case "string":
                return _string(schema, name, model)
            case "integer":
                return max(int(schema.get("minimum", 1)), 1)
            case "number":
                return max(float(schema.get("minimum", 1)), 1.0)
            case "boolean":
                return schema.get("default", True)
        return {} if schema.get("type") is None else None

    def _object(self, schema: Mapping[str, Any], model: str, depth: int) -> dict[str, Any]:
        properties: Mapping[str, Any] = schema.get("properties", {})
        if depth >= _DEPTH_MAX:
            return {}
        names = list(properties) if self._whole else schema.get("required") or list(properties)[:1]
        return {name: self.make(properties[name], name, model, depth + 1) for name in names}

    def _array(self, schema: Mapping[str, Any], name: str, model: str, depth: int) -> list[Any]:
        if "prefixItems" in schema:
            return [self.make(item, name, model, depth + 1) for item in schema["prefixItems"]]
        if "items" not in schema or depth >= _DEPTH_MAX:
            return []
        one = self.make(schema["items"], name.removesuffix("s"), model, depth + 1)
        return [one] * max(1, schema.get("minItems", 1))


def _first(options: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    """What says something: null only where there is nothing else."""
    return next((each for each in options if each.get("type") != "null"), options[0])


def _string(schema: Mapping[str, Any], name: str, model: str) -> str:
    pattern = str(schema.get("pattern", ""))
    if schema.get("format") == "date-time":
        return MOMENT
    if schema.get("format") == "uuid":
        return UUID
    if "[0-9a-f]{64}" in pattern or name in ("hash", "media", "thumb"):
        return HASH
    if matched := _ID_PATTERN.fullmatch(pattern):
        return (matched.group(1) or "") + NUMBER
    if name == "id":
        return example_id(_noun(model)) or NUMBER
    if (model, name) in NAMES:
        return NAMES[model, name]
    text = example_id(name) or TEXTS.get(name, name.replace("_", " ") or "text")
    return text[: schema.get("maxLength", len(text))]


def _noun(model: str) -> str:
    """`SnapshotRun` and `RunOut` are runs."""
    words = re.findall(r"[A-Z][a-z]+", model)
    return next((word.lower() for word in words if word.lower() in IDS), "")
