"""The JSON of what documents show as rows, as pydantic models; OpenAPI is made from them.

Shapes only. The columns of the rows have the names of the tables, which `validation_alias` says where they differ.
"""

import json
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints

from api.schemas import Out, Page, PageQuery
from services.films.service import ROWS_MAX

ROWS_DEFAULT = 200
FRAME_MAX = 2**53

IdText = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Frame = Annotated[int, Field(ge=0, le=FRAME_MAX)]
Json = Annotated[dict[str, Any] | None, BeforeValidator(lambda text: None if text is None else json.loads(text))]


class RowsQuery(PageQuery):
    """A page of rows."""

    limit: int = Field(ROWS_DEFAULT, ge=1, le=ROWS_MAX)


class ClipsQuery(RowsQuery):
    """`track`: only its clips. `from`, `to`: only what is seen between these frames; `to` is behind the last."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    track: IdText | None = None
    start: Frame | None = Field(None, alias="from")
    to: Frame | None = None


class RowsOut(Out):
    """All rows show the document at `seq` of `epoch`; 0: nothing of it has been shown yet. A row's own `seq` is the
    sequence that last changed it."""

    document: str
    epoch: int
    seq: int


class PageOfRows(RowsOut, Page):
    """A piece of them."""


class ShotOut(Out):
    """`position`: from 0, within its scene. `frames`: its length."""

    id: str
    scene: str = Field(validation_alias="scene_id")
    position: int
    size: str | None
    angle: str | None
    move: str | None
    lens_mm: int | None
    frames: int | None
    description: str
    seq: int


class ShotsOut(RowsOut):
    """In the order of the scene."""

    shots: list[ShotOut] = Field(validation_alias="rows")


class TrackOut(Out):
    """`lanes`: how many rows its clips need, as they may overlap."""

    id: str
    position: int
    kind: str
    name: str
    language: str | None
    lanes: int
    on: bool = Field(validation_alias="is_on")
    muted: bool = Field(validation_alias="is_muted")
    solo: bool = Field(validation_alias="is_solo")
    seq: int


class TracksOut(RowsOut):
    """In the order of the timeline."""

    tracks: list[TrackOut] = Field(validation_alias="rows")


class ClipOut(Out):
    """A clip as it is seen from `start_frame` of the film on, `frames` long.

    `in_frame`, `out_frame`: what is seen of it, in its own frames; `media_frame`: where that begins in its media.
    `speed_num`/`speed_den`: how fast. `source`: what it plays. `anchor`: the clip with which it moves. `off_frames`: by
    how much it is out of step with the clips that it is linked to.
    """

    id: str
    track: str = Field(validation_alias="track_id")
    lane: int
    start_frame: int
    frames: int
    in_frame: int
    out_frame: int
    media_frame: int
    speed_num: int
    speed_den: int
    scene: str | None = Field(validation_alias="scene_id")
    shot: str | None = Field(validation_alias="shot_id")
    source: Json
    dissolve: Json
    anchor: str | None = Field(validation_alias="anchor_id")
    off_frames: int
    on: bool = Field(validation_alias="is_on")
    seq: int


class ClipsOut(PageOfRows):
    """By first frame."""

    clips: list[ClipOut] = Field(validation_alias="rows")


class MarkerOut(Out):
    """`clip`: with which it moves."""

    id: str
    frame: int
    frames: int
    kind: str | None
    name: str
    note: str
    colour: str | None
    clip: str | None = Field(validation_alias="clip_id")
    seq: int


class MarkersOut(PageOfRows):
    """By frame."""

    markers: list[MarkerOut] = Field(validation_alias="rows")


class CutOut(Out):
    """A named revision. `named_at_ms`: since 1970. `hash`: SHA-256 of its content."""

    id: str
    title: str
    named_by: str | None
    named_at_ms: int | None
    snapshot: str | None
    hash: str | None
    seq: int


class CutsOut(PageOfRows):
    """Newest first."""

    cuts: list[CutOut] = Field(validation_alias="rows")
