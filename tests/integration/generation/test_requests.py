"""What may be requested and cancelled, and what is refused."""

import asyncio
from typing import Any

import pytest

from services.documents.kept import KeptDocuments
from services.documents.projector import Projector
from services.generation.errors import (
    KeyReused,
    NoSuchRun,
    NoSuchScene,
    RunFinished,
    SceneBusy,
    SceneLocked,
    SceneTooLong,
)
from services.generation.graph import Wish
from services.generation.providers.adapters import runway
from services.generation.request import to_json
from services.generation.routing.model import Purpose
from services.generation.service import Generation
from sync import ids
from sync.storyboard import read, server

from .studio import SMALL, Studio


async def test_a_request_is_a_row_a_job_and_an_event_at_once(studio: Studio) -> None:
    scene_id = await studio.add_scene()
    before = await studio.head()
    run = await studio.request(scene_id)
    assert await studio.head() == before + 1
    job = await studio.entity("jobs", ids.to_text("run", run.id))
    assert (job["scn"], job["st"], job["pct"]) == (scene_id, "queued", 0)
    assert read.scene_view(await studio.doc(), scene_id).st == "pending"
    kinds = [(kind, payload["st"]) for kind, payload in await studio.events() if kind == "job"]
    assert kinds == [("job", "queued")]
    assert run.request["prompt"].startswith("MARA waits")


async def test_a_final_is_planned_with_shots_that_a_film_model_makes(studio: Studio) -> None:
    projector = Projector(KeptDocuments(studio.editor), studio.stores.pool, studio.stores.bus)
    generation = Generation(
        studio.stores.pool, studio.editor, projector, studio.queue, studio.stores.bus, SMALL, models=runway.MODELS
    )

    async def asked(frames: int, wish: Wish) -> dict[str, Any]:
        scene_id = await studio.add_scene(frames=frames)
        run = await generation.request(studio.project_id, studio.document_id, scene_id, studio.user_id, wish=wish)
        foreseen = await generation.foreseen(studio.project_id, studio.document_id, scene_id, wish)
        assert run.request == to_json(foreseen), "what is quoted is what is made"
        return run.request

    final = Wish(purpose=Purpose.FINAL)
    assert (await asked(60, final))["shot_frames_min"] == 48
    assert "shot_frames_min" not in await asked(60, Wish())
    assert "shot_frames_min" not in await asked(480, final), "the plan of a draft does"


async def test_one_run_a_scene_at_a_time(studio: Studio) -> None:
    scene_id = await studio.add_scene()
    tries = await asyncio.gather(*(studio.request(scene_id) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(outcome, SceneBusy) for outcome in tries) == 4, tries


async def test_the_same_key_gives_the_same_run(studio: Studio) -> None:
    scene_id, other = await studio.add_scene(), await studio.add_scene()
    tries = await asyncio.gather(*(studio.request(scene_id, "key-1") for _ in range(4)))
    assert len({run.id for run in tries}) == 1
    with pytest.raises(KeyReused):
        await studio.request(other, "key-1")


async def test_unknown_and_locked_and_endless_scenes_are_refused(studio: Studio) -> None:
    with pytest.raises(NoSuchScene):
        await studio.request("scn_" + "0" * 26)
    locked = await studio.add_scene()
    await studio.edit(lambda doc: server.set_keys(doc, locked, {"lock": {"by": "usr", "at": 1, "why": "final"}}))
    with pytest.raises(SceneLocked):
        await studio.request(locked)
    endless = await studio.add_scene()
    lines = [{"c": "A", "txt": "word " * 190} for _ in range(12)]
    await studio.edit(lambda doc: server.set_keys(doc, endless, {"dlg": lines}))
    with pytest.raises(SceneTooLong, match="Split it"):
        await studio.request(endless)


async def test_a_queued_run_is_cancelled_without_any_worker(studio: Studio) -> None:
    scene_id = await studio.add_scene()
    run = await studio.request(scene_id)
    assert (await studio.generation.cancel(run.id, studio.user_id)).state == "cancelled"
    assert (await studio.generation.cancel(run.id, studio.user_id)).state == "cancelled", "twice is once"
    assert read.scene_view(await studio.doc(), scene_id).st == "draft"
    assert {step.state for step in await studio.generation.steps.of_run(run.id)} == {"cancelled"}


async def test_what_has_ended_cannot_be_cancelled(studio: Studio) -> None:
    run = await studio.request(await studio.add_scene())
    await studio.stores.pool.execute("update runs set state = 'complete' where id = $1", run.id)
    with pytest.raises(RunFinished):
        await studio.generation.cancel(run.id, studio.user_id)
    with pytest.raises(NoSuchRun):
        await studio.generation.cancel(studio.project_id, studio.user_id)


async def test_what_clients_write_into_their_registers_never_breaks_a_request(studio: Studio) -> None:
    scene_id = await studio.add_scene(prompt="a\x00b")
    odd = {"dlg": [{"c": 3, "txt": "hi\x00"}, "no line", {"txt": ""}], "brain": {"id": "none", "ver": 1.5}, "slug": 7}
    await studio.edit(lambda doc: server.set_keys(doc, scene_id, {**odd, "est_f": 10**12, "title": ["x"]}))
    run = await studio.request(scene_id)
    assert run.request["prompt"] == "ab"
    assert run.request["brain"]["id"] == "thriller"
    assert [line["text"] for line in run.request["lines"]] == ["hi"]
