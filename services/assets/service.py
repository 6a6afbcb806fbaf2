"""What people do with the files of a project: list, look, rename, delete, and ask where one is used.

How files arrive is `uploads.py`; what is made of them `ingest.py`; when they go `collection.py`.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from services.assets.errors import NoSuchAsset
from services.assets.mentions import Mentions
from services.assets.model import ASSETS_PAGE_MAX, Kind, checked_name
from services.documents.kept import Content, KeptDocuments
from services.users.access import access_project
from services.users.errors import NoSuchProject
from services.users.model import Actor, Need
from storage.bus import Bus
from storage.errors import StoreAway
from storage.events import ProjectFeed, append_event
from storage.postgres import Connection
from storage.tables import assets, mentions
from storage.tables.assets import AssetRow
from sync import ids

USES_MAX = 500
"""Of one answer."""

Change = Callable[[Connection], Awaitable[bool]]
"""False: there is nothing to change any more."""


@dataclass(frozen=True, slots=True)
class Use:
    """Somebody's place: `root` and `entity` of a document, as `clips`, `clp_...`."""

    document_id: UUID
    document_kind: str
    root: str
    entity: str


class Assets:
    """Of all projects."""

    def __init__(self, pool: asyncpg.Pool, kept: KeptDocuments, mentions: Mentions, bus: Bus) -> None:
        self._pool = pool
        self._kept = kept
        self._mentions = mentions
        self._feed = ProjectFeed(bus)

    async def of_project(
        self, actor: Actor, project_id: UUID, before: UUID | None, kind: Kind | None, limit: int
    ) -> list[AssetRow]:
        """Newest first, older than `before`. Raises `NoSuchProject`."""
        await access_project(self._pool, actor, project_id, Need.VIEW)
        wanted = None if kind is None else kind.value
        return await assets.assets_of_project(self._pool, project_id, before, wanted, min(limit, ASSETS_PAGE_MAX))

    async def get(self, actor: Actor, asset_id: UUID, need: Need = Need.VIEW) -> AssetRow:
        """Raises `NoSuchAsset`, also for a stranger, and `Forbidden`."""
        row = await assets.asset_of_id(self._pool, asset_id)
        if row is None:
            raise NoSuchAsset()
        try:
            await access_project(self._pool, actor, row.project_id, need)
        except NoSuchProject as error:
            raise NoSuchAsset() from error
        return row

    async def rename(self, actor: Actor, asset_id: UUID, name: str) -> AssetRow:
        """Raises `NameUnfit`, and as `get`."""
        row, fresh = await self.get(actor, asset_id, Need.EDIT), checked_name(name)
        await self._change(row, lambda connection: assets.rename(connection, asset_id, fresh), {"name": fresh})
        return await self.get(actor, asset_id)

    async def delete(self, actor: Actor, asset_id: UUID) -> None:
        """It leaves the bin; where it is used it is seen as before, and its bytes stay as `collection.py` says.

        Raises as `get`.
        """
        row = await self.get(actor, asset_id, Need.EDIT)
        await self._change(row, lambda connection: assets.delete(connection, asset_id), {"removed": True})

    async def uses(self, actor: Actor, asset_id: UUID) -> list[Use]:
        """Where it stands in the documents of its project as they are now, what is deleted there left out.

        Raises as `get`.
        """
        row = await self.get(actor, asset_id)
        if row.hash is None:
            return []
        await self._mentions.search([row.project_id])
        found: list[Use] = []
        for document_id, kind in await mentions.documents_that_mention(self._pool, row.project_id, row.hash):
            content = (await self._kept.read(document_id)).content
            found += (Use(document_id, kind, root, entity) for root, entity in places(content, row.hash))
        return found[:USES_MAX]

    async def _change(self, row: AssetRow, change: Change, told: dict[str, Any]) -> None:
        event = {"asset": ids.to_text("ast", row.id), **told}
        async with self._pool.acquire() as connection, connection.transaction():
            if not await change(connection):
                raise NoSuchAsset()
            cursor = await append_event(connection, row.project_id, "asset", event)
        with suppress(StoreAway):  # followers also look by themselves
            await self._feed.publish(row.project_id, {"type": "event", "cursor": cursor})


def places(content: Content, hash: str) -> Iterator[tuple[str, str]]:
    """(root, entity) of every living entity that holds the hash anywhere."""
    for root, entities in content.items():
        for entity, value in entities.items():
            deleted = isinstance(value, dict) and value.get("del") is not None
            if not deleted and _holds(value, hash):
                yield root, entity


def _holds(value: Any, hash: str) -> bool:
    match value:
        case dict():
            return any(_holds(item, hash) for item in value.values())
        case list():
            return any(_holds(item, hash) for item in value)
        case _:
            return bool(value == hash)
