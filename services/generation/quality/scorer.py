"""What only a model can say: is it beautiful, does it show the words, are they the same people. Null without one.

The seam and its rules; a model that looks is beside it (`claude.py`).
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from services import programs
from services.assets import ffmpeg
from services.generation.clips import BOUNDS, DEMUXER, judged
from services.generation.quality import limits
from services.generation.quality.errors import ScorerFailed
from services.generation.quality.model import Measure, Wanted, measured, unmeasured

OPINIONS = ("aesthetic", "prompt_adherence", "identity")
LOOKED_AT = 6
"""Frames that a scorer sees, spread over the clip."""
LOOK_PX = 512
NOBODY = "No model that could judge this is plugged in."


@dataclass(frozen=True, slots=True)
class Opinion:
    """`value` 0..1, None where the model will not say; `sentence`: why."""

    value: float | None
    sentence: str


class Scorer(Protocol):
    """A model that looks at pictures. `name` and `version` are told with what it says."""

    name: str
    version: str

    async def score(self, frames: Sequence[bytes], words: str) -> Mapping[str, Opinion]:
        """`frames`: JPEGs in order. Any of `OPINIONS`. Raises `ScorerFailed`."""


async def opinions(scorer: Scorer | None, folder: Path, clip: str, wanted: Wanted) -> list[Measure]:
    """All of `OPINIONS`. A scorer that fails costs its opinions, never the clip."""
    if scorer is None:
        return [unmeasured(name, "0..1", NOBODY) for name in OPINIONS]
    by = f"{scorer.name} {scorer.version}"
    try:
        said = await scorer.score(await looks(folder, clip, wanted), wanted.words)
    except ScorerFailed as error:
        return [unmeasured(name, "0..1", f"{by}: {error}") for name in OPINIONS]
    return [_measure(name, said.get(name), by) for name in OPINIONS]


def _measure(name: str, opinion: Opinion | None, by: str) -> Measure:
    if opinion is None or opinion.value is None:
        return unmeasured(name, "0..1", f"{by}: {'no answer' if opinion is None else opinion.sentence}")
    return measured(name, opinion.value, "0..1", limits.LIMITS["opinion"], f"{by}: {opinion.sentence}")


async def looks(folder: Path, clip: str, wanted: Wanted, count: int = LOOKED_AT) -> list[bytes]:
    """`count` frames as JPEGs, spread evenly from the first to the last. Raises `ClipUnreadable`, `ClipTooCostly`."""
    places = sorted({round(at * (wanted.frames - 1) / max(1, count - 1)) for at in range(count)})
    chosen = "+".join(f"eq(n,{place})" for place in places)
    shown = f"select='{chosen}',scale='min({LOOK_PX},iw)':-2,format=yuvj420p"
    command = [
        *ffmpeg.read(DEMUXER, source=clip),
        *("-map", "0:V:0", "-an", "-vf", shown, "-fps_mode", "passthrough", "-q:v", "4", "-c:v", "mjpeg"),
        *("-f", "image2", "look-%02d.jpg"),
    ]
    async with judged():
        await programs.run(command, folder, bounds=BOUNDS)
    return await asyncio.to_thread(_taken, folder)


def _taken(folder: Path) -> list[bytes]:
    """Out of the folder: the next time there may be fewer."""
    found = []
    for path in sorted(folder.glob("look-*.jpg")):
        found.append(path.read_bytes())
        path.unlink()
    return found
