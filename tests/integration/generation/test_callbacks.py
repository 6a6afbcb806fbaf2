"""What providers call back to say: the step that waits for it is due now; what is not believed changes nothing."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from deploy.stubs.stage import DONE_S, LATE_S, Scenario
from services.generation.providers.errors import HintRefused
from services.generation.providers.registry import open_providers
from services.generation.shots.callbacks import Callbacks
from storage.tables.runs import RunRow
from storage.tables.steps import Ring
from tests.contract.remote import Door, open_door, settings_of

from .backlot import PUBLIC_URL, Backlot, open_backlot
from .studio import Studio


@pytest_asyncio.fixture(scope="module")
async def door() -> AsyncIterator[Door]:
    async with open_door() as opened:
        yield opened


@pytest_asyncio.fixture
async def lot(studio: Studio, door: Door) -> AsyncIterator[Backlot]:
    async with open_backlot(studio, door, "kling") as opened:
        yield opened


@pytest_asyncio.fixture
async def callbacks(lot: Backlot, door: Door) -> AsyncIterator[Callbacks]:
    """As the API has them, by the clock of the stubs."""
    async with open_providers(settings_of(door.url)) as remotes:
        steps, clock = lot.studio.generation.steps, lot.stage.clock
        yield Callbacks(lot.studio.stores.pool, remotes, steps, clock.now)


async def begun(lot: Backlot, scenario: Scenario = Scenario.OK) -> RunRow:
    """A run of one shot, which is being made."""
    lot.stage.plan("kling", scenario)
    asked = await lot.final(frames=24, models=("kling",))
    for _ in range(20):
        await lot.turn(asked.id)
        if rows := [row for row in await lot.intents(asked.id) if row.state == "submitted"]:
            break
    (called,) = rows
    await lot.studio.stores.pool.execute(
        "update steps set due_at = now() + interval '1 hour' where run_id = $1 and name = $2", asked.id, called.step
    )
    rings(lot)
    return asked


async def is_due(lot: Backlot, run: RunRow) -> bool:
    due: bool = await lot.studio.stores.pool.fetchval(
        "select bool_or(due_at <= now()) from steps where run_id = $1 and name = $2 and state = 'ready'",
        run.id,
        (await lot.intents(run.id))[0].step,
    )
    return due


def rings(lot: Backlot) -> list[Ring]:
    """Since the last look."""
    found = []
    while (ring := lot.studio.queue.take()) is not None:
        found.append(ring)
    return found


async def test_a_callback_makes_its_step_due_and_the_worker_asks(lot: Backlot, callbacks: Callbacks) -> None:
    run = await begun(lot)
    assert not await is_due(lot, run)
    ((url, headers, body),) = await lot.told_after(DONE_S)
    assert url == f"{PUBLIC_URL}/v1/callbacks/kling"
    heard = await callbacks.hear("kling", headers, body)
    assert heard is not None and (heard.run_id, heard.state) == (run.id, "submitted"), "nothing was fetched"
    assert await is_due(lot, run)
    (ring,) = rings(lot)
    assert (ring.run_id, ring.name, ring.after_s) == (run.id, heard.step, 0.0)
    for _ in range(9):  # whatever else of the run is due, and what the callback was about
        await lot.hands.runner.attend(ring, lambda run: None)
    assert (await lot.intents(run.id))[0].state == "succeeded"
    assert (await lot.over(run.id)).state == "complete"
    await lot.balanced()


async def test_what_is_said_twice_is_heard_once(lot: Backlot, callbacks: Callbacks) -> None:
    run = await begun(lot, Scenario.CALLBACK_TWICE)
    first, second = await lot.told_after(DONE_S)
    assert first == second
    _, headers, body = first
    assert await callbacks.hear("kling", headers, body) is not None
    assert await callbacks.hear("kling", headers, body) is None
    assert len(rings(lot)) == 1
    assert (await lot.over(run.id)).state == "complete"
    assert lot.paid() == {"kling": len(await lot.intents(run.id))}
    assert await callbacks.hear("kling", headers, body) is None, "also when the run is over"


@pytest.mark.parametrize(
    ("scenario", "after_s", "reason"),
    [
        (Scenario.CALLBACK_UNSIGNED, DONE_S, "unsigned"),
        (Scenario.CALLBACK_FORGED, DONE_S, "forged"),
        (Scenario.CALLBACK_LATE, DONE_S + LATE_S, "stale"),
    ],
)
async def test_what_is_not_believed_changes_nothing(
    lot: Backlot, callbacks: Callbacks, scenario: Scenario, after_s: float, reason: str
) -> None:
    run = await begun(lot, scenario)
    ((_, headers, body),) = await lot.told_after(after_s)
    with pytest.raises(HintRefused) as refused:
        await callbacks.hear("kling", headers, body)
    assert refused.value.reason == reason
    assert not await is_due(lot, run) and rings(lot) == []
    assert (await lot.over(run.id)).state == "complete", "it is asked about all the same"


async def test_who_has_no_account_is_not_heard(callbacks: Callbacks) -> None:
    with pytest.raises(HintRefused, match="unasked"):
        await callbacks.hear("nobody", {}, b"{}")
    with pytest.raises(HintRefused, match="unasked"):
        await callbacks.hear("runway", {}, b"{}")


async def test_a_stopped_run_is_not_begun_again_by_a_callback(lot: Backlot, callbacks: Callbacks) -> None:
    run = await begun(lot)
    ((_, headers, body),) = await lot.told_after(DONE_S)
    await lot.studio.generation.cancel(run.id, lot.studio.user_id)
    rings(lot)
    assert await callbacks.hear("kling", headers, body) is not None
    assert rings(lot) == []
    await lot.closed()
    await lot.balanced()
