"""A cache over real stores, an encoder that counts words, and a maker that counts what it was paid for."""

import hashlib
import math
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg
import pytest_asyncio
from redis.asyncio import Redis

from services.cache.exact import Exact
from services.cache.model import Asked, Made, Terms
from services.cache.semantic import Semantic
from services.cache.service import Cache
from services.users.model import Actor
from storage.objects import Objects
from storage.redis import open_redis
from storage.redis_shelf import RedisShelf
from storage.vectors import DIMENSIONS, PostgresVectors
from tests.project_rows import a_project

PRICE = 125_000_000


class WordCounter:
    """Each word has a place of its own: texts of the same words are near."""

    name = "word-counter/1"

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> list[float]:
        vector = [0.0] * DIMENSIONS
        for word, times in Counter(text.lower().replace(",", " ").replace(".", " ").split()).items():
            vector[int.from_bytes(hashlib.sha256(word.encode()).digest()[:4]) % DIMENSIONS] += times
        length = math.hypot(*vector) or 1.0
        return [number / length for number in vector]


@dataclass(slots=True)
class Maker:
    """Makes outputs one after the other; `made`: how many were paid for."""

    made: int = 0

    async def __call__(self) -> Made:
        self.made += 1
        return Made({"media": f"{self.made:064x}"}, PRICE)


@dataclass(frozen=True, slots=True)
class House:
    """The cache of one project."""

    cache: Cache
    semantic: Semantic
    exact: Exact
    redis: Redis
    pool: asyncpg.Pool
    objects: Objects
    terms: Terms
    owner: Actor
    make: Maker = field(default_factory=Maker)

    @property
    def project(self) -> UUID:
        return self.terms.project

    def asks(self, prompt: str, **inputs: str) -> Asked:
        return Asked(self.terms, prompt, inputs)


def terms_of(project: UUID, tenant: UUID) -> Terms:
    return Terms(
        tenant=tenant,
        project=project,
        stage="clip",
        model="animatic/1",
        parameters={"seconds": 5, "variation": 0},
        brain="thriller/1",
        beat="opening/1",
        continuity="none",
        safety="standard/1",
    )


@pytest_asyncio.fixture
async def house(pool: asyncpg.Pool, objects: Objects, redis_url: str) -> AsyncIterator[House]:
    made = await a_project(pool, objects)
    async with open_redis(redis_url) as redis:
        exact = Exact(RedisShelf(redis), look_again_s=0.01)
        semantic = Semantic(pool, PostgresVectors(pool), WordCounter(), threshold=0.6, shadow_share=0.0)
        terms = terms_of(made.id, made.owner.user_id)
        yield House(Cache(pool, exact, semantic), semantic, exact, redis, pool, objects, terms, made.owner)
