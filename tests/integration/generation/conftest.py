"""Tables of their own, so that a worker here never finds runs that other tests left, and a studio with scenes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from storage.settings import StoreSettings
from storage.stores import Stores, open_stores
from tests.integration.schemas import own_schema

from .studio import Studio


@pytest_asyncio.fixture(scope="session")
async def own_settings(database_url: str, redis_url: str, objects_url: str) -> StoreSettings:
    own = await own_schema(database_url, "generation")
    return StoreSettings(own, f"{redis_url.rpartition('/')[0]}/5", objects_url)


@pytest_asyncio.fixture(scope="session")
async def own_stores(own_settings: StoreSettings) -> AsyncIterator[Stores]:
    async with open_stores(own_settings) as stores:
        yield stores


@pytest_asyncio.fixture
async def studio(own_stores: Stores, own_settings: StoreSettings, tmp_path: Path) -> AsyncIterator[Studio]:
    studio = await Studio.open(own_stores, own_settings.redis_url, tmp_path)
    try:
        yield studio
    finally:
        await studio.settle()


@pytest.fixture
def environ(own_settings: StoreSettings, tmp_path: Path) -> dict[str, str]:
    """For a worker in a process of its own."""
    return {
        "STORYFORGE_DATABASE_URL": own_settings.database_url,
        "STORYFORGE_REDIS_URL": own_settings.redis_url,
        "STORYFORGE_OBJECTS_URL": own_settings.objects_url,
        "STORYFORGE_SCRATCH_DIR": str(tmp_path),
    }
