"""A project with a storyboard and scenes, generations in it, and workers that make them: what these tests play with."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

from prometheus_client import CollectorRegistry
from pycrdt import Doc, Map

from jobs.main import run_worker
from jobs.settings import WorkerSettings
from services.documents.editor import DocumentEditor
from services.documents.kept import KeptDocuments
from services.documents.projector import Projector
from services.generation.graph import Wish
from services.generation.providers.interface import Provider
from services.generation.request import Picture
from services.generation.service import Generation
from storage.arq_queue import open_arq_queue
from storage.bus import Message, document_channel
from storage.events import project_channel, read_events
from storage.log import DocumentLog
from storage.queue import MemoryQueue
from storage.snapshots import Snapshots
from storage.stores import Stores
from storage.tables.runs import RunRow
from sync import ids, relay
from sync.storyboard import read
from tests import scenery

Found = TypeVar("Found")

SMALL = Picture(320, 180)
DIALOGUE = ({"c": "MARA", "txt": "You are late."}, {"c": "JON", "txt": "The sea keeps no office hours."})


def ticks_of(item: object) -> dict[str, Any] | None:
    """The progress inside a bus message, if it is a tick."""
    if isinstance(item, Message):
        message = relay.decode(item.payload)
        if isinstance(message, relay.Tick):
            return message.progress
    return None


@dataclass
class Studio:
    """`generation` rings a bell that nobody hears; workers find runs by sweeping, or are rung by `rung`."""

    stores: Stores
    redis_url: str
    scratch: Path
    user_id: UUID
    project_id: UUID
    document_id: UUID
    log: DocumentLog
    editor: DocumentEditor
    generation: Generation
    queue: MemoryQueue

    @classmethod
    async def open(cls, stores: Stores, redis_url: str, scratch: Path) -> "Studio":
        user_id, project_id, document_id = uuid4(), uuid4(), uuid4()
        log = DocumentLog(stores.pool, stores.objects)
        editor = DocumentEditor(log, Snapshots(stores.pool, stores.objects), stores.bus, stores.pool)
        async with stores.pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "insert into users (id, email, name, colour) values ($1, $2, 'Ada', '#aabbcc')",
                user_id,
                f"{user_id.hex}@example.org",
            )
            await connection.execute(
                "insert into projects (id, owner_id, title, kind, brain, format)"
                " values ($1, $2, 'A short', 'short', 'thriller', 'short_film')",
                project_id,
                user_id,
            )
            await connection.execute(
                "insert into episodes (id, project_id, ord, title) values ($1, $1, 'V', 'A short')", project_id
            )
            await log.create(connection, project_id, "sb", document_id, secrets.randbelow(2**31) + 1, None)
        projector = Projector(KeptDocuments(editor), stores.pool, stores.bus)
        queue = MemoryQueue()
        generation = Generation(stores.pool, editor, projector, queue, stores.bus, SMALL)
        return cls(stores, redis_url, scratch, user_id, project_id, document_id, log, editor, generation, queue)

    async def add_scene(self, *, frames: int = 36, prompt: str = "MARA waits by the lighthouse in the rain.") -> str:
        scene_id = ids.new("scn", secrets.token_bytes(16))
        scene = scenery.NewScene(
            id=scene_id,
            ord="a0",
            num="4",
            title="The pier",
            prompt=prompt,
            slug={"ie": "EXT", "loc": "HARBOUR", "tod": "NIGHT"},
            dlg=[],
            est_f=frames,
        )
        await self.edit(lambda doc: scenery.add_scene(doc, scene))
        return scene_id

    async def edit(self, change: Callable[[read.Document], None]) -> None:
        await self.editor.edit(self.document_id, change, origin="test", batch_id=uuid4(), keeps_locks=False)

    async def request(self, scene_id: str, key: str | None = None) -> RunRow:
        return await self.generation.request(self.project_id, self.document_id, scene_id, self.user_id, key)

    async def rung(self, scene_id: str, wish: Wish | None = None) -> RunRow:
        """As the API asks: with a bell that workers hear."""
        async with open_arq_queue(self.redis_url) as queue:
            projector = Projector(KeptDocuments(self.editor), self.stores.pool, self.stores.bus)
            asking = Generation(self.stores.pool, self.editor, projector, queue, self.stores.bus, SMALL)
            return await asking.request(self.project_id, self.document_id, scene_id, self.user_id, wish=wish)

    async def forgotten(self, run_id: UUID) -> None:
        """As if its bell had rung long ago."""
        query = "update steps set rung_at = now() - interval '1 hour' where run_id = $1"
        await self.stores.pool.execute(query, run_id)

    async def expire(self, run_id: UUID) -> None:
        """As if its worker had been silent for too long."""
        await self.stores.pool.execute(
            "update steps set lease_until = now() - interval '1 s' where run_id = $1", run_id
        )

    async def doc(self) -> Doc[Any]:
        return (await self.editor.load(self.document_id)).doc

    async def head(self) -> int:
        return (await self.log.head(self.document_id)).seq

    async def entity(self, root: str, entity_id: str) -> Any:
        """As plain values."""
        value = read.root(await self.doc(), root).get(entity_id)
        return value.to_py() if isinstance(value, Map) else value

    async def events(self) -> list[tuple[str, dict[str, Any]]]:
        return [(row.kind, row.payload) for row in await read_events(self.stores.pool, self.project_id, 0)]

    def settings(self, node_id: str = "one", **changes: Any) -> WorkerSettings:
        return replace(WorkerSettings(self.redis_url, node_id, slots=2, scratch=self.scratch), **changes)

    @asynccontextmanager
    async def worker(
        self, provider: Provider | None = None, registry: CollectorRegistry | None = None, **changes: Any
    ) -> AsyncIterator[asyncio.Task[None]]:
        """A worker in this process; leaving the block stops it as SIGTERM does."""
        task = asyncio.create_task(run_worker(self.settings(**changes), self.stores, registry, provider))
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error

    async def ended(self, run_id: UUID, timeout_s: float = 60.0) -> RunRow:
        """The run when its end has been told."""

        async def look() -> RunRow | None:
            run = await self.generation.run(run_id)
            return run if run.state in ("complete", "failed", "cancelled") else None

        return await self.noticed(look, timeout_s)

    async def projected(self, scene_id: str, status: str) -> None:
        """Returns when the rows of scenes say so."""

        async def look() -> bool | None:
            found = await self.stores.pool.fetchval("select status from scenes where id = $1", scene_id)
            return True if found == status else None

        await self.noticed(look, 10.0)

    async def noticed(self, look: Callable[[], Awaitable[Found | None]], timeout_s: float) -> Found:
        """Looks again at every notice of the project."""
        async with asyncio.timeout(timeout_s), self.stores.bus.subscription() as subscription:
            await subscription.add(project_channel(self.project_id))
            while True:
                found = await look()
                if found is not None:
                    return found
                await subscription.next()

    @asynccontextmanager
    async def ticks(self) -> AsyncIterator["TickReader"]:
        async with self.stores.bus.subscription() as subscription:
            await subscription.add(document_channel(self.document_id))
            yield TickReader(subscription)

    async def settle(self) -> None:
        """No run of this test is left for a later worker."""
        await self.stores.pool.execute(
            "with ended as (update runs set state = 'cancelled'"
            " where document_id = $1 and state in ('queued', 'running') returning id)"
            " update steps set state = 'cancelled' from ended where run_id = ended.id and steps.state <> 'done'",
            self.document_id,
        )


class TickReader:
    """Ticks of one document, as a hub hears them."""

    def __init__(self, subscription: Any) -> None:
        self._subscription = subscription

    async def until(self, **wanted: Any) -> list[dict[str, Any]]:
        """All up to the first that says what is wanted."""
        heard: list[dict[str, Any]] = []
        async with asyncio.timeout(60):
            while True:
                tick = ticks_of(await self._subscription.next())
                if tick is not None:
                    heard.append(tick)
                    if all(tick[name] == value for name, value in wanted.items()):
                        return heard


def rising(numbers: Sequence[int]) -> bool:
    return list(numbers) == sorted(numbers)
