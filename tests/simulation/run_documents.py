"""`./dev sim documents`: replicas of timelines and storyboards edited apart, judged in Python and in TypeScript.

`python -m tests.simulation.run_documents --seeds N [--from SEED] [--json FILE]`; exit code 1 when a seed fails.
"""

import sys
import traceback
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.simulation import documents, storyboards, typescript
from tests.simulation.documents import Wrong
from tests.simulation.run import Portion, all_seeds, failures, options_of, report

KINDS = {"timeline": documents.play, "storyboard": storyboards.play}
"""Of each seed one history each."""


def portion(program: Path, seeds: Sequence[int]) -> Portion:
    done = Portion()
    with typescript.asked(program) as other:
        for seed in seeds:
            done.seeds += 1
            for kind, play in KINDS.items():
                try:
                    outcome = play(seed)
                    if other.resolve(kind, outcome.content) != outcome.canonical:
                        raise Wrong(f"Python and TypeScript show different {kind}s")
                except Exception:
                    done.failures[seed] = traceback.format_exc()
                    continue
                _count(done, kind, outcome)
    return done


def _count(done: Portion, kind: str, outcome: documents.Outcome) -> None:
    done.counts.update({f"gesture {name}": times for name, times in outcome.gestures.items()})
    done.counts.update({f"repair {name}": times for name, times in outcome.repairs.items()})
    done.counts.update({"clips": outcome.clips, f"{kind}s that needed repair": bool(outcome.repairs)})
    done.counts["most lanes"] = max(done.counts["most lanes"], outcome.lanes)


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
    needy = " and ".join(f"{total.counts[f'{kind}s that needed repair']} {kind}s" for kind in KINDS)
    console.print(f"{needy} needed repair; {total.counts['clips']} clips in all")


if __name__ == "__main__":
    sys.exit(main())
