"""A cache over real stores, an encoder that counts words, and a maker that counts what it was paid for."""

from collections.abc import AsyncIterator
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
from storage.vectors import PostgresVectors
from tests.project_rows import a_project
from tests.word_counter import WordCounter

PRICE = 125_000_000


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
