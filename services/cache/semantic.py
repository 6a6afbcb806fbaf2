"""The same wish in other words: a take that is there is offered, never served unasked.

Similarity nominates within a partition of all that must be equal; the gate decides; every decision is kept with its
reason; a share of what was accepted is made anew and compared.
"""

import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from services.cache.embedder import Embedder
from services.cache.errors import NoSuchDecision, NothingOffered, NothingToCompare
from services.cache.gate import Difference, differences
from services.cache.model import (
    DECISIONS_DAYS,
    NOMINATED_MAX,
    SEMANTIC_DAYS,
    SHADOW_SHARE,
    THRESHOLD,
    Asked,
    FalseHits,
    Layer,
    LookupVerdict,
    Made,
    Served,
    false_hits,
    is_shadowed,
)
from services.cache.prompts.reading import Slots, read
from services.projects.model import time_ordered
from storage.errors import StoreAway
from storage.postgres import store_away
from storage.tables import cached
from storage.tables.cached import DecisionRow, TakeRow
from storage.vectors import Near, Vectors

SWEPT_AT_ONCE = 500
PLACED_AT_ONCE = 64
"""Of takes that nothing was compared with yet."""

Fits = Callable[[TakeRow], Awaitable[bool]]
"""Whether a take may be offered to whoever asks."""


async def anything(take: TakeRow) -> bool:
    """Nothing is held against it."""
    return True


@dataclass(frozen=True, slots=True)
class Offer:
    """Reuse this take? `is_shadowed`: it is made anew even when it is accepted, and `compare` is told."""

    decision_id: UUID
    take_id: UUID
    output: Mapping[str, Any]
    prompt: str
    score: float
    saves_microcredits: int
    is_shadowed: bool


@dataclass(frozen=True, slots=True)
class Considered:
    """One nominated take. `differences`: empty for the one that may be offered."""

    take: TakeRow
    score: float
    differences: tuple[Difference, ...]


class Semantic:
    """`now`: seconds since 1970. `threshold`: cosine. `shadow_share`: 0..1 of offers."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        vectors: Vectors,
        embedder: Embedder,
        *,
        threshold: float = THRESHOLD,
        shadow_share: float = SHADOW_SHARE,
        now: Callable[[], float] = time.time,
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._pool = pool
        self._vectors = vectors
        self._embedder = embedder
        self._threshold = threshold
        self._shadow_share = shadow_share
        self._now = now
        self._entropy = entropy

    async def remember(self, asked: Asked, made: Made) -> None:
        """From now on it may be offered. Not for what was moderated, failed or rejected. Raises `StoreAway`.

        Its vector is made when something is first compared with it: most takes never are.
        """
        slots = read(asked.prompt)
        if "unread" in slots:
            return
        terms, partition = asked.terms, asked.partition(self._embedder.name)
        plain = {slot: tuple(values) for slot, values in slots.items()}
        made_at = datetime.fromtimestamp(self._now(), UTC)
        row = TakeRow(
            self._id(),
            asked.key,
            terms.stage,
            asked.prompt.replace("\x00", ""),
            plain,
            dict(made.output),
            made.cost_microcredits,
            made_at,
        )
        with store_away():
            await cached.add_take(self._pool, terms.project, partition, row)

    async def offer(self, asked: Asked, fits: Fits = anything, run_id: UUID | None = None) -> Offer | None:
        """The nearest take in which nothing differs. The decision is kept either way. Raises `StoreAway`.

        `run_id`: for which run something is looked for.
        """
        slots = read(asked.prompt)
        if "unread" in slots:
            await self._decide(asked, LookupVerdict.UNREADABLE, None, 0, run_id)
            return None
        try:
            near = await self._near(asked)
        except StoreAway:
            await self._decide(asked, LookupVerdict.AWAY, None, 0, run_id)
            return None
        considered = [one for one in await self._consider(asked, slots, near) if await fits(one.take)]
        open_ones = [one for one in considered if not one.differences]
        if open_ones:
            return await self._offered(asked, open_ones[0], len(considered), run_id)
        verdict = LookupVerdict.DIFFERS if considered else LookupVerdict.NOTHING_NEAR
        await self._decide(asked, verdict, considered[0] if considered else None, len(considered), run_id)
        return None

    async def accept(self, project_id: UUID, decision_id: UUID) -> Served:
        """The take. It saves money the first time, unless it is made anew all the same. Raises `NothingOffered`."""
        with store_away():
            row = await self._decision(project_id, decision_id)
            takes = await self._takes(project_id, row.partition, [row.take_id] if row.take_id else [])
            if not takes:
                raise NothingOffered("The take is not kept any more; generate it.")
            is_first = await cached.answer_decision(self._pool, project_id, decision_id, "accepted")
        if is_first is None:
            raise NothingOffered(NothingOffered.__doc__)
        saved = row.saves_microcredits if is_first and row.shadow is None else 0
        return Served(takes[0].output, Layer.SEMANTIC, 0, saved)

    async def decline(self, project_id: UUID, decision_id: UUID) -> None:
        """Raises `NothingOffered`, `NoSuchDecision`, `StoreAway`."""
        with store_away():
            await self._decision(project_id, decision_id)
            if await cached.answer_decision(self._pool, project_id, decision_id, "declined") is None:
                raise NothingOffered(NothingOffered.__doc__)

    async def compare(self, project_id: UUID, decision_id: UUID, *, same: bool) -> None:
        """What a shadowed offer came to when it was made anew. Raises `NothingToCompare`, `NoSuchDecision`."""
        with store_away():
            await self._decision(project_id, decision_id)
            found = "same" if same else "different"
            if not await cached.compare_decision(self._pool, project_id, decision_id, found):
                raise NothingToCompare(NothingToCompare.__doc__)

    async def false_hits(self, project_id: UUID) -> FalseHits:
        """Of the decisions that are kept. Raises `StoreAway`."""
        with store_away():
            counted = await cached.shadows(self._pool, project_id)
        return false_hits(counted.same, counted.different)

    async def sweep(self) -> int:
        """Removes takes older than 90 days with their vectors, and old decisions; returns how many takes."""
        return await sweep(self._pool, self._vectors)

    async def forget(self, project_id: UUID) -> None:
        """The vectors of a project that goes; its rows go with it. Raises `StoreAway`."""
        await self._vectors.forget(project_id)

    async def _near(self, asked: Asked) -> list[Near]:
        """Where there is nothing to be compared with, nothing is read by the encoder."""
        project_id, partition, age = asked.terms.project, asked.partition(self._embedder.name), timedelta(SEMANTIC_DAYS)
        with store_away():
            if not await cached.has_takes(self._pool, project_id, partition, age):
                return []
            new = await cached.unplaced(self._pool, project_id, partition, age, PLACED_AT_ONCE)
        vector, *others = await self._embedder.embed([asked.prompt, *(prompt for _, prompt in new)])
        for (id, _), other in zip(new, others, strict=True):
            await self._vectors.put(project_id, partition, id, other)
        with store_away():
            await cached.place(self._pool, project_id, [id for id, _ in new])
        near = await self._vectors.nearest(asked.terms.project, partition, vector, NOMINATED_MAX)
        return [one for one in near if one.score >= self._threshold]

    async def _consider(self, asked: Asked, slots: Slots, near: list[Near]) -> list[Considered]:
        """The nearest first. The rows say again which partition they are of: a store of vectors is not believed."""
        partition = asked.partition(self._embedder.name)
        with store_away():
            rows = {row.id: row for row in await self._takes(asked.terms.project, partition, [one.id for one in near])}
        return [
            Considered(rows[one.id], one.score, differences(rows[one.id].slots, slots))
            for one in near
            if one.id in rows
        ]

    async def _takes(self, project_id: UUID, partition: str, ids: list[UUID]) -> list[TakeRow]:
        return await cached.takes(self._pool, project_id, partition, ids, timedelta(days=SEMANTIC_DAYS))

    async def _offered(self, asked: Asked, found: Considered, nominated: int, run_id: UUID | None) -> Offer:
        row = await self._decide(asked, LookupVerdict.OFFERED, found, nominated, run_id)
        take = found.take
        return Offer(row.id, take.id, take.output, take.prompt, found.score, take.cost_microcredits, bool(row.shadow))

    async def _decide(
        self, asked: Asked, verdict: LookupVerdict, found: Considered | None, nominated: int, run_id: UUID | None
    ) -> DecisionRow:
        id, offered = self._id(), verdict is LookupVerdict.OFFERED
        row = DecisionRow(
            id=id,
            partition=asked.partition(self._embedder.name),
            key=asked.key,
            stage=asked.terms.stage,
            verdict=verdict,
            take_id=found.take.id if found else None,
            score=found.score if found else None,
            threshold=self._threshold,
            nominated=nominated,
            differences=tuple((one.slot, one.made, one.asked) for one in found.differences) if found else (),
            saves_microcredits=found.take.cost_microcredits if found and offered else 0,
            shadow="wanted" if offered and is_shadowed(id, self._shadow_share) else None,
            run_id=run_id,
        )
        with store_away():
            await cached.add_decision(self._pool, asked.terms.project, row)
        return row

    async def _decision(self, project_id: UUID, decision_id: UUID) -> DecisionRow:
        row = await cached.decision(self._pool, project_id, decision_id)
        if row is None:
            raise NoSuchDecision(NoSuchDecision.__doc__)
        return row

    def _id(self) -> UUID:
        return time_ordered(self._now(), self._entropy)


async def sweep(pool: asyncpg.Pool, vectors: Vectors) -> int:
    """As the method, where nobody reads prompts. Raises `StoreAway`."""
    with store_away():
        old = await cached.old_takes(pool, timedelta(days=SEMANTIC_DAYS), SWEPT_AT_ONCE)
    for project_id in {project_id for project_id, _ in old}:
        await vectors.remove(project_id, [id for owner, id in old if owner == project_id])
    with store_away():
        await cached.remove_takes(pool, [id for _, id in old])
        await cached.remove_old_decisions(pool, timedelta(days=DECISIONS_DAYS), SWEPT_AT_ONCE)
    return len(old)
