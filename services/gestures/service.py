"""Gestures as server edits: what jobs, imports and integrations do to a document, in one commit or not at all (C12).

What a gesture means is said in `sync.timeline` and `sync.storyboard`; here is who may, and that it happens once.
"""

import asyncio
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

import asyncpg
from pycrdt import Doc

from services.documents.editor import DocumentEditor
from services.documents.kept import KeptDocuments
from services.documents.locked import Written, first_held, first_locked
from services.documents.projector import Projector
from services.gestures.errors import GestureRefused, HeadMoved
from services.gestures.kinds import VOCABULARIES, Hand, Vocabulary
from services.users.access import access_document
from services.users.model import Actor, Need
from storage.postgres import Connection
from storage.tables.gestures import add_answer, answer_of
from storage.tables.media import media_given
from sync import ids
from sync.errors import SyncError
from sync.names import Kind
from sync.repair import Repair, write

GESTURES_MAX = 100
"""Of one request: it is one transaction, and under the head's lock."""
ORIGIN = "gestures"
REPAIR = "repair"
_HASH = re.compile(r"[0-9a-f]{64}")

_KEYS = UUID("5b0f3a52-98c1-5d1c-8f0e-0d6a1a5f7c21")


@dataclass(frozen=True, slots=True)
class Gesture:
    """`name`: of the document's vocabulary. `positional` come first: the clips of a link."""

    name: str
    arguments: Mapping[str, Any]
    positional: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """`made`: the id that each gesture gave, None for those that give none."""

    seq: int
    changed: bool
    made: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What is seen at a sequence; `repairs`: registers that are not written yet."""

    epoch: int
    seq: int
    view: Mapping[str, Any]
    repairs: int


class Gestures:
    """Of all documents."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        editor: DocumentEditor,
        projector: Projector,
        kept: KeptDocuments,
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._pool = pool
        self._editor = editor
        self._projector = projector
        self._kept = kept
        self._entropy = entropy

    async def shown(self, actor: Actor, document_id: UUID, kind: Kind) -> Shown:
        """The film of a timeline, the story of a storyboard.

        Raises `NoSuchDocument`, `NotATimeline`, `NotAStoryboard`, `DocumentUnreadable`.
        """
        access = await access_document(self._pool, actor, document_id, Need.VIEW)
        vocabulary = VOCABULARIES[kind.value]
        if access.kind != kind.value:
            raise vocabulary.other(vocabulary.other.__doc__)
        return await self._see(document_id, vocabulary)

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

        Raises `NoSuchDocument`, `Forbidden`, `GestureRefused`, `HeadMoved`, `EditTooBig`.
        """
        access = await access_document(self._pool, actor, document_id, Need.EDIT)
        vocabulary = VOCABULARIES[access.kind]
        batch_id = UUID(bytes=self._entropy(16))
        if key is not None:
            batch_id = uuid5(_KEYS, f"{actor.user_id}|{document_id}|{key}")
            if (done := await self._done(document_id, batch_id)) is not None:
                return done
        await self._check_media(access.project_id, gestures)
        made: list[str | None] = []

        def change(doc: Doc[Any]) -> None:
            hand = vocabulary.hands(
                doc, self._entropy, ids.to_text("usr", actor.user_id), int(now_s * 1000), alone=True
            )
            made[:] = _perform(hand, vocabulary, gestures, batch_id)

        async def within(connection: Connection, seq: int) -> None:
            if expected_seq is not None and seq not in (expected_seq, expected_seq + 1):
                raise HeadMoved(seq)
            if key is not None:
                await add_answer(connection, document_id, batch_id, seq, made)

        result = await self._editor.edit(
            document_id, change, origin=ORIGIN, batch_id=batch_id, within=within, actor=actor.user_id, apart=True
        )
        await self.repair(document_id)
        await self._projector.project(document_id)
        if not made and (done := await self._done(document_id, batch_id)) is not None:
            return done  # another request with this key came first
        return Done(result.seq, result.changed, tuple(made))

    async def _check_media(self, project_id: UUID, gestures: Sequence[Gesture]) -> None:
        """To know a hash gives nothing: the project must have what a gesture names. Raises `GestureRefused`."""
        named = {hash: place for place, gesture in enumerate(gestures) for hash in _hashes(gesture.arguments)}
        foreign = named.keys() - (await media_given(self._pool, project_id, named) if named else set())
        if foreign:
            place = min(named[hash] for hash in foreign)
            raise GestureRefused(place, "media.missing", "there is no such media in this project")

    async def _done(self, document_id: UUID, batch_id: UUID) -> Done | None:
        row = await answer_of(self._pool, document_id, batch_id)
        return None if row is None else Done(row.seq, False, row.made)

    async def repair(self, document_id: UUID) -> bool:
        """Writes what `resolve` finds wanting and no lock protects, if anything (documents.md A4). Asks for no right.

        Raises `DocumentMissing`, `DocumentUnreadable`, `StoreAway`.
        """
        vocabulary = VOCABULARIES[(await self._editor.head(document_id)).kind]
        shown = await self._see(document_id, vocabulary)
        if not shown.repairs:
            return False

        def change(doc: Doc[Any]) -> None:
            write(doc, _free(doc, vocabulary.see(vocabulary.content_of(doc)).repairs))

        result = await self._editor.edit(
            document_id,
            change,
            origin=REPAIR,
            batch_id=UUID(bytes=self._entropy(16)),
            epoch=shown.epoch,
            apart=True,
        )
        return result.changed

    async def _see(self, document_id: UUID, vocabulary: Vocabulary) -> Shown:
        """A film is followed from edit to edit; a story is seen anew, off the loop, from what is followed."""
        reading = await self._kept.read(document_id)
        if reading.film is not None:
            return Shown(reading.head.epoch, reading.seq, reading.film.view, len(reading.film.repairs))
        seen = await asyncio.to_thread(vocabulary.see, reading.content)
        return Shown(reading.head.epoch, reading.seq, seen.view, len(seen.repairs))


def _free(doc: Doc[Any], repairs: Sequence[Repair]) -> list[Repair]:
    """Without those of what is locked, which is shown as repaired all the same and waits for the lock's end (C17)."""

    def elsewhere(repair: Repair) -> object:
        return repair.value if repair.key in ("par", "t") else None

    def is_free(repair: Repair) -> bool:
        written = [Written(repair.root, repair.id, repair.key, elsewhere(repair))]
        return first_locked(doc, written) is None and first_held(doc, written) is None

    return [repair for repair in repairs if is_free(repair)]


def _hashes(value: object) -> Iterator[str]:
    """Whatever an argument holds that names media."""
    match value:
        case str():
            if _HASH.fullmatch(value):
                yield value
        case Mapping():
            for item in value.values():
                yield from _hashes(item)
        case list() | tuple():
            for item in value:
                yield from _hashes(item)


def _perform(hand: Hand, vocabulary: Vocabulary, gestures: Sequence[Gesture], batch_id: UUID) -> list[str | None]:
    """Ids follow from the batch and the place, so a repetition on another replica makes the same ones."""
    made: list[str | None] = []
    for place, gesture in enumerate(gestures):
        if gesture.name not in vocabulary.names:
            raise GestureRefused(place, "gesture.kind", f"a document of this kind has no gesture {gesture.name}")
        hand.entropy = _Entropy(batch_id, place)
        try:
            given = getattr(hand, gesture.name)(*gesture.positional, **gesture.arguments)
        except SyncError as error:
            raise GestureRefused(place, error.code, str(error)) from error
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
