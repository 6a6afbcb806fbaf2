"""Limits of a scene's fields, and a change to a scene as a value; pure.

The schema of the document itself is in `sync.storyboard`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

TITLE_CHARS_MAX = 120
NUMBER_CHARS_MAX = 16
LOCATION_CHARS_MAX = 120
TIME_CHARS_MAX = 40
DIALOGUE_LINES_MAX = 100
SPEAKER_CHARS_MAX = 80
DIALOGUE_CHARS_MAX = 1_000
FRAMES_MAX = 24 * 60 * 30
SCENES_MAX = 2_000
SCENES_PAGE_MAX = 1_000


class Unchanged:
    """The mark of a position that a change leaves alone: None would mean the beginning."""


UNCHANGED: Final = Unchanged()


@dataclass(frozen=True, slots=True)
class SceneChange:
    """None leaves a field as it is. `after`: the scene that this one follows; None puts it first.

    `slug`: {ie, loc, tod}; `dialogue`: [{c, txt}]; `est_frames`: the wished length in frames.
    """

    title: str | None = None
    number: str | None = None
    prompt: str | None = None
    slug: dict[str, str] | None = None
    dialogue: Sequence[dict[str, str]] | None = None
    est_frames: int | None = None
    after: str | Unchanged | None = UNCHANGED

    def registers(self) -> dict[str, Any]:
        """The keys of the document that change, without the position."""
        named = {
            "title": self.title,
            "prompt": self.prompt,
            "num": self.number,
            "slug": self.slug,
            "dlg": None if self.dialogue is None else list(self.dialogue),
            "est_f": self.est_frames,
        }
        return {key: value for key, value in named.items() if value is not None}
