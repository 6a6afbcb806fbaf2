"""The JSON of shot plans: what would be made, where each value comes from, and what would change."""

from typing import Any

from pydantic import Field

from api.brain_schemas import BrainName, Version
from api.continuity_schemas import ConflictOut
from api.format_schemas import FormatName
from api.schemas import In, Out
from services.brains.model import Angle, Move, Setup, Size
from services.generation.plans.difference import Kind
from services.generation.plans.model import Direction, Origin
from services.generation.plans.service import STRENGTH_MAX

_GESTURE = {"gesture": "edit_shot", "id": "sht_01m8ftc559f83b2fxxyzdp8j3v", "registers": {"size": "CU"}}


class ShotPlanIn(In):
    """What is left out is as the scene says, else as the project says. `strength`: of the brain, in percent."""

    brain: BrainName | None = None
    version: Version | None = None
    strength: int | None = Field(None, ge=0, le=STRENGTH_MAX)
    format: FormatName | None = None


class PlanReason(Out):
    origin: Origin
    text: str


class PlanShotOut(Out):
    """`people`: who is in the frame, the one whom it is of first. `direction`: to which side they look. `lines`:
    indexes into the dialogue. `reasons`: by field."""

    id: str
    setup: Setup
    size: Size
    angle: Angle
    move: Move
    lens_mm: int
    frames: int
    direction: Direction | None
    people: list[str]
    lines: list[int]
    description: str
    reasons: dict[str, PlanReason]


class PlanChange(Out):
    """One field of one shot. `kind` kept: as people said; bent: said, but it cannot be made like that; filled, changed,
    added: the plan's."""

    shot: str
    field: str
    kind: Kind
    before: str | int | None
    after: str | int | None
    origin: Origin
    reason: str


class PlanWarning(Out):
    """A rule of craft that people's own words break. `code`: axis, eyeline, jump, room or forbidden."""

    code: str
    shots: list[str]
    text: str


class ShotPlanOut(Out):
    """`model`: who expanded it. `gestures`: what `POST /v1/documents/{document}/edits` takes to write it down; what is
    not written down is planned anew by the generation. `conflicts`: of continuity, in this scene."""

    scene: str
    document: str
    epoch: int
    seq: int
    model: str
    brain: str
    brain_version: int
    strength: int
    format: str
    beat: str | None
    prompt: str
    frames: int
    shots: list[PlanShotOut]
    changes: list[PlanChange]
    warnings: list[PlanWarning]
    conflicts: list[ConflictOut]
    gestures: list[dict[str, Any]] = Field(examples=[[_GESTURE]])
