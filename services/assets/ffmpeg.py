"""The command lines of ffmpeg that an asset needs; pure. The file may be anything that somebody has sent us.

ffmpeg is told what the file is and may guess nothing, may open nothing but it, and runs within `BOUNDS`.
Not the running (`services/programs.py`), and not what its answers mean (`probe.py`).
"""

from fractions import Fraction

import imageio_ffmpeg  # type: ignore[import-untyped]  # ships no types; one call, its result checked

from services.programs import Bounds

SOURCE = "source"
"""The file's name in the folder: its own name never reaches a command."""
PIXELS_MAX = 120_000_000
"""Of one picture or frame. Error: `FileTooLargeInside`."""
BOUNDS = Bounds(memory_bytes=6 * 1024**3, cpu_s=2 * 3600, file_bytes=4 * 1024**3)
THUMB_PX = 640
PROXY_PX = 1280
TILE_PX = 160
SPRITE_COLUMNS = 10
BLUR_PX = 32
PEAKS_HZ = 8_000
THREADS = 2

_SQUARE = "scale=trunc(iw*sar):ih,setsar=1"
_BITEXACT = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact")


def program() -> str:
    """Where the binary is."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def read(demuxer: str, *before: str, loglevel: str = "error", source: str = SOURCE) -> list[str]:
    """A command that reads one file. `before`: options of the input."""
    return [*start(loglevel), *of(demuxer, *before, source=source)]


def start(loglevel: str = "error") -> list[str]:
    """How each command begins."""
    quiet = ("-hide_banner", "-nostdin", "-nostats", "-y", "-loglevel", loglevel)
    return [program(), *quiet, "-max_alloc", str(2 * 1024**3)]


def of(demuxer: str, *before: str, source: str = SOURCE) -> list[str]:
    """One more input. No protocol but files: a playlist inside a file reaches nothing."""
    return [
        *("-protocol_whitelist", "file,pipe", "-threads", str(THREADS), "-max_pixels", str(PIXELS_MAX)),
        *(*before, "-f", demuxer, "-i", f"file:{source}"),
    ]


def packets(demuxer: str, source: str = SOURCE) -> list[str]:
    """Every packet of pictures and sound as a line, behind lines about the streams. Nothing is decoded."""
    return [*read(demuxer, source=source), "-map", "0:V?", "-map", "0:a?", "-c", "copy", "-f", "framecrc", "pipe:1"]


def look(demuxer: str, source: str = SOURCE) -> list[str]:
    """Says what the first picture is like."""
    return [
        *read(demuxer, loglevel="info", source=source),
        "-map",
        "0:V:0",
        "-frames:v",
        "1",
        "-vf",
        "showinfo",
        "-f",
        "null",
        "-",
    ]


def loudness(demuxer: str, source: str = SOURCE) -> list[str]:
    """Says how loud all of it is (EBU R 128)."""
    heard = "ebur128=framelog=quiet:peak=true"
    return [*read(demuxer, loglevel="info", source=source), "-map", "0:a:0", "-vn", "-af", heard, "-f", "null", "-"]


def thumb(demuxer: str, at_s: float, target: str) -> list[str]:
    """One picture as JPEG, no larger than the source."""
    before = () if at_s <= 0 else ("-ss", f"{at_s:.3f}")
    fitted = f"scale='min({THUMB_PX},iw)':'min({THUMB_PX},ih)':force_original_aspect_ratio=decrease"
    return [
        *read(demuxer, *before),
        *(
            "-map",
            "0:V:0",
            "-frames:v",
            "1",
            "-vf",
            f"{_SQUARE},{fitted},format=yuvj420p",
            "-q:v",
            "3",
            "-c:v",
            "mjpeg",
        ),
        *(*_BITEXACT, "-f", "image2", "-update", "1", target),
    ]


def blur(picture: str) -> list[str]:
    """A JPEG of ours as `BLUR_PX` squared raw RGB on standard output."""
    return [
        *read("jpeg_pipe", source=picture),
        *("-frames:v", "1", "-vf", f"scale={BLUR_PX}:{BLUR_PX}:flags=area,format=rgb24", "-f", "rawvideo", "pipe:1"),
    ]


def film_proxy(demuxer: str, rate: Fraction, target: str) -> list[str]:
    """H.264 and AAC at a constant rate that every browser plays and seeks in."""
    spelled = f"{rate.numerator}/{rate.denominator}"
    fitted = (
        f"scale='min({PROXY_PX},iw)':'min({PROXY_PX},ih)':force_original_aspect_ratio=decrease:force_divisible_by=2"
    )
    return [
        *read(demuxer),
        *(
            "-map",
            "0:V:0",
            "-map",
            "0:a:0?",
            "-vf",
            f"{_SQUARE},{fitted},format=yuv420p",
            "-fps_mode",
            "cfr",
            "-r",
            spelled,
        ),
        *(
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-crf",
            "23",
            "-threads",
            str(THREADS),
            "-g",
            str(max(1, round(rate))),
        ),
        *("-sc_threshold", "0", "-c:a", "aac", "-b:a", "128k", "-ac", "2", "-ar", "48000", *_BITEXACT),
        *("-movflags", "+faststart", "-progress", "pipe:1", "-stats_period", "0.5", "-f", "mp4", target),
    ]


def sound_proxy(demuxer: str, target: str) -> list[str]:
    """AAC that every browser plays."""
    return [
        *read(demuxer),
        *("-map", "0:a:0", "-vn", "-c:a", "aac", "-b:a", "160k", "-ac", "2", "-ar", "48000", *_BITEXACT),
        *("-movflags", "+faststart", "-progress", "pipe:1", "-stats_period", "0.5", "-f", "mp4", target),
    ]


def sprite(proxy: str, tiles: int, every_s: Fraction, target: str) -> list[str]:
    """`tiles` small pictures of a proxy of ours, one every `every_s`, in rows of `SPRITE_COLUMNS`."""
    rows = -(-tiles // SPRITE_COLUMNS)
    fps = f"fps={every_s.denominator}/{every_s.numerator}:round=near"
    shown = f"{fps},scale={TILE_PX}:-2,tile={SPRITE_COLUMNS}x{rows}:nb_frames={tiles},format=yuvj420p"
    return [
        *read("mov", source=proxy),
        *("-map", "0:V:0", "-an", "-frames:v", "1", "-vf", shown, "-q:v", "5", "-c:v", "mjpeg", *_BITEXACT),
        *("-f", "image2", "-update", "1", target),
    ]


def peaks(demuxer: str, target: str) -> list[str]:
    """The sound as mono 16-bit samples, `PEAKS_HZ` a second."""
    return [
        *read(demuxer),
        *("-map", "0:a:0", "-vn", "-ac", "1", "-ar", str(PEAKS_HZ), "-f", "s16le", target),
    ]
