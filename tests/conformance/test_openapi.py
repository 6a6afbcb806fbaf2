"""The description against the door: whatever schemathesis makes of it is answered as it says, and never with 5xx.

Bounded and seeded: the same requests in every run of the same description.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

import httpx
import jsonschema_rs
import pytest_asyncio
import schemathesis
from hypothesis import HealthCheck, Phase, given, reject, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    status_code_conformance,
)

from api.main import operations
from api.openapi import describe
from services.projects.model import ProjectKind
from sync import ids
from tests.integration.api.studio import URL, Person, Studio, opened
from tests.integration.api.test_roles import TIMELINES

EXAMPLES = {schemathesis.GenerationMode.POSITIVE: 10, schemathesis.GenerationMode.NEGATIVE: 8}
SEED = 20261128
ENDLESS = {"stream.follow"}
"""Answers that go on until the reader leaves: `test_stream.py`."""
CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
]
CONFIG = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})
"""Who asks is said by the client, so that the answers are not all 401."""
DESCRIPTION = describe(operations(), URL)

Case: TypeAlias = schemathesis.Case[Any]
Send = Callable[[Case], Coroutine[Any, Any, httpx.Response]]


@pytest_asyncio.fixture(scope="module")
async def studio(database_url: str, redis_url: str, objects_url: str, signing_keys_file: Path) -> AsyncIterator[Studio]:
    async with opened(database_url, redis_url, objects_url, signing_keys_file) as state:
        yield Studio(state)


async def real_ids(studio: Studio, person: Person, route: str) -> dict[str, str]:
    """A project of the person's with one of everything, so that what is asked for is there."""
    project = await studio.project(person, ProjectKind.SERIES)
    scene = await studio.scene(person, project, prompt="A train at night.")
    run, take = await studio.take(person, project, scene)
    return {
        "project": ids.to_text("prj", project.id),
        "scene": scene,
        "run": run,
        "take": take,
        "asset": await studio.asset(person, project),
        "document": ids.encode((project.timeline if route.endswith(TIMELINES) else project.storyboard).id),
        "user": ids.to_text("usr", person.actor.user_id),
        "token": str(uuid4()),
        "hash": "ab" * 32,
        "brain": "thriller",
        "format": "three_act",
    }


def sender(http: httpx.AsyncClient) -> Send:
    async def send(case: Case) -> httpx.Response:
        asked: dict[str, Any] = case.as_transport_kwargs(base_url=URL)
        body = {name: asked[name] for name in ("json", "data", "files") if asked.get(name) is not None}
        if isinstance(body.get("data"), str | bytes):
            body["content"] = body.pop("data")
        cookies = "; ".join(f"{name}={value}" for name, value in (asked.get("cookies") or {}).items())
        headers = dict(asked["headers"]) | ({"Cookie": cookies} if cookies else {})
        return await http.request(asked["method"], asked["url"], params=asked.get("params"), headers=headers, **body)

    return send


def schema_errors(operation_id: str, response: httpx.Response) -> list[str]:
    """Of a JSON body. Not by schemathesis' own check, which rewrites the `prefixItems` of our pairs into what
    JSON Schema 2020-12 does not know."""
    (described,) = (
        each
        for methods in DESCRIPTION["paths"].values()
        for each in methods.values()
        if each["operationId"] == operation_id
    )
    content = described["responses"].get(str(response.status_code), {}).get("content", {})
    schema = content.get(response.headers.get("content-type", ""), {}).get("schema")
    if not schema or not response.content:  # of HEAD
        return []
    whole = schema | {"components": DESCRIPTION["components"]}
    return [str(error.message) for error in jsonschema_rs.Draft202012Validator(whole).iter_errors(response.json())]


def test_every_example_is_of_its_schema() -> None:
    wrong = []
    for methods in DESCRIPTION["paths"].values():
        for described in methods.values():
            bodies = [described.get("requestBody", {}), *described["responses"].values()]
            contents = [content for body in bodies for content in body.get("content", {}).values()]
            for shown in (*contents, *described.get("parameters", ())):
                if "example" in shown:
                    whole = shown["schema"] | {"components": DESCRIPTION["components"]}
                    errors = jsonschema_rs.Draft202012Validator(whole).iter_errors(shown["example"])
                    wrong += [f"{described['operationId']}: {error.message}" for error in errors]
    assert not wrong


def attacked(
    operation: schemathesis.APIOperation[Any, Any, Any, Any],
    fixed: dict[str, str],
    mode: schemathesis.GenerationMode,
    send: Callable[[Case], httpx.Response],
) -> list[str]:
    """What was not as described, in words."""
    wrong: list[str] = []
    try:
        strategy = operation.as_strategy(mode, path_parameters=fixed)
    except schemathesis.errors.InvalidSchema as error:
        return [f"{operation.label}: {error}"]

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES[mode],
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def attack(case: Case) -> None:
        try:
            response = send(case)
        except httpx.InvalidURL:  # longer than httpx sends
            reject()
        errors = schema_errors(operation.definition.raw["operationId"], response)
        try:
            case.validate_response(response, checks=CHECKS)
        except BaseExceptionGroup as error:
            errors += [str(each) for each in error.exceptions]
        wrong.extend(f"{operation.label}: {each}\n{response.status_code} {response.text[:300]}" for each in errors)

    with suppress(Unsatisfiable):  # nothing of this route can be sent wrong
        attack()
    return wrong


async def test_every_answer_is_as_described(studio: Studio) -> None:
    """Each route with a person and a project of its own: some routes end one or the other."""
    schema = schemathesis.openapi.from_dict(DESCRIPTION, config=CONFIG)
    loop = asyncio.get_running_loop()
    wrong: list[str] = []
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found.err()
        operation = found.ok()
        if operation.definition.raw["operationId"] in ENDLESS:
            continue
        person = await studio.person()
        known, send = await real_ids(studio, person, operation.path), sender(person.http)

        def wait(case: Case, send: Send = send) -> httpx.Response:
            return asyncio.run_coroutine_threadsafe(send(case), loop).result(30)

        named = {each.name for each in operation.path_parameters}
        fixed = {name: value for name, value in known.items() if name in named}
        for mode in EXAMPLES:
            wrong += await asyncio.to_thread(attacked, operation, fixed, mode, wait)
        await person.http.aclose()
    assert not wrong, "\n\n".join(wrong)
