"""The outcome of a bench as a person sees it in the terminal.

The page is `report.py`.
"""

from rich.console import Console
from rich.table import Table

from tests.bench import figures
from tests.bench.catalogue import RELAY
from tests.bench.figures import Outcome


def show(outcome: Outcome, console: Console) -> None:
    """Medians, in brackets how many times better ours is; below, the targets."""
    names = list(outcome.bench.servers)
    table = Table(outcome.bench.name, *(_heading(outcome, name) for name in names))
    for column in table.columns[1:]:
        column.justify = "right"
    for row in outcome.bench.rows:
        if any(outcome.middle(name, row.path) is not None for name in names):
            table.add_row(row.label, *(figures.cell(outcome, row, name) for name in names))
    console.print(table)
    for verdict in outcome.verdicts():
        mark = "[green]met[/]   " if verdict.met else "[red]missed[/]"
        console.print(f"{mark} {figures.sentence(outcome, verdict)}")
    for error in outcome.errors():
        console.print(error, style="red", markup=False)


def _heading(outcome: Outcome, name: str) -> str:
    runs = outcome.runs[name]
    good = sum(bool(run.get("ok")) for run in runs)
    title = "C relay (null)" if name == RELAY else name
    return title if good == len(runs) else f"{title} {good}/{len(runs)}"
