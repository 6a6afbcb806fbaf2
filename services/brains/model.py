"""The record of a brain, its colour decision list (ASC CDL) and how the two are weighed; pure.

Not the presets themselves (`presets.py`) and not the pixels: providers apply what is written here.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from services.brains.errors import BadColourDecision

Triple = tuple[float, float, float]

LUMA: Triple = (0.2126, 0.7152, 0.0722)
"""Rec. 709 weights, as ASC CDL's saturation wants them."""


class Size(StrEnum):
    """How much of a person the frame holds, from eyes to landscape."""

    ECU = "ECU"
    CU = "CU"
    MCU = "MCU"
    MS = "MS"
    MLS = "MLS"
    LS = "LS"
    ELS = "ELS"


class Angle(StrEnum):
    """Where the camera stands."""

    BIRD = "bird"
    HIGH = "high"
    EYE = "eye"
    LOW = "low"
    WORM = "worm"
    DUTCH = "dutch"


class Move(StrEnum):
    """What the camera does during the shot."""

    STATIC = "static"
    PAN = "pan"
    TILT = "tilt"
    PUSH_IN = "push-in"
    PULL_OUT = "pull-out"
    TRACK = "track"
    CRANE = "crane"
    HANDHELD = "handheld"


class Setup(StrEnum):
    """What a camera position is for in a scene's coverage. The master is shot whatever a brain prefers."""

    MASTER = "master"
    SINGLE = "single"
    OVER_SHOULDER = "over-shoulder"
    TWO_SHOT = "two-shot"
    INSERT = "insert"
    POV = "pov"


PREFERRED = (Setup.SINGLE, Setup.OVER_SHOULDER, Setup.TWO_SHOT, Setup.INSERT, Setup.POV)
"""The setups that a brain weighs."""


@dataclass(frozen=True, slots=True)
class Cdl:
    """ASC CDL: `out = clamp(in * slope + offset) ** power` a channel, then saturation about Rec. 709 luma."""

    slope: Triple = (1.0, 1.0, 1.0)
    offset: Triple = (0.0, 0.0, 0.0)
    power: Triple = (1.0, 1.0, 1.0)
    saturation: float = 1.0

    def __post_init__(self) -> None:
        numbers = (*self.slope, *self.offset, *self.power, self.saturation)
        if not all(math.isfinite(number) for number in numbers):
            raise BadColourDecision("a number is not finite")
        if min(self.slope) < 0 or min(self.power) <= 0 or self.saturation < 0:
            raise BadColourDecision("slope >= 0, power > 0, saturation >= 0")

    def apply(self, rgb: Triple) -> Triple:
        """One colour, channels 0..1. The reference that every faster path is tested against."""
        graded = [
            min(1.0, max(0.0, value * slope + offset)) ** power
            for value, slope, offset, power in zip(rgb, self.slope, self.offset, self.power, strict=True)
        ]
        luma = sum(weight * value for weight, value in zip(LUMA, graded, strict=True))
        red, green, blue = (min(1.0, max(0.0, luma + self.saturation * (value - luma))) for value in graded)
        return red, green, blue

    def at(self, strength: float) -> Self:
        """The same decision at `strength` 0..1 between doing nothing and itself."""

        def toward(neutral: float, values: Triple) -> Triple:
            first, second, third = (neutral + strength * (value - neutral) for value in values)
            return first, second, third

        return replace(
            self,
            slope=toward(1.0, self.slope),
            offset=toward(0.0, self.offset),
            power=toward(1.0, self.power),
            saturation=1.0 + strength * (self.saturation - 1.0),
        )


@dataclass(frozen=True, slots=True)
class Lens:
    """Focal lengths in millimetres, 35 mm equivalent."""

    min_mm: int
    typical_mm: int
    max_mm: int


@dataclass(frozen=True, slots=True)
class Focus:
    """Shares 0..1. `depth`: how much of the space is sharp; `pulls`: how often focus moves within a shot."""

    depth: float
    pulls: float


@dataclass(frozen=True, slots=True)
class Framing:
    """Shares 0..1. `headroom` 0.5: by the book; `layers`: how much stands in front of and behind the subject."""

    symmetry: float
    negative_space: float
    headroom: float
    layers: float


@dataclass(frozen=True, slots=True)
class Light:
    """`key_ratio` is key to fill (8 = 8:1), colour temperatures in kelvin; the rest are shares 0..1.

    `practicals`: lamps that are seen; `haze`: in the air; `black`: how dark the darkest is (1: nothing is seen there).
    """

    key_ratio: float
    hardness: float
    key_k: int
    fill_k: int
    practicals: float
    haze: float
    black: float


@dataclass(frozen=True, slots=True)
class Pacing:
    """Average shot length in seconds, and its factor in each quarter of the film; shares 0..1.

    `long_takes`: shots of more than three times the average; `split_edits`: cuts whose sound leads or trails.
    """

    average_shot_s: float
    quarters: tuple[float, float, float, float]
    long_takes: float
    split_edits: float


@dataclass(frozen=True, slots=True)
class Sound:
    """Shares 0..1. `dynamics`: from level to loud and silent; `space`: from dry to a cathedral."""

    music: float
    ambience: float
    effects: float
    silence: float
    dialogue: float
    low_end: float
    electronic: float
    dynamics: float
    space: float
    tempo: float


@dataclass(frozen=True, slots=True)
class Tone:
    """Shares 0..1. `valence` 0: dark, 1: bright; `arousal` 0: calm, 1: excited."""

    valence: float
    arousal: float
    suspense: float
    humour: float
    romance: float
    dread: float
    wonder: float
    realism: float
    nostalgia: float
    intimacy: float
    scale: float
    irony: float


@dataclass(frozen=True, slots=True)
class Brain:
    """One look, versioned: a project never changes its look because a preset did.

    `aspect`: width over height; `rate`: [frames, seconds]; mixtures are shares that sum to 1; `palette`: RRGGBB, from
    dark to light or by weight. `never`: values of `Size`, `Angle`, `Move` or `Setup` that do not occur.
    """

    id: str
    version: int
    name: str
    aspect: float
    rate: tuple[int, int]
    sizes: Mapping[Size, float]
    angles: Mapping[Angle, float]
    moves: Mapping[Move, float]
    setups: Mapping[Setup, float]
    lens: Lens
    focus: Focus
    framing: Framing
    light: Light
    cdl: Cdl
    palette: tuple[str, str, str, str, str]
    pacing: Pacing
    transitions: Mapping[str, float]
    sound: Sound
    tone: Tone
    prompt_words: tuple[str, ...]
    avoid_words: tuple[str, ...]
    never: tuple[str, ...] = ()


def shares(close: float, medium: float, long: float) -> dict[Size, float]:
    """Close, medium and long percentages spread over the seven sizes; sums to 1."""
    total = close + medium + long
    spread = {
        Size.ECU: 0.12 * close,
        Size.CU: 0.48 * close,
        Size.MCU: 0.40 * close,
        Size.MS: 0.62 * medium,
        Size.MLS: 0.38 * medium,
        Size.LS: 0.62 * long,
        Size.ELS: 0.38 * long,
    }
    return {size: share / total for size, share in spread.items()}


def rgb(hex_colour: str) -> Triple:
    """`F2A541` -> channels 0..1."""
    red, green, blue = (int(hex_colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue
