"""What every test may ask for: a real PostgreSQL and Valkey from their wheels, one folder of objects, signing keys,
and Chromium.

One set of servers for a whole run, started only when a test asks for one. Tests use fresh ids and never truncate.
"""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import asyncpg
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from deploy.local.embedded import EmbeddedStores, Endpoints
from services.users.keys import create_keys
from storage.migrate import migrate
from storage.objects import FolderObjects
from storage.postgres import open_pool

TEST_S_MAX = 180
"""No test takes a tenth of it; one that hangs fails, with what its tasks wait for, and the others still run."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, bool, bool]:
    before = signal.signal(signal.SIGALRM, _hung)
    signal.setitimer(signal.ITIMER_REAL, TEST_S_MAX, 10)  # again: a callback may have swallowed the first
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _hung(number: int, frame: FrameType | None) -> None:
    try:
        for task in asyncio.all_tasks():
            task.print_stack(file=sys.stderr)
    except RuntimeError:
        pass  # no loop runs: the traceback alone tells
    raise TimeoutError(f"this test has taken {TEST_S_MAX} s")


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    """The servers, empty. `durable=False`: no test here pulls the plug of the machine."""
    with EmbeddedStores(tmp_path_factory.mktemp("stores"), durable=False) as servers:
        yield servers.endpoints


@pytest_asyncio.fixture(scope="session")
async def database_url(stores: Endpoints) -> str:
    """A database with the schema of today."""
    connection = await asyncpg.connect(stores.database_url)
    try:
        await migrate(connection)
    finally:
        await connection.close()
    return stores.database_url


@pytest_asyncio.fixture(scope="session")
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with open_pool(database_url) as pool:
        yield pool


@pytest.fixture(scope="session")
def redis_url(stores: Endpoints) -> str:
    return stores.redis_url


@pytest.fixture(scope="session")
def objects_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"file://{tmp_path_factory.mktemp('objects')}"


@pytest.fixture(scope="session")
def objects(objects_url: str) -> FolderObjects:
    return FolderObjects(Path(urlsplit(objects_url).path))


@pytest.fixture(scope="session")
def signing_keys_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "signing-keys.json"
    create_keys(path)
    return path


@pytest_asyncio.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    arguments = ["--autoplay-policy=no-user-gesture-required"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium's sandbox refuses to run as root
    program = os.environ.get("STORYFORGE_CHROMIUM") or shutil.which("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        await browser.close()
