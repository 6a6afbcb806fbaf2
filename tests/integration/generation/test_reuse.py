"""What a run need not make: shots that were paid for before, what is on the shelf, and what is there no more."""

from collections.abc import AsyncIterator

import pytest_asyncio

from services.billing.model import MICRO
from services.billing.quote import price_of
from services.generation.graph import Wish
from services.generation.providers.interface import Clip, Desk, FinishedTake, Plan, Sound
from services.generation.request import SceneRequest
from services.generation.routing.model import Purpose
from storage.errors import ObjectMissing
from storage.tables import cached, takes
from storage.tables.runs import RunRow
from sync import ids
from tests.contract.remote import Door, open_door
from tests.simulation.sketchbook import QuickEye, Sketchbook

from .backlot import Backlot, open_backlot
from .studio import Studio


@pytest_asyncio.fixture(scope="module")
async def door() -> AsyncIterator[Door]:
    async with open_door() as opened:
        yield opened


@pytest_asyncio.fixture
async def lot(studio: Studio, door: Door) -> AsyncIterator[Backlot]:
    async with open_backlot(studio, door, "runway", local=Sketchbook(), examiner=QuickEye()) as opened:
        yield opened


async def again(lot: Backlot, scene_id: str, wish: Wish | None = None) -> RunRow:
    """The scene once more, as it stands."""
    studio = lot.studio
    asked = await studio.generation.request(
        studio.project_id, studio.document_id, scene_id, studio.user_id, wish=wish or Wish(purpose=Purpose.FINAL)
    )
    return await lot.over(asked.id)


async def test_what_was_paid_for_is_not_paid_again_and_the_saving_is_told(lot: Backlot) -> None:
    pool, project_id = lot.studio.stores.pool, lot.studio.project_id
    first = await lot.over((await lot.final()).id)
    price = sum(price_of(row.cost_microcredits or 0) for row in await lot.intents(first.id))
    assert first.state == "complete" and price > 0
    paid = lot.paid()
    second = await again(lot, first.scene_id)
    assert (second.state, lot.paid(), await lot.intents(second.id)) == ("complete", paid, [])
    steps = {step.name: step for step in await lot.studio.generation.steps.of_run(second.id)}
    shots = [step for name, step in steps.items() if name.startswith("shot.")]
    assert {(step.layer, step.reused_from) for step in shots} == {("exact", first.id)}
    figures = {(row.layer, row.stage): row for row in await cached.figures(pool, project_id, 1)}
    assert figures["none", "clip"].spent_microcredits == price
    assert figures["exact", "clip"].saved_microcredits == price
    saved = await pool.fetch("select run_id, what, layer, amount from credit_savings where project_id = $1", project_id)
    assert {(row["run_id"], row["layer"]) for row in saved} == {(second.id, "exact")}
    assert {row["what"] for row in saved} == {step.name for step in shots}
    assert sum(row["amount"] for row in saved) == price
    counted = lot.registry.get_sample_value("storyforge_credits_saved_total", {"layer": "exact"})
    assert counted == price / MICRO
    reused = {"step": "clip", "layer": "exact"}
    assert lot.registry.get_sample_value("storyforge_steps_reused_total", reused) == len(shots) + 1
    newest = (await takes.takes_of_scene(pool, lot.studio.document_id, first.scene_id))[0]
    assert {each["paid_in"] for each in newest.provenance["models"]} == {ids.to_text("run", first.id)}
    await lot.balanced()


async def test_what_no_row_remembers_is_on_the_shelf(lot: Backlot) -> None:
    scene_id = await lot.studio.add_scene(frames=24)
    first = await again(lot, scene_id, Wish())
    await lot.studio.stores.pool.execute("update steps set key = null where run_id = $1", first.id)
    second = await again(lot, scene_id, Wish())
    made = {step.name: step for step in await lot.studio.generation.steps.of_run(second.id)}
    for name in ("enhance", "frames", "clip", "voice", "finish"):
        assert (made[name].layer, made[name].reused_from) == ("exact", None), name


class Lost(Sketchbook):
    """Finds once that what it was given is not there any more."""

    is_lost = False

    async def finish(self, request: SceneRequest, plan: Plan, clip: Clip, sound: Sound, desk: Desk) -> FinishedTake:
        if self.is_lost:
            self.is_lost = False
            raise ObjectMissing(clip.media)
        return await super().finish(request, plan, clip, sound, desk)


async def test_objects_that_are_gone_are_trusted_nowhere(studio: Studio, door: Door) -> None:
    local = Lost()
    async with open_backlot(studio, door, local=local) as lot:
        scene_id = await studio.add_scene(frames=24)
        first = await again(lot, scene_id, Wish())
        finish = next(step for step in await studio.generation.steps.of_run(first.id) if step.name == "finish")
        assert finish.key is not None
        await studio.stores.pool.execute("update steps set key = null where run_id = $1", first.id)
        await studio.stores.shelf.remove(studio.project_id, finish.key)
        local.is_lost = True
        second = await again(lot, scene_id, Wish())
    assert (second.state, second.error) == ("complete", None)
    steps = {step.name: step for step in await studio.generation.steps.of_run(second.id)}
    assert {steps[name].layer for name in ("enhance", "frames", "clip", "voice", "finish")} == {None}
