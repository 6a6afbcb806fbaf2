"""What a run can go on from, read from the rows of the run that made it.

Not what may be changed: `branch.py`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.generation.branch import (
    PARENTS_MAX,
    Branch,
    Change,
    Kept,
    Parent,
    Pictures,
    Repaint,
    on_board,
    replanned,
    varied,
)
from services.generation.errors import ParentUnfit
from services.generation.graph import CHOOSE, SHOT, Stage, Wish
from services.generation.providers.interface import Plan
from services.generation.request import Part, SceneRequest, from_json, to_json
from services.generation.routing.model import Purpose
from services.runs.model import StepState
from storage.tables.runs import RunRow
from storage.tables.steps import StepRow
from sync import ids


def grown(
    run: RunRow, steps: list[StepRow], frames: str | None, change: Change, wish: Wish
) -> tuple[SceneRequest, Wish]:
    """The child's request and wish. `frames`: which set of the run's it goes on from; None: from its take.

    Raises `ParentUnfit`, `ChangeUnfit`, `SceneTooLong`.
    """
    made = {step.name: step for step in steps if step.state == StepState.DONE and step.output is not None}
    if frames is not None and (frames not in made or frames.partition(".")[0] != Stage.FRAMES):
        raise ParentUnfit(f"The run has no frames called {frames}.")
    if frames is None and run.take_id is None:
        raise ParentUnfit("The run has made no take; go on from one of its frames.")
    asked, own = from_json(SceneRequest, run.request), from_json(Wish, run.wish)
    take = None if frames is not None or run.take_id is None else ids.to_text("tak", run.take_id)
    parent = Parent(ids.to_text("run", run.id), take, frames, change)
    parents = (parent, *(() if own.branch is None else own.branch.parents))[:PARENTS_MAX]
    asked = on_board(asked, _board(made, frames))
    if not isinstance(change, Repaint):
        kept = own.kept if isinstance(change, Pictures) else None  # the same part once more
        return varied(asked, None, change), replace(wish, branch=Branch(parents, kept))
    panels = _panels(made, frames)
    if panels is None or Stage.ENHANCE not in made:
        raise ParentUnfit("The run has no frames of which a part could be drawn anew.")
    plan = from_json(Plan, made[Stage.ENHANCE].output or {})
    child = varied(asked, plan, change)
    assert child.part is not None
    shots = _shots(child.part, run, made, own, wish) if panels == _panels(made, None) else {}
    kept = Kept(to_json(replanned(plan, child.part)), panels, shots)
    return child, replace(wish, branch=Branch(parents, kept))


def _shots(part: Part, run: RunRow, made: Mapping[str, StepRow], own: Wish, wish: Wish) -> dict[str, Mapping[str, Any]]:
    """Those that were made elsewhere, show nothing of the part, and would be asked for in the same way again."""
    if not (wish.purpose is own.purpose is Purpose.FINAL and sorted(wish.models) == sorted(own.models)):
        return {}
    text = ids.to_text("run", run.id)
    return {
        name: {"output": step.output, "run": text, "step": name}
        for name, step in made.items()
        if name.partition(".")[0] == SHOT and name != f"{SHOT}.{part.shot + 1}"
    }


def _board(made: Mapping[str, StepRow], frames: str | None) -> int:
    """Of the set `frames`, or of the one that was chosen; from 1."""
    if frames is None and CHOOSE in made:
        frames = str((made[CHOOSE].output or {})["choice"])
    number = (frames or "").partition(".")[2]
    return int(number) if number.isdecimal() else 1


def _panels(made: Mapping[str, StepRow], frames: str | None) -> Mapping[str, Any] | None:
    """Of the set `frames`; None: those that were filmed."""
    if frames is not None:
        return made[frames].output
    if CHOOSE in made:
        chosen: Mapping[str, Any] = (made[CHOOSE].output or {})["chosen"]["made"]
        return chosen
    filmed = made.get(Stage.FRAMES)
    return None if filmed is None else filmed.output
