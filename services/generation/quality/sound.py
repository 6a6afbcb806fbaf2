"""Measures of the sound: loudness, true peak, clipping, silence, and how far it is from the picture.

Pure: samples in, measures out. Loudness is by EBU R 128; the gate and the true peak are ffmpeg's.
"""

import numpy as np

from services.generation.quality import limits
from services.generation.quality.model import Limit, Measure, Verdict, Wanted, measured, unmeasured
from services.generation.quality.picture import longest_run
from services.generation.quality.reading import SAMPLE_HZ, Numbers, Reading

CLIP_LEVEL = 0.985
CLIP_RUN = 4
"""So many samples in a row at the rail are a clipped wave; compression leaves single ones there."""
SILENT_DB = -65.0
SILENCE_WINDOW_S = 0.05


def sound(reading: Reading, wanted: Wanted) -> list[Measure]:
    """All of them; null with a reason where there is no sound, or none that can be measured."""
    if reading.samples is None or not len(reading.samples):
        return [_heard(False, wanted), *(unmeasured(*one, "The clip has no sound.") for one in _ALL)]
    quiet = longest_run(_silent(reading.samples)) * SILENCE_WINDOW_S
    clipped = clipping(reading.samples)
    return [
        _heard(not bool(np.all(_silent(reading.samples))), wanted),
        *_loudness(reading.loudness, wanted),
        measured(
            "clipping",
            clipped,
            "/s",
            limits.LIMITS["clipping"],
            f"{clipped:.1f} waves a second are cut off at the top.",
        ),
        measured("silence", quiet, "s", limits.LIMITS["silence"], f"Nothing is heard for {quiet:.1f} s at a time."),
        _skew(reading, wanted),
    ]


_ALL = (("loudness", "LU"), ("true_peak", "dBTP"), ("clipping", "/s"), ("silence", "s"), ("skew", "frames"))


def _heard(heard: bool, wanted: Wanted) -> Measure:
    if not wanted.sound:
        return unmeasured("heard", "", "No sound was asked for.")
    sentence = "The clip is heard." if heard else "The clip should be heard, and is silent."
    return Measure(
        "heard", float(heard), "", Limit(None, 1.0, floor=True), (Verdict.FAIL, Verdict.PASS)[heard], sentence
    )


def _loudness(found: tuple[float, float] | None, wanted: Wanted) -> list[Measure]:
    if found is None:
        reason = "The sound is too short or too quiet to be measured."
        return [unmeasured("loudness", "LU", reason), unmeasured("true_peak", "dBTP", reason)]
    integrated, peak = found
    return [
        _distance(integrated, wanted.target_lufs),
        measured("true_peak", peak, "dBTP", limits.LIMITS["true_peak"], f"The highest true peak is {peak:.1f} dBTP."),
    ]


def _distance(integrated: float, target_lufs: float | None) -> Measure:
    if target_lufs is None:
        return unmeasured("loudness", "LU", f"The sound has {integrated:.1f} LUFS; no loudness was asked for.")
    away = abs(integrated - target_lufs)
    said = f"The sound has {integrated:.1f} LUFS, {away:.1f} LU from the wanted {target_lufs:.1f}."
    return measured("loudness", away, "LU", limits.LIMITS["loudness"], said)


def clipping(samples: Numbers) -> float:
    """How many waves a second are cut off: at least `CLIP_RUN` samples in a row at the rail."""
    cut = 0
    for channel in samples.T:
        at_rail = np.concatenate([[False], np.abs(channel) >= CLIP_LEVEL, [False]])
        edges = np.flatnonzero(np.diff(at_rail.astype(np.int8)))
        cut += int(((edges[1::2] - edges[::2]) >= CLIP_RUN).sum())
    return cut / max(1e-9, len(samples) / SAMPLE_HZ)


def _silent(samples: Numbers) -> np.ndarray:
    """One truth for every `SILENCE_WINDOW_S`."""
    window = int(SILENCE_WINDOW_S * SAMPLE_HZ)
    count = max(1, len(samples) // window)
    pieces = samples[: count * window].reshape(count, -1) if len(samples) >= window else samples.reshape(1, -1)
    level = np.sqrt((pieces**2).mean(axis=1))
    return np.asarray(level < 10 ** (SILENT_DB / 20))


def _skew(reading: Reading, wanted: Wanted) -> Measure:
    if reading.streams.skew_s is None:
        return unmeasured("skew", "frames", "The clip has no sound.")
    frames = abs(reading.streams.skew_s) * wanted.fps
    sentence = f"Sound and picture begin and end {frames:.2f} frames apart."
    return measured("skew", frames, "frames", limits.LIMITS["skew"], sentence)
