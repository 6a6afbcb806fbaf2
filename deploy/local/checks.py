"""`test`: every check of the repository, one stage after the other, then a table.

With arguments it only runs pytest with them. The stages are ordinary command lines that also work by themselves.
"""

import os
import subprocess
import sys
import time
import xml.etree.ElementTree
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from deploy.errors import DeployError
from deploy.local import chromium, compiled
from deploy.local.screen import write_json

ROOT = Path(__file__).resolve().parents[2]
TYPESCRIPT = ROOT / "client-protocol" / "typescript"
CANNOT_RUN = 2
LIVE = ("-q", "-s", "tests/live/providers.py")
"""`live`: paid calls to the providers whose keys are set, which no other test makes."""
COMPILED = "pytest, sync compiled"
COMPILED_TESTS = ("tests/unit/sync", "tests/unit/protocol", "tests/unit/realtime", "tests/fuzz", "tests/simulation")


@dataclass(frozen=True, slots=True)
class Stage:
    """`live`: its output is shown as it comes, otherwise only when it fails. `junit`: where its counts are."""

    name: str
    argv: Sequence[str]
    folder: Path = ROOT
    live: bool = False
    junit: Path | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """`note`: what the table says beside the seconds."""

    name: str
    ok: bool
    seconds: float
    note: str = ""


def stages(folder: Path) -> list[Stage]:
    """Cheap ones first."""
    python = (sys.executable, "-m")
    bin_folder = Path(sys.executable).parent
    return [
        Stage("ruff check", (*python, "ruff", "check", ".")),
        Stage("ruff format", (*python, "ruff", "format", "--check", ".")),
        Stage("import-linter", (str(bin_folder / "lint-imports"),)),
        Stage("mypy --strict", (*python, "mypy")),
        Stage("eslint", ("npm", "run", "--silent", "lint"), TYPESCRIPT),
        Stage("tsc", ("npm", "run", "--silent", "typecheck"), TYPESCRIPT),
        Stage("vitest", ("npm", "run", "--silent", "test"), TYPESCRIPT),
        *([_compiled_stage(folder / "compiled.xml")] if _only_pure() is None else []),
        Stage(
            "pytest",
            pytest_of(["--durations=10", f"--junitxml={folder / 'pytest.xml'}"]),
            live=True,
            junit=folder / "pytest.xml",
        ),
    ]


def _only_pure() -> str | None:
    """Why there is no compiled form of `sync/` here that could be tested."""
    if not compiled.is_wanted(os.environ):
        return f"{compiled.PURE} is set: only the pure form"
    return "no compiler: only the pure form" if compiled.compiler() is None else None


def _compiled_stage(junit: Path) -> Stage:
    """The tests of `sync/` once more, on what the compiler made of it; without that the stage fails."""
    argv = pytest_of(["-q", "-p", "tests.compiled", f"--junitxml={junit}", *COMPILED_TESTS])
    return Stage(COMPILED, argv, junit=junit)


def pytest_of(arguments: Sequence[str]) -> tuple[str, ...]:
    return (sys.executable, "-m", "pytest", *arguments)


def main(arguments: Sequence[str]) -> int:
    """`[--json FILE] [pytest's arguments]`; the exit code."""
    given = list(arguments)
    json_file = Path(given[1]) if given[:1] == ["--json"] and len(given) > 1 else None
    rest = given[2:] if json_file else given
    if rest == ["live"]:
        return subprocess.run(pytest_of(LIVE), cwd=ROOT, check=False).returncode
    console = Console(stderr=True, highlight=False)
    try:
        browser = chromium.bring()
    except DeployError as error:
        console.print(f"storyforge: {error}", markup=False, soft_wrap=True)
        return CANNOT_RUN
    environ = {**os.environ, **browser}
    if rest:
        return subprocess.run(pytest_of(rest), env=environ, check=False).returncode
    with TemporaryDirectory(prefix="storyforge-test-") as folder:
        outcomes = [_passed(stage, environ, console) for stage in stages(Path(folder))]
    if (why := _only_pure()) is not None:
        outcomes.append(Outcome(COMPILED, True, 0.0, why))
    _show(outcomes, console)
    ok = all(outcome.ok for outcome in outcomes)
    rows = [{"stage": one.name, "ok": one.ok, "seconds": round(one.seconds, 1), "note": one.note} for one in outcomes]
    write_json(json_file, {"ok": ok, "seconds": round(sum(one.seconds for one in outcomes), 1), "stages": rows})
    return 0 if ok else 1


def _passed(stage: Stage, environ: Mapping[str, str], console: Console) -> Outcome:
    console.print(f"-- {stage.name} ...", markup=False)
    begun = time.monotonic()
    out = None if stage.live else subprocess.PIPE
    ended = subprocess.run(
        stage.argv, cwd=stage.folder, env=environ, stdout=out, stderr=subprocess.STDOUT if out else None, check=False
    )
    seconds = time.monotonic() - begun
    ok, note = ended.returncode == 0, ""
    if ended.stdout and not ok:
        console.print(ended.stdout.decode(errors="replace"), markup=False, soft_wrap=True)
    if stage.junit is not None and stage.junit.exists():
        ok, note = _of_junit(stage.junit, ok)
    console.print(f"-- {stage.name}: {'passed' if ok else 'FAILED'} in {seconds:.1f} s", markup=False)
    return Outcome(stage.name, ok, seconds, note)


def _of_junit(file: Path, ok: bool) -> tuple[bool, str]:
    """A skipped test is a failure: nothing here may pass by not running."""
    suites = xml.etree.ElementTree.parse(file).getroot().iter("testsuite")
    counts = {name: 0 for name in ("tests", "failures", "errors", "skipped")}
    for suite in suites:
        for name in counts:
            counts[name] += int(suite.get(name, "0"))
    note = ", ".join(f"{count} {name}" for name, count in counts.items())
    return ok and counts["skipped"] == 0 and counts["tests"] > 0, note


def _show(outcomes: Sequence[Outcome], console: Console) -> None:
    table = Table("stage", "", "seconds", "")
    table.columns[2].justify = "right"
    for one in outcomes:
        table.add_row(one.name, "[green]passed[/]" if one.ok else "[red]FAILED[/]", f"{one.seconds:.1f}", one.note)
    table.add_row("all", "", f"{sum(one.seconds for one in outcomes):.1f}", "")
    console.print(table)
