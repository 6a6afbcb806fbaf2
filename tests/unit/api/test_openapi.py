"""The description: every route is in it, and nothing else."""

import json
import re
from typing import Any

import pytest
from starlette.routing import Route

from api.main import operations
from api.openapi import describe

DESCRIPTION = describe(operations(), "http://studio.test")


def references(value: Any) -> set[str]:
    return set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(value)))


def test_every_operation_is_described_once() -> None:
    described = {(method.upper(), path) for path, methods in DESCRIPTION["paths"].items() for method in methods}
    table = [(each.method, re.sub(r":path", "", each.path)) for each in operations()]
    assert len(table) == len(set(table))
    assert described == set(table)


def test_operation_ids_are_unique() -> None:
    names = [each.name for each in operations()]
    assert len(names) == len(set(names))


def test_every_reference_has_its_schema_and_every_schema_a_reference() -> None:
    schemas = DESCRIPTION["components"]["schemas"]
    assert references(DESCRIPTION) == set(schemas)


def test_every_path_parameter_is_declared() -> None:
    for path, methods in DESCRIPTION["paths"].items():
        for described in methods.values():
            declared = {each["name"] for each in described.get("parameters", ()) if each["in"] == "path"}
            assert declared == set(re.findall(r"\{(\w+)\}", path))


@pytest.mark.parametrize("operation", operations(), ids=lambda each: each.name)
def test_what_needs_a_session_says_so(operation: Any) -> None:
    path = re.sub(r":path", "", operation.path)
    described = DESCRIPTION["paths"][path][operation.method.lower()]
    assert ("401" in described["responses"] and bool(described["security"])) is not operation.public or (
        operation.name == "sessions.sign_in"
    )
    assert str(operation.status) in described["responses"]


def test_no_route_hides_another() -> None:
    seen: list[Route] = []
    for operation in operations():
        concrete = re.sub(r"\{(\w+)(:path)?\}", "x", operation.path)
        scope = {"type": "http", "path": concrete, "method": operation.method, "root_path": ""}
        assert all(route.matches(scope)[0].name != "FULL" for route in seen), operation.name
        seen.append(Route(operation.path, lambda request: None, methods=[operation.method]))


def test_it_is_plain_json_of_the_right_version() -> None:
    assert json.loads(json.dumps(DESCRIPTION))["openapi"] == "3.1.0"
