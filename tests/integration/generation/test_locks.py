"""A generation locks what it reads from its request to its end, however that comes about (C17)."""

from typing import Any
from uuid import uuid4

import pytest
from pycrdt import Map

from services.runs.model import ATTEMPTS_MAX
from storage.errors import LockedMeanwhile
from storage.log import Batch
from sync import ids
from sync.errors import SceneLocked
from sync.storyboard import server
from sync.storyboard.read import Document
from tests.integration.generation.studio import Studio


async def lock_of(studio: Studio, scene_id: str) -> Any:
    return (await studio.entity("scenes", scene_id)).get("lock")


async def by_people(studio: Studio, scene_id: str, **registers: Any) -> None:
    def change(doc: Document) -> None:
        server.set_keys(doc, scene_id, registers)

    await studio.editor.edit(studio.document_id, change, origin="rest", batch_id=uuid4())


async def test_a_generation_reads_the_document_at_the_sequence_of_its_lock(studio: Studio) -> None:
    scene_id = await studio.add_scene(prompt="As it was.")
    run = await studio.request(scene_id)
    held = await lock_of(studio, scene_id)
    assert (held["run"], held["by"]) == (ids.to_text("run", run.id), ids.to_text("usr", studio.user_id))
    with pytest.raises(SceneLocked):
        await by_people(studio, scene_id, title="Later")
    with pytest.raises(SceneLocked):
        await studio.editor.edit(
            studio.document_id,
            lambda doc: doc.get("shots", type=Map).__setitem__("sht_later", Map({"par": scene_id})),
            origin="rest",
            batch_id=uuid4(),
        )
    await by_people(studio, scene_id, ord="zz", want="tak_1")
    head = await studio.editor.head(studio.document_id)
    stale = Batch(uuid4(), studio.user_id, "edit", b"\0\0", seen=head.seq - 2)
    result = await studio.log.append({head.key: [stale]})
    assert isinstance(result.rejected[head.key], LockedMeanwhile), "the commit of another node would be refused"
    assert (await studio.generation.run(run.id)).request["prompt"] == "As it was."


async def test_the_lock_ends_when_the_run_is_cancelled_given_up_or_complete(studio: Studio) -> None:
    cancelled, given_up, complete = [await studio.add_scene(frames=24) for _ in range(3)]
    await studio.generation.cancel((await studio.request(cancelled)).id, studio.user_id)
    assert await lock_of(studio, cancelled) is None

    asked = await studio.request(given_up)
    for _ in range(ATTEMPTS_MAX):
        assert await studio.generation.steps.claim("dies") is not None
        assert (await lock_of(studio, given_up))["run"] == ids.to_text("run", asked.id), "it will be tried again"
        await studio.expire(asked.id)
        await studio.generation.steps.sweep(0.0, 10)
    async with studio.worker(sweep_s=0.2):
        assert (await studio.ended(asked.id)).state == "failed"
    assert await lock_of(studio, given_up) is None

    async with studio.worker():
        run = await studio.rung(complete)
        assert await lock_of(studio, complete) is not None
        assert (await studio.ended(run.id)).state == "complete"
    assert await lock_of(studio, complete) is None
    for scene_id in (cancelled, given_up, complete):
        await by_people(studio, scene_id, title="Free again")


async def test_a_lock_that_its_run_has_left_behind_holds_up_no_other_generation(studio: Studio) -> None:
    scene_id = await studio.add_scene()
    left = {"by": "", "at": 1, "why": "", "run": ids.to_text("run", uuid4())}
    await studio.edit(lambda doc: server.set_keys(doc, scene_id, {"lock": left}))
    run = await studio.request(scene_id)
    assert (await lock_of(studio, scene_id))["run"] == ids.to_text("run", run.id)
