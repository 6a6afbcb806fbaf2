"""Shapes of takes: the immutable results of generations, with how they came about and what they cost."""

from datetime import datetime
from typing import Any

from pydantic import Field

from api.schemas import Out, Page, PageQuery

TAKES_PAGE_MAX = 100


class TakeOut(Out):
    """`media` and `thumb`: sha256, to be fetched through the project. `rate`: frames per second as a fraction.

    `run` null: it was copied with its project. `cost_micro`: what its run cost, in micro-credits; null: nobody counted.
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
    created_at: datetime


class TakesOut(Page):
    """Newest first."""

    takes: list[TakeOut]


class TakesQuery(PageQuery):
    limit: int = Field(TAKES_PAGE_MAX, ge=1, le=TAKES_PAGE_MAX)
