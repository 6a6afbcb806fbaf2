"""What players and pages need beside a take: thumbnail, waveform, sprite sheet with its times, an HLS rendition.

The first three are made as those of an asset are (`services.assets.parts`): a take is a film like any other.
"""

import os
from collections.abc import Awaitable, Callable
from fractions import Fraction
from pathlib import Path

from services import programs
from services.assets import ffmpeg
from services.assets.errors import IngestError
from services.assets.ffmpeg import SOURCE, SPRITE_COLUMNS, TILE_PX
from services.assets.parts import Made, Workshop
from services.assets.sniff import type_of
from services.generation.clips import BOUNDS, DEMUXER, judged
from services.generation.errors import TakeUnsound

SEGMENT_S = 2
"""As long as the GOPs of a take at 24 frames a second; a segment ends at the next one that begins behind it."""
HLS_MEDIA, HLS_PLAYLIST, SPRITE = "hls.mp4", "hls.m3u8", "sprite.jpg"
"""As the playlist, and the sheet's times, call them."""

Progress = Callable[[float], Awaitable[None]]


async def parts(folder: Path, take: str, progress: Progress) -> dict[str, Made]:
    """All of them, as files in the folder. Raises `TakeUnsound`, `ClipTooCostly`."""
    for name in (SOURCE, "proxy.mp4"):
        (folder / name).unlink(missing_ok=True)
        os.link(folder / take, folder / name)
    workshop = Workshop(folder, type_of("video/mp4"), {}, progress)
    made: dict[str, Made] = {}
    try:
        for name in ("probe", "thumb", "peaks", "sprite"):
            part = await workshop.make(name)
            if part is not None and part.file is not None:
                made[name] = part
            if name == "probe" and part is not None:
                facts = part.facts
    except IngestError as error:
        raise TakeUnsound(str(error)) from error
    made["sprite_vtt"] = _times(folder, made["sprite"], facts["video"]["w"], facts["video"]["h"], facts["duration"])
    await progress(0.7)
    async with judged():
        await programs.run(_hls(take), folder, bounds=BOUNDS)
    made["hls"] = Made({}, HLS_PLAYLIST, "application/vnd.apple.mpegurl")
    made["hls_media"] = Made({}, HLS_MEDIA, "video/mp4")
    await progress(1.0)
    return made


def _times(folder: Path, sprite: Made, width: int, height: int, duration: list[int]) -> Made:
    tall = round(TILE_PX * height / width / 2) * 2
    text = sprite_times(sprite.facts["tiles"], Fraction(*sprite.facts["every_s"]), Fraction(*duration), tall)
    (folder / "sprite.vtt").write_text(text)
    return Made({"tile": [TILE_PX, tall]}, "sprite.vtt", "text/vtt")


def sprite_times(tiles: int, every_s: Fraction, length_s: Fraction, tall_px: int, picture: str = SPRITE) -> str:
    """WebVTT: for every time the piece of the sheet that shows it (`#xywh=`), as players expect it."""
    cues = ["WEBVTT"]
    for tile in range(tiles):
        begin, end = tile * every_s, length_s if tile == tiles - 1 else (tile + 1) * every_s
        x, y = tile % SPRITE_COLUMNS * TILE_PX, tile // SPRITE_COLUMNS * tall_px
        cues.append(f"{_clock(begin)} --> {_clock(end)}\n{picture}#xywh={x},{y},{TILE_PX},{tall_px}")
    return "\n\n".join(cues) + "\n"


def _clock(at_s: Fraction) -> str:
    ms = round(at_s * 1000)
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


def _hls(take: str) -> list[str]:
    """One file of fragmented MP4 and a playlist of ranges in it: one object to keep, to sign and to cache."""
    return [
        *ffmpeg.read(DEMUXER, source=take),
        *("-map", "0:v:0", "-map", "0:a:0?", "-c", "copy", "-map_metadata", "-1", "-fflags", "+bitexact"),
        *("-f", "hls", "-hls_time", str(SEGMENT_S), "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4"),
        *("-hls_flags", "single_file+independent_segments", "-hls_segment_filename", HLS_MEDIA, HLS_PLAYLIST),
    ]
