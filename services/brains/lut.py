"""Looks as tables: .cube files (3D, as Resolve and Adobe write them), checked before ffmpeg reads one; pure.

Not making one of a CDL, and not applying it: providers and finishing do.
"""

import math
from dataclasses import dataclass

from services.brains.errors import BadLut
from services.brains.model import Triple

POINTS_MIN, POINTS_MAX = 2, 65
"""Along one side. Error: `BadLut`."""
TEXT_CHARS_MAX = 16 * 1024**2
"""Error: `BadLut`."""
VALUE_MAX = 16.0
"""Of one channel, either way. Error: `BadLut`."""


@dataclass(frozen=True, slots=True)
class Lut:
    """`rows`: `points`³ colours, red fastest."""

    title: str
    points: int
    rows: tuple[Triple, ...]


def read_cube(text: str) -> Lut:
    """Raises `BadLut`, which says in which line."""
    if len(text) > TEXT_CHARS_MAX:
        raise BadLut(f"a .cube file has at most {TEXT_CHARS_MAX} characters")
    title, points, rows = "", 0, []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        match words[0]:
            case "TITLE":
                title = line.partition('"')[2].rpartition('"')[0]
            case "LUT_3D_SIZE":
                points = _points(words, number)
            case "DOMAIN_MIN" | "DOMAIN_MAX":
                _domain(words, number)
            case word if word[0].isalpha() or word[0] == "_":
                raise BadLut(f"line {number}: {word[:40]} is not understood here")
            case _:
                rows.append(_colour(words, number))
                if len(rows) > points**3:
                    raise BadLut(f"line {number}: there are more colours than {points} x {points} x {points}")
    if not points or len(rows) != points**3:
        raise BadLut(f"there are {len(rows)} colours instead of {points} x {points} x {points}")
    return Lut(title, points, tuple(rows))


def write_cube(lut: Lut) -> str:
    """What `read_cube` reads; only what was understood is in it."""
    rows = "\n".join(f"{red:.6f} {green:.6f} {blue:.6f}" for red, green, blue in lut.rows)
    title = "".join(letter for letter in lut.title if letter.isprintable() and letter != '"')
    return f'TITLE "{title}"\nLUT_3D_SIZE {lut.points}\nDOMAIN_MIN 0 0 0\nDOMAIN_MAX 1 1 1\n{rows}\n'


def _points(words: list[str], number: int) -> int:
    if len(words) != 2 or not words[1].isdecimal() or not POINTS_MIN <= int(words[1][:9]) <= POINTS_MAX:
        raise BadLut(f"line {number}: a side has {POINTS_MIN} to {POINTS_MAX} points")
    return int(words[1])


def _domain(words: list[str], number: int) -> None:
    if _colour(words[1:], number) != ((0.0, 0.0, 0.0) if words[0] == "DOMAIN_MIN" else (1.0, 1.0, 1.0)):
        raise BadLut(f"line {number}: only colours from 0 to 1 are looked up here")


def _colour(words: list[str], number: int) -> Triple:
    try:
        red, green, blue = map(float, words)
    except ValueError as error:
        raise BadLut(f"line {number}: three numbers are expected") from error
    if not all(math.isfinite(value) and abs(value) <= VALUE_MAX for value in (red, green, blue)):
        raise BadLut(f"line {number}: a number is not within {-VALUE_MAX:g} and {VALUE_MAX:g}")
    return red, green, blue
