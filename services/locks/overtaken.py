"""Edits that a lock has overtaken: shown to others already, judged without the lock, and behind it in the log (C17).

They cannot be unmade on the replicas that hold them. So they are committed, in one row with what takes them back where
something is locked, and what they wanted there becomes a proposal of their author; all the rest of them stays.
"""

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from pycrdt import Doc, Map, TransactionEvent, merge_updates

from services.documents.editor import DocumentEditor
from services.documents.locked import Written, first_locked, noting
from services.documents.replica import apart
from services.history.content import SharedMap, same, value_of
from services.history.restore import converge, deletion_mark
from services.proposals.service import Proposals, Told
from storage.errors import StoreAway
from storage.log import Batch, DocumentKey, DocumentLog
from storage.postgres import Connection
from sync.errors import SceneLocked
from sync.locks import PARTS, Lock, locks_of

BACK_OFF_FIRST_S = 0.01
BACK_OFF_MAX_S = 1.0

Entities = dict[tuple[str, str], SharedMap]
"""(root, entity) -> its content."""


@dataclass(frozen=True, slots=True)
class Settled:
    """`row`: what the log holds instead of the edit, if that is more."""

    batch_id: UUID
    seq: int
    row: bytes | None


@dataclass(frozen=True, slots=True)
class HeldOut:
    """`row`: the edits with what takes them back. `proposal`: what they wanted, as an edit of what is behind it."""

    row: bytes
    proposal: bytes
    refusal: SceneLocked


def hold_out(doc: Doc[Any], updates: Sequence[bytes], mark: Mapping[str, Any]) -> HeldOut | None:
    """Applies the edits to `doc`, a replica of the server at the head, and takes back what of them is locked.

    None: nothing is. `mark`: what `del` becomes of parts that they bring into a locked scene.
    """
    locks = locks_of(doc)
    before = _locked(doc, locks)
    with noting(doc) as written, doc.transaction():
        for update in updates:
            doc.apply_update(update)
    refusal = first_locked(doc, written)
    if refusal is None:
        return None
    wanted = _locked(doc, locks, before)
    _only_moved(before, wanted, written)
    undone = _made(doc, lambda: _converge(doc, locks, wanted, before, mark))
    if not undone:  # a value that loses changes nothing
        return None
    again: Doc[Any] = Doc()
    again.apply_update(doc.get_update())
    proposal = _made(again, lambda: _converge(again, locks, before, wanted, mark))
    return HeldOut(merge_updates(*updates, undone), proposal, refusal)


def _locked(doc: Doc[Any], locks: Mapping[str, Lock], besides: Entities | None = None) -> Entities:
    """Every locked scene and every part of one, and the entities of `besides`."""
    found: Entities = {}
    for root in ("scenes", *PARTS):
        for entity, shown in doc.get(root, type=Map).items():
            scene: Any = entity if root == "scenes" else shown.get("par") if isinstance(shown, Map) else None
            is_locked = scene in locks and locks[scene].covers(root, None)
            if isinstance(shown, Map) and (is_locked or (root, entity) in (besides or ())):
                found[root, entity] = SharedMap(value_of(shown))
    return found


def _only_moved(before: Entities, wanted: Entities, written: Sequence[Written]) -> None:
    """Of a part that came from elsewhere only its coming is taken back: what else was done to it was free."""
    for each in written:
        place = (each.root, each.entity)
        if each.key == "par" and place in wanted and place not in before:
            before[place] = SharedMap() if each.before is None else SharedMap(par=each.before)
            wanted[place] = SharedMap(par=wanted[place]["par"])


def _converge(doc: Doc[Any], locks: Mapping[str, Lock], old: Entities, new: Entities, mark: Mapping[str, Any]) -> None:
    """Makes what stands as in `old` stand as in `new`, key by key; an entity that `new` lacks is marked as deleted."""
    for root, entity in sorted(old.keys() | new.keys()):
        here, there = old.get((root, entity)), new.get((root, entity))
        shown = doc.get(root, type=Map)[entity]
        if there is None:
            shown["del"] = dict(mark)
            continue
        if here is None:  # marked before by this very function
            converge(shown, "del", "del" in there, there.get("del"))
            continue
        for key in sorted(here.keys() | there.keys()):
            covered = root != "scenes" or locks[entity].covers(root, key)
            if covered and not (key in here and key in there and same(here[key], there[key])):
                converge(shown, key, key in there, there.get(key))


def _made(doc: Doc[Any], edit: Callable[[], None]) -> bytes:
    updates: list[bytes] = []

    def note(event: TransactionEvent) -> None:
        updates.append(bytes(event.update))

    watch = doc.observe(note)
    try:
        with doc.transaction():
            edit()
    finally:
        doc.unobserve(watch)
    return b"" if not updates or updates[0] == b"\0\0" else updates[0]


class OvertakenEdits:
    """Commits what the group committer has answered with `LockedMeanwhile`."""

    def __init__(
        self,
        log: DocumentLog,
        editor: DocumentEditor,
        proposals: Proposals,
        rng: random.Random | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._log = log
        self._editor = editor
        self._proposals = proposals
        self._rng = rng or random.Random()
        self._clock = clock

    async def commit(self, key: DocumentKey, batches: Sequence[Batch]) -> list[Settled]:
        """All of them in their order, however long the store is away: others have seen them.

        Raises `EpochChanged`, `DocumentMissing`, `BatchRejected`, `DocumentUnreadable`.
        """
        back_off_s = BACK_OFF_FIRST_S
        while True:
            try:
                return await self._attempt(key, batches)
            except StoreAway:
                await asyncio.sleep(back_off_s * self._rng.uniform(0.5, 1.0))
                back_off_s = min(back_off_s * 2, BACK_OFF_MAX_S)

    async def _attempt(self, key: DocumentKey, batches: Sequence[Batch]) -> list[Settled]:
        mark_at = datetime.fromtimestamp(self._clock(), UTC)
        told: list[Told] = []
        async with self._editor.at_head(key) as (connection, head, replica):
            known = {batch.batch_id: await self._row_of(key, batch, connection) for batch in batches}
            fresh = [batch for batch in batches if known[batch.batch_id] is None]

            def judge() -> dict[UUID, HeldOut]:
                """By the first batch of what one author did in a row."""
                held: dict[UUID, HeldOut] = {}
                for author, group in groupby(fresh, key=_author):
                    done = list(group)
                    out = hold_out(replica.doc, [batch.bytes for batch in done], deletion_mark(author, mark_at))
                    if out is not None:
                        held[done[0].batch_id] = out
                return held

            held = await apart(self._editor.announcements, key.document_id, lambda announcement: judge())
            rows = {batch_id: out.row for batch_id, out in held.items()}
            for batch in batches:
                row = known[batch.batch_id]
                if row is not None and row != batch.bytes:
                    rows[batch.batch_id] = row
            committed = await self._log.append_locked(
                connection,
                head,
                [each._replace(seen=None, bytes=rows.get(each.batch_id, each.bytes)) for each in batches],
            )
            replica.seq = committed.head_seq
            for batch in fresh:
                if (out := held.get(batch.batch_id)) is not None:
                    told += await self._proposals.keep_within(
                        connection, key, _author(batch), out.refusal.code, [out.proposal], str(out.refusal)
                    )
        for each_told in told:
            await self._proposals.ring(each_told)
        return [Settled(each.batch_id, committed.seqs[each.batch_id], rows.get(each.batch_id)) for each in batches]

    async def _row_of(self, key: DocumentKey, batch: Batch, connection: Connection) -> bytes | None:
        """What the log holds for it already: the answer of an earlier attempt may be lost."""
        located = await self._log.find(key.document_id, batch.batch_id, connection)
        if located is None:
            return None
        page = await self._log.read(key.document_id, located.epoch, located.seq - 1, 1, connection=connection)
        return page[0].bytes


def _author(batch: Batch) -> UUID:
    assert batch.actor is not None, "sessions have actors"
    return batch.actor
