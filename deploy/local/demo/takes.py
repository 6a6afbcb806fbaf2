"""Looks at a finished take with ffmpeg: how many frames really decode, whether one hears something, and some pictures.

Judges nothing else about it.
"""

import asyncio
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.demo.errors import TakeUnreadable
from services.generation.providers.animatic.ffmpeg import program as ffmpeg

SILENCE_DBFS = -60.0
PICTURES = 6
SAMPLE_MAX = 32_768


@dataclass(frozen=True, slots=True)
class Film:
    """`frames`: decoded ones. `loudness_dbfs`: root mean square of all samples; -inf without sound."""

    frames: int
    sound_s: float
    loudness_dbfs: float
    pictures: Sequence[Path]

    @property
    def audible(self) -> bool:
        return self.loudness_dbfs > SILENCE_DBFS


async def examine(take: Path, pictures: Path) -> Film:
    """Decodes the whole take; pictures go into the folder `pictures`. Raises `TakeUnreadable`."""
    frames = await _frames(take)
    samples = await _ffmpeg("-i", str(take), "-map", "0:a:0?", "-ac", "1", "-ar", "16000", "-f", "s16le", "-")
    shown = [await _picture(take, pictures, number, frames) for number in range(min(PICTURES, frames))]
    return Film(frames, len(samples) / 2 / 16_000, _loudness_dbfs(samples), shown)


async def _frames(take: Path) -> int:
    hashes = await _ffmpeg("-i", str(take), "-map", "0:v:0", "-fps_mode", "passthrough", "-f", "framemd5", "-")
    return sum(1 for line in hashes.decode().splitlines() if line and not line.startswith("#"))


async def _picture(take: Path, folder: Path, number: int, frames: int) -> Path:
    wanted = (2 * number + 1) * frames // (2 * min(PICTURES, frames))
    path = folder / f"frame-{wanted:04d}.jpg"
    select = f"select=eq(n\\,{wanted})"
    await _ffmpeg("-i", str(take), "-vf", select, "-frames:v", "1", "-q:v", "3", "-y", str(path))
    return path


def _loudness_dbfs(samples: bytes) -> float:
    values = struct.unpack(f"<{len(samples) // 2}h", samples[: len(samples) // 2 * 2])
    power = sum(value * value for value in values) / len(values) if values else 0.0
    return 10 * math.log10(power / SAMPLE_MAX**2) if power > 0 else -math.inf


async def _ffmpeg(*arguments: str) -> bytes:
    program = (ffmpeg(), "-hide_banner", "-loglevel", "error", "-nostdin", *arguments)
    process = await asyncio.create_subprocess_exec(
        *program, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await process.communicate()
    if process.returncode != 0:
        raise TakeUnreadable(f"ffmpeg: {errors.decode(errors='replace').strip()[-500:]}")
    return output
