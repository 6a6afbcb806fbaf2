"""The rules of a generation: its states, its milestones, what people read of an error; pure.

Not its steps (`graph.py`), its storage (`storage.tables.runs`) or the worker that drives it (`jobs`).
"""

from collections.abc import Mapping
from enum import StrEnum

from services.generation.errors import GenerationError
from services.programs import ProgramFailed
from sync.storyboard.read import SceneView

CANCEL_CHANNEL = "sf:cancel"
"""Where workers hear that they are to let go of a run."""
RENEW_S = 2.5
SWEEP_S = 2.0
"""A killed worker's step is picked up after LEASE_S + SWEEP_S, 12 s; the rest of P11's 30 s is for finishing it."""
MILESTONES_MAX = 40
"""Edits of the shared document a run makes at most (documents.md A9); what is over is not written, progress goes on."""
MILESTONES_KEPT_FOR_STAGES = 12
MILESTONES_KEPT_FOR_THE_END = 2
RUN_S_MAX = 900.0
"""One attempt. Error: `RunTooSlow`."""
PCT_STEP = 5
PCT_INTERVAL_S = 1.0
TICKS_PER_S_MAX = 4.0
MESSAGE_CHARS_MAX = 300
"""Of an error that people read; longer ones are cut."""


class State(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETE = "complete"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def terminal(self) -> bool:
        """Nothing follows."""
        return self in _TERMINAL

    def may_become(self, next_state: "State") -> bool:
        """QUEUED after RUNNING is a run handed back; RUNNING after RUNNING one that was taken over."""
        return next_state in _FOLLOWS[self]


_TERMINAL = frozenset({State.COMPLETE, State.FAILED, State.CANCELLED})
_FOLLOWS: Mapping[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.RUNNING, State.FAILED, State.CANCELLED}),
    State.RUNNING: frozenset({State.QUEUED, State.RUNNING, *_TERMINAL}),
    State.COMPLETE: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
}


class Milestones:
    """Which progress goes into the document: state changes always, percentages seldom, never more than the limit."""

    def __init__(self, written: int, pct: int, now: float) -> None:
        self.written = written
        self._pct = pct
        self._at = now

    def wants_pct(self, pct: int, now: float) -> bool:
        """At least 5 points and a second after the last."""
        room = self.written < MILESTONES_MAX - MILESTONES_KEPT_FOR_STAGES
        return room and pct >= self._pct + PCT_STEP and now >= self._at + PCT_INTERVAL_S

    def wants_change(self) -> bool:
        """A stage or a preview. The last places are kept for the run's end."""
        return self.written < MILESTONES_MAX - MILESTONES_KEPT_FOR_THE_END

    def wrote(self, pct: int, now: float) -> None:
        """Something was written."""
        self.written += 1
        self._pct, self._at = max(self._pct, pct), now


def message_of(error: Exception) -> str:
    """One sentence for people: the error's own, cut to the limit; what we did not foresee is not shown to them."""
    if not isinstance(error, (GenerationError, ProgramFailed)):
        return "Something went wrong inside the studio. Generate the scene again; if it stays so, tell whoever runs it."
    words = " ".join(str(error).split()) or (type(error).__doc__ or "").strip()
    return words if len(words) <= MESSAGE_CHARS_MAX else words[: MESSAGE_CHARS_MAX - 1] + "…"


def resting_status(scene: SceneView) -> str:
    """What a scene is when no run is at it."""
    return "complete" if scene.cur else "draft"
