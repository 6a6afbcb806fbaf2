"""What workers do when they are stopped, killed, overtaken or given bad luck."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from prometheus_client import CollectorRegistry

from services.generation.errors import StepFailed
from services.generation.graph import Stage
from services.generation.model import State
from services.generation.providers.animatic.provider import LocalAnimatic, verify
from services.generation.providers.interface import Clip, Desk, FinishedTake, Panels, Plan, Preview, Sound
from services.generation.request import SceneRequest
from services.generation.scribe import Moment
from services.runs.errors import RunStopped, StepLost
from services.runs.model import ATTEMPTS_MAX, Done
from services.runs.service import Held
from storage import mover
from storage.log import Batch, DocumentKey
from storage.objects import Objects
from storage.postgres import Connection
from storage.segments import CONTENT_TYPE
from storage.snapshots import Snapshots
from storage.tables import runs, takes
from sync import ids
from sync.storyboard import read

from .programs import children, gone
from .studio import SMALL, Studio


class Watched:
    """Objects that tell when a segment of a log is there."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self.segment_written = asyncio.Event()

    async def put(self, hash: str, data: bytes, content_type: str) -> None:
        await self._objects.put(hash, data, content_type)
        if content_type == CONTENT_TYPE:
            self.segment_written.set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._objects, name)


class Paused(LocalAnimatic):
    """The real provider, which stops inside one stage, after that stage's real work has begun."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.entered = asyncio.Event()

    async def _reach(self, stage: Stage) -> None:
        if stage is self.stage:
            self.entered.set()
            await asyncio.get_running_loop().create_future()

    async def enhance(self, request: SceneRequest, desk: Desk) -> Plan:
        await self._reach(Stage.ENHANCE)
        return await super().enhance(request, desk)

    async def frames(self, request: SceneRequest, plan: Plan, board: int, desk: Desk) -> Panels:
        return await super().frames(request, plan, board, Slow(desk, self, Stage.FRAMES))

    async def clip(self, request: SceneRequest, plan: Plan, panels: Panels, desk: Desk) -> Clip:
        return await super().clip(request, plan, panels, Slow(desk, self, Stage.CLIP))

    async def voice(self, request: SceneRequest, plan: Plan, recorded: Mapping[int, str], desk: Desk) -> Sound:
        return await super().voice(request, plan, recorded, Slow(desk, self, Stage.VOICE))

    async def finish(self, request: SceneRequest, plan: Plan, clip: Clip, sound: Sound, desk: Desk) -> FinishedTake:
        return await super().finish(request, plan, clip, sound, Slow(desk, self, Stage.FINISH))


class Slow:
    """A desk whose first progress of a stage never comes back."""

    def __init__(self, desk: Desk, provider: Paused, stage: Stage) -> None:
        self._desk, self._provider, self._stage = desk, provider, stage

    @property
    def folder(self) -> Path:
        return self._desk.folder

    async def keep(self, data: bytes | Path, content_type: str) -> str:
        return await self._desk.keep(data, content_type)

    async def fetch(self, media: str, name: str) -> Path:
        return await self._desk.fetch(media, name)

    async def progress(self, share: float) -> None:
        await self._desk.progress(share)
        await self._provider._reach(self._stage)

    async def preview(self, preview: Preview) -> None:
        await self._desk.preview(preview)


class Unlucky(LocalAnimatic):
    """Fails at the voice, always."""

    async def voice(self, request: SceneRequest, plan: Plan, recorded: Mapping[int, str], desk: Desk) -> Sound:
        raise StepFailed("The voice would not speak.")


@pytest.mark.parametrize("stage", list(Stage))
async def test_p12_cancel_stops_the_run_at_every_stage(studio: Studio, stage: Stage) -> None:
    scene_id = await studio.add_scene(frames=24)
    provider, before = Paused(stage), set(children())
    async with studio.ticks() as ticks, studio.worker(provider):
        run = await studio.rung(scene_id)
        async with asyncio.timeout(30):
            await provider.entered.wait()
        cancelled = await studio.generation.cancel(run.id, studio.user_id)
        assert cancelled.state == "cancelled"
        head, events = await studio.head(), len(await studio.events())
        heard = await ticks.until(done=True)
        assert heard[-1]["st"] == "cancelled"
        async with asyncio.timeout(5):
            for pid in set(children()) - before:
                await gone(pid)  # its programs are killed
        assert await studio.head() == head, "nothing of it appears afterwards"
    assert len(await studio.events()) == events
    row = await studio.generation.run(run.id)
    assert (row.state, row.take_id) == ("cancelled", None)
    assert {step.state for step in await studio.generation.steps.of_run(run.id)} <= {"done", "cancelled"}
    assert read.scene_view(await studio.doc(), scene_id).st == "draft"
    assert (await studio.entity("jobs", ids.to_text("run", run.id)))["st"] == "cancelled"


async def test_p11_a_killed_workers_run_is_finished_by_another_within_30_s(
    studio: Studio, environ: dict[str, str], tmp_path: Path
) -> None:
    scene_id = await studio.add_scene(frames=120)
    program = str(Path(__file__).with_name("worker_process.py"))
    victim = await asyncio.create_subprocess_exec(sys.executable, program, env={**os.environ, **environ})
    try:
        async with studio.ticks() as ticks:
            run = await studio.rung(scene_id)
            await ticks.until(stage="clip")
            hands = children(victim.pid)
            victim.kill()
            killed_at = time.monotonic()
            await victim.wait()
            async with asyncio.timeout(5):
                for pid in hands:
                    await gone(pid)
            made = {step.name for step in await studio.generation.steps.of_run(run.id) if step.state == "done"}
            assert {"enhance", "frames"} <= made and "clip" not in made
            registry = CollectorRegistry()
            async with studio.worker(registry=registry, node_id="two"):
                ended = await studio.ended(run.id)
                took_s = time.monotonic() - killed_at
    finally:
        if victim.returncode is None:
            victim.kill()
            await victim.wait()
    assert took_s <= 30, f"{took_s:.1f} s"
    assert (ended.state, ended.attempt) == ("complete", 2) and ended.epoch >= 2
    attempts = {step.name: step.attempt for step in await studio.generation.steps.of_run(run.id)}
    assert all(attempts[name] == 1 for name in made) and attempts["clip"] == 2, "what was done is not done again"
    (take,) = await takes.takes_of_scene(studio.stores.pool, studio.document_id, scene_id)
    (tmp_path / "take.mp4").write_bytes(await studio.stores.objects.get(take.media))
    await verify(tmp_path, "take.mp4", take.frames, SMALL)


async def test_p15_a_worker_that_is_asked_to_stop_hands_its_run_back_at_once(studio: Studio) -> None:
    scene_id = await studio.add_scene(frames=24)
    provider = Paused(Stage.CLIP)
    async with studio.worker(provider):
        run = await studio.rung(scene_id)
        async with asyncio.timeout(30):
            await provider.entered.wait()
        stopped_at = time.monotonic()
    assert time.monotonic() - stopped_at < 5
    row = await studio.generation.run(run.id)
    assert (row.state, row.attempt) == ("queued", 0)
    assert not [step for step in await studio.generation.steps.of_run(run.id) if step.lease_owner is not None]
    async with studio.worker(node_id="two"):
        ended = await studio.ended(run.id)
    assert (ended.state, ended.attempt) == ("complete", 1)


async def claimed(studio: Studio, owner: str) -> Held:
    held = await studio.generation.steps.claim(owner)
    assert held is not None
    return held


async def nothing(connection: Connection) -> None:
    """Beside a take."""


async def test_a_late_writer_is_fenced_out(studio: Studio) -> None:
    asked = await studio.request(await studio.add_scene(frames=24))
    steps = studio.generation.steps
    late = await claimed(studio, "late")
    assert late.run.id == asked.id and await steps.claim("other") is None, "one holder at a time"
    await studio.expire(asked.id)
    assert [ring.run_id for ring in await steps.sweep(0.0, 10)] == [asked.id]
    holder = await claimed(studio, "other")
    assert (holder.step.epoch, holder.run.epoch) == (late.step.epoch + 1, late.run.epoch + 1)
    head, scribe = await studio.head(), studio.generation.scribe
    preview = Preview(1, b"jpeg", 64, 36, "000000-000000-000000")
    with pytest.raises(StepLost):
        await scribe.advanced(late, Moment(State.RUNNING, "clip", 50))
    with pytest.raises(StepLost):
        await scribe.previewed(late, Moment(State.RUNNING, "frames", 20), preview, "a" * 64)
    with pytest.raises(StepLost):
        await scribe.finished(late, FinishedTake("a" * 64, 1, "b" * 64, 1, 24, 320, 180, (24, 1), -30.0), {}, nothing)
    with pytest.raises(StepLost):
        await steps.end(late, Done({}))
    assert not await steps.renew(late)
    assert not await steps.hand_back(late, keep_attempt=False)
    await studio.generation.fail(late, StepFailed("late"))
    assert await studio.head() == head
    row = await studio.generation.run(asked.id)
    (first, *_) = await steps.of_run(asked.id)
    assert (row.state, first.lease_owner) == ("running", "other")
    await studio.generation.cancel(asked.id, studio.user_id)
    with pytest.raises(RunStopped):
        await scribe.advanced(holder, Moment(State.RUNNING, "clip", 60))


async def test_a_step_that_fails_is_tried_three_times_and_then_told(studio: Studio) -> None:
    scene_id = await studio.add_scene(frames=24)
    registry = CollectorRegistry()
    async with studio.worker(Unlucky(), registry, sweep_s=0.2):
        run = await studio.ended((await studio.rung(scene_id)).id)
    assert (run.state, run.attempt) == ("failed", ATTEMPTS_MAX)
    assert run.error == {"code": "step.failed", "msg": "The voice would not speak."}
    job = await studio.entity("jobs", ids.to_text("run", run.id))
    assert (job["st"], job["err"]) == ("failed", run.error)
    assert read.scene_view(await studio.doc(), scene_id).st == "failed"
    assert registry.get_sample_value("storyforge_steps_ended_total", {"verdict": "again"}) == 2
    again = await studio.generation.replay(run.id, studio.user_id)
    async with studio.worker(sweep_s=0.2):
        mended = await studio.ended(again.id)
    assert (mended.state, mended.replays) == ("complete", run.id), "a failed run can be asked for once more"
    reused = {step.name: step.reused_from for step in await studio.generation.steps.of_run(again.id)}
    assert reused["enhance"] == reused["frames"] == run.id and reused["voice"] is None, "it goes on where it failed"


class Clumsy(LocalAnimatic):
    """Fails as nobody foresaw, and then tries again without an end."""

    def __init__(self) -> None:
        self.failed = False
        self.again = asyncio.Event()

    async def voice(self, request: SceneRequest, plan: Plan, recorded: Mapping[int, str], desk: Desk) -> Sound:
        if self.failed:
            self.again.set()
            await asyncio.get_running_loop().create_future()
        self.failed = True
        raise RuntimeError("no such file: /srv/secret")


async def test_people_are_not_shown_what_we_did_not_foresee(studio: Studio) -> None:
    provider = Clumsy()
    async with studio.worker(provider, sweep_s=0.2):
        run = await studio.rung(await studio.add_scene(frames=24))
        async with asyncio.timeout(30):
            await provider.again.wait()
        (voice,) = [step for step in await studio.generation.steps.of_run(run.id) if step.name == "voice"]
        assert voice.error is not None and voice.error["code"] == "generation.internal"
        assert "secret" not in json.dumps(voice.error)
        await studio.generation.cancel(run.id, studio.user_id)


async def test_a_run_whose_worker_dies_again_and_again_is_given_up(studio: Studio) -> None:
    asked = await studio.request(await studio.add_scene())
    for _ in range(ATTEMPTS_MAX):
        await claimed(studio, "mortal")
        await studio.expire(asked.id)
        await studio.generation.steps.sweep(0.0, 10)
    async with studio.worker(sweep_s=0.2):
        run = await studio.ended(asked.id)
    assert run.state == "failed" and run.error is not None and run.error["code"] == "run.attempts"


async def test_a_run_that_nobody_was_woken_for_is_swept_up(studio: Studio) -> None:
    run = await studio.request(await studio.add_scene(frames=24))
    await studio.forgotten(run.id)
    async with studio.worker(sweep_s=0.5):
        assert (await studio.ended(run.id)).state == "complete"


async def test_a_cancellation_left_half_done_is_completed_by_the_sweeper(studio: Studio) -> None:
    run = await studio.request(await studio.add_scene())
    await runs.ask_cancel(studio.stores.pool, run.id)
    await studio.stores.pool.execute("update runs set updated_at = now() - interval '1 min' where id = $1", run.id)
    async with studio.worker():
        assert (await studio.ended(run.id)).state == "cancelled"
    assert (await studio.entity("jobs", ids.to_text("run", run.id)))["st"] == "cancelled"


async def test_idempotency_keys_past_their_time_are_forgotten_by_the_sweeper(studio: Studio) -> None:
    pool, actor = studio.stores.pool, uuid4()
    add = (
        "insert into idempotency_keys (actor, key_hash, id, fingerprint, held_until, created_at)"
        " values ($1, $2, gen_random_uuid(), $2, now(), now() - $3 * interval '1 hour')"
    )
    for hours in (23, 25):
        await pool.execute(add, actor, bytes([hours]) * 32, hours)
    kept = "select array_agg(key_hash) from idempotency_keys where actor = $1"
    async with asyncio.timeout(10), studio.worker():
        while len(left := await pool.fetchval(kept, actor)) > 1:
            pass
    assert left == [bytes([23]) * 32]


async def test_old_rows_of_the_log_are_moved_beside_the_runs(studio: Studio) -> None:
    stores, key = studio.stores, DocumentKey(studio.document_id, 1)
    await studio.log.append({key: [Batch(uuid4(), None, "test", b"\0\0") for _ in range(mover.ROWS)]})
    assert await Snapshots(stores.pool, stores.objects).put(studio.document_id, 1, mover.ROWS, b"\0\0")
    objects = Watched(stores.objects)
    watched = replace(studio, stores=replace(stores, objects=cast(Objects, objects)))
    async with asyncio.timeout(10), watched.worker(segment_after_days=0):
        moved: list[tuple[int, int]] = []
        while not moved:  # other documents may have their turn before
            await objects.segment_written.wait()
            objects.segment_written.clear()
            async with stores.pool.acquire() as connection, connection.transaction():
                held = "select pg_advisory_xact_lock(hashtextextended('segments of ' || $1::uuid, 0))"
                await connection.execute(held, studio.document_id)  # free again when a mover has committed
                query = "select first_seq, last_seq from document_segments where document_id = $1"
                moved = [tuple(row) for row in await connection.fetch(query, studio.document_id)]
    assert moved == [(1, mover.ROWS)]


async def test_sigterm_ends_a_worker_process_within_5_s(studio: Studio, environ: dict[str, str]) -> None:
    program = str(Path(__file__).with_name("worker_process.py"))
    worker = await asyncio.create_subprocess_exec(sys.executable, program, env={**os.environ, **environ})
    async with studio.ticks() as ticks:
        run = await studio.rung(await studio.add_scene(frames=120))
        await ticks.until(stage="clip")
        worker.send_signal(signal.SIGTERM)
        async with asyncio.timeout(5):
            assert await worker.wait() == 0
    row = await studio.generation.run(run.id)
    assert (row.state, row.attempt) == ("queued", 0), json.dumps(row.error)
