"""Two hub nodes on real sockets in this process, and storyboards with people who may or may not edit them.

The hubs share PostgreSQL and Redis only.
"""

import asyncio
import contextlib
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio
import uvicorn
from prometheus_client import CollectorRegistry
from pycrdt import Doc
from starlette.applications import Starlette

import realtime.hub
from deploy import health, process, replicas
from deploy.health import Readiness
from deploy.local import serve
from deploy.local.demo.editors import INTEROP
from realtime.main import open_hub, routes
from realtime.settings import IN_PROCESS_BYTES_MAX, REST_AFTER_S, UNLOAD_AFTER_S, HubSettings
from realtime.upgrade import STATE_KEY, Entrance, HttpProtocol
from services.projects.model import ProjectKind
from services.projects.service import Projects
from services.users.keys import load_keys
from services.users.model import Actor, Role
from services.users.tickets import Tickets
from services.users.tokens import Tokens
from storage.log import Batch, DocumentKey, DocumentLog
from storage.objects import Objects
from storage.settings import StoreSettings
from storage.stores import open_stores
from storage.tables import projects, users
from storage.tables.proposals import ProposalRow, proposal_of, proposals_of
from storage.tasks import beside
from sync import ids
from sync.limits import Limits
from sync.order_keys import between
from tests.scenery import NewScene, add_scene

ISSUER = "http://studio.test"
BYTE_BY_BYTE = {"test_joining", "test_edits", "test_refusals", "test_native", "test_events"}


class Quiet(uvicorn.Server):
    """The product's server without its signal handlers, which are a process's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass(frozen=True, slots=True)
class Hub:
    """One node. `websocket`: ws://host:port; `process`: what is served there."""

    websocket: str
    http: str
    process: realtime.hub.Hub

    async def scraped(self) -> dict[str, float]:
        """Prometheus' text as sample -> value: `name{label="value"}`."""
        async with httpx.AsyncClient() as client:
            text = (await client.get(f"{self.http}/metrics")).raise_for_status().text
        lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
        return {sample: float(value) for sample, _, value in lines}


OpenHub = Callable[..., AbstractAsyncContextManager[Hub]]


@dataclass(frozen=True, slots=True)
class Board:
    """A fresh storyboard with two scenes. `people`: one of each role; `scenes`: their ids."""

    name: str
    document_id: UUID
    project_id: UUID
    people: dict[Role, Actor]
    scenes: tuple[str, ...]
    tokens: Tokens
    log: DocumentLog
    pool: asyncpg.Pool

    def token(
        self, role: Role = Role.EDITOR, *, person: Role | None = None, ttl_s: float = 3600.0, age_s: float = 0.0
    ) -> str:
        """A document token of `role`, for the member who has that role unless `person` says otherwise."""
        actor = self.people[person or role]
        return self.tokens.issue_document(actor, self.document_id, role, time.time() - age_s, ttl_s).text

    def expired(self, role: Role = Role.EDITOR) -> str:
        return self.token(role, ttl_s=60.0, age_s=3600.0)

    def session(self, role: Role = Role.EDITOR) -> str:
        return self.tokens.issue_session(self.people[role], time.time()).text

    async def rows(self) -> list[bytes]:
        """The committed updates in order."""
        return [row.bytes async for row in self.log.tail(self.document_id, 1, 0)]

    async def proposal(self) -> ProposalRow:
        """The one refused edit that was kept, once it is there."""
        async with asyncio.timeout(5):
            while not (found := await proposals_of(self.pool, self.document_id, None, None, None, 2)):
                pass  # each look is a round trip: nothing tells a test that the hub has written it
        (one,) = found
        row = await proposal_of(self.pool, self.document_id, one.id)
        assert row is not None
        return row


MakeBoard = Callable[[], Awaitable[Board]]


@pytest.fixture(scope="session")
def node() -> str:
    """Node.js, with the stock clients installed."""
    program = shutil.which("node")
    assert program is not None, "Node.js is not on PATH; ./dev test brings it"
    assert (INTEROP / "node_modules").is_dir(), "the stock clients are not installed; ./dev test installs them"
    return program


@pytest.fixture(scope="session")
def tokens(signing_keys_file: Path) -> Tokens:
    return Tokens(load_keys(signing_keys_file), ISSUER)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Bytes are compared on both transports; the clients of npm and PyPI meet the one that the product serves."""
    if "transport" in metafunc.fixturenames:
        module = metafunc.module.__name__.rpartition(".")[2]
        transports = ["picows", "asgi"] if module in BYTE_BY_BYTE else ["picows"]
        metafunc.parametrize("transport", transports, indirect=True, scope="session")


@pytest.fixture(scope="session")
def transport(request: pytest.FixtureRequest) -> str:
    """`picows`: the hub's own; `asgi`: any ASGI server's, here uvicorn's."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def hub_of(transport: str, database_url: str, redis_url: str, objects_url: str, tokens: Tokens) -> OpenHub:
    """Opens one more node; `limits` replace those of the specification."""

    @asynccontextmanager
    async def open_node(
        operators: frozenset[UUID] = frozenset(),
        unload_after_s: float = UNLOAD_AFTER_S,
        in_process_bytes_max: int = IN_PROCESS_BYTES_MAX,
        rest_after_s: float = REST_AFTER_S,
        announcements_folder: Path | None = None,
        **limits: Any,
    ) -> AsyncIterator[Hub]:
        settings = HubSettings(
            node=uuid4(),
            operators=operators,
            limits=replace(Limits(), **limits),
            unload_after_s=unload_after_s,
            in_process_bytes_max=in_process_bytes_max,
            rest_after_s=rest_after_s,
        )
        stores_at = StoreSettings(
            database_url,
            redis_url,
            objects_url,
            pool_connections_max=6,
            announcements_folder=announcements_folder,
        )
        async with open_stores(stores_at) as stores:
            tickets = Tickets(stores.cache)
            registry = CollectorRegistry()
            async with (
                open_hub(
                    settings, stores, process.inquest(stores, registry), tokens, tickets, registry, replicas.PROGRAM
                ) as hub,
                _served(hub, transport, registry) as at,
            ):
                yield at

    return open_node


@asynccontextmanager
async def _served(hub: realtime.hub.Hub, transport: str, registry: CollectorRegistry) -> AsyncIterator[Hub]:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, realtime.hub.Hub]]:
        yield {STATE_KEY: hub}

    http: serve.Http = Entrance() if transport == "picows" else HttpProtocol
    served = [*routes(hub), *health.routes(Readiness(), registry)]
    config = serve.server(Starlette(routes=served, lifespan=lifespan), Readiness(), http).config
    server = Quiet(config)
    taken = serve.listening("127.0.0.1", 0)
    taken.listen(64)  # from here on connections wait until the server accepts them
    port = taken.getsockname()[1]
    async with beside(server.serve(sockets=[taken])) as serving:
        try:
            yield Hub(f"ws://127.0.0.1:{port}", f"http://127.0.0.1:{port}", hub)
        finally:
            server.should_exit = True
            await asyncio.wait([serving])  # it closes its sockets itself; cancelled, it would leave them in the loop


@pytest_asyncio.fixture(scope="session")
async def hub_a(hub_of: OpenHub) -> AsyncIterator[Hub]:
    async with hub_of() as hub:
        yield hub


@pytest_asyncio.fixture(scope="session")
async def hub_b(hub_of: OpenHub) -> AsyncIterator[Hub]:
    async with hub_of() as hub:
        yield hub


@pytest_asyncio.fixture(scope="session")
async def make_board(pool: asyncpg.Pool, objects: Objects, tokens: Tokens) -> MakeBoard:
    log = DocumentLog(pool, objects)

    async def make() -> Board:
        people = {role: await _person(pool, role) for role in Role}
        project = await Projects(pool, log).create(people[Role.OWNER], "Interop", ProjectKind.SHORT, time.time())
        for role, actor in people.items():
            await projects.set_member(pool, project.id, actor.user_id, role.value)
        name = project.storyboard
        scenes = await _scenes(log, name.id)
        return Board(str(name), name.id, project.id, people, scenes, tokens, log, pool)

    return make


@pytest_asyncio.fixture
async def board(make_board: MakeBoard) -> Board:
    return await make_board()


async def _person(pool: asyncpg.Pool, role: Role) -> Actor:
    user_id = uuid4()
    name = f"The {role.value}"
    await users.add_user(pool, users.UserRow(user_id, f"{user_id.hex}@studio.test", name, "#3d8f7d"))
    return Actor(user_id, name, "#3d8f7d", "person", str(uuid4()))


async def _scenes(log: DocumentLog, document_id: UUID) -> tuple[str, ...]:
    """Two scenes, written into the log as the server's edit."""
    head = await log.head(document_id)
    doc: Doc[Any] = Doc(client_id=head.server_client)
    made = tuple(ids.new("scn", uuid4().bytes) for _ in range(2))
    order = ""
    with doc.transaction():
        for number, scene in enumerate(made, start=1):
            order = between(order, "")
            add_scene(doc, NewScene(scene, order, str(number), f"Scene {number}", f"Prompt {number}."))
    key = DocumentKey(document_id, head.epoch)
    result = await log.append({key: [Batch(uuid4(), None, "seed", doc.get_update(), None, ())]})
    assert result.committed, result
    return made
