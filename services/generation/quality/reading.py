"""A clip as arrays: every frame small and in colour, some large and grey, every sample of its sound.

ffmpeg reads the clip, which may be anything a provider has sent, as strictly as an asset of strangers.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services import programs
from services.assets import ffmpeg, probe
from services.brains import model as brains
from services.generation.clips import BOUNDS, DEMUXER, judged
from services.generation.errors import ClipTooCostly, ClipUnreadable

SMALL_PX, SMALL_TALL_PX = 192, 108
"""Every frame, whatever its shape, on this raster: measures are of the picture's width."""
LARGE_PX = 640
LARGE_EVERY = 6
"""Every how many frames sharpness is looked at."""
SAMPLE_HZ = 48_000
CHANNELS = 2
FRAMES_MAX = 24 * 120
"""Error: `ClipTooCostly`."""

LUMA = np.asarray(brains.LUMA, np.float32)

Bytes = NDArray[np.uint8]
Numbers = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Streams:
    """What the packets say. `skew_s`: how much later the sound begins or ends than the picture, the larger of both."""

    frames: int
    rate: float
    constant: bool
    width: int
    height: int
    skew_s: float | None


@dataclass(frozen=True, slots=True)
class Reading:
    """`colour`: (n, `SMALL_TALL_PX`, `SMALL_PX`, 3); `large`: (m, h, `LARGE_PX`), every `LARGE_EVERY`th frame.

    `samples`: (k, 2) -1..1, None without sound. `loudness`: integrated LUFS and true peak in dBTP, None if it cannot be
    measured.
    """

    streams: Streams
    colour: Bytes
    large: Bytes
    samples: Numbers | None
    loudness: tuple[float, float] | None

    @property
    def luma(self) -> Numbers:
        """(n, h, w), 0..255. Worked out anew each time."""
        grey = np.empty(self.colour.shape[:3], np.float32)
        for frame, picture in enumerate(self.colour):
            grey[frame] = picture @ LUMA
        return grey


async def read(folder: Path, clip: str) -> Reading:
    """`clip`: a file in the folder, where scratch files are left. Raises `ClipUnreadable`, `ClipTooCostly`."""
    async with judged():
        packets = probe.Packets()
        await programs.lines(ffmpeg.packets(DEMUXER, clip), folder, b"", packets.hear, bounds=BOUNDS)
        streams = await _streams(packets, folder, clip)
        heard = bool(packets.of("audio"))
        tall = max(2, round(LARGE_PX * streams.height / streams.width / 2) * 2)
        await programs.run(_decode(clip, tall, heard), folder, bounds=BOUNDS)
        loudness = await _loudness(folder, clip) if heard else None
    colour = _raster(folder / "colour.raw", SMALL_TALL_PX, SMALL_PX, 3)
    if not len(colour):
        raise ClipUnreadable(ClipUnreadable.__doc__)
    samples = np.fromfile(folder / "heard.raw", "<i2").reshape(-1, CHANNELS) if heard else None
    return Reading(
        streams,
        colour,
        _raster(folder / "large.raw", tall, LARGE_PX),
        None if samples is None else samples.astype(np.float32) / np.float32(32768),
        loudness,
    )


async def still(folder: Path, picture: str) -> Bytes:
    """A JPEG or PNG as one frame of `colour`. Raises `ClipUnreadable`, `ClipTooCostly`."""
    demuxer = "png_pipe" if (folder / picture).read_bytes()[:4] == b"\x89PNG" else "jpeg_pipe"
    shape = f"scale={SMALL_PX}:{SMALL_TALL_PX}:flags=area,format=rgb24"
    command = [*ffmpeg.read(demuxer, source=picture), "-frames:v", "1", "-vf", shape, "-f", "rawvideo", "pipe:1"]
    async with judged():
        raw = await programs.run(command, folder, bounds=BOUNDS)
    return np.frombuffer(raw, np.uint8).reshape(SMALL_TALL_PX, SMALL_PX, 3)


async def _streams(packets: probe.Packets, folder: Path, clip: str) -> Streams:
    films, sounds = packets.of("video"), packets.of("audio")
    if not films:
        raise ClipUnreadable(ClipUnreadable.__doc__)
    if films[0].packets > FRAMES_MAX:
        raise ClipTooCostly(f"The clip has {films[0].packets} frames; {FRAMES_MAX} are looked at, at most.")
    shown = await programs.remarks(ffmpeg.look(DEMUXER, clip), folder, BOUNDS)
    facts = probe.video_facts(films[0], shown)
    skew_s = None if not sounds else _skew_s(films[0], sounds[0])
    rate = facts["rate"][0] / facts["rate"][1]
    return Streams(facts["frames"], rate, facts["constant"], facts["w"], facts["h"], skew_s)


def _skew_s(film: probe.Stream, sound: probe.Stream) -> float:
    """Of both ends the larger. Compressed sound has a packet before its first sample, and ends on a whole one."""
    packet_s = sound.length_s / sound.packets
    begin = (sound.start or 0) * sound.tick - (film.start or 0) * film.tick
    end = sound.end * sound.tick - film.end * film.tick
    late = begin if begin > 0 else min(Fraction(0), begin + packet_s)
    long = end if end < 0 else max(Fraction(0), end - packet_s)
    return max(float(late), float(long), key=abs)


async def _loudness(folder: Path, clip: str) -> tuple[float, float] | None:
    facts = probe.loudness_facts(await programs.remarks(ffmpeg.loudness(DEMUXER, clip), folder, BOUNDS))
    return None if facts is None else (facts["integrated_lufs"], facts["true_peak_dbfs"])


def _decode(clip: str, tall: int, heard: bool) -> list[str]:
    """Everything at once. A frame that does not decode ends it."""
    small = f"scale={SMALL_PX}:{SMALL_TALL_PX}:flags=area,format=rgb24"
    large = f"select='not(mod(n,{LARGE_EVERY}))',scale={LARGE_PX}:{tall}:flags=area,format=gray"
    split = f"[0:V:0]split=2[a][b];[a]{small}[small];[b]{large}[large]"
    sound = ("-map", "0:a:0", "-f", "s16le", "-ac", str(CHANNELS), "-ar", str(SAMPLE_HZ), "heard.raw")
    return [
        *ffmpeg.read(DEMUXER, "-xerror", "-err_detect", "explode", source=clip),
        *("-filter_complex", split),
        *("-map", "[small]", "-fps_mode", "passthrough", "-f", "rawvideo", "colour.raw"),
        *("-map", "[large]", "-fps_mode", "passthrough", "-f", "rawvideo", "large.raw"),
        *(sound if heard else ()),
    ]


def _raster(path: Path, *shape: int) -> Bytes:
    if not path.stat().st_size:
        return np.zeros((0, *shape), np.uint8)
    return np.memmap(path, np.uint8, "r").reshape(-1, *shape)
