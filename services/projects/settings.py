"""What a project is made in: rate, raster, shape, language, safety. Values and their rules; pure.

New timelines begin with them. A timeline that is there keeps its own rate: changing that is a job of its own.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from services.projects.errors import SettingUnfit

RATES = ((24_000, 1001), (24, 1), (25, 1), (30_000, 1001), (30, 1), (48, 1), (50, 1), (60_000, 1001), (60, 1))
"""Frames per second as fractions."""
SIDE_PIXELS_MIN = 16
SIDE_PIXELS_MAX = 16_384
ASPECT_PART_MAX = 10_000
ASPECT_RATIO_MAX = 4
"""The longer side is at most so many times the shorter."""
LANGUAGE_CHARS_MAX = 35
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class Safety(StrEnum):
    """How carefully what is generated is moderated."""

    STRICT = "strict"
    STANDARD = "standard"
    MATURE = "mature"


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """`rate`: frames per second; `width`, `height`: pixels of the raster; `aspect`: shape of what is seen of it;
    `language`: BCP 47."""

    rate: tuple[int, int] = (24, 1)
    width: int = 1280
    height: int = 720
    aspect: tuple[int, int] = (16, 9)
    language: str = "en"
    safety: Safety = Safety.STANDARD

    @property
    def format(self) -> str:
        """Raster and rate in a word: `1280x720@24`, `1920x1080@24000/1001`."""
        over = "" if self.rate[1] == 1 else f"/{self.rate[1]}"
        return f"{self.width}x{self.height}@{self.rate[0]}{over}"


def checked(settings: ProjectSettings) -> ProjectSettings:
    """Raises `SettingUnfit`."""
    if settings.rate not in RATES:
        known = ", ".join(f"{numerator}/{denominator}" for numerator, denominator in RATES)
        raise SettingUnfit("rate", known, f"The rate is one of {known}.")
    for field, side in (("width", settings.width), ("height", settings.height)):
        if not SIDE_PIXELS_MIN <= side <= SIDE_PIXELS_MAX or side % 2:
            limit = f"{SIDE_PIXELS_MIN} to {SIDE_PIXELS_MAX}, even"
            raise SettingUnfit(field, limit, f"The {field} is {side} pixels; it must be {limit}.")
    small, large = sorted(settings.aspect)
    if small < 1 or large > ASPECT_PART_MAX or large > ASPECT_RATIO_MAX * small:
        limit = f"1:{ASPECT_RATIO_MAX} to {ASPECT_RATIO_MAX}:1"
        raise SettingUnfit("aspect", limit, f"The aspect must be from {limit}, of parts up to {ASPECT_PART_MAX}.")
    if len(settings.language) > LANGUAGE_CHARS_MAX or not _LANGUAGE.fullmatch(settings.language):
        raise SettingUnfit("language", "BCP 47", "The language is a tag of BCP 47, such as en or pt-BR.")
    return settings


def to_json(settings: ProjectSettings) -> dict[str, Any]:
    """As it is stored."""
    return asdict(settings)


def from_json(stored: Mapping[str, Any]) -> ProjectSettings:
    """What was never set has its default."""
    values = dict(stored)
    for pair in ("rate", "aspect"):
        if pair in values:
            values[pair] = tuple(values[pair])
    if "safety" in values:
        values["safety"] = Safety(values["safety"])
    return ProjectSettings(**values)
