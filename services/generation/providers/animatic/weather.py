"""Rain, snow and fog over a finished picture, and the finish of the panel itself: vignette and paper grain.

Not the sky: clouds belong to the place.
"""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops

from services.generation.providers.animatic.canvas import Canvas, clouds, mix
from services.generation.providers.animatic.subject import Subject
from services.generation.providers.animatic.tones import Tones


def weather(canvas: Canvas, subject: Subject, tones: Tones, rng: np.random.Generator) -> None:
    """What stands in the air of the background: fog, a bolt."""
    if subject.interior:
        return
    if "fog" in subject.props:
        drift = clouds(canvas.width, canvas.height, rng, cells=2.5, octaves=4, stretch=3.5)
        canvas.wash((drift * np.float32(0.55)).astype(np.float32), mix(tones.sky[2], tones.ramp[-2], 0.3))
    if "lightning" in subject.props:
        _lightning(canvas, tones, rng)


@dataclass(frozen=True, slots=True)
class Falling:
    """Rain or snow: a picture that repeats, moved a step every frame and added as light. Steps in pixels."""

    picture: Image.Image
    step_x: float
    step_y: float
    sway: float

    def at(self, frame: int) -> Image.Image:
        """The layer as it is in this frame."""
        drift = self.step_x * frame + self.sway * math.sin(frame / 24 * 1.3)
        return ImageChops.offset(self.picture, round(drift), round(self.step_y * frame))


def falling(subject: Subject, tones: Tones, width: int, height: int, seed: int) -> tuple[Falling, ...]:
    """Far and near layers of what falls, for a visible frame of this size."""
    if subject.interior:
        return ()
    layers = []
    for near in (False, True):
        canvas = Canvas(width, height, height, (0.0, 0.0, 0.0))
        rng = np.random.default_rng([seed, 10 + near])
        if "rain" in subject.props:
            _rain(canvas, tones, rng, near)
            step = (0.17 if near else 0.10) * height
            layers.append(Falling(_picture(canvas), -0.16 * step, step, 0.0))
        if "snow" in subject.props:
            _snow(canvas, rng, near)
            step = (0.011 if near else 0.005) * height
            layers.append(Falling(_picture(canvas), 0.1 * step, step, (0.03 if near else 0.012) * height))
    return tuple(layers)


def _picture(canvas: Canvas) -> Image.Image:
    return Image.fromarray((np.clip(canvas.rgb, 0, 1) * 255 + 0.5).astype(np.uint8))


def _rain(canvas: Canvas, tones: Tones, rng: np.random.Generator, near: bool) -> None:
    mask = canvas.mask()
    count, length, width = (90, 0.17, 0.0024) if near else (420, 0.07, 0.0013)
    for _ in range(count):
        x, y = float(rng.uniform(-canvas.half_width, canvas.half_width)), float(rng.uniform(-0.5, 0.5))
        reach, level = length * float(rng.uniform(0.6, 1.3)), float(rng.uniform(0.3, 0.9))
        for again in (0.0, -1.0):  # what leaves below comes in above, so that the picture repeats
            mask.stroke([(x, y + again), (x - reach * 0.16, y + reach + again)], width, level)
    canvas.light(mask, mix(tones.sky[2], (0.85, 0.92, 1.0), 0.5), 0.24 if near else 0.27)


def _snow(canvas: Canvas, rng: np.random.Generator, near: bool) -> None:
    mask = canvas.mask()
    count, size = (40, 0.010) if near else (300, 0.0034)
    for _ in range(count):
        x, y = float(rng.uniform(-canvas.half_width, canvas.half_width)), float(rng.uniform(-0.5, 0.5))
        radius, level = size * float(rng.uniform(0.4, 1.4)), float(rng.uniform(0.4, 1))
        for again in (0.0, -1.0, 1.0):
            mask.disc((x, y + again), radius, level=level)
    if near:
        mask.blurred(0.004)
    canvas.light(mask, (0.95, 0.97, 1.0), 0.75 if near else 0.85)


def _lightning(canvas: Canvas, tones: Tones, rng: np.random.Generator) -> None:
    x, y = float(rng.uniform(-0.5, 0.5)), -0.75
    path = [(x, y)]
    while y < 0.0:
        x, y = x + float(rng.normal(0, 0.035)), y + float(rng.uniform(0.03, 0.07))
        path.append((x, y))
    bolt = canvas.mask().stroke(path, 0.005)
    canvas.light(canvas.mask().stroke(path, 0.02).blurred(0.03), (0.75, 0.82, 1.0), 0.8)
    canvas.paint(bolt, (0.95, 0.97, 1.0))


def vignette(canvas: Canvas, aspect: float, amount: float) -> None:
    """Darker corners, so that the eye stays inside."""
    x = (np.arange(canvas.width, dtype=np.float32) - canvas.width / 2) / (canvas.unit * aspect * 0.62)
    y = (np.arange(canvas.height, dtype=np.float32) - canvas.height / 2) / (canvas.unit * 0.66)
    reach = np.clip(np.hypot(x[None, :], y[:, None]) - 0.45, 0, 1).astype(np.float32)
    canvas.rgb *= (1 - np.float32(amount) * reach**1.5)[:, :, None]


def grain(canvas: Canvas, rng: np.random.Generator, amount: float) -> None:
    """Paper and brush: fine noise and a slow one, both faint."""
    fine = rng.standard_normal((canvas.height, canvas.width), np.float32) * np.float32(amount)
    slow = (clouds(canvas.width, canvas.height, rng, cells=40, octaves=2, stretch=2.5) - np.float32(0.5)) * np.float32(
        2 * amount
    )
    weight = (fine + slow)[:, :, None]
    canvas.rgb += weight * canvas.alpha[:, :, None] * (0.4 + 0.6 * (1 - canvas.rgb))
    np.clip(canvas.rgb, 0, 1, out=canvas.rgb)
