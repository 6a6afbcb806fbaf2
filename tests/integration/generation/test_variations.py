"""Runs that go on from what others made, with the real provider: one change, and the rest as it was."""

from typing import Any

import pytest

from services.generation.branch import Change, Length, Pictures, Repaint, Words
from services.generation.errors import ParentUnfit
from services.generation.graph import Wish
from services.generation.request import Stroke
from services.generation.routing.model import Purpose
from services.generation.scribe import run_text
from storage.tables import takes
from storage.tables.runs import RunRow
from storage.tables.takes import TakeRow
from sync import ids
from tests.contract.remote import Door

from .backlot import open_backlot
from .studio import Studio
from .test_backlot import door as door  # a fixture

LEFT = (Stroke(0.08, ((0.1, 0.35), (0.1, 0.65))),)


async def branched(studio: Studio, parent: RunRow, change: Change, wish: Wish | None = None) -> tuple[RunRow, TakeRow]:
    asked = await studio.generation.branch(parent.id, None, change, studio.user_id, wish=wish)
    await studio.forgotten(asked.id)
    run = await studio.ended(asked.id)
    assert run.state == "complete", run.error
    take = await takes.take_of_run(studio.stores.pool, run.id)
    assert take is not None
    return run, take


async def test_one_goes_on_from_a_take_and_from_what_came_of_it(studio: Studio) -> None:
    scene_id = await studio.add_scene(frames=24)
    async with studio.worker():
        first = await studio.ended((await studio.rung(scene_id)).id)
        words, renamed = await branched(studio, first, Words("MARA leaves the lighthouse."))
        _, other = await branched(studio, words, Pictures(7))
        _, longer = await branched(studio, first, Length(36))
        painted, part = await branched(studio, first, Repaint("A forest", LEFT))
    assert renamed.provenance["prompt"] == "MARA leaves the lighthouse."
    (parent,) = renamed.provenance["parents"]
    assert first.take_id is not None and parent == {
        "run": run_text(first.id),
        "take": ids.to_text("tak", first.take_id),
        "frames": None,
        "change": {"kind": "words", "prompt": "MARA leaves the lighthouse."},
    }
    assert [each["change"]["kind"] for each in other.provenance["parents"]] == ["pictures", "words"]
    assert longer.frames == 36 and {renamed.media, other.media} - {longer.media} == {renamed.media, other.media}
    scene = await studio.entity("scenes", scene_id)
    assert scene["prompt"] == "MARA waits by the lighthouse in the rain.", "the storyboard is not written"
    assert part.number == 5 and part.provenance["parents"][0]["change"] == {
        "kind": "part",
        "words": "A forest",
        "frame": None,
    }
    before, after = [await drawn(studio, run) for run in (first, painted)]
    assert before["panels"][1:] == after["panels"][1:] and before["panels"][0] != after["panels"][0]


async def test_only_the_shot_with_the_part_is_bought_again(studio: Studio, door: Door) -> None:
    async with open_backlot(studio, door, "runway") as lot:
        final = Wish(purpose=Purpose.FINAL)
        first = await lot.over((await lot.final(frames=96)).id)
        shots = len(await lot.intents(first.id))
        assert shots > 1
        asked = await studio.generation.branch(first.id, None, Repaint("A red boat", LEFT), studio.user_id, wish=final)
        run = await lot.over(asked.id)
        assert run.state == "complete", run.error
        assert [row.step for row in await lot.intents(run.id)] == ["shot.1"]
        take = await takes.take_of_run(studio.stores.pool, run.id)
        assert take is not None
        paid = {each["step"]: each["paid_in"] for each in take.provenance["models"]}
        assert paid == {"shot.1": None} | {f"shot.{number}": run_text(first.id) for number in range(2, shots + 1)}
        assert any("A red boat" in str(body) for _, _, body in lot.stage.requests)
        await lot.balanced()


async def test_what_made_nothing_is_no_parent(studio: Studio) -> None:
    scene_id = await studio.add_scene(frames=24)
    run = await studio.request(scene_id)
    for frames in (None, "frames", "enhance"):
        with pytest.raises(ParentUnfit):
            await studio.generation.branch(run.id, frames, Pictures(1), studio.user_id)


async def drawn(studio: Studio, run: RunRow) -> dict[str, Any]:
    """What its frames are."""
    (output,) = [step.output for step in await studio.generation.steps.of_run(run.id) if step.name == "frames"]
    assert output is not None
    return output
