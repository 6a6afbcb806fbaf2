"""Plans of finals, looked over by a language model: agreed upon before pictures are paid for, or the rules' own."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from deploy.stubs.stage import Scenario
from services.generation.graph import Planner, Wish
from services.generation.routing.model import Purpose
from storage.tables import takes
from storage.tables.runs import RunRow
from storage.tables.steps import StepRow
from tests.contract.remote import Door
from tests.simulation.sketchbook import QuickEye, Sketchbook

from .backlot import TURNS_MAX, Backlot, open_backlot
from .studio import Studio
from .test_backlot import door as door  # a fixture


@pytest_asyncio.fixture
async def lot(studio: Studio, door: Door) -> AsyncIterator[Backlot]:
    """Nothing is drawn, which takes long."""
    async with open_backlot(studio, door, "claude", "runway", local=Sketchbook(), examiner=QuickEye()) as opened:
        yield opened


async def asks(lot: Backlot, run: RunRow) -> StepRow:
    """The step that waits for a person."""
    for _ in range(TURNS_MAX):
        parked = [step for step in await lot.studio.generation.steps.of_run(run.id) if step.state == "parked"]
        if parked:
            return parked[0]
        await lot.turn(run.id)
    raise AssertionError("nobody is asked")


async def plan_of(lot: Backlot, run: RunRow) -> dict[str, Any]:
    take = await takes.take_of_run(lot.studio.stores.pool, run.id)
    assert take is not None
    plan: dict[str, Any] = take.provenance["plan"]
    return plan


async def test_what_a_model_would_change_is_shown_before_pictures_are_paid_for(lot: Backlot) -> None:
    asked = await lot.final(frames=24)
    step = await asks(lot, asked)
    assert step.name == "agree" and step.memo is not None
    theirs, ours = step.memo["choices"]
    assert (theirs["id"], ours["id"]) == ("model", "rules") and theirs["model"].startswith("claude")
    assert {"shot", "field", "before", "after"} == set(theirs["changes"][0])
    assert [row.provider for row in await lot.intents(asked.id)] == ["claude"], "no picture is bought yet"
    job = await lot.studio.entity("jobs", (await lot.studio.events())[-1][1]["run"])
    assert (job["st"], job["stage"]) == ("queued", "agree")

    assert await lot.studio.generation.steps.choose(asked.id, "agree", "model", "usr_ada")
    run = await lot.over(asked.id)
    assert run.state == "complete", run.error
    plan = await plan_of(lot, run)
    assert plan["model"].startswith("claude") and plan["expansion"]["model"] == plan["model"]
    take = await takes.take_of_run(lot.studio.stores.pool, run.id)
    assert take is not None and take.provenance["models"][0]["step"] == "expand"
    await lot.balanced()


async def test_whoever_wants_the_rules_has_them_and_the_same_is_not_asked_twice(lot: Backlot) -> None:
    asked = await lot.final(frames=24)
    await asks(lot, asked)
    await lot.studio.generation.steps.choose(asked.id, "agree", "rules", "usr_ada")
    run = await lot.over(asked.id)
    plan = await plan_of(lot, run)
    assert plan["model"].startswith("local-animatic") and "chosen" in plan["expansion"]["reason"]
    again = await lot.studio.generation.request(
        run.project_id, run.document_id, run.scene_id, run.requested_by, wish=Wish(purpose=Purpose.FINAL)
    )
    assert (await lot.over(again.id)).state == "complete" and await lot.intents(again.id) == []


@pytest.mark.parametrize("scenario", [Scenario.MODERATED, Scenario.DROPPED, Scenario.FAILED, Scenario.OUT_OF_CREDIT])
async def test_without_an_answer_the_rules_plan_and_the_artist_reads_why(lot: Backlot, scenario: Scenario) -> None:
    lot.stage.plan("claude", *[scenario] * 9)
    run = await lot.over((await lot.final(frames=24)).id)
    assert run.state == "complete", run.error
    expansion = (await plan_of(lot, run))["expansion"]
    assert expansion["model"] is None and "planned by rules" in expansion["reason"]
    await lot.closed()
    await lot.balanced()


async def test_who_asks_for_the_rules_asks_no_model(lot: Backlot) -> None:
    run = await lot.over((await lot.final(frames=24, planner=Planner.RULES)).id)
    assert run.state == "complete" and "claude" not in {row.provider for row in await lot.intents(run.id)}
    assert "expansion" not in await plan_of(lot, run)
