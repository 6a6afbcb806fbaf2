"""The command lines of ffmpeg that a take needs; pure. ffmpeg is a program that we run, never a library that we link.

Not the running (`services/programs.py`).
"""

import imageio_ffmpeg  # type: ignore[import-untyped]  # ships no types; one call, its result checked

from services.generation.providers.animatic.sound import RATE_HZ
from services.generation.request import Picture

CUBE_NAME = "grade.cube"
PROBE_PX = 16
"""Frames are counted on a decoded raster this wide and tall."""


def program() -> str:
    """Where the binary is."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def encode(picture: Picture, height: int, target: str) -> list[str]:
    """Raw RGB of `picture.width` x `height` on standard input -> graded H.264, bars above and below, constant rate."""
    rate = f"{picture.rate[0]}/{picture.rate[1]}"
    bars = f"pad={picture.width}:{picture.height}:0:{(picture.height - height) // 4 * 2}:black"
    colour = "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p"
    return [
        *(program(), "-hide_banner", "-nostdin", "-loglevel", "error", "-y"),
        *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{picture.width}x{height}", "-framerate", rate, "-i", "pipe:0"),
        *("-vf", f"lut3d=file={CUBE_NAME}:interp=tetrahedral,{bars},{colour}"),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-threads", "2", "-g", "48", "-sc_threshold", "0"),
        *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"),
        *("-fps_mode", "cfr", "-r", rate, "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact"),
        *("-movflags", "+faststart", "-progress", "pipe:1", "-stats_period", "0.2", target),
    ]


def mux(clip: str, sound: str, target: str) -> list[str]:
    """Picture as it is, sound as AAC."""
    return [
        *(program(), "-hide_banner", "-nostdin", "-loglevel", "error", "-y", "-i", clip, "-i", sound),
        *("-map", "0:v:0", "-map", "1:a:0", "-c:v", "copy", "-c:a", "aac", "-b:a", "160k", "-ar", str(RATE_HZ)),
        *("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact", "-movflags", "+faststart", target),
    ]


def decode(take: str, sound: str) -> list[str]:
    """Every frame, tiny and grey, on standard output; every sample into a file."""
    return [
        *(program(), "-hide_banner", "-nostdin", "-loglevel", "error", "-y", "-i", take),
        *("-map", "0:a:0", "-f", "s16le", "-ac", "2", "-ar", str(RATE_HZ), sound),
        *("-map", "0:v:0", "-fps_mode", "passthrough", "-vf", f"scale={PROBE_PX}:{PROBE_PX}", "-pix_fmt", "gray"),
        *("-f", "rawvideo", "pipe:1"),
    ]


def thumbnail(take: str, at_s: float, width: int, target: str) -> list[str]:
    """One frame as JPEG."""
    return [
        *(program(), "-hide_banner", "-nostdin", "-loglevel", "error", "-y", "-ss", f"{at_s:.3f}", "-i", take),
        *("-frames:v", "1", "-vf", f"scale={width}:-2", "-q:v", "3", "-fflags", "+bitexact", target),
    ]
