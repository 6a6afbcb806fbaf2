"""Whoever measures clips for a worker: all that there is to say of one, and quickly whether there is a film at all.

Not what follows from it: `services.generation.judging` and `services.generation.shots.inspection`.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from services.generation.quality import picture, reading
from services.generation.quality.examine import examine
from services.generation.quality.model import Measure, Report, Verdict, Wanted, WantedShot
from services.generation.quality.reading import Reading
from services.generation.quality.scorer import Scorer

LOOKED_AT_S_MIN = 1.0
"""Of a shot's clip, also where less of it is used: in half a second nobody can tell what stands still."""


class Examiner:
    """`scorer`: asked for its opinion in full reports, where there is one."""

    def __init__(self, scorer: Scorer | None = None) -> None:
        self._scorer = scorer

    async def report(self, folder: Path, clip: str, wanted: Wanted) -> Report:
        """Raises `ClipTooCostly`."""
        return await examine(folder, clip, wanted, self._scorer)

    async def faults(self, folder: Path, clip: str, wanted: Wanted) -> tuple[Measure, ...]:
        """Why there is nothing to see in one shot: it is black, or stands still where something should move.

        A clip may have another rate than wanted, and more frames: what is not used of it does not count. Raises
        `ClipUnreadable`, `ClipTooCostly`.
        """
        found = await reading.read(folder, clip)
        return await asyncio.to_thread(_faults, found, wanted)


def _faults(found: Reading, wanted: Wanted) -> tuple[Measure, ...]:
    (shot,) = wanted.shots
    rate = found.streams.rate
    used = WantedShot(round(rate * max(LOOKED_AT_S_MIN, shot.frames / wanted.fps)), shot.move)
    luma = found.luma[: used.frames]
    millis = (round(rate * 1000), 1000)
    measures: Sequence[Measure] = (
        picture.black(luma, rate),
        picture.frozen(luma, replace(wanted, shots=(used,), rate=millis)),
    )
    return tuple(measure for measure in measures if measure.verdict is Verdict.FAIL)
