"""Values that the schemas allow and values that they do not, made from the schemas themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from deploy.local.schema import Node, read, resolved, types_of

WRONG_TYPES: dict[str, Any] = {"boolean": True, "integer": 1.0, "string": "x", "array": [], "object": {}, "bytes": b"x"}
SERVERS = "schema.server_only"


@dataclass(frozen=True)
class Place:
    """One key; `entity` None where the root itself holds the keys."""

    kind: str
    root: str
    key: str
    node: Node
    is_servers: bool

    def __str__(self) -> str:
        return f"{self.kind} {self.root}.{self.key}"


def places(kind: str) -> Iterator[Place]:
    """Every key that the schema lists."""
    schema = read(kind)
    for name, root in schema["properties"].items():
        others = root.get("additionalProperties")
        holder = resolved(schema, others) if isinstance(others, dict) else root
        for key, each in holder.get("properties", {}).items():
            node = whole(schema, each)
            yield Place(kind, name, key, node, "server" in (root.get("x-writer"), node.get("x-writer")))


def whole(schema: Node, node: Node) -> Node:
    """With all that it refers to."""
    node = resolved(schema, node)
    if "properties" in node:
        node["properties"] = {key: whole(schema, each) for key, each in node["properties"].items()}
    return node


def allowed(node: Node) -> Iterator[Any]:
    """One value of each type, as large as may be."""
    for name in types_of(node) or ("integer",):
        yield from _allowed(node, name)


def _allowed(node: Node, name: str) -> Iterator[Any]:
    if name == "null":
        yield None
    elif name == "boolean":
        yield from (True, False)
    elif name == "integer":
        yield from (float(node.get("minimum", 0)), float(node.get("maximum", 0)))
    elif name == "string":
        yield from node.get("enum") or [_longest(node)]
    elif name == "array":
        item = max(allowed(node["items"]), key=lambda value: len(str(value)))
        yield [item] * (node["maxItems"] if "x-bytes-max" not in node else 1)
    elif "properties" in node:
        yield {key: list(allowed(each))[-1] for key, each in node["properties"].items()}
    else:
        yield {f"k{number}": next(allowed(node["additionalProperties"])) for number in range(node["maxProperties"])}


def _longest(node: Node) -> str:
    if "pattern" not in node:
        return "é" * int(node["maxLength"])
    return "a" * int(node["pattern"].rpartition("{")[2].partition("}")[0].split(",")[-1])


def refused(node: Node) -> Iterator[tuple[str, Any]]:
    """(code, value) of every way to break it."""
    types = types_of(node)
    if "x-bytes-max" in node:
        yield "schema.too_long", ["x" * int(node["x-bytes-max"])]
    if not types:
        return
    yield from (("schema.type", value) for name, value in WRONG_TYPES.items() if name not in types)
    if "null" not in types:
        yield "schema.type", None
    if "integer" in types:
        yield "schema.type", 0.5
        yield "schema.range", float(node["minimum"] - 1) if node["minimum"] > -(2**53) else -(2.0**60)
        yield "schema.range", float(node["maximum"] + 1) if node["maximum"] < 2**53 - 1 else 2.0**60
    if "enum" in node:
        yield "schema.choice", "no such choice"
    elif "pattern" in node:
        yield from (("schema.form", value) for value in (_longest(node) + "a", "no name!", "name\n"))
    elif "string" in types:
        yield "schema.too_long", "x" * (node["maxLength"] + 1)
    if "array" in types and "x-bytes-max" not in node:
        yield "schema.too_long", [next(allowed(node["items"]))] * (node["maxItems"] + 1)
        if node.get("minItems"):
            yield "schema.range", [next(allowed(node["items"]))] * (node["minItems"] - 1)
        yield from ((code, [value] * node.get("minItems", 1)) for code, value in refused(node["items"]))
    if "object" in types:
        yield from _refused_objects(node)


def _refused_objects(node: Node) -> Iterator[tuple[str, Any]]:
    if "properties" in node:
        yield "schema.key", {"no_such_key": 1.0}
        for key, each in node["properties"].items():
            yield from ((code, {key: value}) for code, value in refused(each))
        return
    inner = node["additionalProperties"]
    yield "schema.too_long", {f"k{number}": next(allowed(inner)) for number in range(node["maxProperties"] + 1)}
    yield "schema.form", {"no name!": next(allowed(inner))}
    yield from ((code, {"k": value}) for code, value in refused(inner))
