"""Lines of finals, spoken elsewhere: bought once, kept for other takes, and ours where certainly nobody speaks them."""

from collections.abc import AsyncIterator

import pytest_asyncio

from deploy.stubs.stage import Scenario
from services.billing.quote import price_of
from services.cache.exact import Exact
from services.cache.service import Cache
from services.generation.graph import Wish
from services.generation.providers.settings import VOICES
from services.generation.routing.model import Purpose
from storage.tables import model_policies, takes
from storage.tables.intents import IntentRow
from storage.tables.model_policies import PolicyRow
from storage.tables.runs import RunRow
from sync.storyboard import server
from tests.contract.remote import Door
from tests.simulation.sketchbook import QuickEye, Sketchbook

from .backlot import Backlot, open_backlot
from .studio import DIALOGUE, Studio
from .test_backlot import door as door  # a fixture


@pytest_asyncio.fixture
async def lot(studio: Studio, door: Door) -> AsyncIterator[Backlot]:
    """Nothing is drawn, which takes long."""
    async with open_backlot(studio, door, "elevenlabs", "runway", local=Sketchbook(), examiner=QuickEye()) as opened:
        yield opened


async def talk(lot: Backlot, **wish: object) -> RunRow:
    """A final of two lines."""
    scene_id = await lot.studio.add_scene(frames=24)
    await lot.studio.edit(lambda doc: server.set_keys(doc, scene_id, {"dlg": list(DIALOGUE)}))
    return await again(lot, scene_id, **wish)


async def again(lot: Backlot, scene_id: str, **wish: object) -> RunRow:
    studio = lot.studio
    wished = Wish(purpose=Purpose.FINAL, **wish)  # type: ignore[arg-type]
    asked = await studio.generation.request(
        studio.project_id, studio.document_id, scene_id, studio.user_id, wish=wished
    )
    return await lot.over(asked.id)


async def spoken(lot: Backlot, run: RunRow) -> list[IntentRow]:
    """The paid calls for its lines."""
    return [row for row in await lot.intents(run.id) if row.kind == "voice"]


def voices_of(lot: Backlot) -> set[str]:
    """Whose they were, as the stub was asked."""
    return {voice for voice in VOICES for _, path, _ in lot.stage.requests if voice in path}


async def test_lines_are_bought_once_and_told_with_their_price(lot: Backlot) -> None:
    run = await talk(lot)
    assert run.state == "complete", run.error
    rows = await spoken(lot, run)
    assert sorted((row.step, row.kind, row.state) for row in rows) == [
        ("line.1", "voice", "succeeded"),
        ("line.2", "voice", "succeeded"),
    ]
    take = await takes.take_of_run(lot.studio.stores.pool, run.id)
    assert take is not None
    models = [each for each in take.provenance["models"] if each["provider"] == "elevenlabs"]
    told = {each["step"]: (each["provider"], each["cost_microcredits"]) for each in models}
    assert told == {row.step: ("elevenlabs", row.cost_microcredits) for row in rows}
    assert voices_of(lot) == set(VOICES)
    await lot.balanced()

    second = await again(lot, run.scene_id)
    assert second.state == "complete" and await lot.intents(second.id) == [] and lot.paid()["elevenlabs"] == 2


async def test_a_line_is_kept_for_the_project_when_no_step_remembers_it(lot: Backlot) -> None:
    pool = lot.studio.stores.pool
    first = await talk(lot)
    price = sum(price_of(row.cost_microcredits or 0) for row in await spoken(lot, first))
    await pool.execute("update steps set key = null where run_id = $1", first.id)
    second = await talk(lot)
    assert second.state == "complete" and await spoken(lot, second) == [], second.error
    steps = {step.name: step for step in await lot.studio.generation.steps.of_run(second.id)}
    assert {steps[name].layer for name in ("line.1", "line.2")} == {"component"}
    take = await takes.take_of_run(pool, second.id)
    assert take is not None
    told = {each["step"]: (each["kind"], each["key"]) for each in take.provenance["components"]}
    assert told == {name: ("voice", steps[name].key) for name in ("line.1", "line.2")}
    query = "select sum(amount)::bigint from credit_savings where run_id = $1 and layer = 'component'"
    assert await pool.fetchval(query, second.id) == price > 0
    keys = [step.key for step in steps.values() if step.key is not None]
    await Cache(pool, Exact(lot.studio.stores.shelf), None).distrust(second.project_id, keys)
    query = "select count(*) from cached_components where project_id = $1 and key = any($2::text[])"
    left = await pool.fetchval(query, second.project_id, keys)
    assert left == 0, "a line whose sound is gone is bought again"
    await lot.balanced()


async def test_what_was_spoken_elsewhere_is_mixed_in(studio: Studio, door: Door) -> None:
    """With the real provider, whose films are its own here."""
    async with open_backlot(studio, door, "elevenlabs") as lot:
        run = await talk(lot)
        assert run.state == "complete", run.error
        outputs = {step.name: step.output or {} for step in await studio.generation.steps.of_run(run.id)}
        assert outputs["voice"]["spoken_s"] > 0 and {row.step for row in await spoken(lot, run)} == {"line.1", "line.2"}


async def test_the_voice_that_was_asked_for_speaks(lot: Backlot) -> None:
    run = await talk(lot, voices={"Mara": VOICES[1], "jon": VOICES[1]})
    assert run.state == "complete", run.error
    assert voices_of(lot) == {VOICES[1]}


async def test_ours_speaks_when_certainly_nobody_else_does_and_the_next_take_asks_again(lot: Backlot) -> None:
    lot.stage.plan("elevenlabs", *[Scenario.OUT_OF_CREDIT] * 6)
    run = await talk(lot)
    assert run.state == "complete", run.error
    outputs = {step.name: step.output or {} for step in await lot.studio.generation.steps.of_run(run.id)}
    assert outputs["line.1"]["media"] is None and "built-in voice" in outputs["line.1"]["why"]
    assert "elevenlabs" not in lot.paid() and {row.cost_microcredits for row in await spoken(lot, run)} == {0}
    await lot.balanced()
    lot.stage.reset()
    lot.stage.clock.advance(7_200.0)
    second = await again(lot, run.scene_id)
    assert second.state == "complete" and len(await spoken(lot, second)) == 2


async def test_p9_a_lost_line_may_be_charged_and_nothing_is_spoken_instead(lot: Backlot) -> None:
    lot.stage.plan("elevenlabs", Scenario.DROPPED)
    run = await talk(lot)
    assert run.state == "failed" and run.error is not None
    assert run.error["code"] == "end.unknown" and "may be charged" in run.error["msg"]
    assert lot.paid()["elevenlabs"] <= 2
    await lot.closed()
    await lot.balanced()


async def test_what_may_not_be_said_is_said_by_nobody(lot: Backlot) -> None:
    lot.stage.plan("elevenlabs", Scenario.MODERATED)
    run = await talk(lot)
    assert run.state == "failed" and run.error is not None and run.error["code"] == "end.moderated"
    await lot.closed()
    await lot.balanced()


async def test_whom_the_owner_rules_out_speaks_no_line(lot: Backlot) -> None:
    await model_policies.put(lot.studio.stores.pool, lot.studio.project_id, PolicyRow(None, ["elevenlabs"], None))
    run = await talk(lot)
    assert run.state == "complete", run.error
    assert await spoken(lot, run) == []


async def test_a_maker_of_films_that_is_named_says_nothing_of_voices(lot: Backlot) -> None:
    run = await talk(lot, models=("runway/gen4.5",))
    assert run.state == "complete", run.error
    assert len(await spoken(lot, run)) == 2
