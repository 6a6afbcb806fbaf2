"""Tables of their own, so that a worker here never finds files that other tests left."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from jobs.settings import WorkerSettings
from storage.settings import StoreSettings
from storage.stores import Stores, open_stores
from tests.integration.schemas import own_schema

from .studio import Studio


@pytest_asyncio.fixture(scope="session")
async def asset_stores(database_url: str, redis_url: str, objects_url: str) -> AsyncIterator[Stores]:
    own = await own_schema(database_url, "assets")
    async with open_stores(StoreSettings(own, f"{redis_url.rpartition('/')[0]}/6", objects_url)) as stores:
        yield stores


@pytest.fixture
def studio(asset_stores: Stores, redis_url: str, tmp_path: Path) -> Studio:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    settings = WorkerSettings(redis_url, "worker-1", scratch=scratch, lease_s=5.0, renew_s=0.5, sweep_s=0.2)
    return Studio(asset_stores, settings, scratch)
