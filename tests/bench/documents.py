"""`./dev bench documents`: what an edit, a film, a reading and an opening cost in a document of a thousand entities.

Beside each stands what it costs to make the same from nothing. Readings go through PostgreSQL, where somebody writes.
"""

import argparse
import asyncio
import gc
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from pycrdt import Doc, Map, Text
from rich.console import Console
from rich.table import Table

from deploy.local import compiled
from deploy.local.embedded import EmbeddedStores
from deploy.local.screen import Screen, write_json

ENTITIES = 1_000
EDITS = 400
READS = 60
OPENINGS = 9
SERVER = 7
EDITOR = 77
COLLECTOR = (50_000, 20, 20)
"""As a hub sets it."""
MS = 1e-3
US = 1e-6


@dataclass(slots=True)
class Line:
    """Seconds of each round. `most`: of the median. `whole`: what making it from nothing takes."""

    name: str
    unit: float
    most: float | None
    rounds: list[float] = field(default_factory=list)
    whole: float | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    @property
    def is_met(self) -> bool:
        return self.most is None or self.median <= self.most


def main(arguments: Sequence[str] | None = None) -> int:
    """0: every target is met; 1: one is missed."""
    parser = argparse.ArgumentParser(prog="./dev bench documents", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    compiled.use(os.environ)
    gc.freeze()
    gc.set_threshold(*COLLECTOR)
    screen = Screen()
    lines: list[Line] = []
    for kind, make in (("timeline", _timeline), ("storyboard", _storyboard)):
        screen.say(f"a {kind} of {ENTITIES:,}")
        document = make()
        lines += [_edits(kind, document), *_openings(kind, document)]
        if kind == "timeline":
            lines += _films(document)
        lines += asyncio.run(_readings(kind, document, screen))
    _show(lines)
    rows = [
        {"name": line.name, "median_s": line.median, "rounds": line.rounds, "most_s": line.most, "whole_s": line.whole}
        for line in lines
    ]
    ok = all(line.is_met for line in lines)
    write_json(options.json, {"ok": ok, "compiled": compiled.is_in_use(), "lines": rows})
    return 0 if ok else 1


def _show(lines: Sequence[Line]) -> None:
    table = Table("", "", "median", "p95", "at most", "from nothing", "")
    for line in lines:
        unit = "us" if line.unit == US else "ms"
        p95 = statistics.quantiles(line.rounds, n=20)[-1] if len(line.rounds) > 1 else line.median
        most = "" if line.most is None else f"{line.most / line.unit:g}"
        whole = "" if line.whole is None else f"{line.whole / line.unit:,.0f} ({line.whole / line.median:,.0f}x)"
        verdict = "" if line.is_met else "[red]MISSED[/]"
        table.add_row(line.name, unit, f"{line.median / line.unit:.2f}", f"{p95 / line.unit:.2f}", most, whole, verdict)
    Console(highlight=False).print(table)


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


# Documents ---------------------------------------------------------------------------------------------


def _timeline() -> Doc[Any]:
    """Seven of ten clips on the main track, the others on two free ones, every second of those anchored."""
    from sync.order_keys import between
    from sync.timeline import seed
    from sync.timeline.content import MAIN_TRACK

    rng = random.Random(1)
    doc: Doc[Any] = Doc(client_id=EDITOR)
    doc.apply_update(seed.seed(SERVER, (24, 1), "Film"))
    clips = doc.get("clips", type=Map)
    key, main = "", [f"clp_{number:026d}" for number in range(ENTITIES * 7 // 10)]
    with doc.transaction():
        for track in ("trk_a", "trk_b"):
            doc.get("tracks", type=Map)[track] = Map({"k": "audio", "mode": "free", "ord": track[-1]})
        for number in range(ENTITIES):
            clip = f"clp_{number:026d}"
            key = between(key, "")
            seed.add_clip(doc, clip, ord=key, frames=rng.randint(20, 90), scene_id="scn_x", z=rng.randint(0, 40_000))
            clips[clip]["t"] = MAIN_TRACK if number < len(main) else rng.choice(("trk_a", "trk_b"))
            if number >= len(main) and number % 2:
                clips[clip]["anc"] = {"c": rng.choice(main), "h": rng.randint(0, 40_000)}
    return doc


def _storyboard() -> Doc[Any]:
    """Scenes as their editors make them: with a heading, a prompt, pins and a cast."""
    doc: Doc[Any] = Doc(client_id=EDITOR)
    scenes = doc.get("scenes", type=Map)
    with doc.transaction():
        for number in range(ENTITIES):
            text = f"Scene {number}: the lamp goes out before anybody has seen who stood at the window."
            scene = f"scn_{number:026d}"
            slug = {"ie": "INT", "loc": f"Room {number}", "tod": "night"}
            registers = {"ord": f"A{number:05d}", "num": f"{number}", "title": text[:40], "slug": slug, "own": "human"}
            scenes[scene] = Map({**registers, "prompt": Text(text), "pin": {}, "cast": {}})
    return doc


def _edit(doc: Doc[Any], rng: random.Random) -> None:
    """One register of one entity, as people write them."""
    clips = doc.get("clips", type=Map)
    if len(clips):
        key, value = rng.choice(
            (("out", rng.randint(20, 90)), ("in", rng.randint(0, 9)), ("z", rng.randint(0, 40_000)))
        )
        clips[f"clp_{rng.randrange(ENTITIES):026d}"][key] = value
    else:
        doc.get("scenes", type=Map)[f"scn_{rng.randrange(ENTITIES):026d}"]["title"] = f"Scene {rng.random()}"


# Lines -------------------------------------------------------------------------------------------------


def _room(kind: str, state: bytes) -> Any:
    from sync.ids import DocumentId
    from sync.limits import Limits
    from sync.loaded import Loaded
    from sync.names import DocumentName, Kind
    from sync.room import Room

    name = DocumentName(Kind.TIMELINE if kind == "timeline" else Kind.STORYBOARD, DocumentId(uuid4()), 1)
    loaded = Loaded(name, SERVER, 1, [state], {})
    return Room(loaded, limits=Limits(), node=UUID(int=1), new_id=uuid4, server_clock=1, now_s=0.0)


def _edits(kind: str, doc: Doc[Any]) -> Line:
    """Received, parsed, judged, applied, told to others and committed, in a room of two."""
    from sync.effects import Commit
    from sync.messages import Step2, Update
    from sync.presence import Person
    from sync.session import Session

    line = Line(f"{kind}: one edit applied and inspected", US, 60 * US)
    room = _room(kind, doc.get_update())
    for session in (1, 2):
        room.join(Session(session, Person(UUID(int=session), "Ana", "#102030"), True))
        room.receive(session, Step2(b"\0\0"), 0.0)
    rng, updates = random.Random(2), list[bytes]()
    author: Doc[Any] = Doc(client_id=EDITOR + 1)
    author.apply_update(doc.get_update())
    watch = author.observe(lambda event: updates.append(bytes(event.update)))
    for _ in range(EDITS):
        _edit(author, rng)
    author.unobserve(watch)
    for seq, update in enumerate(updates, start=2):
        begun = time.perf_counter()
        effects = room.receive(1, Update(update), 0.0)
        line.rounds.append(time.perf_counter() - begun)
        (batch,) = [effect.batch for effect in effects if isinstance(effect, Commit)]
        room.committed({batch.batch_id: seq}, 0.0)
    line.whole = min(_timed(lambda: _room(kind, doc.get_update())) for _ in range(3))
    return line


def _openings(kind: str, doc: Doc[Any]) -> list[Line]:
    line = Line(f"{kind}: a room opened from cold", MS, 50 * MS)
    state = doc.get_update()
    for _ in range(OPENINGS):
        gc.collect()
        line.rounds.append(_timed(lambda: _room(kind, state)))
    return [line]


def _films(doc: Doc[Any]) -> list[Line]:
    from sync.live_content import LiveContent
    from sync.timeline.hand import ROOTS, content_of
    from sync.timeline.resolve import LiveFilm, resolve

    anywhere = Line("timeline: the film followed to an edit anywhere", MS, 2 * MS)
    head = Line("timeline: ... to a trim of the first clip, which moves all", MS, None)
    content = LiveContent(doc, ROOTS)
    film, rng = LiveFilm(content.json), random.Random(3)
    for line in (anywhere, head):
        for _ in range(EDITS):
            if line is anywhere:
                _edit(doc, rng)
            else:
                doc.get("clips", type=Map)[f"clp_{0:026d}"]["out"] = rng.randint(20, 90)
            line.rounds.append(_timed(lambda: film.follow(content.follow())))
        line.whole = min(_timed(lambda: resolve(content_of(doc))) for _ in range(5))
    content.close()
    return [anywhere, head]


async def _readings(kind: str, doc: Doc[Any], screen: Screen) -> list[Line]:
    """Of a process that keeps the document open, while another writes it; and of one that comes to it afresh."""
    from services.documents.editor import DocumentEditor
    from services.documents.kept import KeptDocuments
    from storage.bus import MemoryBus
    from storage.log import DocumentLog
    from storage.migrate import migrate
    from storage.objects import FolderObjects
    from storage.postgres import open_pool
    from storage.snapshots import Snapshots

    warm = Line(f"{kind}: read as JSON after somebody's edit", MS, 30 * MS)
    with tempfile.TemporaryDirectory(prefix="storyforge-bench-") as folder, EmbeddedStores(Path(folder)) as stores:
        url = stores.endpoints.database_url
        connection = await asyncpg.connect(url)
        await migrate(connection)
        await connection.close()
        objects = FolderObjects(Path(folder) / "objects")
        async with open_pool(url) as pool:
            log, snapshots = DocumentLog(pool, objects), Snapshots(pool, objects)
            editors = [DocumentEditor(log, snapshots, MemoryBus(), pool) for _ in range(2)]
            document_id = await _stored(pool, log, kind, doc)
            kept, rng = KeptDocuments(editors[0]), random.Random(4)
            cold = []
            for _ in range(OPENINGS):
                begun = time.perf_counter()
                await _read(KeptDocuments(editors[0]), document_id)
                cold.append(time.perf_counter() - begun)
            await _read(kept, document_id)
            for _ in range(READS):
                await editors[1].edit(document_id, lambda doc: _edit(doc, rng), origin="bench", batch_id=uuid4())
                begun = time.perf_counter()
                await _read(kept, document_id)
                warm.rounds.append(time.perf_counter() - begun)
            warm.whole = statistics.median(cold)
    screen.say(f"{READS} readings of a {kind} done")
    return [warm]


async def _read(kept: Any, document_id: UUID) -> str:
    reading = await kept.read(document_id)
    return json.dumps(reading.content if reading.film is None else reading.film.view)


async def _stored(pool: asyncpg.Pool, log: Any, kind: str, doc: Doc[Any]) -> UUID:
    user_id, project_id, document_id = uuid4(), uuid4(), uuid4()
    await pool.execute(
        "insert into users (id, email, name, colour) values ($1, $2, 'Ana', '#102030')", user_id, f"{user_id}@a.test"
    )
    await pool.execute(
        "insert into projects (id, owner_id, title, kind, brain, format) values ($1, $2, 'F', 'short', 'b', 'f')",
        project_id,
        user_id,
    )
    episode = "insert into episodes (id, project_id, ord, title) values ($1, $1, 'V', 'Film')"
    await pool.execute(episode, project_id)
    async with pool.acquire() as connection, connection.transaction():
        name = "tl" if kind == "timeline" else "sb"
        await log.create(connection, project_id, name, document_id, SERVER, doc.get_update())
    return document_id


if __name__ == "__main__":
    sys.exit(main())
