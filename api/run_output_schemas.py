"""Shapes of what was made in a run, as it was measured."""

from datetime import datetime

from api.schemas import Out


class MeasureOut(Out):
    """One number. Beyond `warn` it is doubtful, beyond `fail` wrong. `value` null: `sentence` says why."""

    name: str
    value: float | None
    unit: str
    warn: float | None
    fail: float | None
    verdict: str | None
    sentence: str


class RunOutputOut(Out):
    """`step`: that measured it, or whose provider sent it. `accepted` false: turned away, and nobody here paid for it.

    `verdict`: pass, warn or fail, the worst of its measures; `score`: 0..1. `limits_version`: of the thresholds.
    """

    step: str
    media: str
    accepted: bool
    verdict: str
    score: float
    limits_version: int
    measures: list[MeasureOut]
    made_at: datetime


class RunOutputsOut(Out):
    """In the order in which they were measured."""

    outputs: list[RunOutputOut]
