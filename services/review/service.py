"""Whoever may approve says so, or asks for changes; all who see the thing see who said what of which version."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID, uuid5

import asyncpg

from services.generation.routing.taste import Taste
from services.projects.model import time_ordered
from services.review.errors import NoSuchVersion, NotAFilm, NothingToDecide
from services.review.model import DECISION_PREFIX, PAGE_MAX, Subject, Verdict, Word, checked
from services.users.access import DocumentAccess, access_document
from services.users.errors import NoSuchDocument
from services.users.model import Actor, Need
from storage.bus import Bus
from storage.errors import StoreAway
from storage.events import ProjectFeed, append_event
from storage.postgres import Connection
from storage.tables import decisions as rows
from storage.tables import scenes, takes
from storage.tables.decisions import DecisionRow, NewDecision
from sync import ids
from sync.names import Kind

_KEYS = UUID("8a0b6f6e-2f4c-4d57-8f3d-1f6f9d8f2a31")
"""Namespace of the ids that follow from an idempotency key."""


class Review:
    """`entropy(n)` gives n random bytes. `now`: seconds since 1970."""

    def __init__(self, pool: asyncpg.Pool, bus: Bus, entropy: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._pool = pool
        self._feed = ProjectFeed(bus)
        self._entropy = entropy
        self._taste = Taste(pool)

    async def subject_of_take(self, take_id: UUID) -> Subject:
        """Whoever may see it. Raises `NothingToDecide`."""
        take = await takes.take_of_id(self._pool, take_id)
        if take is None:
            raise NothingToDecide(NothingToDecide.__doc__)
        return Subject(take.document_id, take.scene_id, take.id)

    async def decide(
        self, actor: Actor, subject: Subject, word: Word, now: float, key: str | None = None
    ) -> DecisionRow:
        """The same `key` of the same actor is the same decision.

        Raises `NothingToDecide`, `NotAFilm`, `NoSuchVersion`, `NoteUnfit`, `NoteMissing`, `Forbidden`,
        `ProjectArchived`, and `NoSuchDocument` where nothing else names the subject.
        """
        access = await self._access(actor, subject, Need.APPROVE)
        said = checked(word)
        seq = access.seq if said.seq is None else said.seq
        if seq > access.seq:
            raise NoSuchVersion(access.seq)
        fresh = time_ordered(now, self._entropy)
        new = NewDecision(
            id=fresh if key is None else uuid5(_KEYS, f"{actor.user_id}|{access.document_id}|{key}"),
            project_id=access.project_id,
            document_id=access.document_id,
            subject=subject.kind,
            scene_id=subject.scene_id,
            take_id=subject.take_id,
            verdict=said.verdict.value,
            note=said.note,
            epoch=access.epoch,
            seq=seq,
            decided_by=actor.user_id,
            role=access.role.value,
        )
        cursor = None
        async with self._pool.acquire() as connection, connection.transaction():
            if await rows.add(connection, new):
                cursor = await _tell(connection, new)
        if cursor is not None:
            with suppress(StoreAway):  # followers also look by themselves
                await self._feed.publish(access.project_id, {"type": "event", "cursor": cursor})
            if subject.take_id is not None and said.verdict is Verdict.APPROVED:
                with suppress(StoreAway):  # the decision stands; the router learns one thing less
                    await self._taste.approved(subject.take_id)
        made = await rows.decision(self._pool, new.document_id, new.id)
        if made is None:  # its project was purged meanwhile
            raise NothingToDecide(NothingToDecide.__doc__)
        return made

    async def of(self, actor: Actor, subject: Subject, before: UUID | None, limit: int) -> list[DecisionRow]:
        """Newest first; of a whole document with neither scene nor take. Raises `NothingToDecide`, `NoSuchDocument`."""
        access = await self._access(actor, subject, Need.VIEW)
        limit_rows = min(limit, PAGE_MAX)
        return await rows.decisions(
            self._pool, access.document_id, subject.scene_id, subject.take_id, before, limit_rows
        )

    async def _access(self, actor: Actor, subject: Subject, need: Need) -> DocumentAccess:
        try:
            access = await access_document(self._pool, actor, subject.document_id, need)
        except NoSuchDocument as error:
            if subject.take_id is None:
                raise
            raise NothingToDecide(NothingToDecide.__doc__) from error
        if need is Need.VIEW:
            return access
        if subject.scene_id is None and access.kind != Kind.TIMELINE.value:
            raise NotAFilm(NotAFilm.__doc__)
        if subject.scene_id is not None and not await scenes.is_in_document(
            self._pool, access.document_id, subject.scene_id
        ):
            raise NothingToDecide(NothingToDecide.__doc__)
        return access


async def _tell(connection: Connection, new: NewDecision) -> int:
    """Last in the transaction: it takes the project's cursor (C9)."""
    payload = {
        "id": ids.to_text(DECISION_PREFIX, new.id),
        "of": new.subject,
        "doc": ids.encode(new.document_id),
        "scn": new.scene_id,
        "take": None if new.take_id is None else ids.to_text("tak", new.take_id),
        "verdict": new.verdict,
        "seq": new.seq,
        "by": ids.to_text("usr", new.decided_by),
    }
    return await append_event(connection, new.project_id, "decision", payload, new.document_id)
