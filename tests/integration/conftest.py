"""One HTTP door over real stores for all tests that ask for one, and people to go through it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.integration.api.studio import Person, Studio, opened


@pytest_asyncio.fixture(scope="session")
async def studio(database_url: str, redis_url: str, objects_url: str, signing_keys_file: Path) -> AsyncIterator[Studio]:
    async with opened(database_url, redis_url, objects_url, signing_keys_file) as state:
        yield Studio(state)


@pytest_asyncio.fixture
async def ada(studio: Studio) -> AsyncIterator[Person]:
    person = await studio.person("Ada")
    async with person.http:
        yield person


@pytest_asyncio.fixture
async def bob(studio: Studio) -> AsyncIterator[Person]:
    person = await studio.person("Bob")
    async with person.http:
        yield person


@pytest_asyncio.fixture
async def cem(studio: Studio) -> AsyncIterator[Person]:
    person = await studio.person("Cem")
    async with person.http:
        yield person
