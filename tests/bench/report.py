"""Writes the page docs/performance.md with its plots from the outcomes of one run.

Says what was measured, on what, and how loud the machine was; judges only by the targets of the catalogue.
"""

import os
import platform
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deploy.local import compiled
from tests.bench import figures, svg
from tests.bench.catalogue import BENCHES, OURS, RELAY, Row
from tests.bench.figures import Outcome, number_at, shown

PLOTS: dict[str, str] = {
    "fanout": "server_us_per_delivery",
    "crowd": "server_us_per_delivery",
    "awareness": "server_us_per_current",
    "join": "conc.joins_per_s",
    "idle": "kb_per_conn_overall",
    "storm": "resync_s",
    "acks": "ack_ms.p99",
}
LOUD_PCT = 20
HEAD = """\
# Performance

Written by the command below on {date}; nothing on this page is typed by hand.
Ours checks every update, writes it to PostgreSQL with fsync on and keeps its accounts of rates and sizes (the limits
themselves are raised). The peers keep what they hold in memory only. Every run starts its server
afresh on a core of its own, with the load generator on another; the repeats of all servers alternate. CPU "of the
server" is the hub's process. PostgreSQL and Valkey are processes beside it, and have a row of their own.

```sh
{command}
```

| | |
| --- | --- |
| machine | {machine} |
| system | {system} |
| Python | {python} |
| `sync/` | {core} |
| repeats | {repeats}, medians are shown |
| CPU that other processes used meanwhile | {noise} |

Numbers in brackets say how many times better ours is than that server (below 1: worse). The peers are
@hocuspocus/server 4.7.0 and @y/websocket-server 0.1.1 on Node 22, pycrdt-websocket 0.16.5 under uvicorn; `null` is a
relay in C that neither parses nor keeps anything: what one core can do at all.
"""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the numbers depend on besides the code."""

    command: str
    repeats: int
    now: datetime
    core: str
    small: bool = False


def write(folder: Path, outcomes: Sequence[Outcome], under: Circumstances) -> Path:
    """`folder`: docs. Returns the page."""
    plots = folder / "performance"
    parts = [_head(outcomes, under), *filter(None, [_doubt(outcomes)]), _targets(outcomes)]
    for outcome in outcomes:
        parts.append(_section(outcome, _plot(plots, outcome), under.small))
    left = [name for name in BENCHES if name not in {outcome.bench.name for outcome in outcomes}]
    if left:
        parts.append("## Not measured here\n\n" + ", ".join(f"`{name}`" for name in left) + ".\n")
    page = folder / "performance.md"
    page.write_text("\n".join(parts), encoding="utf-8")
    return page


def machine() -> str:
    """Processor, cores and memory."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model or platform.processor() or platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB"


def _others(outcomes: Sequence[Outcome]) -> list[float]:
    """CPU of processes that do not belong to the run, in percent of one core, sorted."""
    return sorted(
        value
        for outcome in outcomes
        for runs in outcome.runs.values()
        for run in runs
        if (value := number_at(run, "other_cpu_pct")) is not None
    )


def _doubt(outcomes: Sequence[Outcome]) -> str:
    """What a reader must know before believing a ratio; nothing after a quiet run."""
    found = _others(outcomes)
    if not found or found[len(found) // 2] <= LOUD_PCT:
        return ""
    return (
        "**The machine was not quiet.** Processes that have nothing to do with this took the CPU given above, not the "
        "same amount from every server (last row of each table). Times of all of them are longer than they would be, "
        "and a ratio between two runs of different noise is a hint, not a result.\n"
    )


def core() -> str:
    """Which form of `sync/` the hubs ran."""
    if compiled.is_wanted(os.environ) and compiled.build_of().is_dir():
        return "its hot modules compiled with mypyc"
    return "pure Python"


def noise(outcomes: Sequence[Outcome]) -> str:
    """The range over all runs, in percent of one core."""
    found = _others(outcomes)
    if not found:
        return "not known"
    return f"{found[0]:.0f} to {found[-1]:.0f}% of one core, in the middle {found[len(found) // 2]:.0f}%"


def _head(outcomes: Sequence[Outcome], under: Circumstances) -> str:
    return HEAD.format(
        date=under.now.astimezone(UTC).strftime("%d %B %Y, %H:%M UTC"),
        command=under.command,
        machine=machine(),
        system=f"{platform.system()} {platform.release().partition('-')[0]}",
        core=under.core,
        python=platform.python_version(),
        repeats=under.repeats,
        noise=noise(outcomes),
    )


def _targets(outcomes: Sequence[Outcome]) -> str:
    lines = ["## Targets\n", "| bench | target | |", "| --- | --- | --- |"]
    for outcome in outcomes:
        for verdict in outcome.verdicts():
            mark = "met" if verdict.met else "**missed**"
            lines.append(f"| `{outcome.bench.name}` | {figures.sentence(outcome, verdict)} | {mark} |")
    return "\n".join(lines) + "\n"


def _section(outcome: Outcome, plot: Path | None, small: bool) -> str:
    bench = outcome.bench
    lines = [f"## {bench.name}\n"]
    if outcome.options:
        lines += ["```", shlex.join(("yload", *outcome.options)), "```", ""]
    if bench.note:
        lines += [bench.note, ""]
    if small and bench.small:
        full = shlex.join(bench.small[::2] + tuple(bench.options[bench.options.index(f) + 1] for f in bench.small[::2]))
        lines += [f"Cut down for a small or busy machine (`--small`); the full bench has `{full}`.", ""]
    if plot is not None:
        lines += [f"![{bench.name}](performance/{plot.name})", ""]
    names = list(bench.servers)
    lines += ["| | " + " | ".join(names) + " |", "| --- |" + " ---: |" * len(names)]
    for row in bench.rows:
        if any(outcome.middle(name, row.path) is not None for name in names):
            cells = (figures.cell(outcome, row, name) for name in names)
            lines.append(f"| {row.label} | " + " | ".join(cells) + " |")
    lines += [f"\n{error.splitlines()[0]}" for error in outcome.errors()]
    return "\n".join(lines) + "\n"


def _plot(folder: Path, outcome: Outcome) -> Path | None:
    path = PLOTS.get(outcome.bench.name)
    if path is None:
        return None
    row: Row = next(row for row in outcome.bench.rows if row.path == path)
    given = [
        svg.Bar("C relay" if name == RELAY else name, value, shown(value), name == OURS)
        for name in outcome.bench.servers
        if (value := outcome.middle(name, path)) is not None
    ]
    best = {"less": "shorter is better", "more": "longer is better"}.get(row.better, "shorter is better")
    file = folder / f"{outcome.bench.name}.svg"
    svg.write(file, f"{outcome.bench.name}: {row.label}", best, given)
    return file
