"""The shape of a sound: least and greatest sample of each short piece, as audiowaveform's JSON (version 2) has it.

Pure, but for the file that it reads.
"""

import json
from pathlib import Path

import numpy as np

from services.assets.ffmpeg import PEAKS_HZ

SAMPLES_PER_PEAK_MIN = 80
"""A hundredth of a second."""
PEAKS_MAX = 20_000


def waveform(raw: Path) -> bytes:
    """`raw`: mono 16-bit samples, `PEAKS_HZ` a second. Values are 8 bits; a long sound has longer pieces."""
    if raw.stat().st_size == 0:
        return _json(SAMPLES_PER_PEAK_MIN, np.zeros(0, np.int8))
    samples = np.memmap(raw, dtype="<i2", mode="r")
    each = max(SAMPLES_PER_PEAK_MIN, -(-len(samples) // PEAKS_MAX))
    starts = np.arange(0, len(samples), each)
    least, greatest = np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)
    return _json(each, (np.stack([least, greatest], axis=1).ravel() >> 8).astype(np.int8))


def _json(each: int, peaks: np.ndarray) -> bytes:
    shape = {
        "version": 2,
        "channels": 1,
        "sample_rate": PEAKS_HZ,
        "samples_per_pixel": each,
        "bits": 8,
        "length": len(peaks) // 2,
        "data": peaks.tolist(),
    }
    return json.dumps(shape, separators=(",", ":")).encode()
