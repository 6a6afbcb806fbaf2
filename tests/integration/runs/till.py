"""Where calls are made in tests of intents: an adapter, its stub, real rows, and workers that die when it is asked."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.generation.providers.intents import ANSWER_S_MAX, Intents, Place, Settle
from services.generation.providers.outputs import Outputs
from services.generation.providers.port import Cancellation, Found, Hint, Intent, Submission, TaskState
from services.generation.shots.callbacks import Callbacks
from storage.postgres import Connection
from storage.tables.intents import IntentRow
from tests.contract.remote import CALLBACK_URL, World
from tests.integration.runs.conftest import Floor


class Wrapped:
    """A provider whose answers a test changes. Implements `RemoteProvider`."""

    def __init__(self, world: World) -> None:
        self.inner = world.provider
        self.name, self.models = world.provider.name, world.provider.models

    async def submit(self, intent: Intent) -> Submission:
        return await self.inner.submit(intent)

    async def poll(self, tasks: Collection[str]) -> Mapping[str, TaskState]:
        return await self.inner.poll(tasks)

    async def cancel(self, task: str) -> Cancellation:
        return await self.inner.cancel(task)

    async def find(self, intent: UUID) -> Found:
        return await self.inner.find(intent)

    async def hint(self, headers: Mapping[str, str], body: bytes, now: float) -> Hint:
        return await self.inner.hint(headers, body, now)


class Dying(Wrapped):
    """The worker ends, once, at `moment`: before or behind the call, or behind a question."""

    def __init__(self, world: World, moment: str) -> None:
        super().__init__(world)
        self.moment = moment

    def _die(self, moment: str) -> None:
        if self.moment == moment:
            self.moment = ""
            raise asyncio.CancelledError

    async def submit(self, intent: Intent) -> Submission:
        self._die("before")
        answer = await super().submit(intent)
        self._die("behind")
        return answer

    async def poll(self, tasks: Collection[str]) -> Mapping[str, TaskState]:
        answer = await super().poll(tasks)
        self._die("asked")
        return answer


@dataclass
class Till:
    """One place at which calls are made. `ended`: what was settled."""

    world: World
    floor: Floor
    place: Place
    outputs: Outputs
    ended: list[IntentRow]
    now: datetime

    def intents(self, provider: Any = None, settle: Settle | None = None) -> Intents:
        async def remember(connection: Connection, row: IntentRow) -> None:
            self.ended.append(row)

        providers = {self.world.case.name: provider or self.world.provider}
        return Intents(self.floor.pool, providers, self.outputs, settle or remember, lambda: self.now)

    def callbacks(self) -> Callbacks:
        """As the API has them."""
        remotes = {self.world.case.name: self.world.provider}
        return Callbacks(self.floor.pool, remotes, self.floor.steps, self.now.timestamp)

    async def call(self, made_by: Intents | None = None, **changed: Any) -> IntentRow:
        intent = self.world.intent(**changed)
        return await (made_by or self.intents()).call(self.place, intent.want, intent.fit, CALLBACK_URL)

    async def followed(self, row: IntentRow, asked_by: Intents | None = None) -> IntentRow:
        (found,) = await (asked_by or self.intents()).follow([row.id])
        return found.row

    async def aged(self) -> None:
        """As if the call had been made long ago."""
        age = timedelta(seconds=ANSWER_S_MAX + 1)
        moved = "update intents set created_at = now() - $2::interval where run_id = $1"
        await self.floor.pool.execute(moved, self.place.run_id, age)

    @property
    def charges(self) -> int:
        return len(self.world.stage.charges)
