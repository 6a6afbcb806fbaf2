"""The seam between a run and whatever makes its pictures: five stages, their typed outputs, and the desk they work at.

Not an implementation. Every output is small and JSON; pictures and sound are in the object store by their SHA-256,
so that another worker goes on after the last finished stage.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Protocol

from pydantic import Field

from services.brains.model import Angle, Move, Size
from services.generation.request import SceneRequest


@dataclass(frozen=True, slots=True)
class PlannedShot:
    """One shot, everything decided. `cast` from left to right; `lines` are indexes into the request's dialogue.

    `subject`: whom of the cast it is of while nobody speaks; empty: whoever comes first.
    """

    size: Size
    angle: Angle
    move: Move
    lens_mm: int
    frames: int
    description: str
    cast: tuple[str, ...]
    lines: tuple[int, ...]
    seed: int
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Altered:
    """One field of one shot that a language model would have otherwise than the rules. `shot`: from 1; `field` `shot`:
    there is one more, or one less. `before`, `after`: as people read them."""

    shot: int
    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Expansion:
    """What became of asking a language model. `model` None: the plan is the rules', and `reason` says why, for people.

    `repairs`: what of its answer could not be used, a sentence each.
    """

    model: str | None
    changes: tuple[Altered, ...] = ()
    repairs: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Output of `enhance`: the prompt as the provider understood it, and the shots.

    `expansion`: what became of asking a language model, where one was asked.
    """

    prompt: str
    model: str
    shots: tuple[PlannedShot, ...]
    expansion: Annotated[Expansion | None, Field(exclude_if=lambda expansion: expansion is None)] = None

    @property
    def frames(self) -> int:
        """Length of the whole scene."""
        return sum(shot.frames for shot in self.shots)


@dataclass(frozen=True, slots=True)
class Panel:
    """One drawn shot: oversized picture plates, hashes of objects. `figures` may be empty."""

    plate: str
    figures: str


@dataclass(frozen=True, slots=True)
class Panels:
    """Output of `frames`: one panel a shot, and the poster (JPEG) of the first."""

    panels: tuple[Panel, ...]
    poster: str


@dataclass(frozen=True, slots=True)
class Clip:
    """Output of `clip`: the moving picture. Its sound, if it has any, is not used.

    `graded`: it is in its look; what others have made is not. `frames`, `width`, `height`: as planned; what others have
    made may differ until it is cut.
    """

    media: str
    frames: int
    width: int
    height: int
    graded: bool = True


@dataclass(frozen=True, slots=True)
class Sound:
    """Output of `voice`: stereo PCM as long as the picture. `spoken_s`: seconds of speech inside."""

    media: str
    samples: int
    spoken_s: float


@dataclass(frozen=True, slots=True)
class FinishedTake:
    """Output of `finish`: the take and its thumbnail, verified by decoding.

    `loudness_db`: of all samples, RMS below full scale. `loudness_lufs`: by EBU R 128, None where it has none.
    """

    media: str
    media_bytes: int
    thumb: str
    thumb_bytes: int
    frames: int
    width: int
    height: int
    rate: tuple[int, int]
    loudness_db: float
    loudness_lufs: float | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Something that belongs to a take, for players and pages."""

    media: str
    media_bytes: int
    content_type: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TakeParts:
    """Output of `parts`, by name: `peaks`, `sprite`, `sprite_vtt`, `hls` and `hls_media`."""

    parts: Mapping[str, Part]


@dataclass(frozen=True, slots=True)
class Preview:
    """One sharper look at what is being made. `step` counts from 1; `blur`: three colours from top to bottom."""

    step: int
    data: bytes
    width: int
    height: int
    blur: str


class Desk(Protocol):
    """What a provider may use while it works; given by whoever drives the run."""

    @property
    def folder(self) -> Path:
        """Scratch, emptied afterwards."""

    async def keep(self, data: bytes | Path, content_type: str) -> str:
        """Puts a result into the object store, answers its SHA-256."""

    async def fetch(self, media: str, name: str) -> Path:
        """A stored object as a file in the scratch folder."""

    async def progress(self, share: float) -> None:
        """`share` 0..1 of this stage is done. Raises `Fenced` when the run has been taken away."""

    async def preview(self, preview: Preview) -> None:
        """Shows people what there is. Raises `Fenced`."""


class Provider(Protocol):
    """Makes a take in five stages; each reads only the request and the outputs before it."""

    name: str
    version: int

    async def enhance(self, request: SceneRequest, desk: Desk) -> Plan: ...

    async def frames(self, request: SceneRequest, plan: Plan, board: int, desk: Desk) -> Panels:
        """`board`: from 1; each shows the same shots in a place, a light and an arrangement of its own."""

    async def repaint(self, request: SceneRequest, plan: Plan, panels: Panels, board: int, desk: Desk) -> Panels:
        """`panels` with the request's `part` drawn anew. The poster is of the shot that is changed."""

    async def still(self, request: SceneRequest, plan: Plan, panels: Panels, desk: Desk, *, graded: bool) -> Path:
        """The first frame of the plan's first shot, as JPEG: not yet in its look for others to begin with, or in it."""

    async def clip(self, request: SceneRequest, plan: Plan, panels: Panels, desk: Desk) -> Clip: ...

    async def voice(self, request: SceneRequest, plan: Plan, recorded: Mapping[int, str], desk: Desk) -> Sound:
        """`recorded`: MP3s of lines that somebody else has spoken, by their place in the dialogue; the rest is ours."""

    async def finish(self, request: SceneRequest, plan: Plan, clip: Clip, sound: Sound, desk: Desk) -> FinishedTake: ...

    async def parts(self, take: FinishedTake, desk: Desk) -> TakeParts: ...
