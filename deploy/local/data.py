"""One data folder: who uses it, which version wrote it, its keys. Layout:

    lock  version.json  passwords.json  ports.json  signing-keys.json   postgres/  valkey/  objects/  logs/  backups/

Starts no server.
"""

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from deploy.errors import DataInUse, DataTooNew, DataUnwritable, DiskFull
from deploy.local.folder import FREE_BYTES_MIN, prepare, write_private
from services.users.keys import create_keys

LAYOUT = 1
"""Raised when files of the folder move or change their form."""


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in version.json: enough to know, before any server runs, whether this build may open the data."""

    layout: int
    migrations: list[str]
    storyforge: str


@contextmanager
def in_use(folder: Path) -> Iterator[None]:
    """Nobody else may run on the folder meanwhile. The kernel gives the lock back when we die. Raises `DataInUse`."""
    prepare(folder)
    with (folder / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner = file.read().strip() or "unknown"
            raise DataInUse(
                f"{folder} is used by another StoryForge (process {owner}). Stop that one, "
                "or choose another folder with --data."
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def check_version(folder: Path, known: Sequence[str]) -> bool:
    """True when the data are older than this build. `known`: the names of its migrations. Raises `DataTooNew`."""
    path = folder / "version.json"
    if not path.exists():
        return False
    written = Written(**json.loads(path.read_text()))
    newer = [name for name in written.migrations if name not in known]
    if written.layout > LAYOUT or newer:
        raise DataTooNew(
            f"{folder} was written by StoryForge {written.storyforge}, which knows more than this one, "
            f"{version('storyforge')}. Start that version, or choose another folder with --data."
        )
    return written.layout < LAYOUT or set(written.migrations) < set(known)


def write_version(folder: Path, migrations: Sequence[str]) -> None:
    """After the migrations: from now on older builds refuse the folder."""
    written = Written(LAYOUT, list(migrations), version("storyforge"))
    write_private(folder / "version.json", json.dumps(asdict(written), indent=2))


def back_up(folder: Path, keep: Sequence[str] = ("postgres", "version.json", "passwords.json")) -> Path:
    """Copies what a migration may change, while no server runs. Raises `DiskFull`."""
    sources = [folder / name for name in keep if (folder / name).exists()]
    size = sum(path.lstat().st_size for source in sources for path in (source, *source.rglob("*")))
    free = shutil.disk_usage(folder).free
    if free < size + FREE_BYTES_MIN:
        raise DiskFull(
            f"The data of {folder} are older and would be copied before they are changed, but the copy needs "
            f"{size // 2**20} MiB and only {free // 2**20} MiB are free. Free some space and start again."
        )
    copy = folder / "backups" / datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    copy.mkdir(mode=0o700, parents=True)
    try:
        subprocess.run(["cp", "-a", *map(str, sources), str(copy)], check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        shutil.rmtree(copy, ignore_errors=True)
        raise DataUnwritable(f"{folder} could not be copied to {copy}: {error.stderr.strip()}") from error
    return copy


def signing_keys(folder: Path) -> Path:
    """Made once; whoever has the file can sign in as anybody."""
    path = folder / "signing-keys.json"
    if not path.exists():
        create_keys(path)
    return path
