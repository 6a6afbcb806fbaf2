"""The record of a format: how long, in which parts, with which turns at which place; pure.

Places are shares of the whole, 0 to 1, so that one record serves a film of 80 minutes and one of 140.
"""

from dataclasses import dataclass
from enum import StrEnum

EIGHTHS = 8
"""Pages of a script are counted in eighths."""


class Scope(StrEnum):
    """What is fitted: one storyboard, or those of all episodes one behind the other."""

    STORY = "story"
    SEASON = "season"


@dataclass(frozen=True, slots=True)
class Length:
    """Of the whole, in seconds. `page_s`: what a page of script takes on the screen."""

    min_s: float
    typical_s: float
    max_s: float
    page_s: float = 60.0

    def eighths(self, seconds: float) -> int:
        """As eighths of a page, at least one."""
        return max(1, round(seconds / self.page_s * EIGHTHS))


@dataclass(frozen=True, slots=True)
class Part:
    """An act, or whatever the format calls its parts."""

    id: str
    name: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Beat:
    """A turn of the story: a moment where `start` is `end`, else a stretch. It may be off by `tolerance`.

    `required`: whether a story without it is told so.
    """

    id: str
    name: str
    purpose: str
    start: float
    end: float
    tolerance: float
    required: bool = True

    @property
    def is_moment(self) -> bool:
        return self.start == self.end


@dataclass(frozen=True, slots=True)
class Rules:
    """What goes for the whole. None: nothing is said.

    `hook_s`: so soon something has to happen, so the first shot is not longer; `scene_s_max`: no scene is longer;
    `aspect`: width and height of the picture that it is made for.
    """

    hook_s: float | None = None
    scene_s_max: float | None = None
    aspect: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """One shape, versioned: what a story was fitted into stays what it was."""

    id: str
    version: int
    name: str
    summary: str
    scope: Scope
    length: Length
    parts: tuple[Part, ...]
    beats: tuple[Beat, ...]
    rules: Rules = Rules()
