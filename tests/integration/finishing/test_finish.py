"""A clip and its sounds as a take: in sync, at its loudness, in its look, steady, constant, with all its parts."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services import programs
from services.assets import ffmpeg, probe
from services.brains.model import Move
from services.brains.presets import BRAINS
from services.generation.clips import BOUNDS
from services.generation.errors import ClipTooCostly, ClipUnreadable
from services.generation.finishing import sound
from services.generation.finishing.finish import finish
from services.generation.finishing.look import look_of_brain, look_of_table
from services.generation.finishing.model import Cue, Recipe
from services.generation.finishing.parts import parts
from services.generation.finishing.picture import picture
from services.generation.quality import motion, reading
from services.generation.request import Picture
from tests.calibration.clips import FRAMES, Film, Frames, Samples, drawn, encode, spoken, write_sound

SMALL = Picture(320, 180)
RECIPE = Recipe(SMALL, FRAMES)


async def quiet(line: str) -> None:
    """Nobody watches."""


async def no_progress(share: float) -> None:
    """Nobody watches."""


async def filmed(frames: Frames, folder: Path, fps: int = 24) -> str:
    silent = np.zeros((len(frames) * 48_000 // fps, 2), np.float32)
    return await encode(Film(frames, silent, fps=fps), folder, "clip.mp4")


async def pixels(folder: Path, file: str, size: Picture = SMALL) -> Frames:
    raw = await programs.run(
        [*ffmpeg.read("mov", source=file), "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"],
        folder,
    )
    return np.frombuffer(raw, np.uint8).reshape(-1, size.height, size.width, 3)


async def samples(folder: Path, file: str) -> Samples:
    command = [*ffmpeg.read("mov", source=file), "-f", "f32le", "-ac", "2", "-ar", "48000", "pipe:1"]
    return np.frombuffer(await programs.run(command, folder), np.float32).reshape(-1, 2)


# -- sync ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [(24, 1), (25, 1), (30000, 1001)], ids=["24", "25", "29.97"])
async def test_a_beep_is_heard_at_the_flash_to_which_it_belongs(tmp_path: Path, rate: tuple[int, int]) -> None:
    flashes = (7, 31, 52)
    frames = np.full((60, 180, 320, 3), 30, np.uint8)
    for at in flashes:
        frames[at : at + 3] = 240
    await filmed(frames, tmp_path)
    beep = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(4800) / 48_000)
    write_sound(tmp_path / "beep.wav", np.stack([beep, beep], 1).astype(np.float32))
    fps = rate[0] / rate[1]
    recipe = Recipe(Picture(320, 180, rate), round(60 / 24 * fps))
    cues = [Cue("beep.wav", round(at / 24 * fps)) for at in flashes]
    done = await finish(tmp_path, "clip.mp4", cues, recipe, no_progress)
    bright = (await pixels(tmp_path, done.take)).mean(axis=(1, 2, 3)) > 135
    loud = np.abs(await samples(tmp_path, done.take)).max(axis=1) > 0.05
    seen = [at / fps for at in np.flatnonzero(bright[1:] & ~bright[:-1]) + 1]
    heard = _begins(loud, 2400)
    assert len(seen) == len(heard) == len(flashes)
    assert np.abs(np.asarray(seen) - np.asarray(heard)).max() <= 1 / fps, (seen, heard)


def _begins(loud: np.ndarray, apart: int) -> list[float]:
    """In seconds; what follows within `apart` samples belongs to it."""
    found: list[int] = []
    last = -apart
    for at in np.flatnonzero(loud):
        if at - last > apart:
            found.append(int(at))
        last = int(at)
    return [at / 48_000 for at in found]


async def test_the_sound_is_as_long_as_the_picture_whatever_comes(tmp_path: Path) -> None:
    clip = await filmed(drawn(Move.PAN), tmp_path)
    write_sound(tmp_path / "long.wav", np.concatenate([spoken()] * 3))
    cues = [Cue("long.wav", 20), Cue("long.wav", -30, gain_db=-6)]
    await sound.mix(tmp_path, cues, RECIPE)
    facts = await programs.run([*ffmpeg.read("wav", source="mix.wav"), "-f", "f32le", "pipe:1"], tmp_path)
    assert len(facts) == FRAMES * 2000 * 2 * 4
    done = await finish(tmp_path, clip, cues, RECIPE, no_progress)
    streams = (await reading.read(tmp_path, done.take)).streams
    assert (streams.frames, streams.rate, streams.constant) == (FRAMES, 24.0, True)
    assert streams.skew_s is not None and abs(streams.skew_s) * 24 <= 1


# -- loudness ----------------------------------------------------------------------------------------------


def spiky() -> Samples:
    """Quiet speech and claps near full scale: gain alone would go through the ceiling."""
    samples = spoken(-14)
    samples[9000::24000] = 0.9
    return samples


def rising() -> Samples:
    return (spoken() * np.linspace(0.02, 1.5, FRAMES * 2000)[:, None]).astype(np.float32)


@pytest.mark.parametrize("made", [lambda: spoken(-20), lambda: spoken(12), spiky, rising])
@pytest.mark.parametrize("target", [-23.0, -16.0])
async def test_every_take_has_the_loudness_that_is_wanted(tmp_path: Path, made: object, target: float) -> None:
    clip = await filmed(drawn(Move.STATIC), tmp_path)
    write_sound(tmp_path / "voice.wav", made())  # type: ignore[operator]  # a function of this file
    recipe = replace(RECIPE, target_lufs=target)
    shown = await picture(tmp_path, clip, recipe, quiet)
    take, told = await sound.join(tmp_path, shown, await sound.mix(tmp_path, [Cue("voice.wav")], recipe), recipe)
    said = await programs.remarks(ffmpeg.loudness("mov", take), tmp_path, BOUNDS)
    measured = probe.loudness_facts(said)
    assert measured is not None and told is not None and told.on_target
    assert abs(measured["integrated_lufs"] - target) <= 1
    assert measured["true_peak_dbfs"] <= -1.0


async def test_silence_stays_silence_and_a_whisper_is_not_blown_up(tmp_path: Path) -> None:
    shown = await picture(tmp_path, await filmed(drawn(Move.STATIC), tmp_path), RECIPE, quiet)
    assert await sound.join(tmp_path, shown, await sound.mix(tmp_path, [], RECIPE), RECIPE) == ("take.mp4", None)
    write_sound(tmp_path / "voice.wav", spoken(-44))
    mixed = await sound.mix(tmp_path, [Cue("voice.wav")], RECIPE)
    _, told = await sound.join(tmp_path, shown, mixed, RECIPE)
    assert told is not None and not told.on_target and told.integrated_lufs < -30


# -- picture -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "brought"), [("thriller", False), ("k_drama", False), ("horror", True)])
async def test_colours_come_out_as_the_formula_says(tmp_path: Path, name: str, brought: bool) -> None:
    colours = [(200, 60, 60), (60, 190, 80), (50, 70, 200), (128, 128, 128), (230, 220, 200), (30, 28, 26)]
    wide = np.repeat(np.asarray(colours, np.uint8)[None], 30, 1).reshape(-1, 3)[:: len(colours)]
    wide = np.concatenate([np.tile(np.asarray(colour, np.uint8), (53, 1)) for colour in colours])[:318]
    frames = np.tile(wide[None, None], (8, 120, 1, 1))
    cdl = BRAINS[name].cdl
    look = look_of_brain(tmp_path, BRAINS[name], 100)
    if brought:
        look = look_of_table(tmp_path, (tmp_path / look).read_text())
    clip = await filmed(np.ascontiguousarray(frames), tmp_path)
    recipe = Recipe(Picture(318, 180), 8, look=look)
    seen = (await pixels(tmp_path, await picture(tmp_path, clip, recipe, quiet), recipe.picture))[4].astype(int)
    for index, colour in enumerate(colours):
        middle = seen[90, 26 + 53 * index]
        red, green, blue = (value / 255 for value in colour)
        wanted = np.asarray(cdl.apply((red, green, blue))) * 255
        assert np.abs(middle - wanted).max() <= 4, (colour, middle, wanted)
    assert seen[5].max() <= 2 and seen[174].max() <= 2, "bars stay black"


def trembling(seed: int = 3) -> Frames:
    """A standing picture whose camera is held by a hand with the shivers, without the noise of one."""
    wide = drawn(Move.STATIC)[0][60:300]
    rng = np.random.default_rng(seed)
    places = rng.integers(0, 13, (48, 2))
    return np.stack([wide[y : y + 216, x : x + 600] for y, x in places])


async def test_a_trembling_camera_is_steadied(tmp_path: Path) -> None:
    clip = await filmed(trembling(), tmp_path)
    shaken: dict[bool, float] = {}
    for steady in (False, True):
        recipe = Recipe(Picture(600, 216), 48, steady=steady)
        await picture(tmp_path, clip, recipe, quiet)
        luma = (await reading.read(tmp_path, "picture.mp4")).luma
        found = motion.camera(luma, 24.0)
        assert found is not None
        shaken[steady] = found.amount
    assert shaken[True] < shaken[False] / 3, shaken


async def test_uneven_frames_become_constant_and_the_length_is_kept(tmp_path: Path) -> None:
    clip = await encode(Film(drawn(Move.PAN), spoken(), uneven=True), tmp_path, "clip.mp4")
    for frames in (40, 90):
        await picture(tmp_path, clip, replace(RECIPE, frames=frames), quiet)
        streams = (await reading.read(tmp_path, "picture.mp4")).streams
        assert (streams.frames, streams.rate, streams.constant) == (frames, 24.0, True)
        assert (streams.width, streams.height) == (320, 180)


# -- parts -------------------------------------------------------------------------------------------------


async def test_a_take_has_all_its_parts(tmp_path: Path) -> None:
    clip = await filmed(np.concatenate([drawn(Move.PAN)] * 2), tmp_path)
    write_sound(tmp_path / "voice.wav", spoken())
    shares: list[float] = []

    async def heard(share: float) -> None:
        shares.append(share)

    done = await finish(tmp_path, clip, [Cue("voice.wav")], replace(RECIPE, frames=120), heard)
    assert set(done.parts) == {"thumb", "peaks", "sprite", "sprite_vtt", "hls", "hls_media"}
    assert shares == sorted(shares) and shares[-1] == 1
    files = {name: (tmp_path / str(part.file)).read_bytes() for name, part in done.parts.items()}
    assert files["thumb"][:2] == files["sprite"][:2] == b"\xff\xd8"
    assert json.loads(files["peaks"])["length"] > 100
    assert files["sprite_vtt"].startswith(b"WEBVTT") and files["sprite_vtt"].count(b"-->") == 5
    ranges(files["hls"].decode(), files["hls_media"])
    starts = await _starts(tmp_path, "hls.m3u8")
    assert abs(starts["video"] - starts["audio"]) * 24 <= 1, "in sync, wherever it begins"


async def _starts(folder: Path, file: str) -> dict[str, float]:
    """When the first picture and the first sound of a rendition are due."""
    packets = probe.Packets()
    command = [*ffmpeg.start(), "-copyts", "-i", file, "-c", "copy", "-f", "framecrc", "pipe:1"]
    await programs.lines(command, folder, b"", packets.hear)
    return {
        kind: float((stream.start or 0) * stream.tick) for kind in ("video", "audio") for stream in packets.of(kind)
    }


def ranges(playlist: str, media: bytes) -> None:
    """Every byte of the media is in one range, and every segment begins with a whole picture."""
    assert "#EXT-X-INDEPENDENT-SEGMENTS" in playlist and "#EXT-X-ENDLIST" in playlist
    assert set(re.findall(r"^[^#\n].*", playlist, re.MULTILINE)) == {"hls.mp4"}
    spans = [(int(at), int(size)) for size, at in re.findall(r'BYTERANGE[:=]"?(\d+)@(\d+)', playlist)]
    assert [at for at, _ in spans] == [0, *np.cumsum([size for _, size in spans]).tolist()][:-1]
    assert sum(size for _, size in spans) == len(media)
    lengths = [float(length) for length in re.findall(r"#EXTINF:([\d.]+)", playlist)]
    assert lengths == [2.0, 2.0, 1.0]
    assert all(media[at + 4 : at + 8] == b"moof" or b"moof" in media[at : at + 200] for at, _ in spans[1:])


async def test_a_take_without_sound_has_no_waveform(tmp_path: Path) -> None:
    await picture(tmp_path, await filmed(drawn(Move.PAN), tmp_path), RECIPE, quiet)
    made = await parts(tmp_path, "picture.mp4", no_progress)
    assert "peaks" not in made and "hls" in made


# -- hostile -----------------------------------------------------------------------------------------------

HOSTILE: Sequence[tuple[str, bytes]] = [
    ("empty", b""),
    ("playlist", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"),
    ("text", b"ffconcat version 1.0\nfile '/etc/passwd'\n"),
    ("headless", b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 40),
]


@pytest.mark.parametrize(("name", "data"), HOSTILE, ids=[name for name, _ in HOSTILE])
async def test_what_is_no_film_is_named(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / "clip.mp4").write_bytes(data)
    for steady in (False, True):
        with pytest.raises(ClipUnreadable):
            await finish(tmp_path, "clip.mp4", [], replace(RECIPE, steady=steady), no_progress)


async def test_a_sound_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "voice.wav").write_bytes(b"RIFF\xff\xff\xff\xffWAVEjunk")
    with pytest.raises(ClipUnreadable):
        await sound.mix(tmp_path, [Cue("voice.wav")], RECIPE)


async def test_work_that_is_over_its_bounds_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = await filmed(drawn(Move.PAN), tmp_path)
    tight = replace(BOUNDS, file_bytes=16 * 1024)
    monkeypatch.setattr("services.generation.finishing.picture.BOUNDS", tight)
    with pytest.raises(ClipTooCostly):
        await picture(tmp_path, clip, RECIPE, quiet)
