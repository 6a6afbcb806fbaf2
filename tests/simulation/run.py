"""`./dev sim`: many seeds on every core, what was injected by kind, and how to see a failing seed again.

`python -m tests.simulation.run --seeds N [--from SEED] [--json FILE]`; exit code 1 when a seed fails.
"""

import argparse
import os
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.local.screen import write_json
from tests.simulation.schedule import FAULTS, run

SEEDS_A_PORTION = 20
FAILURES_SHOWN_MAX = 10


@dataclass
class Portion:
    """What some seeds came to. `failures`: seed -> the last lines of its traceback."""

    seeds: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    failures: dict[int, str] = field(default_factory=dict)


def play(seeds: Sequence[int]) -> Portion:
    portion = Portion()
    for seed in seeds:
        portion.seeds += 1
        try:
            portion.counts.update(run(seed).counts)
        except Exception:
            portion.failures[seed] = traceback.format_exc()
    return portion


def options_of(prog: str, arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=prog)
    parser.add_argument("--seeds", type=int, default=1000, metavar="N")
    parser.add_argument("--from", dest="first", type=int, default=0, metavar="SEED")
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    options = options_of("./dev sim", arguments)
    console = Console(stderr=True, highlight=False)
    total, seconds = all_seeds(options, play, console)
    _show(total, seconds, console)
    failures(total, "./dev sim", console)
    return report(options, total, seconds, {name: total.counts[name] for name in sorted(FAULTS)})


def report(options: argparse.Namespace, total: Portion, seconds: float, faults: Mapping[str, int] | None = None) -> int:
    """Writes the JSON that was asked for; the exit code."""
    answer = {"ok": not total.failures, "seeds": total.seeds, "first": options.first, "seconds": seconds}
    write_json(options.json, {**answer, "faults": faults or {}, "counts": total.counts, "failures": total.failures})
    return 1 if total.failures else 0


def all_seeds(
    options: argparse.Namespace, play_portion: Callable[[Sequence[int]], Portion], console: Console
) -> tuple[Portion, float]:
    """On every core, with progress; and the seconds that it took."""
    begun = time.monotonic()
    seeds = range(options.first, options.first + options.seeds)
    total = Portion()
    portions = [seeds[start : start + SEEDS_A_PORTION] for start in range(0, len(seeds), SEEDS_A_PORTION)]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress, ProcessPoolExecutor(os.cpu_count()) as pool:
        bar = progress.add_task("seeds", total=len(seeds))
        for portion in pool.map(play_portion, portions):
            total.seeds += portion.seeds
            total.counts.update(portion.counts)
            for seed, text in portion.failures.items():
                if len(total.failures) < FAILURES_SHOWN_MAX:
                    console.print(f"seed {seed}: {text.strip().splitlines()[-1]}", markup=False)
                total.failures[seed] = text
            progress.update(bar, advance=portion.seeds, description=f"seeds ({len(total.failures)} failed)")
    return total, round(time.monotonic() - begun, 1)


def _show(total: Portion, seconds: float, console: Console) -> None:
    table = Table("fault", "injected", title=f"{total.seeds} seeds in {seconds} s", title_justify="left")
    table.columns[1].justify = "right"
    for name in sorted(FAULTS):
        table.add_row(name, f"{total.counts[name]}")
    table.add_row("all", f"{sum(total.counts[name] for name in FAULTS)}")
    table.add_row("acknowledgements checked", f"{total.counts['acknowledged']}")
    console.print(table)


def failures(total: Portion, command: str, console: Console) -> None:
    for seed, text in list(total.failures.items())[:FAILURES_SHOWN_MAX]:
        console.print(f"seed {seed} failed; see it again with: {command} --seeds 1 --from {seed}", markup=False)
        if total.seeds == 1:
            console.print(text, markup=False)
    console.print(f"{len(total.failures)} of {total.seeds} seeds failed" if total.failures else "all seeds passed")


if __name__ == "__main__":
    sys.exit(main())
