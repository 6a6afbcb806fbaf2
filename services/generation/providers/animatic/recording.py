"""A line that somebody else has spoken, read from its file at the tempo that fits; for the program that mixes."""

import subprocess

import numpy as np

from services.assets import ffmpeg
from services.generation.providers.animatic.sound import RATE_HZ, Recorded, Samples

DEMUXER = "mp3"
READ_S_MAX = 30.0


def recording(name: str) -> Recorded:
    """Raises `subprocess.SubprocessError` for a file that does not decode: it did when it came home."""

    def at_tempo(tempo: float) -> Samples:
        stretched = ("-af", f"atempo={tempo:.4f}", "-ar", str(RATE_HZ), "-ac", "1")
        command = [*ffmpeg.read(DEMUXER, source=name), "-map", "0:a:0", *stretched, "-f", "f32le", "pipe:1"]
        decoded = subprocess.run(command, check=True, capture_output=True, timeout=READ_S_MAX).stdout
        return np.frombuffer(decoded, "<f4").astype(np.float32)

    return at_tempo
