"""What a provider works at while it does one step: scratch files, objects, progress, previews.

Not the stages themselves. Every call looks first whether the run is still ours.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable
from pathlib import Path

from jobs.ticks import Tick, Ticker
from services.generation.graph import percent, stage_of
from services.generation.model import Milestones, State
from services.generation.providers.interface import Plan, Preview
from services.generation.scribe import Moment, Scribe, run_text
from services.runs.service import Held
from storage.objects import Objects


class RunDesk:
    """Implements `Desk` for one hold of one step."""

    def __init__(
        self,
        held: Held,
        folder: Path,
        objects: Objects,
        scribe: Scribe,
        ticker: Ticker,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._held = held
        self._run = run = held.run
        self._folder = folder
        self._objects = objects
        self._scribe = scribe
        self._ticker = ticker
        self._clock = clock
        self._stage = stage_of(held.step.name).value
        self._pct = run.pct
        self._here: dict[str, str] = {}
        self._milestones = Milestones(run.milestones, run.pct, clock())

    @property
    def folder(self) -> Path:
        return self._folder

    async def keep(self, data: bytes | Path, content_type: str) -> str:
        name = data.name if isinstance(data, Path) else None
        content = await asyncio.to_thread(data.read_bytes) if isinstance(data, Path) else data
        hash = (await asyncio.to_thread(hashlib.sha256, content)).hexdigest()
        await self._objects.put(hash, content, content_type)
        if name is not None:
            self._here[name] = hash
        return hash

    async def fetch(self, media: str, name: str) -> Path:
        path = self._folder / name
        if self._here.get(name) != media:
            content = await self._objects.get(media)
            await asyncio.to_thread(path.write_bytes, content)
            self._here[name] = media
        return path

    async def enter(self) -> None:
        """The step begins."""
        moment = self._moment(0.0)
        if self._milestones.wants_change():
            await self._scribe.advanced(self._held, moment)
            self._milestones.wrote(moment.pct, self._clock())

    async def progress(self, share: float) -> None:
        moment = self._moment(share)
        if self._milestones.wants_pct(moment.pct, self._clock()):
            await self._scribe.advanced(self._held, moment)
            self._milestones.wrote(moment.pct, self._clock())

    async def preview(self, preview: Preview) -> None:
        hash = await self.keep(preview.data, "image/jpeg")
        moment = self._moment(0.0)
        if self._milestones.wants_change():
            await self._scribe.previewed(self._held, moment, preview, hash)
            self._milestones.wrote(moment.pct, self._clock())

    async def enhanced(self, plan: Plan, of_hash: str) -> None:
        """The plan's prompt goes into the document."""
        moment = self._moment(1.0)
        if self._milestones.wants_change():
            await self._scribe.enhanced(self._held, moment, plan, of_hash)
            self._milestones.wrote(moment.pct, self._clock())

    def tick(self, state: State, *, done: bool) -> Tick:
        """Where the run stands now."""
        run, pct = self._run, 100 if state is State.COMPLETE else self._pct
        return Tick(run_text(run.id), run.scene_id, state.value, self._stage, pct, run.attempt, run.epoch, done)

    def moment(self, state: State) -> Moment:
        """As an end is written: not below what is done, also when all of it was made for another run."""
        self._pct = max(self._pct, self._percent(0.0))
        return Moment(state, self._stage, self._pct)

    def _percent(self, share: float) -> int:
        held = self._held
        return percent(held.finished, held.names, held.step.name, share)

    def _moment(self, share: float) -> Moment:
        """Percentages never go down, also when a run begins again."""
        self._pct = max(self._pct, self._percent(share))
        self._ticker.say(self.tick(State.RUNNING, done=False))
        return Moment(State.RUNNING, self._stage, self._pct)
