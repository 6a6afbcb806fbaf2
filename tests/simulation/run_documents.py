"""`./dev sim documents`: replicas of a timeline edited apart, on every core, judged in Python and in TypeScript.

`python -m tests.simulation.run_documents --seeds N [--from SEED] [--json FILE]`; exit code 1 when a seed fails.
"""

import sys
import traceback
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.simulation import typescript
from tests.simulation.documents import Wrong, play
from tests.simulation.run import Portion, all_seeds, failures, options_of, report


def portion(program: Path, seeds: Sequence[int]) -> Portion:
    done = Portion()
    with typescript.asked(program) as other:
        for seed in seeds:
            done.seeds += 1
            try:
                outcome = play(seed)
                if other.resolve(outcome.content) != outcome.canonical:
                    raise Wrong("Python and TypeScript show different films")
            except Exception:
                done.failures[seed] = traceback.format_exc()
                continue
            done.counts.update({f"gesture {name}": times for name, times in outcome.gestures.items()})
            done.counts.update({f"repair {name}": times for name, times in outcome.repairs.items()})
            done.counts.update({"clips": outcome.clips, "films that needed repair": bool(outcome.repairs)})
            done.counts["most lanes"] = max(done.counts["most lanes"], outcome.lanes)
    return done


def main(arguments: Sequence[str] | None = None) -> int:
    options = options_of("./dev sim documents", arguments)
    console = Console(stderr=True, highlight=False)
    with typescript.built() as program:
        total, seconds = all_seeds(options, partial(portion, program), console)
    _show(total, seconds, console)
    failures(total, "./dev sim documents", console)
    return report(options, total, seconds)


def _show(total: Portion, seconds: float, console: Console) -> None:
    table = Table(
        "gesture", "made", "not possible there", title=f"{total.seeds} seeds in {seconds} s", title_justify="left"
    )
    names = sorted({name.removeprefix("gesture ").rstrip("?") for name in total.counts if name.startswith("gesture ")})
    for name in names:
        table.add_row(name, f"{total.counts[f'gesture {name}']}", f"{total.counts[f'gesture {name}?']}")
    console.print(table)
    repaired = Table("repair", "registers")
    for name in sorted(name for name in total.counts if name.startswith("repair ")):
        repaired.add_row(name.removeprefix("repair "), f"{total.counts[name]}")
    console.print(repaired)
    console.print(
        f"{total.counts['films that needed repair']} films needed repair; {total.counts['clips']} clips in all"
    )


if __name__ == "__main__":
    sys.exit(main())
