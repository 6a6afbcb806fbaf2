"""The course: six scenes are asked for as finals, the worker is killed in the middle of every stage, all is gathered.

Gathers; `proof.py` judges.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx

from deploy.local.demo.cast import ask, door, idempotency_key, invite
from deploy.local.demo.finals.stage import Players, bring_bad_luck, charges
from deploy.local.demo.screen import Screen
from deploy.local.demo_story import SCENES, TITLE, Scene
from services.billing import funds
from services.billing.model import MICRO, Holder, HolderKind
from storage.stores import Stores
from storage.tables import intents, ledger
from storage.tables.intents import IntentRow
from sync import ids

SCENES_COUNT = 6
CREDITS = 20_000
STAGES = ("enhance", "frames", "shot", "judge", "clip", "voice", "finish", "measure", "parts", "publish")
"""Kinds of steps in the middle of each of which a worker is killed."""
RUN_TIMEOUT_S = 900.0
SETTLE_TIMEOUT_S = 120.0
LOOK_S = 0.004
"""Enhancing takes some hundredths of a second."""
OVER = ("complete", "failed", "cancelled")


@dataclass
class Made:
    """One scene's way. `routes` and `take` as the API answers; `media`: the take's files in the report."""

    title: str
    run: Mapping[str, Any]
    routes: Sequence[Mapping[str, Any]]
    calls: Sequence[IntentRow]
    take: Mapping[str, Any] | None = None
    media: Mapping[str, Path] = field(default_factory=dict)
    paid_microcredits: int = 0


@dataclass(frozen=True)
class Seen:
    """`killed`: how often the worker was killed in which stage; `charged`: paid calls that the stubs took, each."""

    scenes: Sequence[Made]
    killed: Counter[str]
    charged: Counter[str]
    proof: ledger.Proof
    holds_open: int
    calls_open: int
    seconds: float


async def perform(players: Players, stores: Stores, keys_file: Path, report: Path, screen: Screen) -> Seen:
    """`report`: a folder for what the page shows."""
    begun = time.monotonic()
    cast = await invite(stores.pool, keys_file, players.hub.http)
    async with door(players.hub.http, cast.ada) as ada, httpx.AsyncClient(base_url=players.stubs.http) as stubs:
        async with stores.pool.acquire() as connection, connection.transaction():
            holder = Holder(HolderKind.USER, cast.ada.id)
            await funds.grant(connection, holder, CREDITS * MICRO, f"demo:{uuid4()}")
        await bring_bad_luck(stubs)
        project, runs = await _asked(ada, screen)
        killed = await _with_deaths(players, stores, list(runs.values()), screen)
        holds_open, calls_open = await _settled(stores, project)
        scenes = [await _gathered(ada, stores, title, run, report) for title, run in runs.items()]
        taken = Counter(str(charge["provider"]) for charge in await charges(stubs))
    proof = await ledger.proof(stores.pool, 0, 100_000)
    return Seen(scenes, killed, taken, proof, holds_open, calls_open, time.monotonic() - begun)


async def _asked(ada: httpx.AsyncClient, screen: Screen) -> tuple[UUID, dict[str, UUID]]:
    """The project, and the run of each scene by its title."""
    made = await ask(ada, "POST", "/v1/projects", json={"title": TITLE, "kind": "short"})
    runs: dict[str, UUID] = {}
    for scene in SCENES[:SCENES_COUNT]:
        added = await ask(ada, "POST", f"/v1/projects/{made['id']}/scenes", json=_body(scene))
        where = f"/v1/projects/{made['id']}/scenes/{added['id']}/generate"
        headers = {"Idempotency-Key": idempotency_key()}
        answer = await ask(ada, "POST", where, json={"purpose": "final"}, headers=headers)
        runs[scene.title] = ids.from_text("run", answer["run"]["id"])
    screen.say(f"{len(runs)} scenes asked for as finals")
    return ids.from_text("prj", made["id"]), runs


def _body(scene: Scene) -> dict[str, Any]:
    place = dict(zip(("ie", "loc", "tod"), scene.slug, strict=True))
    dialogue = [{"c": character, "txt": words} for character, words in scene.lines]
    frames = sum(shot.frames for shot in scene.shots[:2])
    return {"title": scene.title, "prompt": scene.prompt, "slug": place, "dialogue": dialogue, "est_frames": frames}


async def _with_deaths(players: Players, stores: Stores, runs: Sequence[UUID], screen: Screen) -> Counter[str]:
    """Until all runs are over. In every stage the worker is killed once, and another started."""
    killed, left = Counter[str](), set(STAGES)
    until = time.monotonic() + RUN_TIMEOUT_S
    while True:
        states = await stores.pool.fetch("select state, pct from runs where id = any($1)", runs)
        over = sum(row["state"] in OVER for row in states)
        screen.show("scenes", over, len(runs))
        screen.show("worker killed", sum(killed.values()), len(STAGES))
        if over == len(runs):
            return killed
        if time.monotonic() > until:
            raise TimeoutError
        stage = await _stage_at_work(stores, runs, left)
        if stage is not None:
            left.discard(stage)
            killed[stage] += 1
            screen.say(f"worker (process {players.worker.kill()}) killed with -9 in the middle of {stage}")
            players.worker.start()
            await players.worker.ready()
        await asyncio.sleep(LOOK_S if left else 0.25)


async def _stage_at_work(stores: Stores, runs: Sequence[UUID], left: set[str]) -> str | None:
    names = await stores.pool.fetch("select name from steps where run_id = any($1) and state = 'running'", runs)
    return next((word for row in names if (word := str(row["name"]).partition(".")[0]) in left), None)


async def _settled(stores: Stores, project: UUID) -> tuple[int, int]:
    """Holds and calls that are still open when nothing changes any more: both 0."""
    until = time.monotonic() + SETTLE_TIMEOUT_S
    while True:
        holds = await stores.pool.fetchval(
            "select count(*) from credit_holds where project_id = $1 and state = 'open'", project
        )
        calls = await stores.pool.fetchval(
            "select count(*) from intents join runs on runs.id = run_id"
            " where project_id = $1 and intents.state in ('intent', 'submitted', 'unknown')",
            project,
        )
        if (not holds and not calls) or time.monotonic() > until:
            return holds, calls
        await asyncio.sleep(1.0)


async def _gathered(ada: httpx.AsyncClient, stores: Stores, title: str, run_id: UUID, report: Path) -> Made:
    run = (await ask(ada, "GET", f"/v1/runs/{ids.to_text('run', run_id)}"))["run"]
    routes = (await ask(ada, "GET", f"/v1/runs/{run['id']}/routes"))["routes"]
    paid = await stores.pool.fetchval(
        "select coalesce(sum(actual), 0)::bigint from credit_holds where run_id = $1 and state = 'settled'", run_id
    )
    made = Made(title, run, routes, await intents.of_run(stores.pool, run_id), paid_microcredits=paid)
    if run["take"] is not None:
        made.take = await ask(ada, "GET", f"/v1/takes/{run['take']}")
        files = {"take": (made.take["media"], "mp4"), "thumb": (made.take["thumb"], "jpg")}
        made.media = {
            name: await _fetched(ada, run["project"], media, report / f"{run['id']}.{ending}")
            for name, (media, ending) in files.items()
        }
    return made


async def _fetched(ada: httpx.AsyncClient, project: str, media: str, file: Path) -> Path:
    answer = (await ada.get(f"/v1/projects/{project}/media/{media}")).raise_for_status()
    await asyncio.to_thread(file.write_bytes, answer.content)
    return file
