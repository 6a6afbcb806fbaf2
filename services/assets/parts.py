"""What is made of a file, part by part: found out, thumbnail, waveform, proxy, sprite sheet. Each in a program apart.

Knows files in a folder and nothing of stores or rows: `ingest.py` keeps what comes out.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from services import programs
from services.assets import ffmpeg, probe
from services.assets.blurhash import blurhash
from services.assets.errors import FileTooCostly, FileTooLargeInside, FileTooLong, FileUnreadable
from services.assets.model import Kind
from services.assets.peaks import waveform
from services.assets.sniff import FileType
from services.programs import ProgramFailed

MEDIA_S_MAX = 6 * 3600
"""Error: `FileTooLong`."""
PART_S_MAX = 3600.0
"""Of the clock, for one part. Error: `FileTooCostly`."""
TEXT_BYTES_MAX = 16 * 1024**2
"""Of a subtitle, LUT or plain text. Error: `FileUnreadable`."""
TILES_MAX = 100

Facts = dict[str, Any]
Progress = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Made:
    """A part. `file`: in the folder, None where only facts were found."""

    facts: Facts
    file: str | None = None
    content_type: str = ""


PARTS: Mapping[Kind, tuple[str, ...]] = {
    Kind.PICTURE: ("probe", "thumb"),
    Kind.SOUND: ("probe", "peaks", "proxy"),
    Kind.FILM: ("probe", "thumb", "peaks", "proxy", "sprite"),
    Kind.SUBTITLE: ("probe",),
    Kind.LUT: ("probe",),
    Kind.DOCUMENT: ("probe",),
}
"""In this order; later ones read the facts and the files of earlier ones."""


class Workshop:
    """One file in one folder. `facts`: of the parts that are there already."""

    def __init__(self, folder: Path, file_type: FileType, facts: Mapping[str, Facts], progress: Progress) -> None:
        self._folder = folder
        self._type = file_type
        self._facts = dict(facts)
        self._progress = progress

    async def make(self, part: str) -> Made | None:
        """None: such a file has no such part. Raises `IngestError`: nobody can make it."""
        makers = {
            "probe": self._probe,
            "thumb": self._thumb,
            "peaks": self._peaks,
            "proxy": self._proxy,
            "sprite": self._sprite,
        }
        async with _judged():
            made = await makers[part]()
        if made is not None:
            self._facts[part] = made.facts
        return made

    @property
    def _found(self) -> Facts:
        return self._facts["probe"]

    @property
    def _length_s(self) -> Fraction:
        return Fraction(*self._found["duration"])

    async def _probe(self) -> Made:
        match self._type.kind:
            case Kind.PICTURE:
                return Made({"picture": probe.picture_facts(await self._remarks(ffmpeg.look(self._type.demuxer)))})
            case Kind.SOUND | Kind.FILM:
                return Made(await self._probe_streams())
            case _ if self._type.content_type == "application/pdf":
                return Made({})
            case _:
                return Made({"lines": await asyncio.to_thread(_lines_of, self._folder / ffmpeg.SOURCE)})

    async def _probe_streams(self) -> Facts:
        packets = probe.Packets()
        await programs.lines(ffmpeg.packets(self._type.demuxer), self._folder, b"", packets.hear, bounds=ffmpeg.BOUNDS)
        if packets.length_s > MEDIA_S_MAX:
            raise FileTooLong(limit=MEDIA_S_MAX)
        films, sounds = packets.of("video"), packets.of("audio")
        if not (films if self._type.kind is Kind.FILM else sounds):
            raise FileUnreadable()
        facts: Facts = {"duration": probe.fraction(packets.length_s), "video": None, "loudness": None}
        if self._type.kind is Kind.FILM:
            facts["video"] = probe.video_facts(films[0], await self._remarks(ffmpeg.look(self._type.demuxer)))
        facts["audio"] = [probe.sound_facts(stream) for stream in sounds]
        if sounds:
            facts["loudness"] = probe.loudness_facts(await self._remarks(ffmpeg.loudness(self._type.demuxer)))
        return facts

    async def _thumb(self) -> Made:
        at_s = 0.0 if self._type.kind is Kind.PICTURE else float(self._length_s) / 10
        await self._run(ffmpeg.thumb(self._type.demuxer, at_s, "thumb.jpg"))
        if not (self._folder / "thumb.jpg").exists():  # nothing behind that time: the first there is
            await self._run(ffmpeg.thumb(self._type.demuxer, 0.0, "thumb.jpg"))
        seen = probe.picture_facts(await self._remarks(ffmpeg.look("jpeg_pipe", "thumb.jpg")))
        raw = await programs.run(ffmpeg.blur("thumb.jpg"), self._folder, bounds=ffmpeg.BOUNDS)
        pixels = np.frombuffer(raw, np.uint8).reshape(ffmpeg.BLUR_PX, ffmpeg.BLUR_PX, 3)
        return Made({"w": seen["w"], "h": seen["h"], "blurhash": blurhash(pixels)}, "thumb.jpg", "image/jpeg")

    async def _peaks(self) -> Made | None:
        if not self._found["audio"]:
            return None
        await self._run(ffmpeg.peaks(self._type.demuxer, "peaks.raw"))
        data = await asyncio.to_thread(waveform, self._folder / "peaks.raw")
        await asyncio.to_thread((self._folder / "peaks.json").write_bytes, data)
        (self._folder / "peaks.raw").unlink()
        return Made({}, "peaks.json", "application/json")

    async def _proxy(self) -> Made:
        async def heard(line: str) -> None:
            key, _, value = line.partition("=")
            if key == "out_time_us" and value.lstrip("-").isdecimal():
                await self._progress(min(1.0, max(0.0, int(value) / 1_000_000 / max(0.001, float(self._length_s)))))

        if self._type.kind is Kind.SOUND:
            command, facts = ffmpeg.sound_proxy(self._type.demuxer, "proxy.mp4"), {"duration": self._found["duration"]}
        else:
            rate = min(Fraction(60), Fraction(*self._found["video"]["rate"]))
            command = ffmpeg.film_proxy(self._type.demuxer, rate, "proxy.mp4")
            facts = {"rate": probe.fraction(rate), "duration": self._found["duration"]}
        await programs.lines(command, self._folder, b"", heard, bounds=ffmpeg.BOUNDS)
        kind = "audio/mp4" if self._type.kind is Kind.SOUND else "video/mp4"
        return Made(facts, "proxy.mp4", kind)

    async def _sprite(self) -> Made:
        tiles = max(1, min(TILES_MAX, int(self._length_s)))
        every_s = max(Fraction(1, 100), (self._length_s / tiles).limit_denominator(1_000))
        await self._run(ffmpeg.sprite("proxy.mp4", tiles, every_s, "sprite.jpg"))
        facts = {"tiles": tiles, "columns": ffmpeg.SPRITE_COLUMNS, "every_s": probe.fraction(every_s)}
        return Made(facts, "sprite.jpg", "image/jpeg")

    async def _run(self, command: list[str]) -> None:
        await programs.run(command, self._folder, bounds=ffmpeg.BOUNDS)

    async def _remarks(self, command: list[str]) -> str:
        return await programs.remarks(command, self._folder, ffmpeg.BOUNDS)


@asynccontextmanager
async def _judged() -> AsyncIterator[None]:
    """What a program's end says about the file."""
    try:
        async with asyncio.timeout(PART_S_MAX):
            yield
    except TimeoutError as error:
        raise FileTooCostly() from error
    except ProgramFailed as error:
        if error.starved:
            raise FileTooCostly() from error
        if "max pixel count" in error.complaint:
            raise FileTooLargeInside(limit=ffmpeg.PIXELS_MAX) from error
        raise FileUnreadable() from error


def _lines_of(path: Path) -> int:
    """Raises `FileUnreadable`."""
    if path.stat().st_size > TEXT_BYTES_MAX:
        raise FileUnreadable(f"A text here has at most {TEXT_BYTES_MAX} bytes.", limit=TEXT_BYTES_MAX)
    try:
        return len(path.read_text(encoding="utf-8-sig").splitlines())
    except UnicodeDecodeError as error:
        raise FileUnreadable() from error
