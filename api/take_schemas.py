"""Shapes of takes: the immutable results of generations, how they came about, their cost, and what belongs to them."""

from datetime import datetime
from typing import Any

from pydantic import Field

from api.schemas import Out, Page, PageQuery

TAKES_PAGE_MAX = 100


class TakePartOut(Out):
    """`media`: sha256, to be fetched through the project. `facts`: of a sprite sheet its tiles."""

    media: str
    content_type: str
    bytes: int
    facts: dict[str, Any]


class TakeOut(Out):
    """`media` and `thumb`: sha256, to be fetched through the project. `rate`: frames per second as a fraction.

    `run` null: it was copied with its project. `cost_micro`: what its run cost, in micro-credits; null: nobody counted.
    `parts`, by name: `peaks` (a waveform), `sprite` (a sheet of pictures), `sprite_vtt`, `hls` and
    `hls_media`; the texts with addresses to play by are `/v1/takes/{take}/hls` and `/sprite`.
    """

    id: str
    scene: str
    run: str | None
    number: int
    media: str
    thumb: str
    frames: int
    width: int
    height: int
    rate: tuple[int, int]
    provenance: dict[str, Any]
    cost_micro: int | None
    parts: dict[str, TakePartOut]
    created_at: datetime


class TakesOut(Page):
    """Newest first."""

    takes: list[TakeOut]


class TakesQuery(PageQuery):
    limit: int = Field(TAKES_PAGE_MAX, ge=1, le=TAKES_PAGE_MAX)
