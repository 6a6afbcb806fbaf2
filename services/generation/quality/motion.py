"""What the camera does, found by matching blocks of the picture a quarter of a second apart; pure.

Phase correlation of each block says how far it went; shift and zoom of the camera are what most blocks agree on, so
that somebody who walks through a standing shot does not count. Not optical flow: a number per shot is enough.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.brains.model import Move
from services.generation.quality import limits
from services.generation.quality.model import Measure, Wanted, measured, unmeasured
from services.generation.quality.picture import active, shots_of
from services.generation.quality.reading import Numbers

BLOCK_PX = 32
STEP_S = 0.25
DETAIL_LEVELS = 4.0
"""A block whose standard deviation is less shows nothing that could be followed."""
PEAK_MIN = 0.08
BLOCKS_MIN = 3

UP_AND_DOWN = frozenset({Move.TILT, Move.CRANE})
SIDEWAYS = frozenset({Move.PAN, Move.TRACK})
IN_AND_OUT = frozenset({Move.PUSH_IN, Move.PULL_OUT})


@dataclass(frozen=True, slots=True)
class Camera:
    """How the picture moves, in percent of its width a second. `zoom`: outwards at the edge, > 0 when pushed in."""

    across: float
    down: float
    zoom: float

    @property
    def amount(self) -> float:
        return float(np.hypot(np.hypot(self.across, self.down), self.zoom))


def camera(luma: Numbers, fps: float) -> Camera | None:
    """Of one shot; None: nothing in it can be followed. The median over time of what the blocks agree on."""
    step = max(1, round(STEP_S * fps))
    found = [_between(luma[at], luma[at + step]) for at in range(0, len(luma) - step, step)]
    seen = [one for one in found if one is not None]
    if not seen:
        return None
    # A camera that shakes goes nowhere in the mean: what counts is how far it goes each time.
    each = np.abs(np.asarray(seen))
    sign = np.where(np.median(seen, axis=0) < 0, -1, 1)
    across, down, zoom = np.median(each, axis=0) * sign * (100 / luma.shape[2]) * (fps / step)
    return Camera(float(across), float(down), float(zoom))


def _between(before: Numbers, behind: Numbers) -> tuple[float, float, float] | None:
    """Pixels across and down, and outwards at half the width."""
    tall, wide = before.shape
    places, shifts = [], []
    for top in range(0, tall - BLOCK_PX + 1, BLOCK_PX // 2):
        for left in range(0, wide - BLOCK_PX + 1, BLOCK_PX // 2):
            window = (slice(top, top + BLOCK_PX), slice(left, left + BLOCK_PX))
            shift = _shift(before[window], behind[window])
            if shift is not None:
                places.append((left + BLOCK_PX / 2 - wide / 2, top + BLOCK_PX / 2 - tall / 2))
                shifts.append(shift)
    if len(shifts) < BLOCKS_MIN:
        return None
    at, went = np.asarray(places), np.asarray(shifts)
    middle = np.median(went, axis=0)
    apart = at - at.mean(axis=0)
    spread = float((apart**2).sum())
    zoom = float(((went - middle) * apart).sum()) / spread if spread else 0.0
    return float(middle[0]), float(middle[1]), zoom * wide / 2


_WINDOW = np.outer(np.hanning(BLOCK_PX), np.hanning(BLOCK_PX)).astype(np.float32)


def _shift(before: Numbers, behind: Numbers) -> tuple[float, float] | None:
    """Across and down in pixels, a fraction of one included; None where nothing is to be seen."""
    if min(before.std(), behind.std()) < DETAIL_LEVELS:
        return None
    one, other = (np.fft.rfft2((part - part.mean()) * _WINDOW) for part in (before, behind))
    cross = other * np.conj(one)
    surface = np.fft.irfft2(cross / (np.abs(cross) + 1e-3 * np.abs(cross).max()), s=before.shape)
    down, across = np.unravel_index(int(surface.argmax()), surface.shape)
    if surface[down, across] < PEAK_MIN:
        return None
    return _peak(surface[down], int(across)), _peak(surface[:, across], int(down))


def _peak(line: NDArray[np.floating[Any]], at: int) -> float:
    """A parabola through the three values at the top; places beyond the half are negative."""
    size = len(line)
    left, top, right = float(line[at - 1]), float(line[at]), float(line[(at + 1) % size])
    bend = left - 2 * top + right
    place = at + (0.5 * (left - right) / bend if bend < 0 else 0.0)
    return place - size if place > size / 2 else place


def motion(luma: Numbers, wanted: Wanted) -> list[Measure]:
    """Against what every shot asks for; the worst shot of each kind speaks."""
    seen = active(luma)
    still, moving, ways = [], [], []
    for shot, frames in zip(wanted.shots, shots_of(wanted, len(luma)), strict=False):
        found = None if shot.move is None else camera(seen[frames], wanted.fps)
        if shot.move is None or found is None:
            continue
        if shot.move in limits.STILL:
            still.append(found.amount)
        else:
            moving.append(found.amount)
            ways.append(_way(found, shot.move))
    return [_stillness(still), *_movement(moving, ways)]


def _stillness(still: list[float]) -> Measure:
    if not still:
        return unmeasured("motion_still", "%/s", "No shot should stand still, or nothing in it can be followed.")
    worst = max(still)
    sentence = f"The camera should stand still and travels {worst:.1f} % of the width a second."
    return measured("motion_still", worst, "%/s", limits.LIMITS["motion_still"], sentence)


def _movement(moving: list[float], ways: list[float]) -> list[Measure]:
    if not moving:
        reason = "No shot should move, or nothing in it can be followed."
        return [unmeasured("motion_moving", "%/s", reason), unmeasured("motion_way", "share", reason)]
    least, way = min(moving), min(ways)
    return [
        measured(
            "motion_moving",
            least,
            "%/s",
            limits.LIMITS["motion_moving"],
            f"The camera should move and travels {least:.1f} % of the width a second.",
        ),
        measured(
            "motion_way",
            way,
            "share",
            limits.LIMITS["motion_way"],
            f"{way:.0%} of the camera's movement is in the direction that was asked for.",
        ),
    ]


def _way(found: Camera, move: Move) -> float:
    """Which share of the movement is of the kind that was asked for, 0..1."""
    amount = found.amount
    if not amount or move is Move.HANDHELD:
        return 1.0
    if move in SIDEWAYS:
        return abs(found.across) / amount
    if move in UP_AND_DOWN:
        return abs(found.down) / amount
    return max(0.0, found.zoom if move is Move.PUSH_IN else -found.zoom) / amount
