"""What is asked of a clip, what was measured, and what a limit makes of a number; pure.

Not the measuring (`picture.py`, `motion.py`, `sound.py`) and not the limits themselves (`limits.py`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from services.brains.model import Move


class Verdict(StrEnum):
    """Worse comes later."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class WantedShot:
    """One shot of the clip. `move`: what the camera should do; None says nothing about it."""

    frames: int
    move: Move | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the clip should be.

    `board`: the picture that somebody chose as the beginning, a file. `palette`: the brain's colours, `rrggbb`; empty
    says nothing. `sound`: whether it should be heard; `target_lufs`: how loud, None where no voice gives a measure.
    `words`: the prompt, for scorers.
    """

    shots: tuple[WantedShot, ...]
    width: int
    height: int
    rate: tuple[int, int] = (24, 1)
    board: Path | None = None
    palette: tuple[str, ...] = ()
    sound: bool = True
    target_lufs: float | None = -23.0
    words: str = ""

    @property
    def frames(self) -> int:
        return sum(shot.frames for shot in self.shots)

    @property
    def fps(self) -> float:
        return self.rate[0] / self.rate[1]


@dataclass(frozen=True, slots=True)
class Limit:
    """Beyond `warn` a number is doubtful, beyond `fail` it is wrong. `floor`: numbers should be above, not below."""

    warn: float | None
    fail: float | None
    floor: bool = False

    def judge(self, value: float) -> Verdict:
        """Equal to a limit is still within it; no number at all is beyond every limit."""
        if self.fail is not None and self._beyond(value, self.fail):
            return Verdict.FAIL
        if self.warn is not None and self._beyond(value, self.warn):
            return Verdict.WARN
        return Verdict.PASS

    def _beyond(self, value: float, edge: float) -> bool:
        return math.isnan(value) or (value < edge if self.floor else value > edge)


@dataclass(frozen=True, slots=True)
class Measure:
    """One number about the clip. Without one (`value` null) there is no verdict, and `sentence` is the reason."""

    name: str
    value: float | None
    unit: str
    limit: Limit | None
    verdict: Verdict | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything measured on one clip. `limits_version`: of the thresholds that the verdicts are by."""

    measures: tuple[Measure, ...]
    limits_version: int

    @property
    def verdict(self) -> Verdict:
        """The worst of all."""
        found = [measure.verdict for measure in self.measures if measure.verdict is not None]
        return worst(found)

    @property
    def score(self) -> float:
        """0..1: each measure that has a verdict counts alike, a doubtful one for half. 0 for a clip without any."""
        worth = {Verdict.PASS: 1.0, Verdict.WARN: 0.5, Verdict.FAIL: 0.0}
        found = [worth[measure.verdict] for measure in self.measures if measure.verdict is not None]
        return round(sum(found) / len(found), 4) if found else 0.0

    @property
    def failures(self) -> tuple[Measure, ...]:
        """What is wrong, in the order of measuring."""
        return tuple(measure for measure in self.measures if measure.verdict is Verdict.FAIL)

    def named(self, name: str) -> Measure:
        """Raises `KeyError`."""
        for measure in self.measures:
            if measure.name == name:
                return measure
        raise KeyError(name)


def report_to_json(report: Report) -> dict[str, Any]:
    """As it is kept with a take: the measures in their order, their limits and sentences included."""
    return {
        "verdict": report.verdict.value,
        "limits_version": report.limits_version,
        "measures": [
            {
                "name": one.name,
                "value": one.value,
                "unit": one.unit,
                "warn": None if one.limit is None else one.limit.warn,
                "fail": None if one.limit is None else one.limit.fail,
                "verdict": None if one.verdict is None else one.verdict.value,
                "sentence": one.sentence,
            }
            for one in report.measures
        ],
    }


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """Of none: pass."""
    order = list(Verdict)
    return max(verdicts, key=order.index, default=Verdict.PASS)


def measured(name: str, value: float, unit: str, limit: Limit, sentence: str) -> Measure:
    """With the verdict that its limit gives it."""
    return Measure(name, round(float(value), 4), unit, limit, limit.judge(float(value)), sentence)


def unmeasured(name: str, unit: str, reason: str) -> Measure:
    """There is no number, for a reason that is said."""
    return Measure(name, None, unit, None, None, reason)
