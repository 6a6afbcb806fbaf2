"""The next scene is drawn while nothing else is to be done, if the owner agreed, and used if asked for as it was."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio
from prometheus_client import CollectorRegistry

from jobs.foresight import Foresight
from jobs.metrics import WorkerMetrics
from services.cache.ahead import Hindrance
from services.cache.exact import Exact
from services.cache.model import Mode
from services.cache.service import Cache
from services.generation.graph import Wish
from services.generation.reuse.ahead import BOARDS, Next
from storage.tables import cached
from storage.tables.runs import RunRow
from sync.storyboard import server
from tests.contract.remote import Door, open_door
from tests.simulation.sketchbook import QuickEye, Sketchbook

from .backlot import Backlot, open_backlot
from .studio import Studio

PLACES = 2


@pytest_asyncio.fixture(scope="module")
async def door() -> AsyncIterator[Door]:
    async with open_door() as opened:
        yield opened


@pytest_asyncio.fixture
async def lot(studio: Studio, door: Door) -> AsyncIterator[Backlot]:
    async with open_backlot(studio, door, local=Sketchbook(), examiner=QuickEye()) as opened:
        await agreed(studio)
        yield opened


async def agreed(studio: Studio, mode: Mode = Mode.SUGGEST, *, ahead: bool = True) -> None:
    await cached.set_policy(studio.stores.pool, studio.project_id, mode, ahead)


def foresight(studio: Studio, registry: CollectorRegistry | None = None) -> Foresight:
    stores = studio.stores
    cache = Cache(stores.pool, Exact(stores.shelf), None)
    metrics = WorkerMetrics(registry or CollectorRegistry())
    return Foresight(
        stores.pool, studio.generation, cache, Sketchbook(), stores.objects, studio.scratch, PLACES, metrics
    )


async def generated(lot: Backlot, scene_id: str, wish: Wish | None = None) -> RunRow:
    studio = lot.studio
    asked = await studio.generation.request(
        studio.project_id, studio.document_id, scene_id, studio.user_id, wish=wish or Wish()
    )
    run = await lot.over(asked.id)
    assert run.state == "complete", run.error
    return run


async def in_order(studio: Studio, *words: str) -> list[str]:
    """Scenes, one behind the other."""
    scenes = [await studio.add_scene(frames=24, prompt=each) for each in words]
    for place, scene_id in enumerate(scenes):
        order = {"ord": f"a{place}"}
        await studio.edit(lambda doc, scene_id=scene_id, order=order: server.set_keys(doc, scene_id, order))  # type: ignore[misc]
    return scenes


async def following(lot: Backlot) -> tuple[Next, str]:
    """What is behind a scene that has just been generated, and its id."""
    first, second = await in_order(lot.studio, "A pier at dawn.", "Fog at sea.")
    run = await generated(lot, first)
    found = await lot.studio.generation.following(run)
    assert found is not None and found.request.scene_id == second
    return found, second


async def test_what_was_drawn_ahead_is_what_the_run_has(lot: Backlot) -> None:
    found, scene_id = await following(lot)
    ahead = foresight(lot.studio)
    assert await ahead.prepare(found, PLACES) is None
    assert await ahead.prepare(found, PLACES) is None, "a second time nothing is made"
    run = await lot.studio.generation.request(
        lot.studio.project_id, lot.studio.document_id, scene_id, lot.studio.user_id, wish=Wish(boards=BOARDS)
    )
    for _ in range(30):
        steps = {step.name: step for step in await lot.studio.generation.steps.of_run(run.id)}
        if "choose" in steps and steps["choose"].state == "parked":
            break
        await lot.turn(run.id)
    assert {name: steps[name].layer for name in ("enhance", "frames.1", "frames.2")} == {
        "enhance": "ahead",
        "frames.1": "ahead",
        "frames.2": "ahead",
    }


async def test_a_worker_that_heard_of_a_take_draws_what_is_behind_it_and_counts(lot: Backlot) -> None:
    first, _ = await in_order(lot.studio, "A harbour at noon.", "Gulls over the roofs.")
    run, registry = await generated(lot, first), CollectorRegistry()
    ahead = foresight(lot.studio, registry)
    ahead.heard(run)
    task = asyncio.create_task(ahead.run(lambda: PLACES))
    try:
        async with asyncio.timeout(60):
            while registry.get_sample_value("storyforge_scenes_ahead_total", {"verdict": "prepared"}) != 1:
                await lot.studio.stores.pool.fetchval("select 1")
    finally:
        task.cancel()


async def test_other_words_than_those_of_then_are_drawn_anew(lot: Backlot) -> None:
    found, scene_id = await following(lot)
    await foresight(lot.studio).prepare(found, PLACES)
    await lot.studio.edit(lambda doc: server.set_keys(doc, scene_id, {"est_f": 48}))
    run = await generated(lot, scene_id)
    layers = {step.name: step.layer for step in await lot.studio.generation.steps.of_run(run.id)}
    assert (layers["enhance"], layers["frames"]) == (None, None)


async def test_nothing_is_drawn_without_leave_or_while_somebody_waits(lot: Backlot) -> None:
    found, scene_id = await following(lot)
    ahead = foresight(lot.studio)
    assert await ahead.prepare(found, 0) is Hindrance.BUSY
    waiting = await lot.studio.request(scene_id)
    assert await ahead.prepare(found, PLACES) is Hindrance.WORK_WAITS
    await lot.studio.generation.cancel(waiting.id, lot.studio.user_id)
    other = await lot.studio.add_scene(frames=24, prompt="A third one.")
    asked = await lot.studio.request(other)
    assert await ahead.prepare(found, PLACES) is Hindrance.WORK_WAITS
    await lot.studio.generation.cancel(asked.id, lot.studio.user_id)
    await agreed(lot.studio, ahead=False)
    assert await ahead.prepare(found, PLACES) is Hindrance.NOT_AGREED
    await agreed(lot.studio, Mode.OFF)
    assert await ahead.prepare(found, PLACES) is Hindrance.OFF


async def test_what_has_a_take_or_says_nothing_is_not_looked_at(lot: Backlot) -> None:
    first, second = await in_order(lot.studio, "A pier.", "")
    run = await generated(lot, first)
    assert await lot.studio.generation.following(run) is None, "it says nothing"
    last = await generated(lot, second)
    assert await lot.studio.generation.following(last) is None, "nothing is behind it"
    assert await lot.studio.generation.following(run) is None, "it has a take"
