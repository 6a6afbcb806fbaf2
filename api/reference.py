"""The description of the API as a page for people: made of `/openapi.json`, without a script and without the internet.

Nothing is said here that the description does not say.
"""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from html import escape
from typing import Any

from starlette.responses import HTMLResponse, Response

from api.call import Call
from api.errors import PROBLEM_TYPE
from api.openapi import describe
from api.operation import Handler, Operation

STYLE = """
:root { color-scheme: light dark; --line: #8884; --dim: #566; --tint: #8881; --get: #0a7; --write: #b50; }
@media (prefers-color-scheme: dark) { :root { --dim: #9aa; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 16px; max-width: 1000px; font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 24px; margin: 0; } h2 { font-size: 20px; margin: 32px 0 8px; }
h3 { font-size: 16px; margin: 16px 0 4px; }
p { color: var(--dim); margin: 4px 0; } a { color: inherit; }
nav { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 16px 0; }
code, pre { font: 14px/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { background: var(--tint); border-radius: 8px; padding: 12px; overflow: auto; max-height: 24em; }
details { border-top: 1px solid var(--line); padding: 8px 0; }
summary { cursor: pointer; display: flex; flex-wrap: wrap; gap: 0 12px; }
summary b { font: 600 14px/1.7 ui-monospace, monospace; min-width: 4.5em; color: var(--write); }
summary b.get { color: var(--get); } summary code { line-height: 1.7; } summary span { color: var(--dim); }
.table { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: 15px; }
td, th { text-align: left; vertical-align: top; padding: 4px 12px 4px 0; border-top: 1px solid var(--line); }
td:first-child code { overflow-wrap: normal; white-space: nowrap; }
th { color: var(--dim); font-weight: 500; }
"""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_LIMITS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {}",
    "maxItems": "at most {}",
    "default": "else {}",
}


def handler_of(operations: Sequence[Operation]) -> Handler:
    """Serves the page about `operations`."""

    @cache
    def page(public_url: str) -> str:
        return render(describe(operations, public_url))

    async def reference(call: Call) -> Response:
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "public, max-age=300"}
        return HTMLResponse(page(call.state.settings.public_url), headers=headers)

    return reference


def render(description: Mapping[str, Any]) -> str:
    """One page: routes by subject, then the shapes of what goes in and out."""
    by_tag: dict[str, list[str]] = {}
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            by_tag.setdefault(operation["tags"][0], []).append(_operation(method, path, operation))
    shapes = description["components"]["schemas"]
    links = " ".join(f'<a href="#{escape(tag)}">{escape(tag)}</a>' for tag in (*by_tag, "shapes"))
    title = escape(f"{description['info']['title']} {description['info']['version']}")
    return "\n".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}: the API</title><style>{STYLE}</style></head><body>",
            f'<h1>{title}</h1><p>Made of <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p>',
            f"<nav>{links}</nav><main>",
            *(f'<h2 id="{escape(tag)}">{escape(tag)}</h2>' + "".join(found) for tag, found in by_tag.items()),
            '<h2 id="shapes">Shapes</h2>',
            *(_shape(name, shape) for name, shape in sorted(shapes.items())),
            "</main></body></html>",
        )
    )


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    return "".join(
        (
            f'<details id="{escape(operation["operationId"])}"><summary>',
            f'<b class="{method}">{method.upper()}</b><code>{escape(path)}</code>',
            f"<span>{escape(operation['summary'])}</span></summary>",
            "" if operation["security"] else "<p>Nobody needs to be signed in for it.</p>",
            *_parameters(operation.get("parameters", ())),
            *_body(operation.get("requestBody")),
            *_answers(operation["responses"]),
            "</details>",
        )
    )


def _parameters(parameters: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if parameters:
        rows = [
            (f"<code>{escape(each['name'])}</code>", each["in"], _words(each["schema"]), _remark(each))
            for each in parameters
        ]
        yield "<h3>Parameters</h3>" + _table(("name", "in", "what", ""), rows)


def _remark(parameter: Mapping[str, Any]) -> str:
    return escape(parameter.get("description", "") or ("needed" if parameter["required"] else ""))


def _body(body: Mapping[str, Any] | None) -> Iterator[str]:
    if body is not None:
        for kind, content in body["content"].items():
            yield f"<h3>Body</h3><p>{escape(kind)} {_words(content['schema'])}</p>{_json(content['example'])}"


def _answers(responses: Mapping[str, Any]) -> Iterator[str]:
    """The success with its example; refusals are all of one shape, but for those of a standard that has its own."""
    yield "<h3>Answer</h3>"
    refusals = []
    for status, response in responses.items():
        if int(status) >= 400 and PROBLEM_TYPE in response["content"]:
            refusals.append(status)
            continue
        yield f"<p>{status}: {escape(response['description'])}</p>"
        for kind, content in response.get("content", {}).items():
            yield f"<p>{escape(kind)} {_words(content.get('schema', {}))}</p>"
            if "example" in content:
                yield _json(content["example"])
    yield f"<p>Refusals: {', '.join(refusals)}, each a <a href='#shape-Problem'>Problem</a></p>"


def _shape(name: str, shape: Mapping[str, Any]) -> str:
    needed = shape.get("required", ())
    rows = [
        (f"<code>{escape(field)}</code>", _words(schema), "needed" if field in needed else "")
        for field, schema in shape.get("properties", {}).items()
    ]
    about = f"<p>{escape(shape['description'])}</p>" if "description" in shape else ""
    what = _table(("field", "what", ""), rows) if rows else f"<p>{_words(shape)}</p>"
    return f'<details id="shape-{escape(name)}"><summary><code>{escape(name)}</code></summary>{about}{what}</details>'


def _words(schema: Mapping[str, Any]) -> str:
    """What a value is, in words."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#shape-{name}">{name}</a>'
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return " or ".join(_words(each) for each in schema[key])
    if "enum" in schema or "const" in schema:
        values = schema["enum"] if "enum" in schema else [schema["const"]]
        return " or ".join(f"<code>{escape(json.dumps(each))}</code>" for each in values)
    kind = escape(str(schema.get("format") or schema.get("type") or ""))
    if schema.get("type") == "array":
        items = [_words(each) for each in schema.get("prefixItems", [schema.get("items", {})])]
        kind = f"array of {', '.join(items)}"
    limits = [text.format(schema[key]) for key, text in _LIMITS.items() if schema.get(key) is not None]
    if "pattern" in schema:
        limits.append(f"like {schema['pattern']}")
    return kind + (f" <small>{escape('; '.join(limits))}</small>" if limits else "")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    titles = "".join(f"<th>{each}</th>" for each in head)
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="table"><table><tr>{titles}</tr>{lines}</table></div>'


def _json(value: Any) -> str:
    return f"<pre>{escape(json.dumps(value, indent=2, ensure_ascii=False))}</pre>"
