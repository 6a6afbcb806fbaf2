"""Where the camera looks at each moment of a shot: smooth, sub-pixel, the same in every raster; pure.

Not the drawing: a view is a window over plates that are larger than the frame.
"""

import math
from dataclasses import dataclass

from services.brains.model import Move, Size

REACH = 0.085
"""How far a pan travels to either side, as a share of the frame; the plates' margin is 0.14."""
PUSH = 0.13
DEPTH = {Size.ELS: 1.0, Size.LS: 1.0, Size.MLS: 1.05, Size.MS: 1.18, Size.MCU: 1.28, Size.CU: 1.34, Size.ECU: 1.3}
"""How much more than the background people move: nearer things travel further."""


@dataclass(frozen=True, slots=True)
class View:
    """`x`, `y`: shift of the window as a share of the frame's width and height; `zoom` > 1 is closer."""

    x: float
    y: float
    zoom: float
    turn_deg: float = 0.0

    def nearer(self, depth: float) -> "View":
        """The same view of something nearer than the background."""
        return View(self.x * depth, self.y * depth, 1 + (self.zoom - 1) * depth, self.turn_deg)


def ease(share: float) -> float:
    """Starts and stops gently: the quintic that is flat at both ends."""
    return share**3 * (share * (6 * share - 15) + 10)


def settle(share: float) -> float:
    """Half eased, half steady: a drawn-out shot never seems to stand."""
    return 0.5 * ease(share) + 0.5 * share


def view(move: Move, frame: int, frames: int, way: int, seed: int) -> View:
    """The view of one frame. `way`: -1 or 1, the direction of pans and tracks."""
    share = frame / max(1, frames - 1)
    moved = settle(share)
    if move is Move.PAN:
        return View(way * REACH * (2 * moved - 1), 0.0, 1.02)
    if move is Move.TILT:
        return View(0.0, 0.075 * (1 - 2 * moved), 1.02)
    if move is Move.PUSH_IN:
        return View(0.0, -0.01 * moved, 1.0 + PUSH * moved)
    if move is Move.PULL_OUT:
        return View(0.0, -0.01 * (1 - moved), 1.0 + PUSH * (1 - moved))
    if move is Move.TRACK:
        return View(way * 0.07 * (2 * share - 1), 0.0, 1.04)
    if move is Move.CRANE:
        return View(way * 0.02 * (2 * moved - 1), 0.06 - 0.09 * moved, 1.0 + 0.07 * moved)
    if move is Move.HANDHELD:
        return _handheld(frame, seed)
    return View(0.0, 0.0, 1.0)


def _handheld(frame: int, seed: int) -> View:
    """Slow sways of unrelated periods: alive, never shaky."""
    phase = seed % 1000 / 159.0
    t = frame / 24.0
    sway = [
        math.sin(t * speed + phase * factor)
        for speed, factor in ((1.9, 1.0), (3.1, 2.3), (2.3, 1.7), (3.7, 3.1), (1.3, 0.7))
    ]
    return View(0.007 * sway[0] + 0.003 * sway[1], 0.008 * sway[2] + 0.003 * sway[3], 1.035, 0.35 * sway[4])


def breath(frame: int, seed: int) -> float:
    """People are never quite still: a factor on their zoom."""
    return 1.0 + 0.0016 * math.sin(frame / 24.0 * 1.7 + seed % 100)
