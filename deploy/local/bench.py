"""`bench`: hands over to tests/bench, which is part of a checkout and not of an installed StoryForge.

Measures nothing itself.
"""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from deploy.errors import SettingMissing

ROOT = Path(__file__).resolve().parents[2]
APART = {
    "documents": "tests.bench.documents",
    "jobs": "tests.bench.jobs",
    "api": "tests.bench.api",
    "cache": "tests.bench.cache.run",
}
"""Benches without peers, which are programs of their own."""
DRAWS = frozenset({"cache"})
"""Those of them that draw plots for a page."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asked for. No `names`: all."""

    names: Sequence[str]
    repeats: int
    json: Path | None = None
    report: bool = False
    small: bool = False


def run(wanted: Wanted) -> NoReturn:
    """Becomes that program, which ends with 0, 1 or 2. Raises `SettingMissing` outside a checkout."""
    if not (ROOT / "tests" / "bench" / "__main__.py").exists():
        raise SettingMissing("The benches are in tests/bench of a checkout: start ./dev bench there.")
    argv = arguments(wanted)
    os.chdir(ROOT)
    os.execv(argv[0], argv)


def arguments(wanted: Wanted) -> list[str]:
    if (apart := [name for name in wanted.names if name in APART]) and len(wanted.names) > 1:
        raise SettingMissing(f"The bench {apart[0]} is a program of its own: name it alone.")
    if apart:
        draws = ["--report"] if wanted.report and apart[0] in DRAWS else []
        return [sys.executable, "-m", APART[apart[0]], *_json(wanted), *draws]
    argv = [sys.executable, "-m", "tests.bench", *wanted.names, "--repeats", str(wanted.repeats), *_json(wanted)]
    argv += ["--report"] if wanted.report else []
    return argv + (["--small"] if wanted.small else [])


def _json(wanted: Wanted) -> list[str]:
    return ["--json", str(wanted.json.resolve())] if wanted.json else []
