"""Shots of every kind become one picture of a constant rate, frame by frame as long as planned."""

import subprocess
from dataclasses import replace
from pathlib import Path

from services import programs
from services.generation.conform import Piece, cut, piece_of
from services.generation.providers.animatic.ffmpeg import PROBE_PX, program
from services.generation.providers.interface import Clip
from services.generation.request import BrainChoice, Picture
from tests.unit.generation.make import request


def shot(folder: Path, name: str, colour: str, size: str, rate: str, seconds: float, *more: str) -> str:
    source = f"color=c={colour}:s={size}:r={rate}:d={seconds}"
    command = [program(), "-loglevel", "error", "-y", "-f", "lavfi", "-i", source, *more, "-c:v", "libx264"]
    subprocess.run([*command, "-pix_fmt", "yuv420p", name], cwd=folder, check=True, timeout=60)
    return name


async def looked_at(folder: Path, name: str) -> list[tuple[int, int, int]]:
    """The middle pixel of every frame."""
    picture = f"scale={PROBE_PX}:{PROBE_PX}"
    argv = [program(), "-loglevel", "error", "-i", name, "-fps_mode", "passthrough", "-vf", picture]
    raw = await programs.run([*argv, "-pix_fmt", "rgb24", "-f", "rawvideo", "pipe:1"], folder)
    size = PROBE_PX * PROBE_PX * 3
    middle = (PROBE_PX // 2 * PROBE_PX + PROBE_PX // 2) * 3
    frames = [raw[at : at + size] for at in range(0, len(raw), size)]
    return [(frame[middle], frame[middle + 1], frame[middle + 2]) for frame in frames]


async def quiet(line: str) -> None:
    """Nobody watches."""


async def test_long_shots_lose_their_end_and_short_ones_hold_their_last_frame(tmp_path: Path) -> None:
    sound = ("-f", "lavfi", "-i", "sine=d=2", "-shortest", "-c:a", "aac")
    names = [
        shot(tmp_path, "long.mp4", "red", "1280x720", "30000/1001", 5.0),
        shot(tmp_path, "short.mp4", "lime", "720x1280", "25", 0.5, *sound),
        shot(tmp_path, "odd.mp4", "blue", "322x242", "24", 2.0),
    ]
    picture = Picture(320, 180)
    pieces = [Piece(name, frames) for name, frames in zip(names, (36, 30, 25), strict=True)]
    await programs.lines(cut(pieces, picture, "cut.mp4"), tmp_path, b"", quiet)
    seen = await looked_at(tmp_path, "cut.mp4")
    brightest = ["rgb"[max(range(3), key=lambda channel: pixel[channel])] for pixel in seen]
    assert brightest == ["r"] * 36 + ["g"] * 30 + ["b"] * 25
    probed = subprocess.run([program(), "-i", "cut.mp4"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert "320x180" in probed.stderr and "24 fps" in probed.stderr and "Audio" not in probed.stderr


async def test_what_others_have_made_gets_the_look_and_the_bars_of_the_brain(tmp_path: Path) -> None:
    asked = replace(request(), picture=Picture(320, 180), brain=BrainChoice("thriller", 1))
    made = Clip("", 12, 320, 180, graded=False)
    file = tmp_path / shot(tmp_path, "grey.mp4", "0x808080", "320x180", "24", 1.0)
    pieces = [piece_of(asked, made, 12, file), piece_of(asked, replace(made, graded=True), 12, file)]
    await programs.lines(cut(pieces, asked.picture, "cut.mp4"), tmp_path, b"", quiet)
    seen = await looked_at(tmp_path, "cut.mp4")
    grade = asked.brain.look.cdl.apply((128 / 255,) * 3)
    assert max(abs(now - 255 * wanted) for now, wanted in zip(seen[5], grade, strict=True)) <= 6, (seen[5], grade)
    assert max(abs(now - 128) for now in seen[17]) <= 6, "what is in its look already is left as it is"
    for frame, level in ((5, 0), (17, 128)):
        row = ["-vf", f"select=eq(n\\,{frame}),crop=2:2:160:0", "-frames:v", "1", "-pix_fmt", "gray", "-f", "rawvideo"]
        raw = await programs.run([program(), "-loglevel", "error", "-i", "cut.mp4", *row, "pipe:1"], tmp_path)
        assert abs(raw[0] - level) <= 4, f"the uppermost row of frame {frame} is {raw[0]}"
