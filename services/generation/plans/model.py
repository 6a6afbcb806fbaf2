"""A shot plan as values: every field of every shot decided, each with where it comes from; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.brains.model import Angle, Move, Setup, Size
from services.formats.model import Beat

FIELDS = ("size", "angle", "move", "lens_mm", "frames", "direction", "description")
"""Of a shot, that a storyboard can say. The others (setup, people, lines) follow from them and the scene."""


class Origin(StrEnum):
    """Where a value comes from."""

    SAID = "said"
    COVERAGE = "coverage"
    BRAIN = "brain"
    PACING = "pacing"
    DIALOGUE = "dialogue"
    CONTINUITY = "continuity"
    RULE = "rule"
    MODEL = "model"


class Direction(StrEnum):
    """To which side of the screen the subject looks or goes: what keeps the camera on one side of its line."""

    LEFT = "L"
    RIGHT = "R"


@dataclass(frozen=True, slots=True)
class Reason:
    """`text`: a sentence for people."""

    origin: Origin
    text: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of a scene besides its own words. `people`: who is seen, from left to right; `place`: of the scene
    in its story, 0 to 1, None if nobody knows; `quick`: whether something has to happen at once; `directions`: by shot,
    where the storyboard says to which side its subject looks; `speakers`: by the folded name at a line, who of the
    people that is, or empty for one who is only heard. Whoever is not in it is called as at the line, and seen."""

    people: tuple[str, ...] = ()
    props: tuple[str, ...] = ()
    beat: Beat | None = None
    place: float | None = None
    quick: bool = False
    directions: Mapping[str, Direction] = field(default_factory=dict)
    speakers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlanShot:
    """`people`: who is in the frame, the one whom it is of first; `lines`: indexes into the scene's dialogue."""

    id: str
    setup: Setup
    size: Size
    angle: Angle
    move: Move
    lens_mm: int
    frames: int
    direction: Direction | None
    people: tuple[str, ...]
    lines: tuple[int, ...]
    description: str
    reasons: Mapping[str, Reason] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """Whom it is of; empty for a thing or a place."""
        return self.people[0] if self.people and self.setup is not Setup.MASTER else ""


@dataclass(frozen=True, slots=True)
class Warn:
    """A rule of craft that the plan breaks, because people said so. `code`: axis, jump, eyeline and so on."""

    code: str
    shots: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class ShotPlan:
    """`model`: who expanded it. `prompt`: the scene's own words first, as they are, then what was added."""

    scene: str
    model: str
    prompt: str
    shots: tuple[PlanShot, ...]
    warnings: tuple[Warn, ...] = ()

    @property
    def frames(self) -> int:
        return sum(shot.frames for shot in self.shots)
