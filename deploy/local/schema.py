"""`python -P -m deploy.local.schema`: what is made from client-protocol/schema/, the one place where keys are listed.

The hub's rules (sync/schema_*.py), TypeScript types and docs/documents.md. tests/tidy says when they are old.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("storyboard", "timeline")
MADE_BY = "Generated from client-protocol/schema/ by `python -P -m deploy.local.schema`; change that, not this."
_BITS = {"null": "NULL", "boolean": "BOOLEAN", "integer": "INTEGER", "string": "STRINGS", "array": "LIST"}
_SHARED = {"map": "TYPE_MAP", "text": "TYPE_TEXT", "array": "TYPE_ARRAY"}
_LIMITS = {
    "minimum": "low",
    "maximum": "high",
    "minItems": "size_min",
    "maxItems": "size_max",
    "maxLength": "size_max",
    "maxProperties": "size_max",
    "x-bytes-max": "bytes_max",
}

Node = dict[str, Any]


def read(kind: str) -> Node:
    """The schema of one kind of document, as JSON."""
    schema: Node = json.loads((ROOT / "client-protocol" / "schema" / f"{kind}.schema.json").read_text())
    return schema


def resolved(schema: Node, node: Node) -> Node:
    """`node` with what it refers to; its own description counts."""
    target = schema["$defs"][node["$ref"].removeprefix("#/$defs/")] if "$ref" in node else {}
    return {**target, **{key: value for key, value in node.items() if key != "$ref"}}


def types_of(node: Node) -> tuple[str, ...]:
    """Names of the JSON types that `node` allows; none: all."""
    types = node.get("type", ())
    return (types,) if isinstance(types, str) else tuple(types)


def main() -> None:
    for path, text in made().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


def made() -> dict[Path, str]:
    """Every file that is generated, and what it should hold."""
    schemas = {kind: read(kind) for kind in KINDS}
    files = {ROOT / "docs" / "documents.md": markdown(list(schemas.values()))}
    for kind, schema in schemas.items():
        files[ROOT / "sync" / f"schema_{kind}.py"] = python(kind, schema)
        files[ROOT / "client-protocol" / "typescript" / "src" / "schema" / f"{kind}.ts"] = typescript(kind, schema)
    return files


# The hub's rules -------------------------------------------------------------------------------------


def python(kind: str, schema: Node) -> str:
    """Plain objects that are ready when the module is; the whole document is the last."""
    rules = [f"{_constant(name)}: Final = {_rule(node, '')}\n" for name, node in schema["$defs"].items()]
    body = "\n".join([*rules, f"{kind.upper()}: Final = {_rule(schema, '')}\n"])
    words = set(re.findall(r"[A-Z][A-Za-z_]+", body))
    kinds = [name for name in ("BOOLEAN", "INTEGER", "LIST", "NULL", "OBJECT", "STRINGS") if name in words]
    shared = [name for name in ("TYPE_ARRAY", "TYPE_MAP", "TYPE_TEXT") if name in words]
    return (
        f'"""The rules of every key of a {kind}.\n\n{MADE_BY}\n"""\n\n'
        "# fmt: off\n"
        "from typing import Final\n\n"
        f"from sync.rules import {', '.join([*kinds, 'Rule'])}\n"
        f"from sync.update import {', '.join(shared)}\n\n{body}"
    )


def _constant(name: str) -> str:
    return f"_{name}".upper()


def _rule(node: Node, indent: str) -> str:
    if "$ref" in node:
        return _constant(node["$ref"].removeprefix("#/$defs/"))
    inner = indent + "    "
    arguments = []
    if "x-shared" in node:
        arguments.append(f"shared={_SHARED[node['x-shared']]}")
    elif types_of(node):
        arguments.append(" | ".join(_BITS.get(name, "OBJECT") for name in types_of(node)))
    if node.get("x-writer") == "server":
        arguments.append("is_servers=True")
    arguments += [f"{name}={node[key]}" for key, name in _LIMITS.items() if key in node]
    choices = [choice for choice in node.get("enum", ()) if choice is not None]
    if choices:
        arguments.append(f"choices={tuple(choices)!r}".replace("'", '"'))
    names = node.get("propertyNames", node)
    if "pattern" in names:
        arguments.append(f'names=r"{names["pattern"]}"')
    if "maxLength" in node.get("propertyNames", {}):
        arguments.append(f"names_max={names['maxLength']}")
    if "items" in node:
        arguments.append(f"items={_rule(node['items'], inner)}")
    if "properties" in node:
        keys = node["properties"].items()
        lines = [f'{inner}    "{key}": {_rule(each, inner + "    ")},\n' for key, each in keys]
        arguments.append("keys={\n" + "".join(lines) + inner + "}")
    if isinstance(node.get("additionalProperties"), dict):
        arguments.append(f"others={_rule(node['additionalProperties'], inner)}")
    return _call(arguments, indent)


def _call(arguments: list[str], indent: str) -> str:
    flat = f"Rule({', '.join(arguments)})"
    if "\n" not in flat and len(flat) + len(indent) < 90:
        return flat
    return "Rule(\n" + "".join(f"{indent}    {argument},\n" for argument in arguments) + f"{indent})"


# TypeScript ------------------------------------------------------------------------------------------


def typescript(kind: str, schema: Node) -> str:
    """An interface for each entity and the document: content as plain values, `Y.Text` as its string."""
    parts = [f"/** What a {kind} holds, as plain values. {MADE_BY} */\n"]
    parts += [_declaration(kind, name, node) for name, node in schema["$defs"].items()]
    return "\n".join([*parts, _declaration(kind, "", schema)])


def _name(kind: str, name: str) -> str:
    return kind.title() + name.title()


def _declaration(kind: str, name: str, node: Node) -> str:
    comment = f"/** {node['description']} */\n"
    if types_of(node) == ("object",) and "properties" in node:
        return f"{comment}export interface {_name(kind, name)} {_fields(kind, node, '')}\n"
    return f"{comment}export type {_name(kind, name)} = {_typed(kind, node, '')};\n"


def _fields(kind: str, node: Node, indent: str) -> str:
    lines = []
    for key, each in node["properties"].items():
        comment = f"{indent}  /** {_described(each)} */\n" if "description" in each else ""
        lines.append(f"{comment}{indent}  readonly {key}?: {_typed(kind, each, indent + '  ')};\n")
    return "{\n" + "".join(lines) + indent + "}"


def _typed(kind: str, node: Node, indent: str) -> str:
    if "$ref" in node:
        return _name(kind, node["$ref"].removeprefix("#/$defs/"))
    if "enum" in node:
        return " | ".join(json.dumps(choice) for choice in node["enum"])
    return " | ".join(_one(kind, node, name, indent) for name in types_of(node)) or "unknown"


def _one(kind: str, node: Node, type_name: str, indent: str) -> str:
    if type_name == "array":
        item = _typed(kind, node["items"], indent)
        if node.get("minItems") == node["maxItems"] == 2:
            return f"readonly [{item}, {item}]"
        return f"readonly ({item})[]"
    if type_name == "object":
        if "properties" in node:
            return _fields(kind, node, indent)
        return f"Readonly<Record<string, {_typed(kind, node['additionalProperties'], indent)}>>"
    return {"integer": "number"}.get(type_name, type_name)


# Tables ----------------------------------------------------------------------------------------------


def markdown(schemas: list[Node]) -> str:
    """Every key in a table under its root."""
    parts = [
        "# What documents hold\n",
        f"{MADE_BY}\n",
        "Every key, what may stand there and how much of it. What a client writes otherwise is refused by name "
        "(PROTOCOL.md, W57 to W60). No key is required: who reads has a default for each, and null is as good as "
        "absent. *Server* keys are the server's alone. A *text* is a `Y.Text`, a map a `Y.Map`; all else is one value, "
        "which the last writer wins.\n",
    ]
    for schema in schemas:
        parts.append(f"## {schema['title']}\n\n{schema['description']}\n")
        for name, root in schema["properties"].items():
            parts.append(_section(schema, name, root))
    return "\n".join(parts)


def _section(schema: Node, name: str, root: Node) -> str:
    others = root.get("additionalProperties")
    entity = resolved(schema, others) if isinstance(others, dict) else root
    server = " *Server.*" if root.get("x-writer") == "server" else ""
    limit = f" At most {root['maxProperties']:,}." if "maxProperties" in root else ""
    head = f"### {name}\n\n{root['description']}{server}{limit}\n\n"
    if "properties" not in entity:
        return f"{head}Keys of at most {root['propertyNames']['maxLength']} characters; {_allowed(schema, entity)}.\n"
    rows = "".join(f"| `{key}` | {allowed} | {text} |\n" for key, allowed, text in _rows(schema, entity))
    return f"{head}| key | what | meaning |\n| --- | --- | --- |\n{rows}"


def _rows(schema: Node, entity: Node, prefix: str = "") -> Iterator[tuple[str, str, str]]:
    for key, each in entity["properties"].items():
        node = resolved(schema, each)
        server = " *Server.*" if node.get("x-writer") == "server" else ""
        yield prefix + key, _allowed(schema, node), _described(node) + server
        if "properties" in node and "$ref" not in each:
            yield from _rows(schema, node, f"{prefix}{key}.")


def _described(node: Node) -> str:
    text = str(node["description"])
    return f"{text.removesuffix('.')}, in {node['x-unit']}." if "x-unit" in node else text


def _allowed(schema: Node, node: Node) -> str:
    """What may stand there, in words."""
    size = node.get("maxLength", node.get("maxItems", node.get("maxProperties")))
    if node.get("x-shared") == "text":
        return f"text, at most {size:,} characters"
    if "enum" in node:
        return " ".join(f"`{choice}`" for choice in node["enum"] if choice is not None)
    words: dict[str, Callable[[], str]] = {
        "integer": lambda: f"{node['minimum']:,} to {node['maximum']:,}",
        "string": lambda: f"`{node['pattern'][1:-1]}`" if "pattern" in node else f"string, at most {size:,}",
        "boolean": lambda: "boolean",
        "array": lambda: _list(schema, node),
        "object": lambda: "object" + (f", at most {size:,} keys" if size is not None else ""),
    }
    found = " or ".join(words[name]() for name in types_of(node) if name in words) or "any JSON"
    return found + (f", at most {node['x-bytes-max']:,} bytes" if "x-bytes-max" in node else "")


def _list(schema: Node, node: Node) -> str:
    low, high = node.get("minItems", 0), node["maxItems"]
    count = f"{high}" if low == high else f"at most {high}"
    item = node["items"]
    fields = " ".join(f"`{key}`" for key in item.get("properties", ()))
    return f"list of {count}: {'{' + fields + '}' if fields else _allowed(schema, item)}"


if __name__ == "__main__":
    main()
