"""The media programs themselves: the grade that ffmpeg makes, failures that say why, takes that are looked at."""

import asyncio
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from services import programs
from services.brains.presets import BRAINS
from services.generation.errors import TakeUnsound
from services.generation.providers.animatic import ffmpeg, grade
from services.generation.providers.animatic.provider import verify
from services.generation.request import Picture
from services.programs import ProgramFailed

from .programs import children

FLAT = (200, 120, 60)
PICTURE = Picture(64, 36)


async def said(_: str) -> None:
    """Nobody listens."""


async def film(folder: Path, brain: str, frames: int, picture: Picture = PICTURE) -> None:
    """A flat colour, graded and encoded, without sound."""
    (folder / ffmpeg.CUBE_NAME).write_text(grade.cube(BRAINS[brain].cdl, brain))
    source = [sys.executable, "-c", f"import sys; sys.stdout.buffer.write(bytes({list(FLAT)}) * {64 * 28 * frames})"]
    await programs.pipe(source, ffmpeg.encode(picture, 28, "clip.mp4"), folder, b"", said)


async def with_sound(folder: Path, seconds: float, level: int) -> None:
    rng = np.random.default_rng(1)
    with wave.open(str(folder / "sound.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48_000)
        noise = rng.normal(0, level, (int(seconds * 48_000), 2)) if level else np.zeros((int(seconds * 48_000), 2))
        file.writeframes(noise.astype("<i2").tobytes())
    await programs.run(ffmpeg.mux("clip.mp4", "sound.wav", "take.mp4"), folder)


@pytest.mark.parametrize("brain", list(BRAINS))
async def test_the_film_is_graded_by_the_formula(tmp_path: Path, brain: str) -> None:
    await film(tmp_path, brain, 6, Picture(64, 72))
    decode = [ffmpeg.program(), "-loglevel", "error", "-i", "clip.mp4", "-vf", "scale=in_color_matrix=bt709"]
    data = await programs.run([*decode, "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"], tmp_path)
    pictures = np.frombuffer(data, np.uint8).reshape(6, 72, 64, 3)
    red, green, blue = (channel / 255 for channel in FLAT)
    wanted = np.array(BRAINS[brain].cdl.apply((red, green, blue))) * 255
    assert np.abs(pictures[3, 36, 32].astype(float) - wanted).max() <= 4, "8-bit 4:2:0 rounds"
    assert pictures[3, 4].max() <= 2, "the bars are black, also where the grade lifts black"


async def test_a_take_is_accepted_only_with_its_frames_and_its_sound(tmp_path: Path) -> None:
    await film(tmp_path, "thriller", 24)
    await with_sound(tmp_path, 1.0, 900)
    assert -45 < await verify(tmp_path, "take.mp4", 24, PICTURE) < -25
    with pytest.raises(TakeUnsound, match="24 frames instead of 25"):
        await verify(tmp_path, "take.mp4", 25, PICTURE)
    await with_sound(tmp_path, 0.5, 900)
    with pytest.raises(TakeUnsound, match="samples"):
        await verify(tmp_path, "take.mp4", 24, PICTURE)
    await with_sound(tmp_path, 1.0, 0)
    with pytest.raises(TakeUnsound, match="no sound"):
        await verify(tmp_path, "take.mp4", 24, PICTURE)
    (tmp_path / "take.mp4").write_bytes((tmp_path / "take.mp4").read_bytes()[:300])
    with pytest.raises(ProgramFailed) as failure:
        await verify(tmp_path, "take.mp4", 24, PICTURE)
    assert "ended with" in failure.value.detail and str(tmp_path) not in str(failure.value)


async def test_a_program_that_fails_says_why_and_takes_its_partner_along(tmp_path: Path) -> None:
    endless = [sys.executable, "-c", "import sys\nwhile True: sys.stdout.buffer.write(bytes(65536))"]
    failing = [sys.executable, "-c", "import sys; sys.exit('the ink is dry')"]
    async with asyncio.timeout(10):
        patient = [sys.executable, "-c", "import sys; sys.stdin.buffer.read()"]
        for source, sink in ((endless, failing), (failing, patient)):
            with pytest.raises(ProgramFailed) as failure:
                await programs.pipe(source, sink, tmp_path, b"", said)
            assert "the ink is dry" in failure.value.detail


async def test_cancelling_kills_both_ends_of_a_pipe_at_once(tmp_path: Path) -> None:
    endless = [sys.executable, "-c", "import sys\nwhile True: sys.stdout.buffer.write(bytes(65536))"]
    (tmp_path / ffmpeg.CUBE_NAME).write_text(grade.cube(BRAINS["thriller"].cdl, "x"))
    moving = asyncio.Event()

    async def heard(line: str) -> None:
        if line.startswith("frame="):
            moving.set()

    before = set(children())
    task = asyncio.create_task(programs.pipe(endless, ffmpeg.encode(PICTURE, 28, "clip.mp4"), tmp_path, b"", heard))
    async with asyncio.timeout(20):
        await moving.wait()
        assert len(set(children()) - before) == 2
        task.cancel()
        await asyncio.wait([task])
    assert set(children()) <= before
