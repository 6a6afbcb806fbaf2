"""A person chooses between frames while nobody works; what was chosen is filmed."""

from typing import Any

import pytest

from services.generation.graph import SHARES, Stage, Wish
from services.runs.errors import ChoiceRefused
from storage.tables import takes
from storage.tables.media import media_of_project
from storage.tables.steps import StepRow
from sync import ids

from .studio import Studio


async def parked(studio: Studio, scene_id: str, boards: int) -> tuple[Any, StepRow]:
    """A run that waits for a choice, with no worker at work."""
    run = await studio.rung(scene_id, Wish(boards))

    async def look() -> StepRow | None:
        found = [step for step in await studio.generation.steps.of_run(run.id) if step.state == "parked"]
        return found[0] if found else None

    async with studio.worker():
        step = await studio.noticed(look, 60.0)
    return await studio.generation.run(run.id), step


async def test_the_frames_that_a_person_chose_are_filmed(studio: Studio) -> None:
    scene_id = await studio.add_scene(frames=24)
    run, step = await parked(studio, scene_id, 2)
    assert (run.state, run.stage, step.name) == ("queued", "choose", "choose")
    assert step.memo is not None
    choices = {choice["id"]: choice for choice in step.memo["choices"]}
    assert list(choices) == ["frames.1", "frames.2"]
    posters = [choice["poster"] for choice in choices.values()]
    assert len(set(posters)) == 2, "they show something else each"
    for poster in posters:
        found = await media_of_project(studio.stores.pool, studio.project_id, poster)
        assert found is not None and found.bytes == len(await studio.stores.objects.get(poster))
    job = await studio.entity("jobs", ids.to_text("run", run.id))
    assert (job["st"], job["stage"]) == ("queued", "choose")

    with pytest.raises(ChoiceRefused):
        await studio.generation.steps.choose(run.id, "choose", "frames.3", "usr_ada")
    assert await studio.generation.steps.choose(run.id, "choose", "frames.2", "usr_ada")
    async with studio.worker():
        done = await studio.ended(run.id)
    assert (done.state, done.error, done.pct) == ("complete", None, 100)
    (take,) = await takes.takes_of_scene(studio.stores.pool, studio.document_id, scene_id)
    steps = {each.name: each for each in await studio.generation.steps.of_run(run.id)}
    output = steps["choose"].output
    assert output is not None and output["chosen"]["made"] == steps["frames.2"].output
    assert take.id == done.take_id and {"choose", "frames.1", "clip"} <= set(steps)


async def test_a_run_that_waits_stands_where_its_frames_end_though_another_run_drew_them(studio: Studio) -> None:
    scene_id = await studio.add_scene(frames=24)
    first, _ = await parked(studio, scene_id, 2)
    await studio.generation.cancel(first.id, studio.user_id)
    again, step = await parked(studio, scene_id, 2)
    drawn = SHARES[Stage.ENHANCE] + SHARES[Stage.FRAMES]
    voice = {each.name: each for each in await studio.generation.steps.of_run(again.id)}["voice"]
    if voice.finished_at is not None and step.started_at is not None and voice.finished_at <= step.started_at:
        drawn += SHARES[Stage.VOICE]
    assert (again.stage, again.pct, step.state) == ("choose", drawn, "parked")
    job = await studio.entity("jobs", ids.to_text("run", again.id))
    assert job["pct"] == drawn


async def test_who_chose_nothing_yet_may_stop_the_run(studio: Studio) -> None:
    scene_id = await studio.add_scene(frames=24)
    run, _ = await parked(studio, scene_id, 2)
    cancelled = await studio.generation.cancel(run.id, studio.user_id)
    assert cancelled.state == "cancelled"
    with pytest.raises(ChoiceRefused):
        await studio.generation.steps.choose(run.id, "choose", "frames.1", "usr_ada")
    scene = await studio.entity("scenes", scene_id)
    assert scene["st"] == "draft" and scene.get("lock") is None
