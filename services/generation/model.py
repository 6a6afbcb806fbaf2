"""The rules of a generation: its states and stages, its graph of steps, its progress, its milestones; pure.

Not its storage (`storage.tables.runs`) and not the worker that drives it (`jobs`).
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any

from services.generation.errors import GenerationError
from services.programs import ProgramFailed
from services.runs.model import StepSpec
from sync.storyboard.read import SceneView

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


class Stage(StrEnum):
    """What is being made, in order."""

    ENHANCE = "enhance"
    FRAMES = "frames"
    CLIP = "clip"
    VOICE = "voice"
    FINISH = "finish"


NEEDS: Mapping[Stage, tuple[Stage, ...]] = {
    Stage.ENHANCE: (),
    Stage.FRAMES: (Stage.ENHANCE,),
    Stage.CLIP: (Stage.ENHANCE, Stage.FRAMES),
    Stage.VOICE: (Stage.ENHANCE,),
    Stage.FINISH: (Stage.ENHANCE, Stage.CLIP, Stage.VOICE),
}
"""Which outputs a stage reads."""

SHARES: Mapping[Stage, int] = {Stage.ENHANCE: 2, Stage.FRAMES: 30, Stage.CLIP: 48, Stage.VOICE: 8, Stage.FINISH: 12}
"""Of 100 %: about how long each takes."""


PUBLISH = "publish"
"""The step behind the last stage: the take is told to everybody."""


def graph_of(request: Mapping[str, Any], run: str) -> tuple[StepSpec, ...]:
    """The stages of a scene, and the telling of its take, which is every run's own. `request`: as JSON."""
    params = {"request": request}
    stages = tuple(
        StepSpec(stage.value, f"{stage.value}/1", tuple(need.value for need in NEEDS[stage]), params) for stage in Stage
    )
    return (*stages, StepSpec(PUBLISH, f"{PUBLISH}/1", (Stage.FINISH.value,), {**params, "run": run}))


def percent(finished: Collection[str], stage: Stage, share: float) -> int:
    """0..99 over the whole run; 100 is said only by a finished take. `finished`: names of steps that are done."""
    before = sum(SHARES[done] for done in Stage if done.value in finished and done is not stage)
    return min(99, int(before + SHARES[stage] * min(1.0, max(0.0, share))))


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
