"""Stock clients of GraphQL: a gateway before two subgraphs, and a follower of a project over graphql-transport-ws."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.typing import Origin, Subprotocol

from api.audience import STREAMS_PER_USER_MAX
from services.users.sessions import COOKIE, Session, sign_out
from sync import ids
from tests.integration.api.studio import URL, Person, Studio, path
from tests.integration.api.test_graphql import keys_of
from tests.integration.api.test_stream import address as address  # a fixture
from tests.integration.api.test_stream import happen
from tests.integration.conftest import ada as ada
from tests.integration.conftest import bob as bob
from tests.integration.conftest import studio as studio

PROGRAMS = Path(__file__).resolve().parents[2] / "client-protocol" / "interop"
TIMEOUT_S = 30
ACROSS = """query ($id: ID!) { project(id: $id) { title episodes { edges { node { scenes { edges { node {
  title reviews { text author { name } } } } } } } } }
  reviews { text scene { title number } author { name colour } } }"""


async def test_two_subgraphs_compose_and_answer_a_query_across_entities(
    studio: Studio, ada: Person, bob: Person, address: str, node: str
) -> None:
    project = await studio.project(ada, viewer=bob)
    keys = {key.pop("__typename"): key for key in await keys_of(ada, studio, project)}
    reviews = [
        {"text": "Cold, and good.", "scene": keys["Scene"], "author": {"id": ids.to_text("usr", bob.actor.user_id)}},
        {"text": "Again.", "scene": keys["Scene"], "author": keys["User"]},
    ]
    told = await answered(
        node,
        "federate.mjs",
        url=f"{address}/graphql",
        token=ada.session,
        query=ACROSS,
        variables={"id": keys["Project"]["id"]},
        reviews=reviews,
    )
    assert told["errors"] == [] and "join__graph" in told["supergraph"]
    result = told["result"]
    assert "errors" not in result, result

    def said(place: int, author: str) -> dict[str, Any]:
        return {"text": reviews[place]["text"], "author": {"name": author}}

    scene = result["data"]["project"]["episodes"]["edges"][0]["node"]["scenes"]["edges"][0]["node"]
    assert scene == {"title": "Platform", "reviews": [said(0, "Bob"), said(1, "Ada")]}
    assert [review["author"]["name"] for review in result["data"]["reviews"]] == ["Bob", "Ada"]
    assert any("_entities" in query for query in told["asked"]["studio"])
    assert any("_entities" in query for query in told["asked"]["reviews"])


async def answered(node: str, program: str, **order: Any) -> dict[str, Any]:
    """What a program says that says one thing."""
    running = await asyncio.create_subprocess_exec(
        node, str(PROGRAMS / program), json.dumps(order), stdout=subprocess.PIPE
    )
    async with asyncio.timeout(TIMEOUT_S):
        out, _ = await running.communicate()
    assert running.returncode == 0
    return dict(json.loads(out))


@asynccontextmanager
async def following(
    node: str, address: str, token: str, project: str, cursor: int
) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    """What the stock client says."""
    order = {
        "url": f"{address.replace('http', 'ws')}/graphql",
        "token": token,
        "project": project,
        "cursor": cursor,
    }
    running = await asyncio.create_subprocess_exec(
        node, str(PROGRAMS / "subscribe.mjs"), json.dumps(order), stdout=subprocess.PIPE
    )
    assert running.stdout is not None
    lines = running.stdout

    async def said() -> AsyncIterator[dict[str, Any]]:
        while line := await lines.readline():
            yield json.loads(line)

    try:
        async with asyncio.timeout(TIMEOUT_S):
            yield said()
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()


def event(line: dict[str, Any]) -> tuple[int, str, Any]:
    found = line["next"]["data"]["projectEvents"]
    return found["cursor"], found["kind"], found["payload"]["n"]


async def test_a_stock_client_hears_what_happens_until_its_rights_end(
    studio: Studio, ada: Person, bob: Person, address: str, node: str
) -> None:
    project = await studio.project(ada, viewer=bob)
    await happen(studio, project.id, 1)
    name = ids.to_text("prj", project.id)
    async with following(node, address, bob.session, name, 0) as said:
        assert event(await anext(said)) == (1, "scene", 1)
        await happen(studio, project.id, 2)
        assert event(await anext(said)) == (2, "scene", 2)
        left = await ada.http.delete(f"{path(project)}/members/{ids.to_text('usr', bob.actor.user_id)}")
        assert left.status_code == 204
        loop = asyncio.get_running_loop()
        began_at = loop.time()
        ended = await anext(said)
        assert loop.time() - began_at < 1.5  # P7: within a second; what is over is the way through a process
    assert code_of(ended) == "project.missing"


async def test_signing_out_ends_it(studio: Studio, ada: Person, address: str, node: str) -> None:
    project = await studio.project(ada)
    await happen(studio, project.id, 1)
    async with following(node, address, ada.session, ids.to_text("prj", project.id), 0) as said:
        assert event(await anext(said)) == (1, "scene", 1)
        await sign_out(studio.state.stores.pool, Session(ada.actor, studio.state.now() + 60))
        assert code_of(await anext(said)) == "token.revoked"


def code_of(line: dict[str, Any]) -> str:
    errors = line["error"] if "error" in line else line["next"]["errors"]
    return str(errors[0]["extensions"]["code"])


async def test_a_stranger_hears_what_one_hears_of_no_project(
    studio: Studio, ada: Person, bob: Person, address: str, node: str
) -> None:
    real = ids.to_text("prj", (await studio.project(ada)).id)
    heard = []
    for project in (real, "prj_" + "0" * 26):
        async with following(node, address, bob.session, project, 0) as said:
            heard.append(code_of(await anext(said)))
    assert heard == ["project.missing"] * 2


OPERATIONS = [
    ("{ me { name } }", "graphql.operation"),
    ("subscription { projectEvents { cursor } }", "graphql.invalid"),
    ('subscription { projectEvents(project: "prj_x") { cursor } }', "project.missing"),
]


async def test_pages_of_ours_come_with_their_cookie_and_what_is_wrong_has_a_code(ada: Person, address: str) -> None:
    async with socket(address, ada, URL) as websocket:
        for number, (query, code) in enumerate(OPERATIONS):
            order = {"id": str(number), "type": "subscribe", "payload": {"query": query}}
            await websocket.send(json.dumps(order))
            said = json.loads(await websocket.recv())
            errors = said["payload"] if said["type"] == "error" else said["payload"]["errors"]
            assert [error["extensions"]["code"] for error in errors] == [code]
            if said["type"] == "next":
                assert json.loads(await websocket.recv())["type"] == "complete"


async def test_a_cursor_that_means_nothing_any_more_is_reset(studio: Studio, ada: Person, address: str) -> None:
    project = await studio.project(ada)
    await happen(studio, project.id, 1)
    name = ids.to_text("prj", project.id)
    query = f'subscription {{ projectEvents(project: "{name}", cursor: 99) {{ cursor kind payload }} }}'
    async with socket(address, ada, URL) as websocket:
        await websocket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": query}}))
        said = [json.loads(await websocket.recv())]
        await happen(studio, project.id, 2)
        said.append(json.loads(await websocket.recv()))
    found = [one["payload"]["data"]["projectEvents"] for one in said]
    assert found[0] == {"cursor": 1, "kind": "reset", "payload": None}
    assert (found[1]["cursor"], found[1]["kind"]) == (2, "scene")


async def test_sockets_count_as_streams_of_their_user(studio: Studio, ada: Person, address: str) -> None:
    with ExitStack() as streams:
        for _ in range(STREAMS_PER_USER_MAX):
            streams.enter_context(studio.state.audience.join(ada.actor.user_id))
        with pytest.raises(ConnectionClosedError) as closed:
            async with socket(address, ada, URL):
                pass
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 4403


async def test_pages_of_others_are_not_let_in(ada: Person, address: str) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        async with socket(address, ada, "https://evil.test"):
            pass


@asynccontextmanager
async def socket(address: str, person: Person, origin: str) -> AsyncIterator[ClientConnection]:
    """As a browser opens one; acknowledged."""
    async with connect(
        f"{address.replace('http', 'ws')}/graphql",
        subprotocols=[Subprotocol("graphql-transport-ws")],
        additional_headers={"Cookie": f"{COOKIE}={person.session}"},
        origin=Origin(origin),
    ) as websocket:
        await websocket.send(json.dumps({"type": "connection_init"}))
        assert json.loads(await websocket.recv())["type"] == "connection_ack"
        yield websocket


async def test_whoever_is_not_known_is_closed_out(address: str, node: str) -> None:
    async with following(node, address, "forged", "prj_x", 0) as said:
        lines = [line async for line in said]
    assert {"closed": 4403} in lines
