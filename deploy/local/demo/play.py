"""The course of the demo: a scene is requested, both edit, hub A dies, Ada comes back, and all is compared.

Gathers; `proof.py` judges.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from deploy.local.demo import pictures, takes
from deploy.local.demo.cast import Project, ask, document_token, door, idempotency_key, invite, make_project
from deploy.local.demo.editors import Editor, describe_replay, open_editor
from deploy.local.demo.nodes import Nodes
from deploy.local.demo.performance import END, Part, orders
from deploy.local.demo.proof import Edits, Seen
from deploy.local.demo.replicas import Replica, replayed
from deploy.local.demo.reviewer import Reviewer
from deploy.local.demo.screen import Screen
from storage.log import DocumentLog
from storage.stores import Stores

PACE_S = 0.05
BEFORE_KILL = 60
OFFLINE = 15
AFTER_RETURN = 40
SYNC_TIMEOUT_S = 30.0
RUN_TIMEOUT_S = 240.0
SETTLE_TIMEOUT_S = 30.0
SETTLE_POLL_S = 0.2


@dataclass(frozen=True)
class Company:
    """Everybody and everything that the play needs."""

    nodes: Nodes
    log: DocumentLog
    project: Project
    ada: Editor
    ben: Editor
    late_token: str
    reviewer: Reviewer
    producer: httpx.AsyncClient
    node: str
    screen: Screen


@asynccontextmanager
async def assemble(nodes: Nodes, stores: Stores, keys_file: Path, node: str, screen: Screen) -> AsyncIterator[Company]:
    """`node`: the Node.js program."""
    cast = await invite(stores.pool, keys_file, nodes.b.http)
    async with (
        door(nodes.b.http, cast.ada) as ada_door,
        door(nodes.b.http, cast.ben) as ben_door,
        door(nodes.b.http, cast.rae) as rae_door,
    ):
        project = await make_project(stores.pool, ada_door, cast)
        tokens = await document_token(ada_door, project), await document_token(ben_door, project)
        screen.say(f"project {project.id} with {len(project.scenes)} scenes, document {project.storyboard}")
        async with _editors(nodes, project, tokens, node) as (ada, ben):
            reviewer = Reviewer(rae_door, project.id)
            log = DocumentLog(stores.pool, stores.objects)
            yield Company(nodes, log, project, ada, ben, tokens[1], reviewer, ada_door, node, screen)


@asynccontextmanager
async def _editors(
    nodes: Nodes, project: Project, tokens: tuple[str, str], node: str
) -> AsyncIterator[tuple[Editor, Editor]]:
    watch = ["prev", "takes"]
    a = open_editor(node, "hocuspocus", f"{nodes.a.websocket}/collab", project.storyboard, tokens[0], name="Ada")
    b = open_editor(
        node, "y-websocket", f"{nodes.b.websocket}/sync", project.storyboard, tokens[1], name="Ben", watch=watch
    )
    async with a as ada, b as ben:
        await ada.event("synced", state=True, timeout_s=SYNC_TIMEOUT_S)
        await ben.event("synced", state=True, timeout_s=SYNC_TIMEOUT_S)
        yield ada, ben


async def perform(company: Company, report: Path) -> tuple[Seen, list[Path], Path]:
    """What was seen, and the previews and the take as files in `report`."""
    begun = time.monotonic()
    await company.reviewer.open()
    async with asyncio.TaskGroup() as tasks:
        following = tasks.create_task(company.reviewer.follow())
        await _generate(company)
        parts = await _parts(company)
        at_kill, log_at_kill, gone_s = await _edit_and_kill(company, *parts)
        company.screen.say("waiting for the take")
        event = await company.reviewer.until("take", RUN_TIMEOUT_S, scn=company.project.scenes[0])
        acknowledged = await _all_saved(company.ada, parts[0].made)
        replicas = await _settled(company)
        following.cancel()
    previews = await _fetch_previews(company, report)
    take = await _fetch(company, event.data["media"], report / "media" / "take.mp4")
    film = await takes.examine(take, report / "media")
    edits = Edits(parts[0].made, parts[1].made, acknowledged, at_kill, log_at_kill)
    seen = Seen(
        project=company.project,
        edits=edits,
        replicas=replicas,
        ticks=_ticks(company),
        sharpness=await asyncio.to_thread(pictures.sharpness, previews),
        events=company.reviewer.events,
        event_gaps=company.reviewer.gaps(),
        take=event.data,
        film=film,
        gone_s=gone_s,
        seconds=time.monotonic() - begun,
    )
    return seen, previews, take


async def _generate(company: Company) -> None:
    path = f"/v1/projects/{company.project.id}/scenes/{company.project.scenes[0]}/generate"
    made = await ask(company.producer, "POST", path, headers={"Idempotency-Key": idempotency_key()})
    company.screen.say(f"generation requested: {made['run']['id']}")


async def _parts(company: Company) -> tuple[Part, Part]:
    content = (await company.ben.state())["content"]
    keys = orders(content, company.project)
    return (
        Part(company.ada, "a", END, company.project, keys, PACE_S, random.Random(1)),
        Part(company.ben, "b", 0, company.project, keys, PACE_S, random.Random(2)),
    )


# The kill ----------------------------------------------------------------------------------------


async def _edit_and_kill(company: Company, ada: Part, ben: Part) -> tuple[frozenset[int], Replica, float]:
    """Both edit throughout. Returns what was acknowledged at the kill, the log right after it, and Ada's time alone."""
    enough = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(ada.play(enough))
        tasks.create_task(ben.play(enough))
        watching = tasks.create_task(_show(company, ada, ben))
        await ada.reached(BEFORE_KILL)
        await company.ben.event("ticks", timeout_s=RUN_TIMEOUT_S)  # the scene is being made
        at_kill, log_at_kill, killed_at = await _kill(company)
        await ada.reached(ada.made + OFFLINE)
        returned = len(company.ada.events)
        company.nodes.a.start()
        await company.ada.event("synced", since=returned, state=True, timeout_s=SYNC_TIMEOUT_S)
        gone_s = time.monotonic() - killed_at
        company.screen.say(f"Ada is back after {gone_s:.1f} s")
        await ada.reached(ada.made + AFTER_RETURN)
        enough.set()
        watching.cancel()
    return at_kill, log_at_kill, gone_s


async def _kill(company: Company) -> tuple[frozenset[int], Replica, float]:
    pid = company.nodes.a.kill()
    killed_at = time.monotonic()
    await company.ada.until(lambda: _dropped(company.ada), "a closed connection")
    acknowledged = frozenset((await company.ada.state())["acknowledged"])
    company.screen.say(f"hub A (process {pid}) killed with -9; Ada had {len(acknowledged)} edits acknowledged")
    return acknowledged, replayed("log at the kill", await _log(company)), killed_at


def _dropped(editor: Editor) -> bool | None:
    return True if any(event["event"] == "closed" for event in editor.events) else None


async def _show(company: Company, ada: Part, ben: Part) -> None:
    while True:
        company.screen.show("Ada's edits", ada.made)
        company.screen.show("Ben's edits", ben.made)
        company.screen.show("run, per cent", max((pct for _, pct in _ticks(company)), default=0), 100)
        company.screen.show("events at the reviewer", len(company.reviewer.events))
        await asyncio.sleep(SETTLE_POLL_S)


# Afterwards --------------------------------------------------------------------------------------


async def _all_saved(editor: Editor, made: int) -> frozenset[int]:
    """What is acknowledged when the client shows that all is saved, or when it does not in time."""
    deadline = time.monotonic() + SETTLE_TIMEOUT_S
    while True:
        state = await editor.state()
        acknowledged = frozenset(state["acknowledged"])
        if (state["unsynced"] == 0 and len(acknowledged) == made) or time.monotonic() > deadline:
            return acknowledged
        await asyncio.sleep(SETTLE_POLL_S)


async def _log(company: Company) -> list[bytes]:
    """Every update of the storyboard's log, in order."""
    rows = company.log.tail(company.project.document_id, company.project.epoch, 0)
    return [row.bytes async for row in rows]


async def _settled(company: Company) -> list[Replica]:
    """All replicas, once they are equal or the time for that is over. One is a client that joins only now, on hub A."""
    url = f"{company.nodes.a.websocket}/sync"
    late = open_editor(
        company.node, "y-websocket", url, company.project.storyboard, company.late_token, name="late joiner"
    )
    deadline = time.monotonic() + SETTLE_TIMEOUT_S
    async with late as joiner:
        await joiner.event("synced", state=True, timeout_s=SYNC_TIMEOUT_S)
        while True:
            replicas = await _replicas(company, joiner)
            equal = len({(replica.snapshot_hash, replica.content_hash) for replica in replicas}) == 1
            if equal or time.monotonic() > deadline:
                return replicas
            await asyncio.sleep(SETTLE_POLL_S)


async def _replicas(company: Company, joiner: Editor) -> list[Replica]:
    updates = await _log(company)
    editors = (company.ada, company.ben, joiner)
    described = [Replica.described(editor.name, await editor.state()) for editor in editors]
    by_yjs = Replica.described("log in yjs", await describe_replay(company.node, updates))
    return [*described, by_yjs, replayed("log in pycrdt", updates)]


def _ticks(company: Company) -> list[tuple[str, int]]:
    """(stage, per cent) of the scene's run, as Ben's editor saw them."""
    seen = [event["ticks"].get(company.project.scenes[0]) for event in company.ben.events if event["event"] == "ticks"]
    return [(str(tick["stage"]), int(tick["pct"])) for tick in seen if tick is not None]


def _previews(company: Company) -> list[dict[str, Any]]:
    wanted = {"event": "changed", "root": "prev", "key": company.project.scenes[0]}
    events = [event for event in company.ben.events if all(event.get(key) == value for key, value in wanted.items())]
    return [event["value"] for event in events if event["value"] is not None]


async def _fetch_previews(company: Company, report: Path) -> list[Path]:
    return [
        await _fetch(company, preview["media"], report / "media" / f"preview-{preview['f']}.jpg")
        for preview in _previews(company)
    ]


async def _fetch(company: Company, media: str, path: Path) -> Path:
    """Through the media door: a redirect to a signed address."""
    answer = await company.producer.get(f"/v1/projects/{company.project.id}/media/{media}")
    answer.raise_for_status()
    await asyncio.to_thread(path.write_bytes, answer.content)
    return path
