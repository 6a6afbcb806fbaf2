"""OpenAPI 3.1, made from the table of routes and the pydantic models: nothing is written down twice.

It describes; nothing is decided by it.
"""

import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.responses import JSONResponse, Response

from api.call import FORM_TYPE, SAFE_METHODS, Call
from api.errors import PROBLEM_TYPE
from api.examples import example
from api.once import KEY_CHARS_MAX, KEY_HEADER
from api.operation import Handler, Header, Operation, reads_of
from api.schemas import Problem
from services.users.sessions import COOKIE

DISTRIBUTION = "storyforge"
_PARAMETER = re.compile(r"\{(\w+)(:path)?\}")
_REFERENCE = "#/components/schemas/{model}"
_PATTERNS = {
    "proposal": r"^prp_[0-9a-z]{26}$",
    "project": r"^prj_[0-9a-z]{26}$",
    "episode": r"^epi_[0-9a-z]{26}$",
    "character": r"^chr_[0-9a-z]{26}$",
    "duplication": r"^dup_[0-9a-z]{26}$",
    "season": r"^sea_[0-9a-z]{26}$",
    "scene": r"^scn_[0-9a-z]{26}$",
    "run": r"^run_[0-9a-z]{26}$",
    "take": r"^tak_[0-9a-z]{26}$",
    "lookup": r"^lkp_[0-9a-z]{26}$",
    "link": r"^lnk_[0-9a-z]{26}$",
    "account": r"^usr_[0-9a-z]{26}$",
    "key": r"^key_[0-9a-z]{26}$",
    "invitation": r"^inv_[0-9a-z]{26}$",
    "team": r"^team_[0-9a-z]{26}$",
    "user": r"^usr_[0-9a-z]{26}$",
    "upload": r"^upl_[0-9a-z]{26}$",
    "asset": r"^ast_[0-9a-z]{26}$",
    "document": r"^[0-9a-z]{26}$",
    "brain": r"^[A-Za-z0-9_]{1,64}$",
    "format": r"^[a-z0-9_]{1,64}$",
    "verdict": r"^vdt_[0-9a-z]{26}$",
    "version": r"^ver_[0-9a-z]{26}$",
    "hash": r"^[0-9a-f]{64}$",
}
_MEANINGS = {
    200: "Done",
    201: "Made",
    202: "Accepted",
    204: "Done, nothing to say",
    303: "Go there",
    307: "Go there",
}
_RATE_HEADERS = {
    name: {"description": meaning, "schema": {"type": "string"}}
    for name, meaning in (
        ("RateLimit-Policy", "The quota by which this was counted: `q` requests in `w` seconds"),
        ("RateLimit", "What is left of it: `r` requests; the whole of it in `t` seconds"),
    )
}
_KEY = Header(
    KEY_HEADER, "The same key with the same request has its effect once and the same answer, for 24 h.", KEY_CHARS_MAX
)
_READ_HEADERS = {"ETag": {"description": "Of this very answer", "schema": {"type": "string"}}}
_SEEN = Header("If-None-Match", "The ETag of what you have: if it is still that, 304 without a body.", 256)
_TAG = Header("If-Match", "The ETag of what you have read: if it is not that any more, nothing is changed (412).", 256)
_SECURITY: list[dict[str, list[str]]] = [{"bearer": []}, {"cookie": []}]


def describe(operations: Sequence[Operation], public_url: str) -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    schemas, reads = _schemas(operations), reads_of(operations)
    for operation in operations:
        path = _PARAMETER.sub(r"{\1}", operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _operation(operation, schemas, operation.path in reads)
    return {
        "openapi": "3.1.0",
        "info": {"title": "StoryForge", "version": version(DISTRIBUTION)},
        "servers": [{"url": public_url}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE},
            },
        },
    }


def handler_of(operations: Sequence[Operation]) -> Handler:
    """Serves the description of `operations`."""

    async def openapi(call: Call) -> Response:
        return JSONResponse(
            describe(operations, call.state.settings.public_url), headers={"Cache-Control": "public, max-age=300"}
        )

    return openapi


def _operation(operation: Operation, schemas: Mapping[str, Any], has_tag: bool) -> dict[str, Any]:
    """`has_tag`: whether what its path names can be read, and so has an ETag."""
    described: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "responses": _responses(operation, schemas, has_tag),
        "security": [] if operation.public else _SECURITY,
    }
    parameters = _parameters(operation, has_tag)
    if parameters:
        described["parameters"] = parameters
    if operation.body is not None:
        shown = example(_reference(operation.body), schemas, whole=False)
        described["requestBody"] = {
            "content": {"application/json": {"schema": _reference(operation.body), "example": shown}}
        }
    if operation.form is not None:
        shown = example(_reference(operation.form), schemas, whole=False)
        described["requestBody"] = {
            "required": True,
            "content": {FORM_TYPE: {"schema": _reference(operation.form), "example": shown}},
        }
    return described


def _responses(operation: Operation, schemas: Mapping[str, Any], has_tag: bool) -> dict[str, Any]:
    success: dict[str, Any] = {"description": _MEANINGS[operation.status]}
    if operation.answer is not None:
        answer = _reference(operation.answer)
        success["content"] = {"application/json": {"schema": answer, "example": example(answer, schemas)}}
    elif operation.content is not None:
        success["content"] = {operation.content: {}}
    is_read = has_tag and operation.method == "GET"
    success["headers"] = _RATE_HEADERS | (_READ_HEADERS if is_read else {})
    statuses = set(operation.refusals) | _statuses(operation) | _refused_by_tag(operation, has_tag)
    problem = {"description": "Refused", "content": {PROBLEM_TYPE: {"schema": _reference(Problem)}}}
    found = {str(operation.status): success} | {str(status): problem for status in sorted(statuses)}
    if operation.refusal is not None:
        shape = _reference(operation.refusal)
        own = {"application/json": {"schema": shape, "example": example(shape, schemas)}}
        found["400"] = {"description": "Refused", "content": own}
    return found | ({"304": {"description": "You have it", "headers": _READ_HEADERS}} if is_read else {})


def _told(operation: Operation, has_tag: bool) -> list[Header]:
    """What the door reads itself."""
    if has_tag and operation.method == "GET":
        return [_SEEN]
    return [*([_KEY] if operation.takes_key else []), *([_TAG] if has_tag and operation.takes_tag else [])]


def _statuses(operation: Operation) -> set[int]:
    """What any route of its kind may answer instead."""
    statuses = {414, 429, 431, 500, 503, 504}
    if not operation.public:
        statuses.add(401)
    if not operation.public and operation.method not in SAFE_METHODS:
        statuses.add(403)  # a page of another origin
    if operation.body is not None or operation.query is not None:
        statuses.add(422)
    if operation.method in ("POST", "PUT", "PATCH"):
        statuses |= {400, 408, 413}
    if operation.body is not None:
        statuses.add(415)
    if operation.takes_key:
        statuses |= {409, 422}
    return statuses


def _refused_by_tag(operation: Operation, has_tag: bool) -> set[int]:
    if not has_tag or not operation.takes_tag:
        return set()
    return {412, 428} if operation.insists else {412}


def _parameters(operation: Operation, has_tag: bool) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for match in _PARAMETER.finditer(operation.path):
        name = match.group(1)
        shape = {"type": "string"} | ({"pattern": _PATTERNS[name]} if name in _PATTERNS else {})
        one = {"name": name, "in": "path", "required": True, "schema": shape}
        found.append(one | ({"example": example(shape, {}, name)} if name in _PATTERNS else {}))
    if operation.query is not None:
        schema = operation.query.model_json_schema(ref_template=_REFERENCE)
        required: list[str] = schema.get("required", [])
        for name, field in schema["properties"].items():
            definitions: dict[str, Any] = schema.get("$defs", {})
            shown = {"schema": _whole(field, definitions), "example": example(field, definitions, name)}
            found.append({"name": name, "in": "query", "required": name in required} | shown)
    for header in (*operation.headers, *_told(operation, has_tag)):
        found.append(
            {
                "name": header.name,
                "in": "header",
                "required": False,
                "description": header.description,
                "schema": {"type": "string", "maxLength": header.chars_max},
            }
        )
    return found


def _whole(field: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """With what it refers to in its place: two queries may each have a `State` of their own."""
    if "$ref" in field:
        named: dict[str, Any] = definitions[field["$ref"].rpartition("/")[2]]
        return named
    choices = {"anyOf": [_whole(one, definitions) for one in field["anyOf"]]} if "anyOf" in field else {}
    return {**field, **choices}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(model=model.__name__)}


def _schemas(operations: Sequence[Operation]) -> dict[str, Any]:
    bodies = {body for operation in operations for body in (operation.body, operation.form) if body is not None}
    answers = {each for one in operations for each in (one.answer, one.refusal) if each is not None} | {Problem}
    wanted: list[tuple[type[BaseModel], Any]] = [(model, "validation") for model in sorted(bodies, key=_name)]
    wanted += [(model, "serialization") for model in sorted(answers, key=_name)]
    _, schema = models_json_schema(wanted, ref_template=_REFERENCE)
    definitions: dict[str, Any] = schema["$defs"]
    return definitions


def _name(model: type[BaseModel]) -> str:
    return model.__name__
