"""From plates to moving pictures: one raw RGB frame after the other, written to a stream.

Not the encoder: ffmpeg reads the stream, grades and compresses it.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFont

from services.brains.model import Size
from services.generation.providers.animatic import moves
from services.generation.providers.animatic.panel import Plates
from services.generation.providers.animatic.weather import Falling
from services.generation.providers.interface import PlannedShot


@dataclass(frozen=True, slots=True)
class Reel:
    """One shot, ready to roll. `slate`: the words burnt in at the lower edge."""

    shot: PlannedShot
    plates: Plates
    falling: tuple[Falling, ...]
    slate: str
    way: int


def frames(reels: Sequence[Reel], width: int, height: int) -> Iterator[Image.Image]:
    """RGB pictures of the visible frame, in order."""
    for reel in reels:
        caption = slate(reel.slate, width, height)
        for frame in range(reel.shot.frames):
            picture = still(reel, frame, width, height)
            picture.paste(caption, (0, 0), caption)
            yield picture


def still(reel: Reel, frame: int, width: int, height: int) -> Image.Image:
    """One frame without its slate."""
    back, front = views(reel.shot, frame, reel.way)
    picture = _window(reel.plates.background, back, width, height)
    people = _window(reel.plates.figures, front, width, height)
    picture.paste(people, (0, 0), people)
    for layer in reel.falling:
        picture = ImageChops.screen(picture, layer.at(frame))
    return picture


def views(shot: PlannedShot, frame: int, way: int) -> tuple[moves.View, moves.View]:
    """Of the background and of the people, who are nearer."""
    view = moves.view(shot.move, frame, shot.frames, way, shot.seed)
    nearer = view.nearer(moves.DEPTH[shot.size])
    breath = moves.breath(frame, shot.seed) if shot.size is not Size.ELS else 1.0
    return view, moves.View(nearer.x, nearer.y, nearer.zoom * breath, nearer.turn_deg)


def _window(plate: Image.Image, view: moves.View, width: int, height: int) -> Image.Image:
    """What the camera sees of a plate, with sub-pixel precision."""
    middle = plate.width / 2 + view.x * width, plate.height / 2 + view.y * height
    wide, tall = width / view.zoom, height / view.zoom
    if not view.turn_deg:  # a third of the time of the general map
        box = (middle[0] - wide / 2, middle[1] - tall / 2, middle[0] + wide / 2, middle[1] + tall / 2)
        return plate.resize((width, height), Image.Resampling.BILINEAR, box=box)
    turn = math.radians(view.turn_deg)
    cos, sin = math.cos(turn) / view.zoom, math.sin(turn) / view.zoom
    x = middle[0] - cos * width / 2 + sin * height / 2
    y = middle[1] - sin * width / 2 - cos * height / 2
    table = (cos, -sin, x, sin, cos, y)
    return plate.transform((width, height), Image.Transform.AFFINE, table, Image.Resampling.BILINEAR)


def slate(text: str, width: int, height: int) -> Image.Image:
    """Small letters at the lower left, as animatics carry them."""
    picture = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    if width < 480:
        return picture
    size = max(10, round(width / 84))
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size)
    place = (round(width * 0.018), height - round(size * 1.9))
    draw.text((place[0] + 1, place[1] + 1), text, font=font, fill=(0, 0, 0, 150))
    draw.text(place, text, font=font, fill=(255, 255, 255, 168))
    return picture
