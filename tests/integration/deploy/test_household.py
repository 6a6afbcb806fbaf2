"""A data folder from one build to the next: copied, then migrated; and who may not open it."""

import json
import shutil
from pathlib import Path

import asyncpg
import pytest

from deploy.errors import DataTooNew
from deploy.local.household import household
from storage.migrate import FOLDER, known


@pytest.fixture
def next_build(tmp_path: Path) -> Path:
    """The migrations of a build that is one newer than this."""
    folder = tmp_path / "next-migrations"
    shutil.copytree(FOLDER, folder)
    (folder / "9999_pre_future.sql").write_text("create table future (n int)")
    return folder


async def tables(url: str) -> set[str]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
        return {row["tablename"] for row in rows}
    finally:
        await connection.close()


async def test_older_data_are_copied_and_then_migrated(tmp_path: Path, next_build: Path) -> None:
    said: list[str] = []
    with household(tmp_path / "data", {}, said.append) as house:
        assert "future" not in await tables(house.endpoints.database_url)
    assert not (tmp_path / "data" / "backups").exists()
    with household(tmp_path / "data", {}, said.append, next_build) as house:
        assert "future" in await tables(house.endpoints.database_url)
    copies = list((tmp_path / "data" / "backups").iterdir())
    assert len(copies) == 1
    assert json.loads((copies[0] / "version.json").read_text())["migrations"] == known()
    assert (copies[0] / "postgres" / "PG_VERSION").exists()
    assert any(str(copies[0]) in line for line in said)


async def test_this_build_refuses_what_the_next_one_wrote(tmp_path: Path, next_build: Path) -> None:
    with household(tmp_path / "data", {}, lambda text: None, next_build):
        pass
    with pytest.raises(DataTooNew), household(tmp_path / "data", {}, lambda text: None):
        pass


async def test_outside_servers_are_used_and_migrated(tmp_path: Path, database_url: str, redis_url: str) -> None:
    outside = {
        "STORYFORGE_DATABASE_URL": database_url,
        "STORYFORGE_REDIS_URL": redis_url,
        "STORYFORGE_OBJECTS_URL": (tmp_path / "objects").as_uri(),
    }
    with household(tmp_path / "data", outside, lambda text: None) as house:
        assert house.endpoints.database_url == database_url
        assert house.kept == ()
        assert not (tmp_path / "data" / "postgres").exists()
        assert house.variables["STORYFORGE_SIGNING_KEYS_FILE"] == str(tmp_path / "data" / "signing-keys.json")
