"""Clips that are right, and clips that are broken in one way each: what the thresholds are calibrated on.

Drawn by the built-in provider, so that they look like takes; broken in pixels and samples, and encoded as takes are.
"""

import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from services import programs
from services.assets import ffmpeg
from services.brains.model import Angle, Move, Size
from services.brains.presets import BRAINS
from services.generation.providers.animatic import film, grade, panel
from services.generation.providers.animatic.sound import RATE_HZ
from services.generation.providers.animatic.subject import Place, Subject, Time
from services.generation.providers.interface import PlannedShot
from services.generation.quality.model import Wanted, WantedShot

WIDTH, HEIGHT = 640, 360
FPS = 24
FRAMES = 60
TARGET_LUFS = -23.0

Frames = NDArray[np.uint8]
Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Film:
    """What is encoded. `late_s`: sound that long behind the picture; `cut_short`: only half of the file's bytes."""

    frames: Frames
    samples: Samples
    fps: int = FPS
    late_s: float = 0.0
    uneven: bool = False
    cut_short: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """`broken`: the measure that must not pass; None: all of them must."""

    name: str
    broken: str | None
    make: Callable[[], Film]
    wanted: Callable[[Path], Wanted]
    fails: bool = True


def drawn(move: Move, brain: str = "thriller", place: Place = Place.CITY, seed: int = 3) -> Frames:
    """A graded shot, bars above and below. (n, h, w, 3)"""
    look = BRAINS[brain]
    scene = panel.Scene(Subject(place, Time.DAY, frozenset()), look, seed, 1)
    shot = PlannedShot(Size.MLS, Angle.EYE, move, 40, FRAMES, "", ("MARA", "JON"), (), seed)
    reel = film.Reel(shot, panel.draw(scene, shot, None, WIDTH), (), "", 1)
    tall = min(HEIGHT, round(WIDTH / look.aspect / 2) * 2)
    moving = [np.asarray(film.still(reel, frame, WIDTH, tall), np.float32) / 255 for frame in range(FRAMES)]
    graded = grade.graded(np.stack(moving), look.cdl)
    # The noise of a camera: without it a picture that stands still cannot be told from one that hangs.
    noise = np.random.default_rng(seed).normal(0, 1.6, graded.shape[:3])[..., None]
    bars = (HEIGHT - tall) // 2
    shown = np.clip(graded * 255 + noise, 0, 255).astype(np.uint8)
    return np.pad(shown, ((0, 0), (bars, HEIGHT - tall - bars), (0, 0), (0, 0)))


def spoken(level_db: float = 0.0) -> Samples:
    """Tones in syllables over soft noise, near the target loudness. (n, 2)"""
    count = FRAMES * RATE_HZ // FPS
    time = np.arange(count) / RATE_HZ
    rng = np.random.default_rng(5)
    voice = sum(np.sin(2 * np.pi * 140 * harmonic * time) / harmonic for harmonic in range(1, 9))
    syllables = np.clip(np.sin(2 * np.pi * 3.1 * time), 0, None)
    mono = 0.128 * voice * syllables + rng.normal(0, 0.003, count)
    return (np.stack([mono, mono], 1) * 10 ** (level_db / 20)).astype(np.float32)


async def encode(source: Film, folder: Path, name: str) -> str:
    """An MP4 in the folder, with its name."""
    write_sound(folder / "calibration.wav", source.samples)
    height, width = source.frames.shape[1:3]
    rate = "setpts=N*(1+0.4*mod(N\\,2))/TB/24" if source.uneven else "null"
    command = [
        *(ffmpeg.program(), "-hide_banner", "-nostdin", "-loglevel", "error", "-y"),
        *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-framerate", str(source.fps)),
        *("-i", "pipe:0", "-itsoffset", f"{source.late_s}", "-i", "calibration.wav"),
        *("-vf", f"{rate},scale=out_color_matrix=bt709:out_range=tv,format=yuv420p", "-colorspace", "bt709"),
        *("-fps_mode", "vfr" if source.uneven else "cfr", "-c:v", "libx264", "-preset", "veryfast", "-crf", "18"),
        *("-c:a", "aac", "-b:a", "160k", "-shortest" if source.late_s else "-y", name),
    ]
    await programs.run(command, folder, source.frames.tobytes())
    if source.cut_short:
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[: len(data) // 2])
    return name


def write_sound(path: Path, samples: Samples) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


def wanted(move: Move | None = None, shots: Sequence[WantedShot] = (), brain: str = "thriller") -> Wanted:
    return Wanted(
        shots=tuple(shots) or (WantedShot(FRAMES, move),),
        width=WIDTH,
        height=HEIGHT,
        palette=BRAINS[brain].palette,
        target_lufs=TARGET_LUFS,
    )


def _board(folder: Path, frames: Frames) -> Path:
    path = folder / "board.png"
    Image.fromarray(frames[0]).save(path)
    return path


def _blurred(frames: Frames, radius: Callable[[int], float]) -> Frames:
    soft = [Image.fromarray(frame).filter(ImageFilter.GaussianBlur(radius(at))) for at, frame in enumerate(frames)]
    return np.stack([np.asarray(picture) for picture in soft])


def _levels(frames: Frames, gain: float, offset: float) -> Frames:
    return _bytes(frames.astype(np.float32) * gain + offset)


def _bytes(levels: NDArray[Any]) -> Frames:
    bytes_of: Frames = np.clip(levels, 0, 255).astype(np.uint8)
    return bytes_of


def _flickering(frames: Frames) -> Frames:
    gains = 1 + 0.09 * (-1.0) ** np.arange(len(frames))
    return _bytes(frames * gains[:, None, None, None])


def _frozen(frames: Frames) -> Frames:
    held = frames.copy()
    held[20:45] = held[20]
    return held


def _black(frames: Frames) -> Frames:
    dark = frames.copy()
    dark[20:45] = 2
    return dark


def _tinted(frames: Frames) -> Frames:
    """Violet and green, which no brain has."""
    shades = frames.mean(axis=3, keepdims=True) / 255
    return _bytes(shades * np.array([210, 30, 250]) + (1 - shades) * np.array([10, 120, 10]))


def good() -> list[Case]:
    """Nothing of these may fail."""
    cases = []
    for move in Move:
        cases.append(Case(f"{move.value}", None, _shown(move), _asks(move)))
    for brain in BRAINS:
        cases.append(Case(f"{brain}, forest", None, _shown(Move.PAN, brain, Place.FOREST), _asks(Move.PAN, brain)))
    cut = [WantedShot(FRAMES, Move.PAN), WantedShot(FRAMES, Move.STATIC)]
    cases.append(Case("two shots, one cut", None, _two, lambda folder: wanted(shots=cut)))
    cases.append(Case("begins as its board", None, lambda: Film(drawn(Move.PUSH_IN), spoken()), _with_board))
    return cases


def _shown(move: Move, brain: str = "thriller", place: Place = Place.CITY) -> Callable[[], Film]:
    return lambda: Film(drawn(move, brain, place), spoken())


def _asks(move: Move | None, brain: str = "thriller") -> Callable[[Path], Wanted]:
    return lambda folder: wanted(move, brain=brain)


def _with_board(folder: Path) -> Wanted:
    return replace(wanted(Move.PUSH_IN), board=_board(folder, drawn(Move.PUSH_IN)))


def _two() -> Film:
    frames = np.concatenate([drawn(Move.PAN), drawn(Move.STATIC, place=Place.FOREST)])
    return Film(frames, np.concatenate([spoken(), spoken()]))


def _pan(change: Callable[[Frames], Frames]) -> Callable[[], Film]:
    return lambda: Film(change(drawn(Move.PAN)), spoken())


def _heard(change: Callable[[Samples], Samples]) -> Callable[[], Film]:
    return lambda: Film(drawn(Move.PAN), change(spoken()))


def broken() -> list[Case]:
    """Each in one way."""
    pan = _asks(Move.PAN)
    return [
        Case("half of the file", "decodes", lambda: Film(drawn(Move.PAN), spoken(), cut_short=True), pan),
        Case("six frames missing", "frames", _pan(lambda frames: frames[:-6]), pan),
        Case("30 frames a second", "rate", lambda: Film(drawn(Move.PAN), spoken(), fps=30), pan),
        Case("uneven frames", "constant_rate", lambda: Film(drawn(Move.PAN), spoken(), uneven=True), pan),
        Case("half the size", "size", _pan(lambda frames: np.ascontiguousarray(frames[:, ::2, ::2])), pan),
        Case("a second of black", "black", _pan(_black), pan),
        Case("a second of standstill", "frozen", _pan(_frozen), pan),
        Case("flicker of 9 %", "flicker", _pan(_flickering), pan),
        Case("blurred", "sharpness", _pan(lambda frames: _blurred(frames, lambda at: 5.0)), pan),
        Case("more and more blurred", "sharpness_drop", _pan(lambda f: _blurred(f, lambda at: at / 10)), pan),
        Case("burnt out", "highlights_clipped", _pan(lambda frames: _levels(frames, 3.0, 120)), pan),
        Case("sunk in black", "shadows_crushed", _pan(lambda frames: _levels(frames, 1.0, -170)), pan),
        Case("pans, should stand", "motion_still", _pan(lambda frames: frames), _asks(Move.STATIC)),
        Case("stands, should pan", "motion_moving", lambda: Film(drawn(Move.STATIC), spoken()), pan),
        Case("pans, should push in", "motion_way", _pan(lambda f: f), _asks(Move.PUSH_IN), fails=False),
        Case(
            "a cut too many",
            "cuts",
            _pan(lambda frames: np.concatenate([frames[:30], drawn(Move.PAN, place=Place.FOREST)[30:]])),
            pan,
        ),
        Case("begins elsewhere", "board", lambda: Film(drawn(Move.PUSH_IN, place=Place.SEA), spoken()), _with_board),
        Case("foreign colours", "palette", _pan(_tinted), pan, fails=False),
        Case("8 LU too quiet", "loudness", _heard(lambda samples: samples * 0.4), pan),
        Case("8 LU too loud", "loudness", _heard(lambda samples: samples * 2.5), pan),
        Case("peaks beyond full scale", "true_peak", _heard(lambda samples: samples * 12), pan),
        Case("cut off at the top", "clipping", _heard(lambda samples: np.clip(samples * 25, -1, 1)), pan),
        Case("not heard", "heard", _heard(lambda samples: samples * 0), pan),
        Case("nothing for a while", "silence", _long_silence, lambda folder: _long_wanted(), fails=False),
        Case("sound 0.2 s late", "skew", lambda: Film(drawn(Move.PAN), spoken(), late_s=0.2), pan),
    ]


def _long_silence() -> Film:
    frames = np.concatenate([drawn(Move.PAN), drawn(Move.PAN)])
    samples = np.concatenate([spoken(), spoken()])
    samples[RATE_HZ:] = 0
    return Film(frames, samples)


def _long_wanted() -> Wanted:
    return wanted(shots=[WantedShot(FRAMES, Move.PAN), WantedShot(FRAMES, Move.PAN)])
