"""`./dev bench api`: what a decision about access costs, and a list of a thousand scenes over HTTP.

The list is asked for on a real socket, from uvicorn with the whole application in front of PostgreSQL, and beside it
from a bare Starlette handler that answers the same bytes from memory.
"""

import argparse
import asyncio
import gc
import json
import secrets
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import uvicorn
from pycrdt import Doc
from rich.console import Console
from rich.table import Table
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from api.main import application
from deploy.local.embedded import EmbeddedStores, Endpoints
from deploy.local.screen import Screen, write_json
from services.documents.editor import DocumentEditor
from services.documents.kept import KeptDocuments
from services.documents.projector import Projector
from services.projects.model import Project
from services.users.access import access_project, require
from services.users.keys import create_keys
from services.users.model import Actor, Need
from storage.migrate import migrate
from storage.snapshots import Snapshots
from storage.tasks import beside
from sync import ids
from tests import scenery
from tests.integration.api.studio import Studio, opened

SCENES = 1_000
SCENES_OF_EDIT = 20
DECISIONS = 400
CHECKS = 20_000
REQUESTS = 150
COLLECTOR = (50_000, 20, 20)
"""As a server sets it."""
US, MS = 1e-6, 1e-3


@dataclass(frozen=True, slots=True)
class Line:
    """Seconds of each round. `of`: which figure `most` is for."""

    name: str
    unit: float
    most: float
    of: str
    rounds: list[float]
    beside: float | None = None
    """Median of the bare handler."""

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.rounds, n=20)[-1]

    @property
    def is_met(self) -> bool:
        return (self.p95 if self.of == "p95" else self.median) <= self.most


async def decisions(studio: Studio, project_id: UUID, actor: Actor) -> list[Line]:
    """Uncached: one statement, as every request asks. Cached: what a socket looks at before every edit."""
    pool = studio.state.stores.pool
    asked, checked = [], []
    for _ in range(DECISIONS):
        begun = time.perf_counter()
        access = await access_project(pool, actor, project_id, Need.EDIT)
        asked.append(time.perf_counter() - begun)
    for _ in range(CHECKS // 100):
        begun = time.perf_counter()
        for _ in range(100):
            require(access.standing, Need.EDIT)
        checked.append((time.perf_counter() - begun) / 100)
    return [
        Line("a decision, read from PostgreSQL", US, 1_000 * US, "median", asked),
        Line("a decision on a standing that is kept", US, 50 * US, "median", checked),
    ]


class Asker:
    """One connection that is kept, and as little of an HTTP client as there can be."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        self._reader, self._writer, self._head = reader, writer, head

    async def ask(self) -> bytes:
        self._writer.write(self._head)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        assert head.startswith("http/1.1 200"), head
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        return await self._reader.readexactly(length)


async def serve(app: ASGIApp, work: Callable[[int], Awaitable[None]]) -> None:
    """`work` gets the port."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="warning", lifespan="off", access_log=False)
    server = uvicorn.Server(config)
    async with beside(server.serve(sockets=[listener])) as serving:
        while not server.started:
            await asyncio.sleep(0.01)
        await work(listener.getsockname()[1])
        server.should_exit = True
        await asyncio.wait([serving])


async def listed(port: int, target: str, token: str) -> tuple[list[float], bytes]:
    head = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    asker, rounds = Asker(reader, writer, head), []
    body = await asker.ask()
    for _ in range(REQUESTS):
        begun = time.perf_counter()
        body = await asker.ask()
        rounds.append(time.perf_counter() - begun)
    writer.close()
    return rounds, body


async def _filled(studio: Studio, project: Project) -> None:
    """As edits of the server make them."""
    stores = studio.state.stores
    editor = DocumentEditor(studio.log, Snapshots(stores.pool, stores.objects), stores.bus, stores.pool)
    for first in range(0, SCENES, SCENES_OF_EDIT):

        def change(doc: Doc[Any], first: int = first) -> None:
            for number in range(first, first + SCENES_OF_EDIT):
                scene = scenery.NewScene(
                    id=ids.new("scn", secrets.token_bytes(16)),
                    ord=f"A{number:05d}",
                    num=str(number),
                    title=f"Scene {number}",
                    prompt="A lamp goes out before anybody has seen who stood at the window.",
                    slug={"ie": "INT", "loc": "ROOM", "tod": "NIGHT"},
                    dlg=[],
                    est_f=48,
                )
                scenery.add_scene(doc, scene)

        await editor.edit(project.storyboard.id, change, origin="bench", batch_id=uuid4())
    await Projector(KeptDocuments(editor), stores.pool, stores.bus).project(project.storyboard.id)


async def measure(stores: Endpoints, folder: Path, screen: Screen) -> list[Line]:
    create_keys(folder / "keys.json")
    objects = f"file://{folder}/objects"
    async with opened(stores.database_url, stores.redis_url, objects, folder / "keys.json") as state:
        studio = Studio(state)
        ada = await studio.person()
        project = await studio.project(ada)
        await _filled(studio, project)
        screen.say(f"{SCENES:,} scenes are there")
        lines = await decisions(studio, project.id, ada.actor)
        target = f"/v1/projects/{ids.to_text('prj', project.id)}/scenes?limit={SCENES}"
        found: list[tuple[list[float], bytes]] = []

        async def ours(port: int) -> None:
            found.append(await listed(port, target, ada.session))

        await serve(application(studio.state), ours)
        body = found[0][1]
        assert len(json.loads(body)["scenes"]) == SCENES

        async def same(request: Request) -> Response:
            return Response(body, media_type="application/json")

        await serve(Starlette(routes=[Route("/{path:path}", same)]), ours)
        bare = statistics.median(found[1][0])
        name = f"a list of {SCENES:,} scenes, {len(body) // 1024} KiB"
        return [*lines, Line(name, MS, 15 * MS, "p95", found[0][0], bare)]


def main(arguments: Sequence[str] | None = None) -> int:
    """0: every target is met; 1: one is missed."""
    parser = argparse.ArgumentParser(prog="./dev bench api", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    screen = Screen()
    gc.freeze()
    gc.set_threshold(*COLLECTOR)
    with tempfile.TemporaryDirectory(prefix="storyforge-bench-") as name, EmbeddedStores(Path(name)) as stores:
        lines = asyncio.run(_on(stores, Path(name), screen))
    table = Table("", "", "median", "p95", "at most", "bare Starlette", "")
    for line in lines:
        unit = "us" if line.unit == US else "ms"
        most = f"{line.most / line.unit:g} ({line.of})"
        bare = "" if line.beside is None else f"{line.beside / line.unit:.2f} ({line.median / line.beside:.1f}x)"
        verdict = "" if line.is_met else "[red]MISSED[/]"
        figures = (f"{line.median / line.unit:.2f}", f"{line.p95 / line.unit:.2f}")
        table.add_row(line.name, unit, *figures, most, bare, verdict)
    Console(highlight=False).print(table)
    rows = [
        {"name": line.name, "median_s": line.median, "p95_s": line.p95, "most_s": line.most, "bare_s": line.beside}
        for line in lines
    ]
    ok = all(line.is_met for line in lines)
    write_json(options.json, {"ok": ok, "lines": rows})
    return 0 if ok else 1


async def _on(stores: EmbeddedStores, folder: Path, screen: Screen) -> list[Line]:
    endpoints = stores.endpoints
    connection = await asyncpg.connect(endpoints.database_url)
    await migrate(connection)
    await connection.close()
    return await measure(endpoints, folder, screen)


if __name__ == "__main__":
    sys.exit(main())
