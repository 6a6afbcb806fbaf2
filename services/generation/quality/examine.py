"""One clip, all measures: the way in. The caller keeps the report and decides what a failure means.

Arrays are worked on in a thread, so that whoever awaits this goes on with other things.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from services.generation.errors import ClipUnreadable
from services.generation.quality import limits, motion, picture, reading, sound
from services.generation.quality.model import Limit, Measure, Report, Verdict, Wanted, measured
from services.generation.quality.reading import Bytes, Reading
from services.generation.quality.scorer import OPINIONS, Scorer, opinions


async def examine(folder: Path, clip: str, wanted: Wanted, scorer: Scorer | None = None) -> Report:
    """`clip`: an MP4 in the folder, where scratch files are left. Raises `ClipTooCostly`.

    A clip that does not decode is a report, too: of that one failure.
    """
    try:
        found = await reading.read(folder, clip)
    except ClipUnreadable as error:
        return Report((_decodes(False, str(error)),), limits.VERSION)
    board = None if wanted.board is None else await reading.still(wanted.board.parent, wanted.board.name)
    measures = await asyncio.to_thread(_measures, found, board, wanted)
    said = await opinions(scorer, folder, clip, wanted)
    assert [measure.name for measure in said] == list(OPINIONS)
    return Report((_decodes(True, "Every frame and sample decodes."), *measures, *said), limits.VERSION)


def _decodes(does: bool, sentence: str) -> Measure:
    return Measure(
        "decodes", float(does), "", Limit(None, 1.0, floor=True), (Verdict.FAIL, Verdict.PASS)[does], sentence
    )


def _measures(found: Reading, board: Bytes | None, wanted: Wanted) -> Sequence[Measure]:
    luma = found.luma
    return [
        *_shape(found, wanted),
        picture.black(luma, wanted.fps),
        picture.frozen(luma, wanted),
        picture.flicker(luma, wanted),
        *picture.sharpness(found.large, wanted),
        *picture.exposure(luma),
        *motion.motion(luma, wanted),
        picture.cuts(luma, wanted),
        picture.likeness(found.colour[0], board),
        picture.palette(found.colour, wanted),
        *sound.sound(found, wanted),
    ]


def _shape(found: Reading, wanted: Wanted) -> list[Measure]:
    """Length, rate and size against the request."""
    streams, frames = found.streams, len(found.colour)
    apart = abs(frames - wanted.frames)
    rate = abs(streams.rate - wanted.fps)
    size = abs(streams.width - wanted.width) + abs(streams.height - wanted.height)
    uneven = 0.0 if streams.constant else 1.0
    return [
        measured("frames", apart, "frames", limits.LIMITS["frames"], f"{frames} frames, {wanted.frames} wanted."),
        measured(
            "rate", rate, "fps", limits.LIMITS["rate"], f"{streams.rate:.3f} frames a second, {wanted.fps:.3f} wanted."
        ),
        measured(
            "constant_rate",
            uneven,
            "",
            limits.LIMITS["constant_rate"],
            "Every frame is as long as every other." if streams.constant else "Frames are of different length.",
        ),
        measured(
            "size",
            size,
            "px",
            limits.LIMITS["size"],
            f"{streams.width} x {streams.height} pixels, {wanted.width} x {wanted.height} wanted.",
        ),
    ]
