"""What a data folder says before any server runs."""

import json
import os
import stat
from pathlib import Path

import pytest

from deploy.errors import DataInUse, DataTooNew, DataUnwritable, DiskFull
from deploy.local import data
from deploy.local.folder import prepare, write_private


def test_a_second_user_of_the_folder_is_told_who_has_it(tmp_path: Path) -> None:
    with data.in_use(tmp_path), pytest.raises(DataInUse, match=f"process {os.getpid()}"), data.in_use(tmp_path):
        pass


def test_the_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with data.in_use(tmp_path):
            assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_data_of_this_version_are_neither_older_nor_newer(tmp_path: Path) -> None:
    data.write_version(tmp_path, ["0001_pre_first"])
    assert data.check_version(tmp_path, ["0001_pre_first"]) is False


def test_a_new_folder_is_not_older(tmp_path: Path) -> None:
    assert data.check_version(tmp_path, ["0001_pre_first"]) is False


def test_fewer_migrations_are_older_data(tmp_path: Path) -> None:
    data.write_version(tmp_path, ["0001_pre_first"])
    assert data.check_version(tmp_path, ["0001_pre_first", "0002_pre_second"]) is True


@pytest.mark.parametrize(
    "written",
    [
        {"layout": data.LAYOUT, "migrations": ["0001_pre_first", "0002_pre_second"], "storyforge": "9.0.0"},
        {"layout": data.LAYOUT + 1, "migrations": ["0001_pre_first"], "storyforge": "9.0.0"},
    ],
)
def test_newer_data_are_refused_with_the_version_that_wrote_them(tmp_path: Path, written: dict[str, object]) -> None:
    (tmp_path / "version.json").write_text(json.dumps(written))
    with pytest.raises(DataTooNew, match=r"9\.0\.0"):
        data.check_version(tmp_path, ["0001_pre_first"])


def test_a_back_up_holds_what_a_migration_may_change(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "rows").write_text("rows")
    data.write_version(tmp_path, ["0001_pre_first"])
    copy = data.back_up(tmp_path)
    assert (copy / "postgres" / "rows").read_text() == "rows"
    assert (copy / "version.json").exists()


def test_too_little_space_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DiskFull, match="Free some space"):
        prepare(tmp_path, free_bytes_min=2**62)


def test_a_folder_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataUnwritable, match="--data"):
        prepare(tmp_path / "file")


def test_private_files_are_private_and_whole(tmp_path: Path) -> None:
    write_private(tmp_path / "secret", "first")
    write_private(tmp_path / "secret", "second")
    assert (tmp_path / "secret").read_text() == "second"
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_signing_keys_are_made_once(tmp_path: Path) -> None:
    keys = data.signing_keys(tmp_path)
    before = keys.read_bytes()
    assert data.signing_keys(tmp_path).read_bytes() == before
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
