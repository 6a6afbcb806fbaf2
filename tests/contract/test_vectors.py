"""One suite for every store of vectors: pgvector, and Pinecone's adapter against its stub."""

import random
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio

from storage.errors import StoreAway
from storage.objects import Objects
from storage.pinecone import PineconeVectors
from storage.settings import PineconeSettings
from storage.vectors import DIMENSIONS, PostgresVectors, Vectors
from tests.contract.pinecone import SETTINGS, Pinecone
from tests.project_rows import a_project

PARTITION, OTHER = "a" * 64, "b" * 64


@pytest_asyncio.fixture(params=["postgres", "pinecone"])
async def vectors(request: pytest.FixtureRequest, pool: asyncpg.Pool) -> AsyncIterator[Vectors]:
    if request.param == "postgres":
        yield PostgresVectors(pool)
        return
    async with httpx.AsyncClient(transport=Pinecone().transport) as http:
        yield PineconeVectors(http, SETTINGS)


@pytest_asyncio.fixture
async def project(pool: asyncpg.Pool, objects: Objects) -> UUID:
    return (await a_project(pool, objects)).id


def pointing(*leading: float) -> list[float]:
    return [*leading, *[0.0] * (DIMENSIONS - len(leading))]


async def test_the_nearest_come_first_with_their_cosine(vectors: Vectors, project: UUID) -> None:
    near, far, apart = uuid4(), uuid4(), uuid4()
    await vectors.put(project, PARTITION, near, pointing(2.0, 0.2))
    await vectors.put(project, PARTITION, far, pointing(1.0, 1.0))
    await vectors.put(project, PARTITION, apart, pointing(0.0, 0.0, 1.0))
    found = await vectors.nearest(project, PARTITION, pointing(1.0), 3)
    assert [one.id for one in found] == [near, far, apart]
    assert [one.score for one in found] == pytest.approx([0.995037, 0.707107, 0.0], abs=1e-5)
    assert [one.id for one in await vectors.nearest(project, PARTITION, pointing(1.0), 1)] == [near]


async def test_another_partition_and_another_project_are_never_near(
    vectors: Vectors, project: UUID, pool: asyncpg.Pool, objects: Objects
) -> None:
    stranger = (await a_project(pool, objects)).id
    await vectors.put(project, PARTITION, uuid4(), pointing(1.0))
    assert await vectors.nearest(project, OTHER, pointing(1.0), 5) == []
    assert await vectors.nearest(stranger, PARTITION, pointing(1.0), 5) == []


async def test_putting_again_replaces(vectors: Vectors, project: UUID) -> None:
    one = uuid4()
    await vectors.put(project, PARTITION, one, pointing(1.0))
    await vectors.put(project, PARTITION, one, pointing(0.0, 1.0))
    (found,) = await vectors.nearest(project, PARTITION, pointing(1.0), 5)
    assert found.score == pytest.approx(0.0, abs=1e-6)


async def test_what_is_removed_is_gone_and_the_rest_is_there(vectors: Vectors, project: UUID) -> None:
    gone, kept = uuid4(), uuid4()
    for one in (gone, kept):
        await vectors.put(project, PARTITION, one, pointing(1.0))
    await vectors.remove(project, [gone, uuid4()])
    assert [one.id for one in await vectors.nearest(project, PARTITION, pointing(1.0), 5)] == [kept]
    await vectors.remove(project, [])


async def test_a_forgotten_project_has_nothing_and_others_have_theirs(
    vectors: Vectors, project: UUID, pool: asyncpg.Pool, objects: Objects
) -> None:
    other = (await a_project(pool, objects)).id
    for owner in (project, other):
        await vectors.put(owner, PARTITION, uuid4(), pointing(1.0))
    await vectors.forget(project)
    await vectors.forget(project)
    assert await vectors.nearest(project, PARTITION, pointing(1.0), 5) == []
    assert len(await vectors.nearest(other, PARTITION, pointing(1.0), 5)) == 1


async def test_the_nearest_of_many_is_exact(vectors: Vectors, project: UUID) -> None:
    rng = random.Random(4711)
    many = {uuid4(): [rng.gauss(0, 1) for _ in range(DIMENSIONS)] for _ in range(40)}
    for id, vector in many.items():
        await vectors.put(project, PARTITION, id, vector)
    for id, vector in list(many.items())[:10]:
        nudged = [number + rng.gauss(0, 0.1) for number in vector]
        assert (await vectors.nearest(project, PARTITION, nudged, 1))[0].id == id


async def test_a_purged_project_takes_its_vectors_along(pool: asyncpg.Pool, project: UUID) -> None:
    await PostgresVectors(pool).put(project, PARTITION, uuid4(), pointing(1.0))
    await pool.execute("delete from projects where id = $1", project)
    assert await pool.fetchval("select count(*) from cached_vectors where project_id = $1", project) == 0


@pytest.mark.parametrize("status", [401, 429, 500, 503])
async def test_pinecone_that_refuses_is_a_store_that_is_away(status: int) -> None:
    stub = Pinecone()
    stub.status = status
    async with httpx.AsyncClient(transport=stub.transport) as http:
        with pytest.raises(StoreAway, match=str(status)):
            await PineconeVectors(http, SETTINGS).nearest(uuid4(), PARTITION, pointing(1.0), 1)


async def test_pinecone_that_talks_nonsense_or_not_at_all_is_away() -> None:
    for answer in (httpx.Response(200, text="<html>"), httpx.Response(200, json={"matches": [{"id": "x"}]})):
        transport = httpx.MockTransport(lambda _, answer=answer: answer)
        async with httpx.AsyncClient(transport=transport) as http:
            with pytest.raises(StoreAway):
                await PineconeVectors(http, SETTINGS).nearest(uuid4(), PARTITION, pointing(1.0), 1)

    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(broken)) as http:
        with pytest.raises(StoreAway):
            await PineconeVectors(http, SETTINGS).put(uuid4(), PARTITION, uuid4(), pointing(1.0))


def test_pinecone_is_used_when_both_settings_are_there_and_its_key_is_not_shown() -> None:
    environ = {"STORYFORGE_PINECONE_HOST": "h", "STORYFORGE_PINECONE_API_KEY": "sesame"}
    settings = PineconeSettings.from_env(environ)
    assert settings == PineconeSettings("h", "sesame") and "sesame" not in repr(settings)
    assert PineconeSettings.from_env({"STORYFORGE_PINECONE_HOST": "h"}) is None
