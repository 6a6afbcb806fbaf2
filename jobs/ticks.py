"""Progress that may be lost: coalesced to 4 a second, the latest wins, the last word always goes out.

Not milestones: those are edits of the document.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Self
from uuid import UUID

from services.generation.model import TICKS_PER_S_MAX
from storage.bus import Bus, document_channel
from storage.errors import StoreAway
from storage.events import ProjectFeed
from storage.tables.runs import RunRow
from sync.relay import encode_tick

INTERVAL_S = 1 / TICKS_PER_S_MAX


@dataclass(frozen=True, slots=True)
class Tick:
    """What people see move. `seq`: the run's epoch, so that a late one of an older hold is known as such."""

    run: str
    scn: str
    st: str
    stage: str
    pct: int
    att: int
    seq: int
    done: bool = False

    def spelled(self) -> dict[str, str | int | bool]:
        """As it travels."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class AssetTick:
    """Of a file that is looked at. `run` is the asset: the name under which streams keep the latest of each."""

    run: str
    st: str
    stage: str
    pct: int
    att: int
    seq: int
    done: bool = False

    def spelled(self) -> dict[str, str | int | bool]:
        """As it travels."""
        return {name: getattr(self, name) for name in self.__slots__}


class Ticker:
    """One job's ticks, to its document's people, if it has one, and to who follows the project.

    `sleep` is a clock that tests hold.
    """

    def __init__(
        self,
        bus: Bus,
        project_id: UUID,
        document_id: UUID | None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bus = bus
        self._feed = ProjectFeed(bus)
        self._project_id = project_id
        self._channel = None if document_id is None else document_channel(document_id)
        self._sleep = sleep
        self._latest: Tick | AssetTick | None = None
        self._said: Tick | AssetTick | None = None
        self._news = asyncio.Event()
        self._speaking: asyncio.Task[None] | None = None
        self._spoke_at: float | None = None
        self.steps = 0
        """How many speak through it now."""

    def say(self, tick: Tick | AssetTick) -> None:
        """To be sent when its turn comes, unless a later one replaces it."""
        last = self._latest or self._said
        if last is not None and last.seq == tick.seq and last.pct > tick.pct:
            tick = replace(tick, pct=last.pct)  # of another step; together they only rise
        if tick != self._said:
            self._latest = tick
            self._news.set()

    async def run(self) -> None:
        """Sends until cancelled."""
        if self._spoke_at is not None:  # for the step before this one
            await self._sleep(max(0.0, self._spoke_at + INTERVAL_S - asyncio.get_running_loop().time()))
        while True:
            await self._news.wait()
            await self._flush()
            await self._sleep(INTERVAL_S)

    async def last(self, tick: Tick | AssetTick) -> None:
        """The final word: at once."""
        self._latest = tick
        await self._flush()

    async def __aenter__(self) -> Self:
        """For one more step of the run: they share its four ticks a second."""
        if self._speaking is None:
            self._speaking = asyncio.create_task(self.run())
        self.steps += 1
        return self

    async def __aexit__(self, *error: object) -> None:
        self.steps -= 1
        if not self.steps and self._speaking is not None:
            self._speaking.cancel()
            await asyncio.wait([self._speaking])
            self._speaking = None

    async def _flush(self) -> None:
        self._news.clear()
        tick, self._latest = self._latest, None
        if tick is None:
            return
        self._said, self._spoke_at = tick, asyncio.get_running_loop().time()
        with suppress(StoreAway):  # progress that nobody hears is lost, and no more
            if self._channel is not None:
                await self._bus.publish(self._channel, encode_tick(tick.spelled()))
            await self._feed.publish(self._project_id, {"type": "tick", **tick.spelled()})


class Tickers:
    """One for every run that this worker has steps of."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._tickers: dict[UUID, Ticker] = {}

    @asynccontextmanager
    async def of(self, run: RunRow) -> AsyncIterator[Ticker]:
        """For one step."""
        ticker = self._tickers.setdefault(run.id, Ticker(self._bus, run.project_id, run.document_id))
        try:
            async with ticker:
                yield ticker
        finally:
            if not ticker.steps:  # the next step of the run may begin at once, and has no ticks of its own
                asyncio.get_running_loop().call_later(INTERVAL_S, self._forget, run.id)

    def _forget(self, run_id: UUID) -> None:
        ticker = self._tickers.get(run_id)
        if ticker is not None and not ticker.steps:
            del self._tickers[run_id]
