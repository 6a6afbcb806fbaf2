"""The files that belong to the repository, found without git so that an exported tree can be tested too."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("api", "realtime", "jobs", "services", "sync", "storage", "deploy")
_MADE = {line.rstrip("/") for line in (ROOT / ".gitignore").read_text().splitlines() if line} | {".git"}


def files(*suffixes: str) -> Iterator[Path]:
    """All of these suffixes, without what .gitignore names."""
    yield from sorted(path for path in _walk(ROOT) if path.suffix in suffixes)


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        name = str(path.relative_to(ROOT))
        if path.name in _MADE or name in _MADE or path.name.endswith(".egg-info"):
            continue
        if path.is_dir():
            yield from _walk(path)
        elif path.is_file():
            yield path


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
