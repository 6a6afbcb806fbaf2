"""What a plan would change in the storyboard, field by field, and the gestures that would write it; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.generation.plans.model import FIELDS, Origin, PlanShot, Reason, ShotPlan
from services.scenes.story import StoryScene, StoryShot

KEYS = {
    "size": "size",
    "angle": "angle",
    "move": "move",
    "lens_mm": "lens_mm",
    "frames": "dur_f",
    "direction": "screen_dir",
    "description": "desc",
}
"""Field of a plan -> register of a shot in the storyboard."""

Value = str | int | None


class Kind(StrEnum):
    """Kept: the plan has it as the storyboard says. Bent: a person's word that cannot be made as it is; the plan comes
    close, and the storyboard keeps its word. Filled: there was nothing. Changed: the machine's own was something else.
    Added: of a shot that the storyboard does not have."""

    KEPT = "kept"
    BENT = "bent"
    FILLED = "filled"
    CHANGED = "changed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one shot."""

    shot: str
    field: str
    kind: Kind
    before: Value
    after: Value
    reason: Reason


def pinned(scene: StoryScene) -> frozenset[tuple[str, str]]:
    """(shot, field) that no machine rewrites: all that people have set, or, in a scene that is the machine's own
    (`own` ai), what is pinned: a whole shot, or `<shot>.<register>`."""
    return frozenset(
        (shot.view.id, field)
        for shot in scene.shots
        for field in FIELDS
        if value_of(shot, field) is not None
        and (
            scene.own != "ai" or {shot.view.id, f"{shot.view.id}.{KEYS[field]}", f"{shot.view.id}.{field}"} & scene.pins
        )
    )


def value_of(shot: StoryShot, field: str) -> Value:
    """What the storyboard says; None for nothing."""
    view = shot.view
    said: dict[str, Value] = {
        "size": view.size,
        "angle": view.angle,
        "move": view.move,
        "lens_mm": view.lens_mm,
        "frames": view.dur_f,
        "direction": shot.direction,
        "description": view.desc,
    }
    return said[field] or None


def difference(scene: StoryScene, plan: ShotPlan) -> list[Change]:
    """In the order of the shots; what was and stays without a value is left out."""
    there, pins = {shot.view.id: shot for shot in scene.shots}, pinned(scene)
    return [
        change
        for shot in plan.shots
        for field in FIELDS
        if (change := _change(there.get(shot.id), shot, field, pins)) is not None
    ]


def gestures(scene: StoryScene, changes: Sequence[Change]) -> list[dict[str, Any]]:
    """What `POST /v1/documents/{document}/edits` takes to write the plan down: an edit a shot, new ones at the end."""
    written: dict[str, dict[str, Any]] = {}
    added: set[str] = set()
    for change in changes:
        if change.kind not in (Kind.KEPT, Kind.BENT):
            written.setdefault(change.shot, {})[KEYS[change.field]] = change.after
        if change.kind is Kind.ADDED:
            added.add(change.shot)
    return [
        {"gesture": "add_shot", "parent": scene.id, "registers": registers}
        if shot in added
        else {"gesture": "edit_shot", "id": shot, "registers": registers}
        for shot, registers in written.items()
    ]


def _change(before: StoryShot | None, shot: PlanShot, field: str, pins: frozenset[tuple[str, str]]) -> Change | None:
    after = _plain(getattr(shot, field))
    reason = shot.reasons.get(field, Reason(Origin.COVERAGE, "What the shot is for."))
    if before is None:
        return None if after is None else Change(shot.id, field, Kind.ADDED, None, after, reason)
    said = value_of(before, field)
    if said is None and after is None:
        return None
    if said is None or said == after:
        return Change(shot.id, field, Kind.FILLED if said is None else Kind.KEPT, said, after, reason)
    kind = Kind.BENT if (shot.id, field) in pins else Kind.CHANGED
    return Change(shot.id, field, kind, said, after, reason)


def _plain(value: object) -> Value:
    if isinstance(value, StrEnum):
        return value.value
    return value if isinstance(value, str | int) and value != "" else None
