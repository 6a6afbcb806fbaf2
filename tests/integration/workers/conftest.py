"""Tables of their own, so that a worker here never finds what others left, and workers in processes of their own."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest
import pytest_asyncio

from storage.settings import StoreSettings
from storage.stores import Stores, open_stores
from tests.integration.schemas import own_schema

PROGRAM = Path(__file__).parents[1] / "generation" / "worker_process.py"


class Process(Protocol):
    """As much of a process as these tests need."""

    def kill(self) -> None: ...

    async def wait(self) -> int: ...


class Hire(Protocol):
    """Starts a worker; leaving the block kills it, if nobody did before."""

    def __call__(self, node: str) -> AbstractAsyncContextManager[Process]: ...


@pytest_asyncio.fixture(scope="session")
async def own_settings(database_url: str, redis_url: str, objects_url: str) -> StoreSettings:
    own = await own_schema(database_url, "workers")
    return StoreSettings(own, f"{redis_url.rpartition('/')[0]}/9", objects_url)


@pytest_asyncio.fixture(scope="session")
async def own_stores(own_settings: StoreSettings) -> AsyncIterator[Stores]:
    async with open_stores(own_settings) as stores:
        yield stores


@pytest.fixture
def hire(own_settings: StoreSettings, tmp_path: Path) -> Hire:
    environ = {
        "STORYFORGE_DATABASE_URL": own_settings.database_url,
        "STORYFORGE_REDIS_URL": own_settings.redis_url,
        "STORYFORGE_OBJECTS_URL": own_settings.objects_url,
        "STORYFORGE_SCRATCH_DIR": str(tmp_path),
    }

    @asynccontextmanager
    async def worker(node: str) -> AsyncIterator[Process]:
        named = {**os.environ, **environ, "STORYFORGE_NODE_ID": node}
        process = await asyncio.create_subprocess_exec(sys.executable, str(PROGRAM), env=named)
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    return worker
