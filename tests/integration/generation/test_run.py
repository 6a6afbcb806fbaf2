"""A generation from the request to the take, on real stores, with the real provider."""

import time
from pathlib import Path

from prometheus_client import CollectorRegistry

from services.generation.model import MILESTONES_MAX
from services.generation.providers.animatic.provider import verify
from storage.tables import takes
from storage.tables.media import media_of_project
from sync import ids
from sync.storyboard import read, server

from .studio import DIALOGUE, SMALL, Studio, rising


async def test_a_scene_becomes_a_take_with_frames_and_sound(studio: Studio, tmp_path: Path) -> None:
    scene_id = await studio.add_scene(frames=48)
    await studio.edit(lambda doc: server.set_keys(doc, scene_id, {"dlg": [dict(line) for line in DIALOGUE]}))
    registry = CollectorRegistry()
    async with studio.ticks() as ticks, studio.worker(registry=registry, sweep_s=60.0):
        asked = await studio.rung(scene_id)
        assert asked.state in ("queued", "running"), "a worker may have begun before the answer"
        started = time.monotonic()
        heard = await ticks.until(done=True)
        took_s = time.monotonic() - started
        run = await studio.ended(asked.id)

    assert (run.state, run.pct, run.attempt, run.error) == ("complete", 100, 1, None), run
    (take,) = await takes.takes_of_scene(studio.stores.pool, studio.document_id, scene_id)
    assert (take.id, take.number, take.width, take.height, take.rate) == (run.take_id, 1, 320, 180, (24, 1))
    (tmp_path / "take.mp4").write_bytes(await studio.stores.objects.get(take.media))
    assert await verify(tmp_path, "take.mp4", take.frames, SMALL) > -50
    for hash in (take.media, take.thumb):
        assert await media_of_project(studio.stores.pool, studio.project_id, hash) is not None

    view = read.scene_view(await studio.doc(), scene_id)
    assert (view.st, view.cur) == ("complete", ids.to_text("tak", take.id))
    job = await studio.entity("jobs", ids.to_text("run", run.id))
    assert (job["st"], job["pct"], job["stage"], job["err"]) == ("complete", 100, "finish", None)
    entry = await studio.entity("takes", ids.to_text("tak", take.id))
    assert (entry["hash"], entry["frames"], entry["scn"]) == (take.media, take.frames, scene_id)
    preview = await studio.entity("prev", scene_id)
    assert preview["run"] == ids.to_text("run", run.id) and preview["f"] >= 3
    scene = await studio.entity("scenes", scene_id)
    assert "lighthouse" in scene["enh"]["txt"]
    assert run.milestones <= MILESTONES_MAX

    assert len(heard) <= 4 * took_s + 3, f"{len(heard)} ticks in {took_s:.1f} s"
    assert rising([tick["pct"] for tick in heard])
    assert heard[-1]["st"] == "complete" and heard[-1]["pct"] == 100
    assert registry.get_sample_value("storyforge_steps_ended_total", {"verdict": "complete"}) == 1


async def test_people_are_told_in_order_and_previews_get_sharper(studio: Studio) -> None:
    scene_id = await studio.add_scene()
    async with studio.worker():
        run = await studio.rung(scene_id)
        assert (await studio.ended(run.id)).state == "complete"
        await studio.projected(scene_id, "complete")
    events = await studio.events()
    jobs = [payload for kind, payload in events if kind == "job"]
    assert (jobs[0]["st"], jobs[-1]["st"]) == ("queued", "complete")
    assert rising([job["pct"] for job in jobs])
    stages = list(dict.fromkeys(job["stage"] for job in jobs))
    assert stages[:2] == ["queued", "enhance"] and stages[-1] == "finish"
    assert set(stages[2:-1]) == {"frames", "clip", "voice"}, "the voice needs no picture"
    assert stages.index("frames") < stages.index("clip")
    previews = [payload for kind, payload in events if kind == "preview"]
    assert len(previews) >= 3
    assert rising([preview["f"] for preview in previews]) and rising([preview["w"] for preview in previews])
    for preview in previews:
        data = await studio.stores.objects.get(preview["media"])
        assert data.startswith(b"\xff\xd8\xff"), "a JPEG"
    (take,) = [payload for kind, payload in events if kind == "take"]
    assert take["scn"] == scene_id and take["n"] == 1


async def test_a_second_take_counts_on_and_replaces_the_first_as_current(studio: Studio) -> None:
    scene_id = await studio.add_scene(frames=24)
    async with studio.worker():
        first = await studio.ended((await studio.rung(scene_id)).id)
        second = await studio.ended((await studio.rung(scene_id)).id)
    assert first.take_id != second.take_id
    found = await takes.takes_of_scene(studio.stores.pool, studio.document_id, scene_id)
    assert [take.number for take in found] == [2, 1]
    assert found[0].media == found[1].media, "the same scene, the same pixels"
    assert second.take_id is not None
    view = read.scene_view(await studio.doc(), scene_id)
    assert view.cur == ids.to_text("tak", second.take_id)
    jobs = list(read.root(await studio.doc(), "jobs").keys())
    assert jobs == [ids.to_text("run", second.id)], "a scene keeps its newest job"
