"""Measures of the picture without its motion: blackness, standstill, flicker, sharpness, exposure, cuts, likeness.

Pure: arrays in, measures out. Shapes as in `reading.py`; levels are 0..255.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np

from services.brains.model import rgb
from services.generation.quality import limits
from services.generation.quality.colour import oklab
from services.generation.quality.model import Measure, Wanted, measured, unmeasured
from services.generation.quality.reading import LARGE_EVERY, LUMA, Bytes, Numbers

BLACK_LEVEL = 26.0
"""A frame whose brightest hundredth is darker is black."""
STILL_LEVELS = 0.12
"""Two frames that differ less on average are the same picture."""
CUT_LEVELS = 10.0
CUT_RATIO = 3.5
"""A cut changes that much, and so many times more than the frames round it."""
CUT_SLACK_FRAMES = 2
CUT_OVERLAP_MAX = 0.82
"""Of the histograms of both sides: a jump of the camera keeps the colours, a flash comes back."""
BAR_LEVEL = 20.0
BAR_EDGE_ROWS = 8
SSIM_ROWS_MIN = 40
PALETTE_FRAMES = 24


def shots_of(wanted: Wanted, frames: int) -> list[slice]:
    """The frames of every shot, as many as there are of them."""
    edges = [0, *accumulate(shot.frames for shot in wanted.shots)]
    return [slice(start, min(end, frames)) for start, end in pairwise(edges) if start < frames]


def active(luma: Numbers) -> Numbers:
    """Without the bars above and below, which are always black; a picture that is black all over stays whole."""
    rows = luma.max(axis=(0, 2)) > BAR_LEVEL
    return luma[:, rows] if rows.any() else luma


def longest_run(flags: Sequence[bool] | np.ndarray) -> int:
    """Of trues."""
    best = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        best = max(best, run)
    return best


def black(luma: Numbers, fps: float) -> Measure:
    dark = np.percentile(luma, 99, axis=(1, 2)) < BLACK_LEVEL
    value = longest_run(dark) / fps
    return measured("black", value, "s", limits.LIMITS["black"], f"The picture is black for {value:.2f} s at a time.")


def frozen(luma: Numbers, wanted: Wanted) -> Measure:
    """The longest standstill; in a shot that should not move it is no more than doubtful."""
    changed = np.abs(np.diff(luma, axis=0)).mean(axis=(1, 2))
    moving = still = 0
    for shot, frames in zip(wanted.shots, shots_of(wanted, len(luma)), strict=False):
        run = longest_run(changed[frames.start : max(frames.start, frames.stop - 1)] < STILL_LEVELS)
        if shot.move in limits.STILL:
            still = max(still, run)
        else:
            moving = max(moving, run)
    limit = limits.LIMITS["frozen"] if moving or not still else limits.LIMITS["frozen_static"]
    value = (moving or still) / wanted.fps
    return measured("frozen", value, "s", limit, f"The picture stands still for {value:.2f} s at a time.")


def flicker(luma: Numbers, wanted: Wanted) -> Measure:
    """How much the brightness jumps up and down from frame to frame; a fade or a pan changes it steadily."""
    levels = active(luma).mean(axis=(1, 2))
    jumps = [np.diff(levels[frames], 2) / 2 for frames in shots_of(wanted, len(luma))]
    value = max((float(np.sqrt(np.mean(jump**2))) for jump in jumps if len(jump)), default=0.0)
    sentence = f"The brightness jumps by {value:.2f} of 255 levels from frame to frame."
    return measured("flicker", value, "levels", limits.LIMITS["flicker"], sentence)


def _detail(large: Bytes) -> Numbers:
    """How sharp each frame is: its finest differences, measured against all its contrast."""
    values = []
    for frame in large:
        grey = frame.astype(np.float32)
        rows = np.flatnonzero(grey.max(axis=1) > BAR_LEVEL)
        if len(rows) > 4 * BAR_EDGE_ROWS:  # the edge of a bar is sharp whatever the picture is
            grey = grey[rows[0] + BAR_EDGE_ROWS : rows[-1] - BAR_EDGE_ROWS]
        fine = 4 * grey[1:-1, 1:-1] - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
        values.append(float(fine.std()) / (float(grey.std()) + 4.0))
    return np.asarray(values, np.float32)


def sharpness(large: Bytes, wanted: Wanted) -> list[Measure]:
    """How sharp the clip is, and how much of it is lost within a shot."""
    detail = _detail(large)
    value = float(np.median(detail))
    drop = 0.0
    for frames in shots_of(wanted, len(large) * LARGE_EVERY):
        part = detail[-(-frames.start // LARGE_EVERY) : -(-frames.stop // LARGE_EVERY)]
        third = len(part) // 3
        if third:
            drop = max(drop, 1 - float(np.median(part[-third:])) / max(1e-6, float(np.median(part[:third]))))
    said = f"Fine detail is {value:.3f} of the contrast; a blurred picture has little."
    lost = f"A shot loses {drop:.0%} of its sharpness towards its end."
    return [
        measured("sharpness", value, "ratio", limits.LIMITS["sharpness"], said),
        measured("sharpness_drop", drop, "share", limits.LIMITS["sharpness_drop"], lost),
    ]


def exposure(luma: Numbers) -> list[Measure]:
    """How much of the picture has no tones left, in the worst tenth of the frames."""
    seen = active(luma)
    bright = float(np.percentile((seen >= 252).mean(axis=(1, 2)), 90))
    dark = float(np.percentile((seen <= 3).mean(axis=(1, 2)), 90))
    return [
        measured(
            "highlights_clipped",
            bright,
            "share",
            limits.LIMITS["highlights_clipped"],
            f"{bright:.0%} of the picture is burnt out.",
        ),
        measured(
            "shadows_crushed",
            dark,
            "share",
            limits.LIMITS["shadows_crushed"],
            f"{dark:.0%} of the picture is black without any drawing.",
        ),
    ]


def cuts_of(luma: Numbers) -> list[int]:
    """The first frame behind every cut."""
    seen = active(luma)
    change = np.concatenate([[0.0], np.abs(np.diff(seen, axis=0)).mean(axis=(1, 2))])
    found = []
    for frame in range(1, len(seen)):
        near = [change[other] for other in range(max(1, frame - 3), min(len(seen), frame + 4)) if other != frame]
        usual = float(np.median(near)) if near else 0.0
        if change[frame] < CUT_LEVELS or change[frame] < CUT_RATIO * usual:
            continue
        before, behind = seen[max(0, frame - 2)], seen[min(len(seen) - 1, frame + 1)]
        if np.abs(behind - before).mean() >= CUT_LEVELS and _overlap(before, behind) <= CUT_OVERLAP_MAX:
            found.append(frame)
    return [frame for at, frame in enumerate(found) if at == 0 or frame - found[at - 1] > CUT_SLACK_FRAMES]


def _overlap(one: Numbers, other: Numbers) -> float:
    """Of two histograms, 0..1."""
    first, second = (np.histogram(picture, 32, (0, 256))[0] / picture.size for picture in (one, other))
    return float(np.minimum(first, second).sum())


def cuts(luma: Numbers, wanted: Wanted) -> Measure:
    """Cuts that nobody planned; one that was planned may be missing, as two shots may look alike."""
    planned = list(accumulate(shot.frames for shot in wanted.shots))[:-1]
    found = cuts_of(luma)
    strange = [frame for frame in found if all(abs(frame - cut) > CUT_SLACK_FRAMES for cut in planned)]
    places = "" if not strange else ": at " + ", ".join(f"{frame / wanted.fps:.2f} s" for frame in strange[:4])
    sentence = f"{len(strange)} cuts that nobody asked for{places}."
    return measured("cuts", len(strange), "cuts", limits.LIMITS["cuts"], sentence)


def likeness(first: Bytes, board: Bytes | None) -> Measure:
    """Structural similarity (SSIM) of the first frame and the picture that was chosen, in their large shapes."""
    if board is None:
        return unmeasured("board", "SSIM", "No picture was chosen for the beginning.")
    rows = board.max(axis=(1, 2)) > BAR_LEVEL  # bars are alike in all films
    one, other = (
        _halved(_halved((picture @ LUMA)[rows if rows.sum() > SSIM_ROWS_MIN else ...])) for picture in (first, board)
    )
    value = ssim(one, other)
    sentence = f"The first frame and the chosen picture are {value:.2f} alike (1 is the same)."
    return measured("board", value, "SSIM", limits.LIMITS["board"], sentence)


def _halved(picture: Numbers) -> Numbers:
    tall, wide = picture.shape[0] // 2 * 2, picture.shape[1] // 2 * 2
    halves: Numbers = picture[:tall, :wide].reshape(tall // 2, 2, wide // 2, 2).mean(axis=(1, 3))
    return halves


def ssim(one: Numbers, other: Numbers, window: int = 7) -> float:
    """Wang and others 2004, over square windows; levels 0..255."""
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2

    def mean(values: Numbers) -> Numbers:
        windows = np.lib.stride_tricks.sliding_window_view(values.astype(np.float64), (window, window))
        means: Numbers = windows.mean(axis=(2, 3))
        return means

    m1, m2 = mean(one), mean(other)
    v1, v2 = mean(one * one) - m1 * m1, mean(other * other) - m2 * m2
    both = mean(one * other) - m1 * m2
    value = ((2 * m1 * m2 + c1) * (2 * both + c2)) / ((m1 * m1 + m2 * m2 + c1) * (v1 + v2 + c2))
    return float(value.mean())


def palette(colour: Bytes, wanted: Wanted) -> Measure:
    """How far the clip's colours lie from the brain's, in OKLab: from every pixel to the nearest mixture of two."""
    if not wanted.palette:
        return unmeasured("palette", "OKLab", "The request names no colours.")
    step = max(1, len(colour) // PALETTE_FRAMES)
    pixels = colour[::step, ::6, ::6].reshape(-1, 3).astype(np.float32) / 255
    pixels = pixels[pixels.max(axis=1) > BAR_LEVEL / 255]
    if not len(pixels):
        return unmeasured("palette", "OKLab", "The picture is black all over.")
    wished = oklab(np.asarray([rgb(name) for name in wanted.palette], np.float32))
    mixtures = np.concatenate([wished, *((one + other)[None] / 2 for one, other in _pairs(wished))])
    value = float(np.sqrt(((oklab(pixels)[:, None, 1:] - mixtures[None, :, 1:]) ** 2).sum(-1)).min(axis=1).mean())
    sentence = f"The colours lie {value:.3f} from those of the brain (OKLab, 0 is the same)."
    return measured("palette", value, "OKLab", limits.LIMITS["palette"], sentence)


def _pairs(rows: Numbers) -> list[tuple[Numbers, Numbers]]:
    return [(rows[i], rows[j]) for i in range(len(rows)) for j in range(i)]
