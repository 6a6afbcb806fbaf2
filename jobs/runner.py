"""Drives one run from wherever it stands to its end, for as long as this worker holds its lease.

Not which runs and how many: `crew.py`. Not what an error means: `context.py`.
"""

import asyncio
import logging
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, assert_never
from uuid import UUID

import asyncpg

from jobs.context import Verdict, plain, verdict
from jobs.desk import RunDesk
from jobs.metrics import WorkerMetrics
from jobs.settings import WorkerSettings
from jobs.ticks import Ticker
from services import trace
from services.generation.errors import LeaseLost, RunTooSlow
from services.generation.model import RUN_S_MAX, Stage, State, step_key
from services.generation.providers.interface import Clip, FinishedTake, Panels, Plan, Provider, Sound
from services.generation.request import SceneRequest, digest, from_json, to_json
from services.generation.scribe import hold, run_text
from services.generation.service import Generation
from storage.bus import Bus
from storage.errors import StoreAway
from storage.objects import Objects
from storage.postgres import store_away
from storage.tables import runs
from storage.tables.runs import RunRow

log = logging.getLogger("storyforge.jobs")

PARTING_S = 4.0
"""What writing the end of a hold may take when the worker is asked to stop."""

Outputs = dict[Stage, Mapping[str, Any]]


class Runner:
    """Makes runs with one provider. `attend` never raises, except when it is cancelled."""

    def __init__(
        self,
        generation: Generation,
        provider: Provider,
        pool: asyncpg.Pool,
        bus: Bus,
        objects: Objects,
        settings: WorkerSettings,
        metrics: WorkerMetrics,
    ) -> None:
        self._generation = generation
        self._provider = provider
        self._pool = pool
        self._bus = bus
        self._objects = objects
        self._settings = settings
        self._metrics = metrics

    async def attend(self, run_id: UUID) -> None:
        """Holds the run until its end, if it is free."""
        try:
            run = await self._lease(run_id)
        except StoreAway:
            return  # the sweeper comes back to it
        if run is not None:
            with trace.tracing(trace.begin(run.traceparent), run=run_text(run.id)):
                log.info("run.held", extra={"attempt": run.attempt, "epoch": run.epoch})
                with self._metrics.active.track_inprogress():
                    await self._hold(run)
                await self._generation.project(run.document_id)

    async def _lease(self, run_id: UUID) -> RunRow | None:
        with store_away():
            run = await self._generation.lease(run_id, self._settings.node_id)
        if run is not None and run.attempt > 1:
            self._metrics.taken_over.inc()
        return run

    async def _hold(self, run: RunRow) -> None:
        ticker = Ticker(self._bus, run.project_id, run.document_id)
        with tempfile.TemporaryDirectory(prefix="run-", dir=self._settings.scratch) as folder:
            desk = RunDesk(run, Path(folder), self._objects, self._generation.scribe, ticker)
            try:
                await self._work(run, desk, ticker)
            except asyncio.CancelledError:
                # whoever cancels gives the run away: to another worker, or to whoever stopped it
                if await asyncio.shield(self._part(run)):
                    await asyncio.shield(ticker.last(desk.tick(State.CANCELLED, done=True)))
                raise
            except Exception as error:
                state = await self._end(run, plain(error))
            else:
                state = State.COMPLETE
                self._metrics.ends.labels("complete").inc()
            await ticker.last(desk.tick(state, done=state is not State.RUNNING))

    async def _work(self, run: RunRow, desk: RunDesk, ticker: Ticker) -> None:
        """The stages, beside a heart that beats and a mouth that tells."""
        async with asyncio.TaskGroup() as group:
            beside = [group.create_task(self._renew(run)), group.create_task(ticker.run())]
            try:
                async with asyncio.timeout(RUN_S_MAX):
                    await self._stages(run, desk)
            except TimeoutError as error:
                raise RunTooSlow(f"The generation took longer than {RUN_S_MAX:.0f} s.") from error
            finally:
                for task in beside:
                    task.cancel()

    async def _renew(self, run: RunRow) -> None:
        """Raises `LeaseLost` when the run is no longer ours, or nobody can tell for as long as the lease lasts."""
        safe_until = time.monotonic() + self._settings.lease_s
        while True:
            await asyncio.sleep(self._settings.renew_s)
            asked_at = time.monotonic()
            try:
                with store_away():
                    held = await self._generation.renew(run)
            except StoreAway as error:
                if time.monotonic() >= safe_until:
                    raise LeaseLost(f"{run_text(run.id)}: no word from the database") from error
                continue
            if not held:
                raise LeaseLost(f"{run_text(run.id)} is no longer in epoch {run.epoch}")
            safe_until = asked_at + self._settings.lease_s

    # -- stages ------------------------------------------------------------------------------------

    async def _stages(self, run: RunRow, desk: RunDesk) -> None:
        request = from_json(SceneRequest, run.request)
        with store_away():
            done = await runs.steps(self._pool, run.id)
        outputs: Outputs = {}
        keys: dict[str, str] = {}
        for stage in Stage:
            key = keys[stage.value] = step_key(stage, request, outputs)
            step = done.get(stage.value)
            if step is not None and step.key == key:
                self._metrics.reused.labels(stage.value).inc()
                outputs[stage] = step.output
                continue
            with self._metrics.stages.labels(stage.value).time():
                await desk.enter(stage)
                outputs[stage] = to_json(await self._make(stage, request, outputs, desk))
                await self._keep(run, stage, key, outputs[stage])
            log.info("run.stage_done", extra={"stage": stage.value})
        take = from_json(FinishedTake, outputs[Stage.FINISH])
        await self._generation.scribe.finished(run, take, self._provenance(request, keys))

    async def _make(self, stage: Stage, request: SceneRequest, outputs: Outputs, desk: RunDesk) -> object:
        provider = self._provider
        if stage is Stage.ENHANCE:
            plan = await provider.enhance(request, desk)
            await desk.enhanced(plan, digest(to_json(request)))
            return plan
        plan = from_json(Plan, outputs[Stage.ENHANCE])
        match stage:
            case Stage.FRAMES:
                return await provider.frames(request, plan, desk)
            case Stage.CLIP:
                return await provider.clip(request, plan, from_json(Panels, outputs[Stage.FRAMES]), desk)
            case Stage.VOICE:
                return await provider.voice(request, plan, desk)
            case Stage.FINISH:
                clip, sound = from_json(Clip, outputs[Stage.CLIP]), from_json(Sound, outputs[Stage.VOICE])
                return await provider.finish(request, plan, clip, sound, desk)
        assert_never(stage)

    async def _keep(self, run: RunRow, stage: Stage, key: str, output: Mapping[str, Any]) -> None:
        """So that whoever comes next need not do it again. Raises `Fenced`."""
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                await hold(connection, run.id, run.epoch)
                await runs.put_step(connection, run.id, stage.value, key, output)

    def _provenance(self, request: SceneRequest, keys: Mapping[str, str]) -> dict[str, Any]:
        """How the take came about, for ever."""
        return {
            "provider": self._provider.name,
            "provider_version": self._provider.version,
            "request": digest(to_json(request)),
            "brain": to_json(request.brain),
            "steps": dict(keys),
        }

    # -- ends --------------------------------------------------------------------------------------

    async def _part(self, run: RunRow) -> bool:
        """Back into the queue at once, without an attempt used. True: not so, for somebody has stopped it."""
        self._metrics.ends.labels("parted").inc()
        try:
            async with asyncio.timeout(PARTING_S):
                with store_away():
                    if (await self._generation.run(run.id)).cancel_requested:
                        return True
                    await self._generation.hand_back(run, keep_attempt=False)
        except StoreAway:
            log.warning("run.not_handed_back", extra={"run": run_text(run.id)})
        return False

    async def _end(self, run: RunRow, error: BaseException) -> State:
        """What is left of the run for this worker: its state, RUNNING when it goes on elsewhere."""
        decided = verdict(error, run.attempt)
        self._metrics.ends.labels(decided.value).inc()
        detail = getattr(error, "detail", "")
        told = {"run": run_text(run.id), "verdict": decided.value, "attempt": run.attempt, "detail": detail}
        unforeseen = decided in (Verdict.AGAIN, Verdict.AFRESH, Verdict.GIVE_UP)
        log.log(logging.WARNING if unforeseen else logging.INFO, "run.ended", extra=told, exc_info=error)
        try:
            with store_away():
                return await self._settle(run, error, decided)
        except StoreAway:  # its lease runs out
            return State.RUNNING

    async def _settle(self, run: RunRow, error: BaseException, decided: Verdict) -> State:
        match decided:
            case Verdict.CANCELLED:
                return State.CANCELLED
            case Verdict.LOST:
                row = await self._generation.run(run.id)
                return State.CANCELLED if row.state == State.CANCELLED else State.RUNNING
            case Verdict.WAIT:
                return State.RUNNING
            case Verdict.AGAIN | Verdict.AFRESH:
                if decided is Verdict.AFRESH:
                    await runs.forget_steps(self._pool, run.id)
                await self._generation.hand_back(run, keep_attempt=True)
                return State.RUNNING
            case Verdict.GIVE_UP:
                assert isinstance(error, Exception)
                await self._generation.fail(run, error)
                return State.FAILED
        assert_never(decided)
