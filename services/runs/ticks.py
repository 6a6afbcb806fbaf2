"""Progress ticks on their way to whoever follows: the latest of each run wins, at most four a second.

Pure: `now` is an argument, seconds of any origin.
"""

from typing import Any

TICK_INTERVAL_S = 0.25
RUNS_MAX = 64
"""Runs whose ticks wait or were just sent; a new one drops the run that was silent longest."""


class Ticks:
    """Ticks of one stream."""

    def __init__(self) -> None:
        self._waiting: dict[str, dict[str, Any]] = {}
        self._sent_at: dict[str, float] = {}

    def put(self, tick: dict[str, Any]) -> None:
        """A tick without a run says nothing and is dropped."""
        run = tick.get("run")
        if not isinstance(run, str):
            return
        self._waiting.pop(run, None)
        self._waiting[run] = tick
        if len(self._waiting) > RUNS_MAX:
            del self._waiting[next(iter(self._waiting))]

    def due(self, now: float) -> list[dict[str, Any]]:
        """Takes those that may be sent now."""
        runs = [run for run in self._waiting if now >= self._free_at(run)]
        self._sent_at = {run: at for run, at in self._sent_at.items() if now - at < TICK_INTERVAL_S}
        for run in runs:
            self._sent_at[run] = now
        return [self._waiting.pop(run) for run in runs]

    def next_at(self) -> float | None:
        """When the next one may be sent; None while nothing waits."""
        return min((self._free_at(run) for run in self._waiting), default=None)

    def _free_at(self, run: str) -> float:
        sent_at = self._sent_at.get(run)
        return float("-inf") if sent_at is None else sent_at + TICK_INTERVAL_S
