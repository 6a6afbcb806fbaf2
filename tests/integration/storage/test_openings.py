"""What a room is opened from is what its parts say, asked together."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from storage.errors import DocumentMissing
from storage.log import Batch, DocumentKey, DocumentLog, Head
from storage.objects import FolderObjects, hash_of
from storage.openings import Opening, opening
from storage.quarantine import FAULTS_MAX, Quarantine
from storage.snapshots import CANDIDATES_MAX, Candidate, Snapshots

NewDocument = Callable[[], Awaitable[Head]]
NewKey = Callable[[], Awaitable[DocumentKey]]


async def test_an_empty_document_opens_from_its_head(pool: asyncpg.Pool, new_document: NewDocument) -> None:
    head = await new_document()
    assert await opening(pool, head.document_id) == Opening(head, (), {}, frozenset(), False)


async def test_a_document_that_is_not_there_cannot_be_opened(pool: asyncpg.Pool) -> None:
    with pytest.raises(DocumentMissing):
        await opening(pool, uuid4())


async def test_it_says_what_each_part_says(
    pool: asyncpg.Pool, log: DocumentLog, new_key: NewKey, tmp_path: Path
) -> None:
    key, other = await new_key(), await new_key()
    ann, bo = uuid4(), uuid4()
    snapshots, quarantine = Snapshots(pool, FolderObjects(tmp_path)), Quarantine(pool)
    rows = [Batch(uuid4(), ann, "test", b"x", claims=(7, 2**53 - 1)), Batch(uuid4(), bo, "test", b"y", claims=(8,))]
    for each in (key, other):
        await log.append({each: [*rows, Batch(uuid4(), None, "test", b"z")]})
        for seq in (1, 2, 3):
            await snapshots.put(each.document_id, 1, seq, b"%d" % seq)
        await quarantine.add(each.document_id, each.document_id.bytes, "test")
    found = await opening(pool, key.document_id)
    assert found.head == await log.head(key.document_id)
    assert found.snapshots == tuple(Candidate(seq, hash_of(b"%d" % seq)) for seq in (3, 2, 1)[:CANDIDATES_MAX])
    assert await snapshots.first_whole(found.snapshots) == await snapshots.latest(key.document_id, 1)
    assert found.clients == await log.clients(key.document_id, 1) == {7: ann, 2**53 - 1: ann, 8: bo}
    assert found.quarantined == await quarantine.digests(key.document_id) == {quarantine.digest(key.document_id.bytes)}


async def test_what_ended_processes_too_often_is_read_only(pool: asyncpg.Pool, new_key: NewKey) -> None:
    key, quarantine = await new_key(), Quarantine(pool)
    for _ in range(FAULTS_MAX):
        await quarantine.note_fault(key.document_id, "test")
    assert not (await opening(pool, key.document_id)).is_read_only
    await quarantine.note_fault(key.document_id, "test")
    assert (await opening(pool, key.document_id)).is_read_only
    await quarantine.forgive(key.document_id)
    assert not (await opening(pool, key.document_id)).is_read_only


async def test_another_epoch_has_snapshots_and_owners_of_its_own(
    pool: asyncpg.Pool, log: DocumentLog, new_key: NewKey, tmp_path: Path
) -> None:
    key = await new_key()
    await log.append({key: [Batch(uuid4(), uuid4(), "test", b"x", claims=(7,))]})
    await Snapshots(pool, FolderObjects(tmp_path)).put(key.document_id, 1, 1, b"one")
    await pool.execute("update documents set epoch = 2, seq = 0 where id = $1", key.document_id)
    found = await opening(pool, key.document_id)
    assert (found.head.epoch, found.snapshots, found.clients) == (2, (), {})
