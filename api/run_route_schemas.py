"""Shapes of the router's decisions: which model was chosen for a step, who else was looked at, and why."""

from datetime import datetime

from api.schemas import Out
from services.generation.routing.model import Purpose
from services.generation.routing.reasons import Reason, Stage


class DifferenceOut(Out):
    """What was asked of a model, and what it does or could do."""

    field: str
    asked: str
    offered: str


class ScoreOut(Out):
    """`cost`, `speed` and `quality`: 0..1, more is better. `total`: as the weights of the purpose sum them up."""

    cost: float
    speed: float
    quality: float
    total: float
    expected_s: float


class JudgedOut(Out):
    """One model. `stage`: where it fell out, or `rank`. `sentence`: why, for people. `price_microcredits`: at most,
    by its provider; `sentence` says what is paid here, our margin included."""

    provider: str
    model: str
    title: str
    stage: Stage
    reason: Reason
    sentence: str
    differences: list[DifferenceOut]
    price_microcredits: int
    score: ScoreOut | None


class CameOut(Out):
    """What came of it, as far as it is known. `fault`: of a turn that ended without a result. `score`: 0..1."""

    took_s: float | None
    fault: str | None
    shown: bool
    picked: bool
    score: float | None


class RouteOut(Out):
    """One decision. `turn`: 1, and one more after every model that failed. `provider`, `model` null: nobody was left.

    `waits`: all who may were full. `explored`: it is not the best, but one that is to be known better.
    `judged`: the chosen one first, then by rank, then those who fell out, who came furthest first.
    """

    step: str
    turn: int
    purpose: Purpose
    provider: str | None
    model: str | None
    price_microcredits: int | None
    reason: Reason
    sentence: str
    waits: bool
    explored: bool
    weights_version: int
    judged: list[JudgedOut]
    came: CameOut
    created_at: datetime


class RoutesOut(Out):
    """In the order in which they were made."""

    routes: list[RouteOut]
