"""A part of a drawn shot, drawn anew: what was painted on a frame, carried over to the plates behind it; pure.

Not the drawing: two panels go in, of the old words and of the new ones, and inside the mask the new one is seen.
"""

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFilter

from services.generation.providers.animatic import moves
from services.generation.providers.animatic.panel import Plates
from services.generation.request import Stroke

SOFT = 0.006
"""How far the edge of a mask is blurred, as a share of the frame's width."""


def painted(old: Plates, new: Plates, back: Image.Image, front: Image.Image) -> Plates:
    """`back`, `front`: masks of the two plates, as `mask` makes them."""
    return Plates(
        Image.composite(new.background.convert("RGB"), old.background.convert("RGB"), back),
        Image.composite(new.figures.convert("RGBA"), old.figures.convert("RGBA"), front),
    )


def mask(
    strokes: Sequence[Stroke], view: moves.View, plate: tuple[int, int], raster: tuple[int, int], height: int
) -> Image.Image:
    """White where something is drawn anew, on a plate of the size `plate` that is looked at through `view`.

    `raster`: of the frame, bars included; `height`: of what is seen between them.
    """
    width, tall = raster
    drawn = Image.new("L", plate, 0)
    brush = ImageDraw.Draw(drawn)
    for stroke in strokes:
        seen = [(x * width, y * tall - (tall - height) / 2) for x, y in stroke.points]
        points = [_behind(point, view, plate, (width, height)) for point in seen]
        reach = stroke.radius * width / view.zoom
        brush.line(points, fill=255, width=max(1, round(2 * reach)), joint="curve")
        for x, y in points:
            brush.ellipse((x - reach, y - reach, x + reach, y + reach), fill=255)
    return drawn.filter(ImageFilter.GaussianBlur(SOFT * width))


def _behind(
    point: tuple[float, float], view: moves.View, plate: tuple[int, int], frame: tuple[int, int]
) -> tuple[float, float]:
    """Where on the plate that is which is seen at a point of the frame."""
    turn = math.radians(view.turn_deg)
    cos, sin = math.cos(turn) / view.zoom, math.sin(turn) / view.zoom
    x, y = point[0] - frame[0] / 2, point[1] - frame[1] / 2
    middle = plate[0] / 2 + view.x * frame[0], plate[1] / 2 + view.y * frame[1]
    return middle[0] + cos * x - sin * y, middle[1] + sin * x + cos * y
