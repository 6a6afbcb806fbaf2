"""A canvas to paint on: float RGB with alpha, antialiased masks, gradients, clouds of noise, light.

Not a scene: knows no people, places or brains. Coordinates: the visible height is 1, the origin is the middle of the
picture, y points down; so the same drawing works in every raster.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from services.brains.model import Triple

Colour = Triple
"""Red, green, blue, 0..1, as displayed."""
Pixels = NDArray[np.float32]
Point = tuple[float, float]

SUPERSAMPLE = 2
"""Masks are drawn this many times larger and averaged down: antialiasing."""


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`share` 0 is `first`, 1 is `second`."""
    share = min(1.0, max(0.0, share))
    red, green, blue = (one + share * (two - one) for one, two in zip(first, second, strict=True))
    return red, green, blue


def scaled(colour: Colour, factor: float) -> Colour:
    """Brighter or darker, kept in range."""
    red, green, blue = (min(1.0, channel * factor) for channel in colour)
    return red, green, blue


class Mask:
    """Where paint goes: a coverage picture, drawn with polygons, discs and strokes."""

    def __init__(self, canvas: "Canvas") -> None:
        self._scale = canvas.unit * SUPERSAMPLE
        self._middle = (canvas.width * SUPERSAMPLE / 2, canvas.height * SUPERSAMPLE / 2)
        self._image = Image.new("L", (canvas.width * SUPERSAMPLE, canvas.height * SUPERSAMPLE), 0)
        self._draw = ImageDraw.Draw(self._image)

    def _at(self, point: Point) -> Point:
        return self._middle[0] + point[0] * self._scale, self._middle[1] + point[1] * self._scale

    def polygon(self, points: Sequence[Point], level: float = 1.0) -> "Mask":
        """A filled polygon."""
        if len(points) >= 3:
            self._draw.polygon([self._at(point) for point in points], fill=round(255 * level))
        return self

    def spline(self, points: Sequence[Point], level: float = 1.0) -> "Mask":
        """A filled smooth closed curve through the points."""
        return self.polygon(smooth(points), level)

    def disc(self, middle: Point, radius: float, radius_y: float | None = None, level: float = 1.0) -> "Mask":
        """A filled ellipse."""
        x, y = self._at(middle)
        wide, tall = radius * self._scale, (radius if radius_y is None else radius_y) * self._scale
        self._draw.ellipse((x - wide, y - tall, x + wide, y + tall), fill=round(255 * level))
        return self

    def box(self, left: float, top: float, right: float, bottom: float, level: float = 1.0) -> "Mask":
        """A filled rectangle."""
        return self.polygon(((left, top), (right, top), (right, bottom), (left, bottom)), level)

    def stroke(self, points: Sequence[Point], width: float, level: float = 1.0) -> "Mask":
        """An open line, at least a pixel wide, with round joints."""
        path = [self._at(point) for point in points]
        self._draw.line(path, fill=round(255 * level), width=max(1, round(width * self._scale)), joint="curve")
        return self

    def within(self, other: "Mask") -> "Mask":
        """Only where `other` is covered too."""
        self._image = ImageChops.multiply(self._image, other._image)
        self._draw = ImageDraw.Draw(self._image)
        return self

    def blurred(self, radius: float) -> "Mask":
        """Softened by `radius` (in visible heights)."""
        self._image = _blur(self._image, radius * self._scale)
        self._draw = ImageDraw.Draw(self._image)
        return self

    def box_of(self) -> tuple[int, int, int, int] | None:
        """Left, top, right, bottom in canvas pixels of what is covered."""
        box = self._image.getbbox()
        if box is None:
            return None
        left, top, right, bottom = box
        return left // SUPERSAMPLE, top // SUPERSAMPLE, -(-right // SUPERSAMPLE), -(-bottom // SUPERSAMPLE)

    def coverage(self, box: tuple[int, int, int, int]) -> Pixels:
        """(h, w) float32 0..1 within `box`."""
        large = self._image.crop(tuple(edge * SUPERSAMPLE for edge in box))  # type: ignore[arg-type]
        return np.asarray(large.reduce(SUPERSAMPLE), np.float32) / np.float32(255)


class Canvas:
    """Display-referred colour, premultiplied by alpha. `unit`: pixels in one visible height."""

    def __init__(self, width: int, height: int, unit: float, colour: Colour | None = None) -> None:
        self.width, self.height, self.unit = width, height, unit
        self.rgb: Pixels = np.zeros((height, width, 3), np.float32)
        self.alpha: Pixels = np.zeros((height, width), np.float32)
        if colour is not None:
            self.rgb[:] = colour
            self.alpha[:] = 1

    @property
    def half_width(self) -> float:
        """Half of the whole canvas in visible heights, margins included."""
        return self.width / self.unit / 2

    @property
    def half_height(self) -> float:
        """As `half_width`."""
        return self.height / self.unit / 2

    def mask(self) -> Mask:
        """A fresh, empty one."""
        return Mask(self)

    def rows(self, stops: Sequence[tuple[float, Colour]]) -> Pixels:
        """(h, 1, 3): a gradient from top to bottom; stops are (y, colour)."""
        heights = (np.arange(self.height) + 0.5 - self.height / 2) / self.unit
        channels = [np.interp(heights, [y for y, _ in stops], [c[axis] for _, c in stops]) for axis in range(3)]
        return np.stack(channels, 1).astype(np.float32)[:, None, :]

    def columns(self, stops: Sequence[tuple[float, Colour]]) -> Pixels:
        """(1, w, 3): a gradient from left to right."""
        places = (np.arange(self.width) + 0.5 - self.width / 2) / self.unit
        channels = [np.interp(places, [x for x, _ in stops], [c[axis] for _, c in stops]) for axis in range(3)]
        return np.stack(channels, 1).astype(np.float32)[None, :, :]

    def paint(self, mask: Mask, fill: Colour | Pixels, opacity: float = 1.0) -> None:
        """Covers what the mask covers. `fill`: a colour, or pixels that broadcast to the canvas."""
        box = mask.box_of()
        if box is None:
            return
        cover = mask.coverage(box) * np.float32(opacity)
        self._over(box, cover, self._fill(fill, box))

    def wash(self, cover: Pixels, fill: Colour | Pixels) -> None:
        """Covers by an (h, w) picture of coverage."""
        whole = (0, 0, self.width, self.height)
        self._over(whole, cover, self._fill(fill, whole))

    def light(self, mask: Mask, colour: Colour, amount: float = 1.0) -> None:
        """Adds light (screen), as glows and shafts do; alpha stays."""
        box = mask.box_of()
        if box is None:
            return
        left, top, right, bottom = box
        glow = mask.coverage(box)[:, :, None] * np.asarray(colour, np.float32) * np.float32(amount)
        part = self.rgb[top:bottom, left:right]
        np.subtract(1, (1 - part) * (1 - np.clip(glow, 0, 1)), out=part)

    def glow(self, middle: Point, radius: float, colour: Colour, amount: float) -> None:
        """A round soft light that falls off smoothly to nothing at `radius`."""
        distance = self.distance(middle) / np.float32(radius)
        shape = np.clip(1 - distance, 0, 1) ** 2.2 * np.float32(amount)
        glow = np.clip(shape[:, :, None] * np.asarray(colour, np.float32), 0, 1)
        np.subtract(1, (1 - self.rgb) * (1 - glow), out=self.rgb)

    def distance(self, middle: Point) -> Pixels:
        """(h, w): distance of every pixel from a point, in visible heights."""
        x = (np.arange(self.width, dtype=np.float32) + 0.5 - self.width / 2) / self.unit - middle[0]
        y = (np.arange(self.height, dtype=np.float32) + 0.5 - self.height / 2) / self.unit - middle[1]
        reach: Pixels = np.hypot(x[None, :], y[:, None]).astype(np.float32)
        return reach

    def soften(self, radius: float) -> None:
        """Blurs everything painted so far: out of focus."""
        if radius * self.unit < 0.3:
            return
        image = Image.fromarray((np.clip(self.rgb, 0, 1) * 255 + 0.5).astype(np.uint8))
        self.rgb = np.asarray(_blur(image, radius * self.unit), np.float32) / np.float32(255)

    def _fill(self, fill: Colour | Pixels, box: tuple[int, int, int, int]) -> Pixels:
        if isinstance(fill, tuple):
            return np.asarray(fill, np.float32)
        left, top, right, bottom = box
        rows = slice(top, bottom) if fill.shape[0] > 1 else slice(None)
        columns = slice(left, right) if fill.shape[1] > 1 else slice(None)
        return fill[rows, columns]

    def _over(self, box: tuple[int, int, int, int], cover: Pixels, fill: Pixels) -> None:
        left, top, right, bottom = box
        part, alpha = self.rgb[top:bottom, left:right], self.alpha[top:bottom, left:right]
        part *= (1 - cover)[:, :, None]
        part += fill * cover[:, :, None]
        alpha *= 1 - cover
        alpha += cover


def smooth(points: Sequence[Point], steps: int = 8) -> list[Point]:
    """A closed Catmull-Rom curve through the points."""
    path: list[Point] = []
    count = len(points)
    for index in range(count):
        before, here, there, after = (points[(index + offset) % count] for offset in (-1, 0, 1, 2))
        for step in range(steps):
            t = step / steps
            path.append(
                (_bend(before[0], here[0], there[0], after[0], t), _bend(before[1], here[1], there[1], after[1], t))
            )
    return path


def _bend(before: float, here: float, there: float, after: float, t: float) -> float:
    square = t * t
    return 0.5 * (
        2 * here
        + (there - before) * t
        + (2 * before - 5 * here + 4 * there - after) * square
        + (3 * here - before - 3 * there + after) * square * t
    )


def clouds(
    width: int, height: int, rng: np.random.Generator, cells: float = 4.0, octaves: int = 4, stretch: float = 1.0
) -> Pixels:
    """(h, w) 0..1 noise of several sizes. `cells` across the height; `stretch` > 1 pulls it out sideways."""
    total: Pixels = np.zeros((height, width), np.float32)
    weight = 1.0
    for octave in range(octaves):
        tall = max(2, math.ceil(cells * 2**octave) + 1)
        wide = max(2, math.ceil(cells * 2**octave * width / height / stretch) + 1)
        grid = rng.random((tall, wide), np.float32)
        layer = Image.fromarray(grid).resize((width, height), Image.Resampling.BICUBIC)
        total += np.asarray(layer, np.float32) * np.float32(weight)
        weight *= 0.5
    total -= total.min()
    total /= max(1e-6, float(total.max()))
    return total


def _blur(image: Image.Image, radius_px: float) -> Image.Image:
    """Gaussian; wide ones are done small, where they cost little and look the same."""
    shrink = 1
    while radius_px / shrink > 12:
        shrink *= 2
    if shrink == 1:
        return image.filter(ImageFilter.GaussianBlur(radius_px))
    size = (max(1, image.width // shrink), max(1, image.height // shrink))
    small = image.resize(size, Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(radius_px / shrink))
    return small.resize(image.size, Image.Resampling.BICUBIC)
