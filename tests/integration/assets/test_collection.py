"""When media goes: 30 days after nothing refers to it, and never what a document, its past or a take may still show."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from pycrdt import Doc, Map

from services.assets.collection import Collector
from services.assets.mentions import Mentions, hashes_in
from services.documents.editor import DocumentEditor
from services.projects.model import Project
from storage.log import DocumentLog
from storage.mover import Mover
from storage.objects import hash_of
from storage.snapshots import Snapshots
from storage.tables.assets import AssetRow
from storage.uploads import Uploads

from .studio import Studio, film, once

AGE = timedelta(days=30)
LATER = timedelta(days=2)


def pdf() -> bytes:
    return b"%PDF-1.7\n" + uuid4().hex.encode()


class Pretence:
    """A collector whose clock and rows a test moves on."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.pool = studio.stores.pool
        self.log = DocumentLog(self.pool, studio.stores.objects)
        snapshots = Snapshots(self.pool, studio.stores.objects)
        self.editor = DocumentEditor(self.log, snapshots, studio.stores.bus, self.pool)

    def collector(self, store: Uploads | None = None) -> Collector:
        stores = self.studio.stores
        mentions = Mentions(self.pool, self.log)
        return Collector(
            self.pool, stores.objects, store or stores.uploads, mentions, AGE, lambda: datetime.now(UTC) + LATER
        )

    async def age(self, hash: str, days: int = 31) -> None:
        """As if all that concerns it had happened that much earlier."""
        back = timedelta(days=days)
        await self.pool.execute("update media set created_at = created_at - $2::interval where hash = $1", hash, back)
        await self.pool.execute("update assets set deleted_at = deleted_at - $2::interval where hash = $1", hash, back)

    async def delete(self, asset: AssetRow, days: int = 31) -> None:
        assert asset.hash is not None
        await self.pool.execute("update assets set deleted_at = now() where id = $1", asset.id)
        await self.age(asset.hash, days)

    async def round(self, collector: Collector | None = None) -> None:
        """Everything is looked at; what is condemned has waited its hour."""
        collector = collector or self.collector()
        before = -1
        while (count := await self.condemned()) != before:
            before = count
            await collector.condemn()
        await self.pool.execute("update media set condemned_at = condemned_at - interval '2 hours'")
        while await collector.take():
            pass

    async def condemned(self) -> int:
        return int(await self.pool.fetchval("select count(*) from media where condemned_at is not null"))

    async def there(self, hash: str | None) -> bool:
        assert hash is not None
        row = await self.pool.fetchval("select exists (select from media where hash = $1)", hash)
        stored = await self.studio.stores.objects.exists(hash)
        assert row == stored
        return bool(row)

    async def write(self, document_id: UUID, change: Callable[[Doc[Any]], None]) -> None:
        await self.editor.edit(document_id, change, origin="test", batch_id=uuid4())


@pytest.fixture
def pretence(studio: Studio) -> Pretence:
    return Pretence(studio)


def clip_of(hash: str | None, clip: str = "clp_1") -> Callable[[Doc[Any]], None]:
    def change(doc: Doc[Any]) -> None:
        doc.get("clips", type=Map)[clip] = Map({"src": {"k": "asset", "id": hash}})

    return change


async def asset_of(studio: Studio, data: bytes | None = None) -> tuple[Project, AssetRow]:
    actor, project = await studio.project()
    asset = await studio.taken_in(actor, project, data or pdf())
    assert asset.state == "ready"
    return project, asset


async def test_what_nothing_refers_to_goes_with_all_that_was_made_of_it(pretence: Pretence, tmp_path: Path) -> None:
    _, asset = await asset_of(pretence.studio, film(tmp_path, seconds=1))
    made = [part.made for part in asset.parts.values() if part.made is not None]
    assert len(made) == 4
    await pretence.delete(asset)
    await pretence.round()
    assert not await pretence.there(asset.hash)
    for hash in made:
        await pretence.age(hash)
    await pretence.round()
    assert [await pretence.there(hash) for hash in made] == [False] * 4
    assert await pretence.pool.fetchval("select count(*) from assets where id = $1", asset.id) == 0


async def test_it_stays_for_thirty_days(pretence: Pretence) -> None:
    _, kept = await asset_of(pretence.studio)
    _, young = await asset_of(pretence.studio)
    await pretence.age(kept.hash or "")
    await pretence.delete(young, days=29)
    await pretence.round()
    assert await pretence.there(kept.hash) and await pretence.there(young.hash)


async def test_between_the_steps_is_an_hour(pretence: Pretence) -> None:
    _, asset = await asset_of(pretence.studio)
    await pretence.delete(asset)
    collector = pretence.collector()
    while not await pretence.condemned():
        await collector.condemn()
    assert await collector.take() == 0
    assert await pretence.there(asset.hash)
    await pretence.round(collector)
    assert not await pretence.there(asset.hash)


async def test_what_a_document_shows_stays(pretence: Pretence) -> None:
    project, asset = await asset_of(pretence.studio)
    await pretence.write(project.timeline.id, clip_of(asset.hash))
    await pretence.delete(asset)
    await pretence.round()
    assert await pretence.there(asset.hash)


async def test_what_only_history_can_bring_back_stays(pretence: Pretence) -> None:
    """Overwritten, the rows moved to a segment, and the document begun again under another epoch."""
    project, asset = await asset_of(pretence.studio)
    document_id = project.timeline.id
    await pretence.write(document_id, clip_of(asset.hash))
    await pretence.write(document_id, clip_of("0" * 64))
    await pretence.write(document_id, lambda doc: doc.get("clips", type=Map).pop("clp_1"))
    await pretence.pool.execute(
        "update document_log set created_at = now() - interval '90 days' where document_id = $1", document_id
    )
    head = await pretence.log.head(document_id)
    loaded = await pretence.editor.load(document_id)
    await Snapshots(pretence.pool, pretence.studio.stores.objects).put(
        document_id, head.epoch, head.seq, loaded.doc.get_update()
    )
    await Mover(pretence.pool, pretence.studio.stores.objects, AGE, rows=2).move(document_id)
    assert await pretence.pool.fetchval("select count(*) from document_segments where document_id = $1", document_id)
    async with pretence.pool.acquire() as connection, connection.transaction():
        locked = await pretence.log.lock_head(connection, document_id)
        await pretence.log.begin_epoch(connection, locked, 77, Doc[Any]().get_update())
    await pretence.delete(asset)
    await pretence.round()
    assert await pretence.there(asset.hash)


async def test_what_is_written_between_the_steps_stays(pretence: Pretence) -> None:
    project, asset = await asset_of(pretence.studio)
    await pretence.delete(asset)
    collector = pretence.collector()
    while not await pretence.condemned():
        await collector.condemn()
    await pretence.write(project.timeline.id, clip_of(asset.hash))
    await pretence.round(collector)
    assert await pretence.there(asset.hash)
    assert await pretence.pool.fetchval("select condemned_at from media where hash = $1", asset.hash) is None


async def test_what_an_open_proposal_would_show_stays(pretence: Pretence) -> None:
    project, asset = await asset_of(pretence.studio)
    doc: Doc[Any] = Doc()
    clip_of(asset.hash)(doc)
    await pretence.pool.execute(
        "insert into proposals (id, document_id, epoch, author, reason, bytes)"
        " select $1, $2, 1, owner_id, 'test', $3 from projects where id = $4",
        uuid4(),
        project.timeline.id,
        doc.get_update(),
        project.id,
    )
    await pretence.delete(asset)
    await pretence.round()
    assert await pretence.there(asset.hash)


async def test_one_of_two_who_brought_it_is_enough(pretence: Pretence) -> None:
    data = pdf()
    _, mine = await asset_of(pretence.studio, data)
    _, yours = await asset_of(pretence.studio, data)
    assert mine.hash == yours.hash
    await pretence.pool.execute("update assets set deleted_at = now() - interval '40 days' where id = $1", mine.id)
    await pretence.pool.execute("update media set created_at = now() - interval '40 days' where hash = $1", mine.hash)
    await pretence.round()
    assert await pretence.there(yours.hash)


async def test_who_brings_it_again_pardons_it(pretence: Pretence) -> None:
    data = pdf()
    _, asset = await asset_of(pretence.studio, data)
    await pretence.delete(asset)
    collector = pretence.collector()
    while not await pretence.condemned():
        await collector.condemn()
    _, again = await asset_of(pretence.studio, data)
    assert again.hash == asset.hash and not await pretence.condemned()
    await pretence.round(collector)
    assert await pretence.there(again.hash)


async def test_bytes_that_were_put_lately_stay(pretence: Pretence) -> None:
    """A generation writes its bytes before it says so."""
    _, asset = await asset_of(pretence.studio)
    await pretence.delete(asset)
    stores = pretence.studio.stores
    collector = Collector(
        pretence.pool,
        stores.objects,
        stores.uploads,
        Mentions(pretence.pool, pretence.log),
        AGE,
        lambda: datetime.now(UTC),
    )
    await pretence.round(collector)
    assert await pretence.there(asset.hash)


async def test_a_crash_behind_the_bytes_is_made_good(pretence: Pretence) -> None:
    _, asset = await asset_of(pretence.studio)
    await pretence.delete(asset)
    assert asset.hash is not None
    collector = pretence.collector()
    while not await pretence.condemned():
        await collector.condemn()
    await pretence.studio.stores.objects.delete(asset.hash, datetime.now(UTC) + LATER)
    await pretence.round(collector)
    assert not await pretence.there(asset.hash)


async def test_uploads_that_expired_end_with_their_bytes(pretence: Pretence) -> None:
    studio = pretence.studio
    actor, project = await studio.project()
    row = await studio.arrivals.begin(actor, project.id, "a.pdf", "", 100, 1_800_000_000.0)
    await studio.arrivals.receive(actor, row.id, 0, once(b"%PDF-1.7"))
    waiting = await studio.uploaded(actor, project, pdf())
    await pretence.pool.execute("update uploads set expires_at = now() - interval '1 hour'")
    assert await pretence.collector().end_uploads() >= 1
    left = {each["id"] for each in await pretence.pool.fetch("select id from uploads")}
    assert row.id not in left and waiting in left  # a worker still needs these bytes
    assert await studio.intake.take()
    assert await pretence.collector().end_uploads() == 1
    assert (await studio.asset(waiting)).state == "ready"


async def test_every_table_that_refers_to_media_is_asked(pretence: Pretence) -> None:
    rows = await pretence.pool.fetch(
        "select distinct conrelid::regclass::text as source from pg_constraint"
        " where contype = 'f' and confrelid in ('media'::regclass, 'project_media'::regclass)"
    )
    asked = await pretence.pool.fetchval("select pg_get_viewdef('media_uses'::regclass)")
    referring = {row["source"] for row in rows} - {"project_media"}
    assert referring and [source for source in referring if source not in asked] == []


def test_a_hash_is_found_wherever_an_update_holds_it() -> None:
    hashes = [hash_of(str(number).encode()) for number in range(4)]
    doc: Doc[Any] = Doc()
    scenes = doc.get("scenes", type=Map)
    scenes["plain"] = hashes[0]
    scenes["inside"] = {"a": [{"b": hashes[1]}], "c": hashes[2]}
    scenes["shared"] = Map({"media": hashes[3]})
    scenes["long"] = "f" * 200
    assert set(hashes) <= hashes_in([doc.get_update()])
    assert len(hashes_in([doc.get_update()])) == 4
