"""A take that shows the same is offered while the run goes on; one word of a person ends the run with it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from services.billing.quote import price_of
from services.cache.errors import NoSuchDecision, NothingOffered
from services.cache.model import Mode
from services.generation.errors import RunFinished
from services.generation.graph import ANEW, REUSE, Offering, Wish
from services.generation.reuse.offers import Because, Offered
from services.generation.routing.model import Purpose
from storage.tables import cached, outputs, takes
from storage.tables.runs import RunRow
from sync import ids
from sync.storyboard import read
from tests.contract.remote import Door, open_door
from tests.simulation.sketchbook import QuickEye, Sketchbook

from .backlot import Backlot, open_backlot
from .studio import Studio

WORDS = "MARA in a red coat waits by the lighthouse. Rain, 35mm."
SAME = "Rain, 35mm. MARA in a red coat waits by the lighthouse."
OTHER = "MARA in a red coat waits by the lighthouse. Rain, 85mm."
FINAL = Wish(purpose=Purpose.FINAL)


@pytest_asyncio.fixture(scope="module")
async def door() -> AsyncIterator[Door]:
    async with open_door() as opened:
        yield opened


@pytest_asyncio.fixture
async def lot(studio: Studio, door: Door) -> AsyncIterator[Backlot]:
    async with open_backlot(studio, door, "runway", local=Sketchbook(), examiner=QuickEye()) as opened:
        yield opened


async def said(studio: Studio, scene_id: str, words: str) -> None:
    """The scene's prompt from now on."""

    def write(doc: read.Document) -> None:
        text = read.entity(doc, "scenes", scene_id)["prompt"]
        text.clear()
        text += words

    await studio.edit(write)


async def asked(lot: Backlot, scene_id: str, wish: Wish = FINAL) -> RunRow:
    studio = lot.studio
    return await studio.generation.request(studio.project_id, studio.document_id, scene_id, studio.user_id, wish=wish)


async def made(lot: Backlot) -> tuple[str, int]:
    """(scene, price): a final that is there and was paid for."""
    scene_id = await lot.studio.add_scene(frames=24, prompt=WORDS)
    run = await lot.over((await asked(lot, scene_id)).id)
    assert run.state == "complete", run.error
    return scene_id, sum(price_of(row.cost_microcredits or 0) for row in await lot.intents(run.id))


async def offered(lot: Backlot, run: RunRow) -> Offered:
    """What the run is offered, once its look is over."""
    for _ in range(20):
        steps = {step.name: step.state for step in await lot.studio.generation.steps.of_run(run.id)}
        if steps[REUSE] in ("done", "parked"):
            break
        await lot.turn(run.id)
    found = await lot.studio.generation.offers.of_run(run)
    assert found is not None
    return found


async def job(lot: Backlot, run: RunRow) -> dict[str, Any]:
    entry: dict[str, Any] = await lot.studio.entity("jobs", ids.to_text("run", run.id))
    return entry


async def answered(lot: Backlot) -> cached.ShadowRow:
    return await cached.shadows(lot.studio.stores.pool, lot.studio.project_id)


async def test_the_same_in_other_words_is_offered_and_the_run_goes_on_without_an_answer(lot: Backlot) -> None:
    scene_id, price = await made(lot)
    await said(lot.studio, scene_id, SAME)
    run = await asked(lot, scene_id)
    found = await offered(lot, run)
    first = (await takes.takes_of_scene(lot.studio.stores.pool, lot.studio.document_id, scene_id))[0]
    assert (found.take.id, found.prompt, found.decision.saves_microcredits) == (first.id, WORDS, price)
    offer = ids.to_text("lkp", found.decision.id)
    told = {"id": offer, "take": ids.to_text("tak", first.id), "scn": scene_id, "n": 1, "thumb": first.thumb}
    assert (await job(lot, run))["offer"] == {**told, "saves": price}
    events = [payload for kind, payload in await lot.studio.events() if kind == "offer"]
    assert [(each["run"], each["offer"]["id"], each["answer"]) for each in events] == [
        (ids.to_text("run", run.id), offer, None)
    ]
    done = await lot.over(run.id)
    newest, *_ = await takes.takes_of_scene(lot.studio.stores.pool, lot.studio.document_id, scene_id)
    assert done.state == "complete" and newest.id == done.take_id and "reused_from" not in newest.provenance
    with pytest.raises(RunFinished):
        await lot.studio.generation.offers.accept(run.id, found.decision.id, lot.studio.user_id)
    assert (await answered(lot)).accepted == 0
    await lot.balanced()


async def test_what_is_accepted_is_the_take_and_nothing_is_paid(lot: Backlot) -> None:
    scene_id, price = await made(lot)
    (one,) = await takes.takes_of_scene(lot.studio.stores.pool, lot.studio.document_id, scene_id)
    await outputs.add_part(lot.studio.stores.pool, one.id, lot.studio.project_id, "peaks", one.media, {"rate": 8})
    paid = lot.paid()
    await said(lot.studio, scene_id, SAME)
    run = await asked(lot, scene_id)
    found = await offered(lot, run)
    offers, user_id = lot.studio.generation.offers, lot.studio.user_id
    for _ in range(2):
        await offers.accept(run.id, found.decision.id, user_id)
    done = await lot.studio.generation.run(run.id)
    assert (done.state, done.pct) == ("complete", 100)
    pool = lot.studio.stores.pool
    newest, first = await takes.takes_of_scene(pool, lot.studio.document_id, scene_id)
    assert (newest.id, newest.number, newest.media, newest.thumb) == (done.take_id, 2, first.media, first.thumb)
    ((part,),) = (await outputs.parts_of_takes(pool, [newest.id])).values()
    assert (part.name, part.media, part.facts) == ("peaks", first.media, {"rate": 8})
    reused = newest.provenance["reused_from"]
    assert (reused["take"], reused["scene"], reused["prompt"]) == (ids.to_text("tak", first.id), scene_id, WORDS)
    assert reused["by"] == ids.to_text("usr", user_id) and newest.provenance["prompt"] == SAME
    assert {each["paid_in"] for each in newest.provenance["models"]} == {ids.to_text("run", first.run_id)}  # type: ignore[arg-type]
    assert {step.state for step in await lot.studio.generation.steps.of_run(run.id)} <= {"done", "cancelled"}
    entry = await job(lot, run)
    assert (entry["st"], entry["offer"]) == ("complete", None)
    scene = read.scene_view(await lot.studio.doc(), scene_id)
    assert (scene.cur, scene.locked) == (ids.to_text("tak", newest.id), False)
    row = await pool.fetchrow("select what, layer, amount from credit_savings where run_id = $1", run.id)
    assert row is not None and tuple(row) == ("take", "semantic", price)
    assert lot.paid() == paid
    with pytest.raises(NothingOffered):
        await offers.decline(run.id, found.decision.id, user_id, None)
    await lot.balanced()


async def test_what_was_spent_before_somebody_accepted_is_not_said_to_be_saved(lot: Backlot) -> None:
    scene_id, price = await made(lot)
    await said(lot.studio, scene_id, SAME)
    run = await asked(lot, scene_id)
    found = await offered(lot, run)
    while not [row for row in await lot.intents(run.id) if row.state == "succeeded"]:
        await lot.turn(run.id)
    pool = lot.studio.stores.pool
    spent = await pool.fetchval("select sum(actual) from credit_holds where run_id = $1", run.id)
    await lot.studio.generation.offers.accept(run.id, found.decision.id, lot.studio.user_id)
    saved = await pool.fetchval("select coalesce(sum(amount), 0) from credit_savings where run_id = $1", run.id)
    assert spent > 0 and saved == max(0, price - spent), "the router may have picked a dearer model this time"
    await lot.closed()
    await lot.balanced()


async def test_what_is_declined_goes_on_and_a_false_hit_is_counted(lot: Backlot) -> None:
    scene_id, _ = await made(lot)
    await said(lot.studio, scene_id, SAME)
    run = await asked(lot, scene_id)
    found = await offered(lot, run)
    offers, user_id = lot.studio.generation.offers, lot.studio.user_id
    for because in (None, Because.DIFFERS, Because.DIFFERS):
        await offers.decline(run.id, found.decision.id, user_id, because)
    assert (await job(lot, run))["offer"] is None
    counted = await answered(lot)
    assert (counted.offered, counted.declined, counted.same, counted.different) == (1, 1, 0, 1)
    with pytest.raises(NothingOffered):
        await offers.accept(run.id, found.decision.id, user_id)
    assert (await lot.over(run.id)).state == "complete"
    with pytest.raises(NoSuchDecision):
        await offers.decline(run.id, run.id, user_id, None)


async def test_who_wants_to_be_asked_first_has_nothing_made_before_the_answer(lot: Backlot) -> None:
    scene_id, _ = await made(lot)
    await said(lot.studio, scene_id, SAME)
    wish = replace(FINAL, offers=Offering.WAIT)
    run = await asked(lot, scene_id, wish)
    found = await offered(lot, run)
    states = {step.name: step.state for step in await lot.studio.generation.steps.of_run(run.id)}
    assert states == {"screen": "done", "reuse": "parked", "proceed": "waiting"}
    entry = await job(lot, run)
    assert (entry["st"], entry["stage"], entry["offer"]["n"]) == ("queued", "reuse", 1)
    offers, user_id = lot.studio.generation.offers, lot.studio.user_id
    await offers.decline(run.id, found.decision.id, user_id, Because.ANOTHER)
    steps = {step.name: step for step in await lot.studio.generation.steps.of_run(run.id)}
    output = steps[REUSE].output
    assert output is not None and output["choice"] == ANEW
    assert (await lot.over(run.id)).state == "complete"
    assert (await answered(lot)).same == 1

    await said(lot.studio, scene_id, SAME.replace("Rain, 35mm.", "35mm. Rain."))
    once_more = await asked(lot, scene_id, wish)
    again = await offered(lot, once_more)
    await offers.accept(once_more.id, again.decision.id, user_id)
    assert (await lot.studio.generation.run(once_more.id)).state == "complete"


async def test_who_waits_for_an_offer_that_does_not_come_waits_for_nothing(lot: Backlot) -> None:
    scene_id = await lot.studio.add_scene(frames=24, prompt=WORDS)
    run = await asked(lot, scene_id, Wish(offers=Offering.WAIT))
    assert (await lot.over(run.id)).state == "complete"


@pytest.mark.parametrize("words", [WORDS, OTHER])
async def test_nothing_is_offered_for_the_very_same_words_or_for_others(lot: Backlot, words: str) -> None:
    scene_id, _ = await made(lot)
    await said(lot.studio, scene_id, words)
    run = await asked(lot, scene_id)
    assert (await lot.over(run.id)).state == "complete"
    assert await lot.studio.generation.offers.of_run(run) is None and (await answered(lot)).offered == 0


async def test_nothing_is_offered_where_the_project_or_the_run_does_not_want_it(lot: Backlot) -> None:
    scene_id, _ = await made(lot)
    await said(lot.studio, scene_id, SAME)
    run = await asked(lot, scene_id, replace(FINAL, offers=Offering.NONE))
    assert REUSE not in {step.name for step in await lot.studio.generation.steps.of_run(run.id)}
    await lot.studio.generation.cancel(run.id, lot.studio.user_id)
    await cached.set_policy(lot.studio.stores.pool, lot.studio.project_id, Mode.EXACT, False)
    run = await asked(lot, scene_id)
    await lot.over(run.id)
    assert await lot.studio.generation.offers.of_run(run) is None


async def test_a_take_of_a_draft_is_not_offered_for_a_final(lot: Backlot) -> None:
    scene_id = await lot.studio.add_scene(frames=24, prompt=WORDS)
    await lot.over((await asked(lot, scene_id, Wish())).id)
    await said(lot.studio, scene_id, SAME)
    run = await asked(lot, scene_id)
    await lot.over(run.id)
    assert await lot.studio.generation.offers.of_run(run) is None
