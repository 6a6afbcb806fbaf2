"""From the words of a shot to numbers: where the horizon lies, how tall people are, what is out of focus; pure.

Not the movement (`moves.py`): this is the frame at rest.
"""

from dataclasses import dataclass

from services.brains.model import Angle, Size
from services.generation.providers.interface import PlannedShot

PERSON: dict[Size, float] = {
    Size.ELS: 0.17,
    Size.LS: 0.74,
    Size.MLS: 1.2,
    Size.MS: 1.75,
    Size.MCU: 2.7,
    Size.CU: 4.4,
    Size.ECU: 8.5,
}
"""Height of a standing person in visible heights."""

EYES: dict[Size, float] = {
    Size.ELS: 0.08,
    Size.LS: -0.22,
    Size.MLS: -0.23,
    Size.MS: -0.19,
    Size.MCU: -0.13,
    Size.CU: -0.07,
    Size.ECU: 0.0,
}
"""Where the eyes lie, from the middle of the frame, down positive."""

EYES_SHARE = 0.93
"""Eyes stand at this share of a person's height."""

HORIZON: dict[Angle, float] = {
    Angle.BIRD: -0.62,
    Angle.HIGH: -0.36,
    Angle.EYE: 0.04,
    Angle.LOW: 0.30,
    Angle.WORM: 0.42,
    Angle.DUTCH: 0.08,
}


@dataclass(frozen=True, slots=True)
class Framing:
    """The frame at rest. Lengths in visible heights."""

    aspect: float
    horizon: float
    person: float
    eyes: float
    squash: float
    taper: float
    roll_deg: float
    air: float
    blur: float
    depth: float

    @property
    def feet(self) -> float:
        """Where a standing person's feet are; often far below the frame."""
        return self.eyes + EYES_SHARE * self.person * self.squash

    @property
    def half_width(self) -> float:
        """Half of the visible frame's width."""
        return self.aspect / 2


def framing(shot: PlannedShot, aspect: float) -> Framing:
    """`air`: how much haze lies between near and far (long lenses stack it); `depth`: how fast things shrink."""
    long_lens = min(1.0, max(0.0, (shot.lens_mm - 18) / 110))
    close = {Size.MS: 0.35, Size.MCU: 0.7, Size.CU: 1.0, Size.ECU: 1.2}.get(shot.size, 0.0)
    squash = {Angle.BIRD: 0.66, Angle.HIGH: 0.88, Angle.WORM: 0.94}.get(shot.angle, 1.0)
    taper = {Angle.BIRD: -0.22, Angle.HIGH: -0.1, Angle.LOW: 0.1, Angle.WORM: 0.2}.get(shot.angle, 0.0)
    eyes = EYES[shot.size] + (0.12 if shot.angle is Angle.BIRD and shot.size is Size.LS else 0.0)
    horizon = HORIZON[shot.angle]
    if shot.size is Size.ELS and shot.angle is Angle.EYE:
        horizon = 0.12
    return Framing(
        aspect=aspect,
        horizon=horizon,
        person=PERSON[shot.size],
        eyes=_els_eyes(shot, horizon) if shot.size is Size.ELS else eyes,
        squash=squash,
        taper=taper,
        roll_deg=7.0 if shot.angle is Angle.DUTCH else 0.0,
        air=0.35 + 0.5 * long_lens,
        blur=close * (0.004 + 0.016 * long_lens),
        depth=1.0 - 0.45 * long_lens,
    )


def _els_eyes(shot: PlannedShot, horizon: float) -> float:
    """Small people stand on the ground below the horizon, wherever the angle has put it."""
    return {Angle.BIRD: 0.02, Angle.HIGH: 0.0, Angle.LOW: 0.2, Angle.WORM: 0.27}.get(shot.angle, horizon + 0.06)
