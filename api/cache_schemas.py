"""Shapes of the cache's report: what was saved, what was offered, and why a take was not."""

from datetime import datetime

from pydantic import Field

from api.schemas import In, Out, Page, PageQuery
from services.cache.model import Layer, LookupVerdict, Mode
from services.cache.reports import DECISIONS_PAGE_MAX


class CachePolicy(In):
    """`off`: everything is made anew. `exact`: the same request is answered. `suggest`: takes are offered besides.

    `prepares_ahead`: the next scene may be made before anybody asks, with credits and places that lie idle.
    """

    mode: Mode
    prepares_ahead: bool = False


class CachePolicyOut(Out):
    mode: Mode
    prepares_ahead: bool


class CacheFigureOut(Out):
    """Of 30 days. `layer` `none`: what had to be made. Money in micro-credits."""

    layer: Layer
    stage: str
    requests: int
    spent_micro: int
    saved_micro: int


class FalseHitsOut(Out):
    """Of accepted offers that were made anew all the same. `at_most`: upper end of the 95 % interval; 1: not known."""

    compared: int
    different: int
    share: float
    at_most: float


class CacheOut(Out):
    """`figures`: empty for who may not spend."""

    figures: list[CacheFigureOut]
    offered: int
    accepted: int
    declined: int
    false_hits: FalseHitsOut


class SlotDifference(Out):
    """What the take's prompt says and the asked one does not, and the other way round."""

    slot: str
    made: list[str]
    asked: list[str]


class LookupOut(Out):
    """Why a take was offered, or not. `partition`: equal for requests that may be compared at all.

    `score`: cosine to the nearest take, `threshold`: from where on one is looked at, `nominated`: how many were.
    `differences`: of the nearest; empty when it was offered. `shadow`: it was made anew all the same, to be compared.
    """

    id: str
    partition: str
    key: str
    stage: str
    verdict: LookupVerdict
    score: float | None
    threshold: float
    nominated: int
    differences: list[SlotDifference]
    saves_micro: int
    answer: str | None
    shadow: str | None
    decided_at: datetime


class LookupExplained(LookupOut):
    """`made`: the prompt of the take that was nearest, as long as it is kept."""

    made: str | None


class LookupsOut(Page):
    """The newest first."""

    lookups: list[LookupOut]


class LookupsQuery(PageQuery):
    """`limit`: of a page."""

    limit: int = Field(DECISIONS_PAGE_MAX, ge=1, le=DECISIONS_PAGE_MAX)
