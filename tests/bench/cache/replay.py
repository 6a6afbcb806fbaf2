"""The workload through the real cache: PostgreSQL, Redis, the encoder; only the models are played.

What a model makes is a name made from its key, so equal requests have equal outputs, however often and in whichever
order they are made.
"""

import hashlib
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import asyncpg

from services.cache.ahead import Idle
from services.cache.model import Asked, Kind, Layer, Made, Mode, Terms
from services.cache.service import OFFERED_STAGES, Cache
from storage.tables import cached
from tests.bench.cache.workload import Ahead, Ask, Stage, Workload
from tests.project_rows import Made as Project

COMPONENTS = {Stage.CHARACTER: Kind.CHARACTER, Stage.BACKGROUND: Kind.BACKGROUND, Stage.VOICE: Kind.VOICE}
PREPARED = frozenset({Stage.PLAN, Stage.FRAME})
"""Of a next scene: what is cheap. A clip costs as much as twenty frames, and its frame is not chosen yet."""
QUIET_S = 60.0
"""Lanes count as idle when nobody has asked for so long."""
FREE_MICROCREDITS = 10**12


class Remembering:
    """An encoder that encodes each text once: repeats of the bench are not what is measured."""

    def __init__(self, name: str, vectors: Mapping[str, list[float]]) -> None:
        self.name = name
        self._vectors = vectors

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [self._vectors[text] for text in texts]


@dataclass(slots=True)
class Replayed:
    """What came of it. Money in micro-credits. `wrong`: offers of another meaning.

    `chances`: pictures that were asked for in words that were new, of a meaning that was there.
    """

    requests: int = 0
    layers: Counter[str] = field(default_factory=Counter)
    by_stage: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    offered: int = 0
    wrong: int = 0
    chances: int = 0
    full: int = 0
    spent: int = 0
    prepared: int = 0
    prepared_used: int = 0
    prepared_spent: int = 0
    seconds: float = 0.0
    once_s: list[float] = field(default_factory=list)
    offer_s: list[float] = field(default_factory=list)

    @property
    def touched(self) -> float:
        """Share of requests that something answered, or for which something was offered."""
        answered = sum(self.layers[layer] for layer in (Layer.EXACT, Layer.COMPONENT, Layer.AHEAD, Layer.SEMANTIC))
        left = self.offered - self.layers[Layer.SEMANTIC]
        return (answered + left) / self.requests

    @property
    def cut(self) -> float:
        """Of what everything would have cost without a cache. What was prepared is paid for, used or not."""
        return 1 - (self.spent + self.prepared_spent) / self.full


class Replay:
    """`accepts`: people take what is offered and right; else nobody takes anything."""

    def __init__(self, cache: Cache, pool: asyncpg.Pool, projects: Sequence[Project], *, accepts: bool) -> None:
        self._cache = cache
        self._pool = pool
        self._projects = projects
        self._accepts = accepts
        self._outputs: list[str] = []
        self._meant: dict[str, tuple[object, ...]] = {}
        self._made: set[tuple[object, ...]] = set()
        self.result = Replayed()

    async def play(self, played: Workload) -> Replayed:
        for project in self._projects:
            await cached.set_policy(self._pool, project.id, Mode.SUGGEST, True)
        begun = time.perf_counter()
        coming = list(played.ahead)
        last_at_s = 0.0
        for ask in played.asks:
            while coming and coming[0].at_s < ask.at_s:
                ahead = coming.pop(0)
                if ask.at_s - max(ahead.at_s, last_at_s) >= QUIET_S:
                    await self._prepare(ahead)
            last_at_s = ask.at_s
            await self._ask(ask)
        self.result.seconds = time.perf_counter() - begun
        return self.result

    async def _ask(self, ask: Ask) -> None:
        asked = self._asked(ask, [self._outputs[need] for need in ask.needs])
        result = self.result
        result.requests += 1
        result.full += ask.price
        wish = (ask.project, ask.meaning, ask.take)
        if ask.stage in OFFERED_STAGES and (taken := await self._offer(ask, asked)):
            result.chances += 1
            self._outputs.append(taken)
            self._answered(ask, Layer.SEMANTIC)
            return

        async def make() -> Made:
            result.spent += ask.price
            return Made({"media": _media(asked)}, ask.price)

        begun = time.perf_counter()
        kind = COMPONENTS.get(ask.stage)
        if kind is None:
            served = await self._cache.once(asked, make)
            result.once_s.append(time.perf_counter() - begun)
        else:
            served = await self._cache.component(asked.terms.project, kind, asked.key, make)
        result.prepared_used += served.layer is Layer.AHEAD
        result.chances += ask.stage in OFFERED_STAGES and served.layer is Layer.NONE and wish in self._made
        self._made.add(wish)
        media = str(served.output["media"])
        self._meant.setdefault(media, (ask.meaning, ask.take))
        self._outputs.append(media)
        self._answered(ask, served.layer)

    def _answered(self, ask: Ask, layer: str) -> None:
        self.result.layers[layer] += 1
        self.result.by_stage[ask.stage][layer] += 1

    async def _offer(self, ask: Ask, asked: Asked) -> str | None:
        """What was accepted."""
        begun = time.perf_counter()
        offer = await self._cache.offer(asked)
        self.result.offer_s.append(time.perf_counter() - begun)
        if offer is None:
            return None
        self.result.offered += 1
        media = str(offer.output["media"])
        is_right = self._meant[media] == (ask.meaning, ask.take)
        self.result.wrong += not is_right
        if not (self._accepts and is_right):
            return None
        await self._cache.accept(asked.terms.project, ask.stage, offer.decision_id)
        return media

    async def _prepare(self, ahead: Ahead) -> None:
        """Plans and frames of a scene that is written and not asked for yet."""
        outputs: list[str] = []
        idle = Idle(FREE_MICROCREDITS, sum(ask.price for ask in ahead.asks), 0, 4, 4)
        for ask in ahead.asks:
            asked = self._asked(ask, [outputs[need] for need in ask.needs])
            media = _media(asked)
            outputs.append(media)
            if ask.stage not in PREPARED:
                continue
            price = ask.price

            async def make(media: str = media, price: int = price) -> Made:
                self.result.prepared += 1
                self.result.prepared_spent += price
                return Made({"media": media}, price)

            await self._cache.prepare(asked, idle, make)

    def _asked(self, ask: Ask, needed: Sequence[str]) -> Asked:
        project = self._projects[ask.project]
        fixed = dict(ask.fixed)
        terms = Terms(
            tenant=project.owner.user_id,
            project=project.id,
            stage=ask.stage,
            model=fixed.pop("model"),
            parameters={"variation": ask.take, "seconds": fixed.pop("seconds")},
            brain=fixed.pop("brain"),
            beat="opening/1",
            continuity="",
            safety="standard/1",
        )
        return Asked(terms, ask.prompt, {f"{number:03d}": media for number, media in enumerate(needed)})


def _media(asked: Asked) -> str:
    return hashlib.sha256(asked.key.encode()).hexdigest()
