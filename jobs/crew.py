"""How many steps this worker has in hand: no more than its slots, stopped run by run or all together.

Not what happens inside a step: `runner.py`.
"""

import asyncio
import json
import logging
from types import TracebackType
from uuid import UUID

from jobs.runner import Runner
from services.generation.model import CANCEL_CHANNEL
from services.generation.service import Generation
from storage.bus import Bus, Gap, Message
from storage.errors import StoreAway
from storage.tables.steps import Ring
from sync import ids
from sync.errors import MalformedId

log = logging.getLogger("storyforge.jobs")


class Crew:
    """A context manager: leaving it hands every step back."""

    def __init__(self, runner: Runner, generation: Generation, bus: Bus, slots: int) -> None:
        self._runner = runner
        self._generation = generation
        self._bus = bus
        self._slots = asyncio.Semaphore(slots)
        self._slots_all = slots
        self._active: dict[asyncio.Task[None], UUID | None] = {}
        """With the run that each is at, once it is known."""
        self._group = asyncio.TaskGroup()

    @property
    def busy(self) -> bool:
        """No slot is free."""
        return self._slots.locked()

    @property
    def free(self) -> int:
        """Slots that nothing is done in."""
        return max(0, self._slots_all - len(self._active))

    async def __aenter__(self) -> "Crew":
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for task in self._active:
            task.cancel()
        await self._group.__aexit__(kind, error, traceback)

    async def attend(self, ring: Ring) -> None:
        """Until a step is out of this worker's hands. Cancelling the call does not touch the step."""
        await asyncio.wait([self.start(ring)])

    def start(self, ring: Ring) -> asyncio.Task[None]:
        """Takes something in hand as soon as a slot is free."""
        task = self._group.create_task(self._attend(ring))
        self._active[task] = None
        task.add_done_callback(lambda task: self._active.pop(task, None))
        return task

    def stop(self, run_id: UUID) -> None:
        """Whatever is being made for it ends now."""
        for task, held in self._active.items():
            if held == run_id:
                task.cancel()

    async def _attend(self, ring: Ring) -> None:
        task = asyncio.current_task()
        assert task is not None

        def holds(run_id: UUID) -> None:
            self._active[task] = run_id

        async with self._slots:
            await self._runner.attend(ring, holds)

    async def listen(self) -> None:
        """Hears cancellations until cancelled. One that is missed is seen at the next renewal or write."""
        async with self._bus.subscription() as subscription:
            await subscription.add(CANCEL_CHANNEL)
            while True:
                await self._heard(await subscription.next())

    async def _heard(self, item: Message | Gap) -> None:
        if isinstance(item, Gap):
            for run_id in {held for held in self._active.values() if held is not None}:
                try:
                    run = await self._generation.run(run_id)
                except StoreAway:
                    return
                if run.cancel_requested:
                    self.stop(run_id)
            return
        try:
            self.stop(ids.from_text("run", json.loads(item.payload)["run"]))
        except (ValueError, KeyError, TypeError, MalformedId):
            log.warning("cancel.malformed")
