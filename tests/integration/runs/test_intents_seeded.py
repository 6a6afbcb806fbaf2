"""Histories of paid calls by the seed: two workers that die anywhere, every scenario, callbacks, cancels, impatience.

Judged after each: every intent was called at most once, nothing is bought twice, what is said to be free was free, and
every end was settled once (P9, P10).
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
import pytest_asyncio

from deploy.stubs.stage import Scenario
from services.fetching.fetch import open_fetcher
from services.generation.providers.errors import HintRefused
from services.generation.providers.intents import Intents, Place, State
from services.generation.providers.outputs import Outputs
from services.generation.providers.port import Intent, Submission
from storage.objects import FolderObjects
from storage.tables import intents
from storage.tables.intents import IntentRow
from tests.contract.remote import CASES, Door, open_door, world_of
from tests.integration.runs.conftest import Floor, chain
from tests.integration.runs.till import Dying, Till

SEEDS = 48
MOVES = 18
PROVIDERS = ("kling", "runway", "replicate", "claude", "stability", "fal")
MOMENTS = ("", "", "before", "behind", "asked")


class Watched(Dying):
    """`called`: how often each intent was sent; `charged`: what the stub took for it meanwhile."""

    def __init__(self, till: Till, moment: str, called: Counter[UUID], charged: Counter[UUID]) -> None:
        super().__init__(till.world, moment)
        self.till, self.called, self.charged = till, called, charged

    async def submit(self, intent: Intent) -> Submission:
        before = self.till.charges
        try:
            return await super().submit(intent)
        finally:
            self.called[intent.id] += 1
            self.charged[intent.id] += self.till.charges - before


@pytest_asyncio.fixture(scope="session")
async def door() -> AsyncIterator[Door]:
    async with open_door() as opened:
        yield opened


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_no_history_pays_twice(seed: int, door: Door, floor: Floor, tmp_path: Path) -> None:
    rng = Random(seed)
    case = next(case for case in CASES if case.name == PROVIDERS[seed % len(PROVIDERS)])
    called: Counter[UUID] = Counter()
    charged: Counter[UUID] = Counter()
    async with world_of(case, door) as world, open_fetcher({door.url}) as fetcher:
        outputs = Outputs(fetcher, FolderObjects(tmp_path), tmp_path)
        place = Place(await floor.run(*chain("clip")), "clip")
        till = Till(world, floor, place, outputs, [], datetime.fromtimestamp(world.stage.clock.now(), UTC))
        world.stage.plan(case.name, *rng.choices(list(Scenario), k=MOVES))
        for _ in range(MOVES):
            worker = till.intents(Watched(till, rng.choice(MOMENTS), called, charged))
            with suppress(asyncio.CancelledError, HintRefused):
                await moved(till, worker, rng)
        calm = till.intents(Watched(till, "", called, charged))
        await ended(till, calm)
        rows = await rows_of(till)
    judge(rows, till, called, charged)


async def moved(till: Till, worker: Intents, rng: Random) -> None:
    """One thing that may happen. Raises what a dying worker, or a callback, raises."""
    rows = await rows_of(till)
    last = rows[-1].id if rows else None
    match rng.choice(("call", "call", "call", "follow", "follow", "later", "later", "callback", "sweep", "more")):
        case "follow" if last:
            await worker.follow([row.id for row in rows])
        case "later":
            await till.world.later(rng.choice((3, 12, 130)))
            till.now = datetime.fromtimestamp(till.world.stage.clock.now(), UTC)
        case "callback" if till.world.told:
            headers, body = rng.choice(till.world.told)
            if (heard := await till.callbacks().hear(till.world.case.name, headers, body)) is not None:
                await worker.follow([heard.id])
        case "sweep":
            if rng.random() < 0.7:
                await till.aged()
            await worker.sweep()
        case "more" if last:
            await rng.choice((worker.cancel, worker.reconcile, worker.reconcile, worker.give_up))(last)
        case _:
            await till.call(worker)


async def ended(till: Till, worker: Intents) -> None:
    """Everything that can end has ended; a person gives up the rest."""
    await till.aged()
    await worker.sweep()
    till.now = datetime.now(UTC) + timedelta(days=1)
    for row in await rows_of(till):
        await worker.reconcile(row.id)
    await till.world.later(1_000)
    await worker.follow([row.id for row in await rows_of(till)])
    for row in await rows_of(till):
        if row.state == State.UNKNOWN:
            await worker.give_up(row.id)


async def rows_of(till: Till) -> list[IntentRow]:
    return await intents.of_run(till.floor.pool, till.place.run_id)


def judge(rows: list[IntentRow], till: Till, called: Counter[UUID], charged: Counter[UUID]) -> None:
    assert all(count == 1 for count in called.values()) and set(called) <= {row.id for row in rows}
    assert all(count <= 1 for count in charged.values()), "one intent, one charge"
    open_rows = [row for row in rows if State(row.state).is_open]
    assert all(row.state == State.SUBMITTED for row in open_rows), "only what is stuck there is still open"
    succeeded = [row for row in rows if row.state == State.SUCCEEDED]
    assert len(succeeded) <= 1, "what has succeeded is not bought again"
    for row in rows:
        if row.cost_microcredits == 0:
            assert charged[row.id] == 0, "what is said to be free was free"
        if row.state == State.SUCCEEDED:
            assert charged[row.id] == 1
    assert Counter(row.id for row in till.ended) == Counter(row.id for row in rows if not State(row.state).is_open)
