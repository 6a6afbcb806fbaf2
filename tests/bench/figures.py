"""What the numbers say: yload's JSON, medians over repeats, ratios to ours, targets met or missed.

Pure computing, no processes and no printing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from tests.bench.catalogue import OURS, Bench, Row, Target

Result = Mapping[str, Any]
"""One run, as yload printed it; `ok` False with an `error` when it failed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reached` None: one of the two has no number."""

    target: Target
    reached: float | None

    @property
    def met(self) -> bool:
        if self.reached is None:
            return False
        return self.reached >= self.target.bound if self.target.peer else self.reached <= self.target.bound


@dataclass(frozen=True, slots=True)
class Outcome:
    """All runs of one bench. `options`: as they were, which may be those of a small machine."""

    bench: Bench
    options: tuple[str, ...]
    runs: Mapping[str, Sequence[Result]]

    def middle(self, server: str, path: str) -> float | None:
        """The median of the runs that succeeded."""
        values = [number for run in self.runs.get(server, ()) if (number := number_at(run, path)) is not None]
        return median(values) if values else None

    def times_better(self, row: Row, peer: str) -> float | None:
        """How many times better ours is than the peer: above 1 we are ahead, whichever way the row counts."""
        ours, theirs = self.middle(OURS, row.path), self.middle(peer, row.path)
        if not row.better or peer == OURS or not ours or not theirs:
            return None
        return theirs / ours if row.better == "less" else ours / theirs

    def verdicts(self) -> list[Verdict]:
        rows = {row.path: row for row in self.bench.rows}
        return [
            Verdict(
                target,
                self.times_better(rows[target.path], target.peer) if target.peer else self.middle(OURS, target.path),
            )
            for target in self.bench.targets
        ]

    def errors(self) -> list[str]:
        return [
            f"{server}: {run.get('error', 'no result')}"
            for server, runs in self.runs.items()
            for run in runs
            if not run.get("ok")
        ]

    @property
    def met(self) -> bool:
        return all(verdict.met for verdict in self.verdicts())


def of_output(stdout: str, stderr: str = "", code: int = 0) -> Result:
    """The last JSON line of a load generator, or a result that says why there is none."""
    lines = [line for line in stdout.splitlines() if line.startswith("{")]
    try:
        found: dict[str, Any] = json.loads(lines[-1])
    except (IndexError, ValueError):
        return {"ok": False, "error": f"no result (exit code {code}): {stderr[-300:].strip()}"}
    return found


def number_at(run: Result, path: str) -> float | None:
    """`latency_ms.p99` of nested objects; None where it is missing, null, or the run failed."""
    if not run.get("ok"):
        return None
    found: Any = run
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def shown(value: float | None) -> str:
    """Three digits that matter."""
    if value is None:
        return "-"
    if value == int(value) and abs(value) < 1e6:
        return f"{value:,.0f}"
    size = abs(value)
    return f"{value:,.0f}" if size >= 1000 else f"{value:.1f}" if size >= 100 else f"{value:.2f}"


def cell(outcome: Outcome, row: Row, server: str) -> str:
    """The median, and in brackets how many times better ours is."""
    times = outcome.times_better(row, server)
    text = shown(outcome.middle(server, row.path))
    return text if times is None else f"{text} ({shown(times)}x)"


def sentence(outcome: Outcome, verdict: Verdict) -> str:
    """`server us/delivery: 2.5x hocuspocus4 wanted, 3.1x reached`."""
    label = next(row.label for row in outcome.bench.rows if row.path == verdict.target.path)
    bound, reached = shown(verdict.target.bound), shown(verdict.reached)
    if verdict.target.peer and verdict.target.bound < 1:  # a peer that we only come near to
        behind = shown(1 / verdict.reached if verdict.reached else None)
        return (
            f"{label}: at most {shown(1 / verdict.target.bound)}x of {verdict.target.peer} wanted, {behind}x measured"
        )
    if verdict.target.peer:
        return f"{label}: at least {bound}x {verdict.target.peer} wanted, {reached}x measured"
    return f"{label}: at most {bound} wanted, {reached} measured"
