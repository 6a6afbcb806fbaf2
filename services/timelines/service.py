"""Gestures as server edits: what jobs, imports and integrations do to a timeline, in one commit or not at all (C12).

What a gesture means is said in `sync.timeline`; here is who may, and that it happens once.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

import asyncpg
from pycrdt import Doc

from services.documents.editor import DocumentEditor
from services.documents.replica import apart
from services.timelines.errors import GestureRefused, HeadMoved, NotATimeline
from services.users.access import access_document
from services.users.model import Actor, Need
from storage.postgres import Connection
from sync import ids
from sync.errors import SyncError
from sync.names import Kind
from sync.timeline.gestures import Timeline
from sync.timeline.hand import content_of
from sync.timeline.repair import write
from sync.timeline.resolve import Resolved, resolve

GESTURES_MAX = 100
"""Of one request: it is one transaction, and under the head's lock."""
ORIGIN = "gestures"
REPAIR = "repair"
GESTURES = frozenset(
    (
        "insert",
        "overwrite",
        "ripple_delete",
        "lift",
        "restore",
        "move",
        "reorder",
        "change_track",
        "anchor",
        "unanchor",
        "link",
        "unlink",
        "trim_head",
        "trim_tail",
        "slip",
        "slide",
        "roll",
        "retime",
        "split",
        "join",
        "add_track",
        "remove_track",
        "marker",
    )
)
"""Methods of `Timeline` that a caller may name."""

_KEYS = UUID("5b0f3a52-98c1-5d1c-8f0e-0d6a1a5f7c21")


@dataclass(frozen=True, slots=True)
class Gesture:
    """`name`: one of `GESTURES`. `positional` come first: the clips of a link."""

    name: str
    arguments: Mapping[str, Any]
    positional: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """`made`: the id that each gesture gave, None for those that give none, and for all when it was done before."""

    seq: int
    changed: bool
    made: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Film:
    """What is seen at a sequence; `repairs`: registers that are not written yet."""

    epoch: int
    seq: int
    view: Mapping[str, Any]
    repairs: int


class Timelines:
    """Of all documents."""

    def __init__(
        self, pool: asyncpg.Pool, editor: DocumentEditor, entropy: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        self._pool = pool
        self._editor = editor
        self._entropy = entropy

    async def film(self, actor: Actor, document_id: UUID) -> Film:
        """Raises `NoSuchDocument`, `NotATimeline`, `DocumentUnreadable`."""
        await self._access(actor, document_id, Need.VIEW)
        loaded = await self._editor.load(document_id)
        seen = await self._resolve(document_id, loaded.doc)
        return Film(loaded.head.epoch, loaded.seq, seen.view, len(seen.repairs))

    async def edit(
        self,
        actor: Actor,
        document_id: UUID,
        gestures: Sequence[Gesture],
        expected_seq: int | None,
        now_s: float,
        key: str | None = None,
    ) -> Done:
        """All of them, one after another, as one edit of the actor. The same `key` of the same actor does it once.

        Raises `NoSuchDocument`, `Forbidden`, `NotATimeline`, `GestureRefused`, `HeadMoved`, `EditTooBig`.
        """
        await self._access(actor, document_id, Need.EDIT)
        batch_id = UUID(bytes=self._entropy(16))
        if key is not None:
            batch_id = uuid5(_KEYS, f"{actor.user_id}|{document_id}|{key}")
        made: list[str | None] = []

        def change(doc: Doc[Any]) -> None:
            made[:] = _perform(doc, gestures, batch_id, ids.to_text("usr", actor.user_id), int(now_s))

        async def within(connection: Connection, seq: int) -> None:
            if expected_seq is not None and seq not in (expected_seq, expected_seq + 1):
                raise HeadMoved(seq)

        result = await self._editor.edit(
            document_id, change, origin=ORIGIN, batch_id=batch_id, within=within, actor=actor.user_id, apart=True
        )
        is_new = result.changed or bool(made)
        return Done(result.seq, result.changed, tuple(made) if is_new else (None,) * len(gestures))

    async def repair(self, document_id: UUID) -> bool:
        """Writes what `resolve` finds wanting, if anything (documents.md A4). Asks for no right. Raises as `film`."""
        loaded = await self._editor.load(document_id)
        if loaded.head.kind != Kind.TIMELINE.value or not (await self._resolve(document_id, loaded.doc)).repairs:
            return False

        def change(doc: Doc[Any]) -> None:
            write(doc, resolve(content_of(doc)).repairs)

        result = await self._editor.edit(
            document_id,
            change,
            origin=REPAIR,
            batch_id=UUID(bytes=self._entropy(16)),
            epoch=loaded.head.epoch,
            apart=True,
        )
        return result.changed

    async def _resolve(self, document_id: UUID, doc: Doc[Any]) -> Resolved:
        """Off the loop: a film of a thousand clips takes a while."""
        return await apart(self._editor.announcements, document_id, lambda announcement: resolve(content_of(doc)))

    async def _access(self, actor: Actor, document_id: UUID, need: Need) -> None:
        access = await access_document(self._pool, actor, document_id, need)
        if access.kind != Kind.TIMELINE.value:
            raise NotATimeline(NotATimeline.__doc__)


def _perform(doc: Doc[Any], gestures: Sequence[Gesture], batch_id: UUID, by: str, at: int) -> list[str | None]:
    """Ids follow from the batch and the place, so a repetition on another replica makes the same ones."""
    made: list[str | None] = []
    hand = Timeline(doc, _Entropy(batch_id, 0), by, at, alone=True)
    for place, gesture in enumerate(gestures):
        hand.entropy = _Entropy(batch_id, place)
        try:
            given = getattr(hand, gesture.name)(*gesture.positional, **gesture.arguments)
        except SyncError as error:
            raise GestureRefused(place, error) from error
        made.append(given if isinstance(given, str) else None)
    return made


class _Entropy:
    """The same bytes for the same batch and place."""

    def __init__(self, batch_id: UUID, place: int) -> None:
        self._seed = f"{batch_id}|{place}|"
        self._count = 0

    def __call__(self, size: int) -> bytes:
        self._count += 1
        return sha256(f"{self._seed}{self._count}".encode()).digest()[:size]
