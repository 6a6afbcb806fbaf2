"""`./dev bench`: runs the benches that are named, shows their tables, writes the JSON and the page.

The composition root; the command line itself is in deploy/local/cli.py.
"""

import argparse
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from deploy.errors import DeployError
from deploy.local.commands import CANNOT_RUN, sigterm_as_interrupt
from deploy.local.screen import Screen, write_json
from tests.bench import ours, programs, report, run, table
from tests.bench.catalogue import BENCHES
from tests.bench.figures import Outcome

DOCS = programs.CACHE.parent / "docs"
STOPPED = 2


def main() -> int:
    """0: every target is met; 1: one is missed; 2: it could not run, or was stopped."""
    parser = argparse.ArgumentParser(prog="./dev bench")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--report", action="store_true")
    parser.add_argument("--small", action="store_true")
    options = parser.parse_args()
    screen = Screen()
    outcomes: list[Outcome] = []
    core = report.core()
    try:
        with sigterm_as_interrupt(), tempfile.TemporaryDirectory(prefix="storyforge-bench-") as folder:
            for name in ("yload", "nullserver"):
                programs.compiled(name)
            with ours.stores(Path(folder), screen.say) as running:
                for name in options.names or BENCHES:
                    outcome = run.measured(BENCHES[name], options.repeats, options.small, running, screen.say)
                    outcomes.append(outcome)
                    table.show(outcome, screen.console)
    except KeyboardInterrupt:
        print("storyforge: stopped before the end; nothing is written.", file=sys.stderr)
        return STOPPED
    except DeployError as error:
        print(f"storyforge: {error}", file=sys.stderr)
        return CANNOT_RUN
    _write(outcomes, options, core, screen)
    return 0 if all(outcome.met for outcome in outcomes) else 1


def _write(outcomes: list[Outcome], options: argparse.Namespace, core: str, screen: Screen) -> None:
    if options.report:
        words = ["./dev bench", *options.names, "--repeats", str(options.repeats)]
        words += (["--small"] if options.small else []) + ["--report"]
        under = report.Circumstances(" ".join(words), options.repeats, datetime.now(UTC), core, options.small)
        screen.say(f"written: {report.write(DOCS, outcomes, under)}")
    benches = [
        {
            "name": outcome.bench.name,
            "options": outcome.options,
            "met": outcome.met,
            "targets": [
                {
                    "path": verdict.target.path,
                    "bound": verdict.target.bound,
                    "peer": verdict.target.peer or None,
                    "reached": verdict.reached,
                    "met": verdict.met,
                }
                for verdict in outcome.verdicts()
            ],
            "runs": outcome.runs,
        }
        for outcome in outcomes
    ]
    ok = all(outcome.met for outcome in outcomes)
    write_json(options.json, {"ok": ok, "machine": report.machine(), "core": core, "benches": benches})


if __name__ == "__main__":
    sys.exit(main())
