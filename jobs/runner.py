"""Does one step, for as long as this worker holds it.

Not which steps and how many: `crew.py`. Not what an error means: `context.py`. Not what a step makes: `stages.py`.
"""

import asyncio
import logging
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import assert_never
from uuid import UUID

from jobs.context import Verdict, plain, verdict
from jobs.desk import RunDesk
from jobs.metrics import WorkerMetrics
from jobs.settings import WorkerSettings
from jobs.stages import Stages
from jobs.ticks import Ticker, Tickers
from services import trace
from services.generation.errors import AttemptsExhausted, RunTooSlow
from services.generation.model import RUN_S_MAX, State, message_of
from services.generation.scribe import run_text
from services.generation.service import Generation
from services.runs.errors import StepLost
from services.runs.model import ATTEMPTS_MAX, back_off_s
from services.runs.service import Held
from storage.bus import Bus
from storage.errors import StoreAway
from storage.objects import Objects
from storage.tables.steps import Ring

log = logging.getLogger("storyforge.jobs")

PARTING_S = 4.0
"""What writing the end of a hold may take when the worker is asked to stop."""


class Runner:
    """`attend` never raises, except when it is cancelled."""

    def __init__(
        self,
        generation: Generation,
        stages: Stages,
        bus: Bus,
        objects: Objects,
        settings: WorkerSettings,
        metrics: WorkerMetrics,
        rng: Random,
    ) -> None:
        self._generation = generation
        self._steps = generation.steps
        self._stages = stages
        self._tickers = Tickers(bus)
        self._objects = objects
        self._settings = settings
        self._metrics = metrics
        self._rng = rng

    async def attend(self, ring: Ring, holds: Callable[[UUID], None]) -> None:
        """Does the step whose turn it is, which may be another than the ring's. `holds` hears whose it is."""
        try:
            if not ring.name:
                await self._steps.catch_up(ring.run_id)
            held = await self._steps.claim(self._settings.node_id)
        except StoreAway:
            return
        if held is None:
            return
        holds(held.run.id)
        run, step = held.run, held.step
        with trace.tracing(trace.begin(run.traceparent), run=run_text(run.id)):
            log.info("step.held", extra={"step": step.name, "attempt": step.attempt, "epoch": step.epoch})
            if step.attempt > 1:
                self._metrics.taken_over.inc()
            with self._metrics.active.track_inprogress():
                await self._hold(held)
            await self._generation.project(run.document_id)

    async def _hold(self, held: Held) -> None:
        folders = tempfile.TemporaryDirectory(prefix="run-", dir=self._settings.scratch)
        async with self._tickers.of(held.run) as ticker:
            with folders as folder:
                await self._hold_with(held, Path(folder), ticker)

    async def _hold_with(self, held: Held, folder: Path, ticker: Ticker) -> None:
        desk = RunDesk(held, folder, self._objects, self._generation.scribe, ticker)
        try:
            state = await self._work(held, desk)
        except asyncio.CancelledError:
            # whoever cancels gives the step away: to another worker, or to whoever stopped the run
            if await asyncio.shield(self._part(held)):
                await asyncio.shield(ticker.last(desk.tick(State.CANCELLED, done=True)))
            raise
        except Exception as error:
            state = await self._end(held, plain(error))
        else:
            self._metrics.ends.labels("complete" if state is State.COMPLETE else "done").inc()
        if state is not State.RUNNING:
            await ticker.last(desk.tick(state, done=True))

    async def _work(self, held: Held, desk: RunDesk) -> State:
        """The step, beside a heart that beats."""
        if held.step.attempt > ATTEMPTS_MAX:
            raise AttemptsExhausted(f"{held.step.name} was started {ATTEMPTS_MAX} times without an end.")
        async with asyncio.TaskGroup() as group:
            heart = group.create_task(self._renew(held))
            try:
                async with asyncio.timeout(RUN_S_MAX):
                    with self._metrics.stages.labels(held.step.name).time():
                        return await self._stages.do(held, desk)
            except TimeoutError as error:
                raise RunTooSlow(f"The generation took longer than {RUN_S_MAX:.0f} s.") from error
            finally:
                heart.cancel()
        raise AssertionError("unreachable")

    async def _renew(self, held: Held) -> None:
        """Raises `StepLost` when the step is no longer ours, or nobody can tell for as long as the lease lasts."""
        safe_until = time.monotonic() + self._settings.lease_s
        while True:
            await asyncio.sleep(self._settings.renew_s)
            asked_at = time.monotonic()
            try:
                still_ours = await self._steps.renew(held)
            except StoreAway as error:
                if time.monotonic() >= safe_until:
                    raise StepLost(f"{run_text(held.run.id)}: no word from the database") from error
                continue
            if not still_ours:
                raise StepLost(f"{held.step.name} of {run_text(held.run.id)} is no longer in epoch {held.step.epoch}")
            safe_until = asked_at + self._settings.lease_s

    # -- ends --------------------------------------------------------------------------------------

    async def _part(self, held: Held) -> bool:
        """Anybody's at once, without an attempt used. True: not so, for somebody has stopped the run."""
        self._metrics.ends.labels("parted").inc()
        try:
            async with asyncio.timeout(PARTING_S):
                if (await self._generation.run(held.run.id)).cancel_requested:
                    return True
                await self._steps.hand_back(held, keep_attempt=False)
        except StoreAway:
            log.warning("step.not_handed_back", extra={"run": run_text(held.run.id), "step": held.step.name})
        return False

    async def _end(self, held: Held, error: BaseException) -> State:
        """What is left of the run for this worker: its state, RUNNING when it goes on elsewhere."""
        decided = verdict(error, held.step.attempt)
        self._metrics.ends.labels(decided.value).inc()
        told = {"run": run_text(held.run.id), "step": held.step.name, "attempt": held.step.attempt}
        told |= {"verdict": decided.value, "detail": getattr(error, "detail", "")}
        unforeseen = decided in (Verdict.AGAIN, Verdict.AFRESH, Verdict.GIVE_UP)
        log.log(logging.WARNING if unforeseen else logging.INFO, "step.ended", extra=told, exc_info=error)
        try:
            return await self._settle(held, error, decided)
        except StoreAway:  # its lease runs out
            return State.RUNNING

    async def _settle(self, held: Held, error: BaseException, decided: Verdict) -> State:
        match decided:
            case Verdict.CANCELLED:
                return State.CANCELLED
            case Verdict.LOST:
                row = await self._generation.run(held.run.id)
                return State.CANCELLED if row.state == State.CANCELLED else State.RUNNING
            case Verdict.WAIT:
                return State.RUNNING
            case Verdict.AGAIN:
                assert isinstance(error, Exception)
                wait_s = back_off_s(held.step.attempt, self._rng)
                why = {"code": str(getattr(error, "code", "generation.internal")), "msg": message_of(error)}
                await self._steps.hand_back(held, wait_s=wait_s, keep_attempt=True, error=why)
                return State.RUNNING
            case Verdict.AFRESH:
                await self._stages.distrust(held)
                await self._steps.afresh(held)
                return State.RUNNING
            case Verdict.GIVE_UP:
                assert isinstance(error, Exception)
                await self._generation.fail(held, error)
                return State.FAILED
        assert_never(decided)
