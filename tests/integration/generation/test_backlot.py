"""Finals made elsewhere: routed, paid once, followed, and honest about what nobody knows."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest
import pytest_asyncio

from deploy.stubs.stage import Scenario
from services.billing.model import MICRO
from services.billing.quote import price_of
from services.generation.graph import Wish
from services.generation.model import MILESTONES_MAX
from services.generation.providers.intents import Intents
from services.generation.providers.port import Accepted
from services.generation.routing.model import Purpose
from services.projects.settings import Safety, from_json, to_json
from services.safety.errors import VERDICT_PREFIX
from storage.tables import model_policies, projects, takes, verdicts
from storage.tables.intents import IntentRow
from storage.tables.model_policies import PolicyRow
from sync import ids
from tests.contract.remote import Door, open_door

from .backlot import Backlot, open_backlot
from .studio import Studio


@pytest_asyncio.fixture(scope="module")
async def door() -> AsyncIterator[Door]:
    async with open_door() as opened:
        yield opened


@pytest_asyncio.fixture
async def lot(studio: Studio, door: Door) -> AsyncIterator[Backlot]:
    """With two who make films: one can be asked for lost calls, the other cannot."""
    async with open_backlot(studio, door, "runway", "kling") as opened:
        yield opened


def told(rows: list[IntentRow]) -> list[tuple[str, str]]:
    return [(row.provider, row.state) for row in rows]


async def test_a_final_is_made_elsewhere_and_paid_once(lot: Backlot) -> None:
    asked = await lot.final()
    run = await lot.over(asked.id)
    assert (run.state, run.error) == ("complete", None)
    rows = await lot.intents(run.id)
    steps = {step.name: step for step in await lot.studio.generation.steps.of_run(run.id)}
    shots = [name for name in steps if name.startswith("shot.")]
    assert len(rows) == len(shots) == sum(lot.paid().values()) and {row.state for row in rows} == {"succeeded"}
    (take,) = await takes.takes_of_scene(lot.studio.stores.pool, lot.studio.document_id, run.scene_id)
    assert (take.width, take.height) == (320, 180)
    told = {
        (each["step"], each["provider"], each["model"], each["cost_microcredits"]) for each in take.provenance["models"]
    }
    assert told == {(row.step, row.provider, row.model, row.cost_microcredits) for row in rows}
    paid = sum(price_of(row.cost_microcredits or 0) for row in rows)
    assert paid > 0 and run.cost_microcredits == take.cost_microcredits == paid
    job = await lot.studio.entity("jobs", ids.to_text("run", run.id))
    shown = await lot.studio.entity("takes", ids.to_text("tak", take.id))
    assert job["cost"] == shown["cost"] == paid
    assert run.milestones <= MILESTONES_MAX
    await lot.balanced()


async def test_a_call_that_failed_for_a_moment_is_made_again_and_then_elsewhere(lot: Backlot) -> None:
    lot.stage.plan("kling", *[Scenario.BROKEN] * 20)
    asked = await lot.final(frames=24)
    run = await lot.over(asked.id)
    assert run.state == "complete", run.error
    rows = await lot.intents(run.id)
    assert rows[-1].provider == "runway" or not any(row.provider == "kling" for row in rows)
    assert {row.provider for row in rows if row.state == "succeeded"} == {"runway"}
    await lot.balanced()


async def test_whom_the_owner_rules_out_is_not_asked(lot: Backlot) -> None:
    pool, project_id = lot.studio.stores.pool, lot.studio.project_id
    asked = {}
    for ruled_out in ("kling", "runway"):
        await model_policies.put(pool, project_id, PolicyRow(None, [ruled_out], None))
        run = await lot.over((await lot.final(frames=24)).id)
        assert run.state == "complete", run.error
        asked[ruled_out] = {row.provider for row in await lot.intents(run.id)}
    assert asked == {"kling": {"runway"}, "runway": {"kling"}}
    await model_policies.put(pool, project_id, PolicyRow(["kling"], [], None))
    run = await lot.over((await lot.final(frames=24, models=("runway",))).id)
    assert run.state == "failed" and run.error is not None and run.error["code"] == "route.nobody"
    assert "not among the models that the owner of this project allows" in run.error["msg"]


async def test_what_one_refuses_to_show_no_other_is_asked_for(lot: Backlot) -> None:
    for provider in ("kling", "runway"):
        lot.stage.plan(provider, Scenario.MODERATED)
    run = await lot.over((await lot.final(frames=24)).id)
    assert run.state == "failed" and run.error is not None
    assert run.error["code"] == "end.moderated" and "Change the prompt" in run.error["msg"]
    assert (run.cost_microcredits, (await lot.studio.entity("jobs", ids.to_text("run", run.id)))["cost"]) == (0, 0)
    rows = await lot.intents(run.id)
    assert len({row.step for row in rows}) == len(rows), "nobody is asked a second time for the same"
    await lot.closed()
    await lot.balanced()


async def test_p9_a_lost_call_is_looked_for_and_never_made_twice(lot: Backlot) -> None:
    lot.stage.plan("kling", Scenario.DROPPED)
    run = await lot.over((await lot.final(frames=24, models=("kling",))).id)
    assert run.state == "complete", run.error
    rows = await lot.intents(run.id)
    assert (
        {row.state for row in rows} == {"succeeded"}
        and len({row.step for row in rows}) == len(rows)
        and lot.paid() == {"kling": len(rows)}
    )
    await lot.balanced()


async def test_p9_a_lost_call_that_cannot_be_looked_for_may_be_charged_and_is_said_so(lot: Backlot) -> None:
    lot.stage.plan("runway", Scenario.DROPPED)
    run = await lot.over((await lot.final(frames=24, models=("runway",))).id)
    assert run.state == "failed" and run.error is not None
    assert run.error["code"] == "end.unknown" and "may be charged" in run.error["msg"]
    lost = [row for row in await lot.intents(run.id) if row.failure and row.failure["code"] == "given_up"]
    assert len(lost) == 1 and lot.paid()["runway"] == len(await lot.intents(run.id))
    await lot.closed()
    await lot.balanced()


async def test_a_damaged_result_costs_nobody_here_and_another_makes_it(lot: Backlot) -> None:
    for provider in ("kling", "runway"):
        lot.stage.plan(provider, Scenario.CORRUPT)
    run = await lot.over((await lot.final(frames=24)).id)
    assert run.state in ("complete", "failed")
    rows = await lot.intents(run.id)
    assert rows[0].state == "failed" and (rows[0].cost_microcredits or 0) > 0
    paid = await lot.studio.stores.pool.fetch(
        "select actual from credit_holds where run_id = $1 order by made_at", run.id
    )
    assert paid[0]["actual"] == 0, "who got nothing pays nothing"
    await lot.balanced()


async def test_an_address_that_has_died_is_asked_for_anew(lot: Backlot) -> None:
    for provider in ("kling", "runway"):
        lot.stage.plan(provider, Scenario.EXPIRED)
    run = await lot.over((await lot.final(frames=24)).id)
    assert run.state == "complete", run.error
    rows = await lot.intents(run.id)
    assert (
        {row.state for row in rows} == {"succeeded"}
        and len({row.step for row in rows}) == len(rows)
        and sum(lot.paid().values()) == len(rows)
    )
    await lot.balanced()


async def test_a_task_that_never_ends_is_stopped_before_another_is_asked(lot: Backlot) -> None:
    lot.stage.plan("runway", *[Scenario.STUCK] * 9)
    lot.stage.plan("kling", *[Scenario.BROKEN] * 3)
    asked = await lot.final(frames=24, models=("runway", "kling"))
    run = asked
    while run.state in ("queued", "running"):
        for _ in range(15):
            run = await lot.turn(asked.id)
        await lot.aged(3_700.0)
    assert run.state == "complete", run.error
    stalled = [row for row in await lot.intents(run.id) if row.provider == "runway"]
    assert stalled and {row.state for row in stalled} == {"cancelled"}
    await lot.balanced()


async def test_who_cannot_be_stopped_may_still_charge_so_nothing_else_is_begun(lot: Backlot) -> None:
    lot.stage.plan("kling", *[Scenario.STUCK] * 9)
    asked = await lot.final(frames=24, models=("kling",))
    while not await lot.intents(asked.id):
        await lot.turn(asked.id)
    await lot.aged(3_700.0)
    run = await lot.over(asked.id)
    assert run.state == "failed" and run.error is not None and run.error["code"] == "end.not_stopped"
    assert {row.state for row in await lot.intents(run.id)} == {"submitted"}, "it is followed to its end all the same"


async def test_p12_a_run_that_is_stopped_stops_there_too(lot: Backlot) -> None:
    asked = await lot.final(frames=24)
    for _ in range(20):
        await lot.turn(asked.id)
        if any(row.state == "submitted" for row in await lot.intents(asked.id)):
            break
    run = await lot.studio.generation.cancel(asked.id, lot.studio.user_id)
    assert run.state == "cancelled"
    await lot.closed()
    rows = await lot.intents(asked.id)
    assert {row.state for row in rows} <= {"cancelled", "succeeded", "failed"}
    await lot.balanced()
    assert (
        await lot.studio.entity("prev", run.scene_id) is None
        or (await lot.studio.generation.run(run.id)).take_id is None
    )


async def test_who_may_not_spend_enough_is_told_before_anything_is_called(studio: Studio, door: Door) -> None:
    async with open_backlot(studio, door, "runway", credits=0) as lot:
        await studio.stores.pool.execute("update users set tier = 'free' where id = $1", studio.user_id)
        run = await lot.over((await lot.final(frames=24, spend_max_microcredits=1 * MICRO)).id)
        assert run.state == "failed" and run.error is not None and run.error["code"] == "route.nobody"
        assert lot.paid() == {} and await lot.intents(run.id) == []
        await lot.balanced()


async def test_the_worker_that_made_a_call_may_die_before_the_answer(
    lot: Backlot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await lot.final(frames=24, models=("kling",))
    lost: list[UUID] = []

    async def deaf(self: Intents, id: UUID, answer: Accepted) -> IntentRow:
        lost.append(id)
        raise RuntimeError("the machine caught fire")

    with monkeypatch.context() as patch:
        patch.setattr(Intents, "_taken", deaf)
        while not lost:
            await lot.turn(asked.id)
    run = asked
    while run.state in ("queued", "running"):
        run = await lot.turn(asked.id)
        await lot.aged(10.0)
        await lot.hands.closer.round()
    assert run.state == "complete", run.error
    rows = await lot.intents(run.id)
    assert lost[0] in {row.id for row in rows}
    assert len({row.step for row in rows}) == len(rows) and lot.paid() == {"kling": len(rows)}, "found, not made again"
    await lot.balanced()


async def test_what_the_policy_refuses_is_told_with_its_verdict_before_anybody_is_paid(lot: Backlot) -> None:
    scene_id = await lot.studio.add_scene(prompt="Two lovers, hardcore sex in the rain.")
    for purpose in Purpose:
        asked = await lot.studio.generation.request(
            lot.studio.project_id,
            lot.studio.document_id,
            scene_id,
            lot.studio.user_id,
            wish=Wish(purpose=purpose),
        )
        run = await lot.over(asked.id)
        assert run.state == "failed" and run.error is not None and run.error["code"] == "safety.refused"
        (row, *_) = await verdicts.verdicts_of_project(
            lot.studio.stores.pool, lot.studio.project_id, "refused", None, 1
        )
        assert row.verdict.run_id == run.id
        assert f"appeal against the verdict {ids.to_text(VERDICT_PREFIX, row.verdict.id)}" in run.error["msg"]
        made = {step.name: step.state for step in await lot.studio.generation.steps.of_run(run.id)}
        assert made["screen"] == "failed" and "done" not in made.values()
    assert lot.paid() == {}


async def test_what_passes_is_judged_for_each_run_and_made_once(lot: Backlot) -> None:
    for run in [await lot.over((await lot.final(frames=24)).id) for _ in range(2)]:
        assert run.state == "complete", run.error
        rows = await verdicts.verdicts_of_project(lot.studio.stores.pool, lot.studio.project_id, "allowed", None, 10)
        assert run.id in {row.verdict.run_id for row in rows}


async def test_a_project_is_only_made_by_whom_it_is_not_too_much_for(lot: Backlot) -> None:
    pool, project_id = lot.studio.stores.pool, lot.studio.project_id
    before, version = await projects.settings(pool, project_id)
    mature = to_json(replace(from_json(before), safety=Safety.MATURE))
    await projects.put_settings(pool, project_id, version, mature, from_json(before).format)
    run = await lot.over((await lot.final(frames=24)).id)
    assert run.state == "failed" and run.error is not None and run.error["code"] == "route.nobody"
    assert "takes projects up to “standard”; this one is “mature”" in run.error["msg"]
    assert lot.paid() == {}
