"""The cache as a run uses it: one call for each way in which something may be used again.

Not its page (`reports.py`). Whoever calls has asked for rights and moderated before; a cache answers nobody's questions
about either.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

import asyncpg

from services.cache.ahead import Hindrance, Idle, hindrance
from services.cache.components import Components
from services.cache.embedder import SentenceEncoder
from services.cache.errors import EmbedderMissing
from services.cache.exact import Exact, Make
from services.cache.model import Asked, Kind, Layer, Made, Mode, Policy, Served
from services.cache.semantic import Fits, Offer, Semantic, anything
from storage.errors import StoreAway
from storage.postgres import store_away
from storage.shelf import Shelf
from storage.tables import cached
from storage.vectors import Vectors

log = logging.getLogger("storyforge.cache")

OFFERED_STAGES = frozenset({"frame", "clip", "take"})
"""What may be offered for other words: pictures. Plans and voices are answered exactly or made."""


class Cache:
    """`semantic` None: no encoder is installed, nothing is offered."""

    def __init__(self, pool: asyncpg.Pool, exact: Exact, semantic: Semantic | None) -> None:
        self._pool = pool
        self._exact = exact
        self._semantic = semantic
        self._components = Components(pool, exact)

    @classmethod
    def over(cls, pool: asyncpg.Pool, shelf: Shelf, vectors: Vectors) -> "Cache":
        """With the encoder of this machine, if there is one."""
        try:
            semantic = Semantic(pool, vectors, SentenceEncoder())
        except EmbedderMissing as missing:
            log.warning("cache.nothing_offered", extra={"reason": str(missing)})
            semantic = None
        return cls(pool, Exact(shelf), semantic)

    async def once(self, asked: Asked, make: Make) -> Served:
        """The same request's output, or what `make` makes; one maker however many ask. Raises what `make` raises."""
        project_id = asked.terms.project
        policy = await self.policy(project_id)
        if policy.mode is Mode.OFF:
            made = await make()
            served = Served(made.output, Layer.NONE, made.cost_microcredits, 0)
        else:
            served = await self._exact.once(project_id, asked.key, make)
        if served.layer is Layer.NONE and policy.mode is Mode.SUGGEST:
            await self._remember(asked, Made(served.output, served.spent_microcredits))
        await self._count(project_id, asked.terms.stage, served)
        return served

    async def known(self, project_id: UUID, key: str) -> Served | None:
        """What an equal step has made, or was prepared for it. None as well where everything is wanted anew.

        Raises `StoreAway`.
        """
        if (await self.policy(project_id)).mode is Mode.OFF:
            return None
        return await self._exact.known(project_id, key)

    async def keep(self, project_id: UUID, key: str, made: Made) -> None:
        """What a step has made, for `known`. Raises `StoreAway`."""
        if (await self.policy(project_id)).mode is not Mode.OFF:
            await self._exact.keep(project_id, key, made)

    async def distrust(self, project_id: UUID, keys: Iterable[str]) -> None:
        """What they stand for is not there any more. Raises `StoreAway`."""
        gone = list(keys)
        with store_away():
            await cached.remove_components(self._pool, project_id, gone)
        for key in gone:
            await self._exact.remove(project_id, key)

    async def offer(self, asked: Asked, fits: Fits = anything, run_id: UUID | None = None) -> Offer | None:
        """A take in which nothing differs, to be shown to a person; ask before `once`. Raises `StoreAway`.

        None as well where the same request is answered already.
        """
        policy = await self.policy(asked.terms.project)
        if self._semantic is None or policy.mode is not Mode.SUGGEST or asked.terms.stage not in OFFERED_STAGES:
            return None
        if await self._exact.is_known(asked.terms.project, asked.key):
            return None
        return await self._semantic.offer(asked, fits, run_id)

    async def remember(self, asked: Asked, made: Made) -> None:
        """From now on it may be offered, if the project wants that. Raises `StoreAway`."""
        if (await self.policy(asked.terms.project)).mode is Mode.SUGGEST:
            await self._remember(asked, made)

    async def accept(self, project_id: UUID, stage: str, offer_id: UUID) -> Served:
        """The offered take. Raises `NoSuchDecision`, `NothingOffered`, `StoreAway`."""
        served = await self._offers().accept(project_id, offer_id)
        if served.saved_microcredits:
            await self._count(project_id, stage, served)
        return served

    async def decline(self, project_id: UUID, offer_id: UUID) -> None:
        """Raises `NoSuchDecision`, `NothingOffered`, `StoreAway`."""
        await self._offers().decline(project_id, offer_id)

    async def compare(self, project_id: UUID, offer_id: UUID, *, same: bool) -> None:
        """Of a shadowed offer. Raises `NoSuchDecision`, `NothingToCompare`, `StoreAway`."""
        await self._offers().compare(project_id, offer_id, same=same)

    async def component(self, project_id: UUID, kind: Kind, key: str, make: Make) -> Served:
        """A character, background or voice, made once for the project. Raises what `make` raises, `StoreAway`."""
        served = await self._components.once(project_id, kind, key, make)
        await self._count(project_id, kind, served)
        return served

    async def prepare(self, asked: Asked, idle: Idle, make: Make) -> Hindrance | None:
        """Makes what is expected next and keeps it for a day, or says why not. Raises what `make` raises."""
        return await self.prepare_step(asked.terms.project, asked.key, idle, make)

    async def prepared(self, project_id: UUID, key: str) -> Mapping[str, Any] | None:
        """What `prepare` has made or found, for what is prepared behind it. Raises `StoreAway`."""
        return await self._exact.peek(project_id, key)

    async def prepare_step(self, project_id: UUID, key: str, idle: Idle, make: Make) -> Hindrance | None:
        """As `prepare`, by the key of a step that a run will have."""
        if found := hindrance(await self.policy(project_id), idle):
            return found
        return None if await self._exact.ahead(project_id, key, make) else Hindrance.KNOWN

    async def policy(self, project_id: UUID) -> Policy:
        """Raises `StoreAway`."""
        with store_away():
            found = await cached.policy(self._pool, project_id)
        return Policy() if found is None else Policy(Mode(found[0]), found[1])

    async def forget(self, project_id: UUID) -> None:
        """Of a project that is purged: what does not go with its rows. Raises `StoreAway`."""
        await self._exact.forget(project_id)
        if self._semantic is not None:
            await self._semantic.forget(project_id)

    async def sweep(self) -> int:
        """Removes what is too old; returns how many takes. Raises `StoreAway`."""
        return 0 if self._semantic is None else await self._semantic.sweep()

    def _offers(self) -> Semantic:
        assert self._semantic is not None, "nothing can have been offered"
        return self._semantic

    async def _remember(self, asked: Asked, made: Made) -> None:
        """What was paid for is not lost because it cannot be remembered."""
        if self._semantic is not None and asked.terms.stage in OFFERED_STAGES:
            await _unless_away(lambda: self._remembered(asked, made))

    async def _remembered(self, asked: Asked, made: Made) -> None:
        assert self._semantic is not None
        await self._semantic.remember(asked, made)

    async def _count(self, project_id: UUID, stage: str, served: Served) -> None:
        await _unless_away(lambda: self._counted(project_id, stage, served))

    async def _counted(self, project_id: UUID, stage: str, served: Served) -> None:
        spent, saved = served.spent_microcredits, served.saved_microcredits
        with store_away():
            await cached.count(
                self._pool, project_id, served.layer, stage, spent_microcredits=spent, saved_microcredits=saved
            )


async def _unless_away(work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except StoreAway as error:
        log.warning("cache.not_written", extra={"reason": str(error)})
