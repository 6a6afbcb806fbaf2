"""Shots from whoever made them, cut together: one raster, one constant rate, each exactly as long as the plan says.

What is too long loses its end, what is too short holds its last frame, what has another shape gets bars. What others
have made gets the look of the scene's brain here, and its bars.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from services import programs
from services.assets import ffmpeg
from services.generation.clips import BOUNDS, DEMUXER, judged
from services.generation.finishing.look import look_of_brain
from services.generation.providers.animatic.program import picture_height
from services.generation.providers.interface import Clip, Desk, Plan
from services.generation.request import Picture, SceneRequest


@dataclass(frozen=True, slots=True)
class Piece:
    """One shot of a cut. `file`: in the folder; `frames`: how many of it, at the picture's rate.

    `treatment`: filters before anything else. `look`: a .cube file, for the colours of Rec. 709. `tall_px`: of the
    visible frame, the rest is bars; None leaves them as they come.
    """

    file: str
    frames: int
    treatment: Sequence[str] = ()
    look: str | None = None
    tall_px: int | None = None


async def conform(request: SceneRequest, plan: Plan, shots: Sequence[Clip], desk: Desk) -> Clip:
    """Of all shots of the plan, in their order. Raises `ClipUnreadable`, `ClipTooCostly`, `ObjectMissing`, `Fenced`."""
    pieces = []
    for index, (shot, planned) in enumerate(zip(shots, plan.shots, strict=True)):
        file = await desk.fetch(shot.media, f"shot-{index}.mp4")
        pieces.append(piece_of(request, shot, planned.frames, file))

    async def heard(line: str) -> None:
        key, _, value = line.partition("=")
        if key == "frame" and value.strip().isdecimal():
            await desk.progress(min(1.0, int(value) / plan.frames))

    async with judged():
        await programs.lines(cut(pieces, request.picture, "cut.mp4"), desk.folder, b"", heard, bounds=BOUNDS)
    media = await desk.keep(desk.folder / "cut.mp4", "video/mp4")
    return Clip(media, plan.frames, request.picture.width, request.picture.height)


def piece_of(request: SceneRequest, shot: Clip, frames: int, file: Path) -> Piece:
    """A shot as it stands in its scene's film. The table of its look is written beside the file."""
    if shot.graded:
        return Piece(file.name, frames)
    brain = request.brain.look
    look = look_of_brain(file.parent, brain, request.brain.strength)
    return Piece(file.name, frames, look=look, tall_px=picture_height(request, brain))


def cut(pieces: Sequence[Piece], picture: Picture, target: str) -> list[str]:
    """The command. Tells its progress on standard output."""
    rate = f"{picture.rate[0]}/{picture.rate[1]}"
    inputs = [word for piece in pieces for word in ffmpeg.of(DEMUXER, source=piece.file)]
    chains = [f"[{index}:V:0]{','.join(_filters(piece, picture))}[v{index}]" for index, piece in enumerate(pieces)]
    joined = "".join(f"[v{index}]" for index in range(len(pieces))) + f"concat=n={len(pieces)}:v=1:a=0[cut]"
    frames = sum(piece.frames for piece in pieces)
    return [
        *ffmpeg.start(),
        *inputs,
        *("-filter_complex", ";".join((*chains, joined)), "-map", "[cut]", "-an"),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-threads", "2", "-g", "48", "-sc_threshold", "0"),
        *("-pix_fmt", "yuv420p", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"),
        *("-color_range", "tv", "-fps_mode", "cfr", "-r", rate, "-frames:v", str(frames)),
        *("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact"),
        *("-movflags", "+faststart", "-progress", "pipe:1", "-stats_period", "0.2", target),
    ]


def _filters(piece: Piece, picture: Picture) -> tuple[str, ...]:
    """Rate and raster, then the look, then the bars, which stay black."""
    rate, size = f"{picture.rate[0]}/{picture.rate[1]}", f"{picture.width}:{picture.height}"
    return (
        *piece.treatment,
        f"fps={rate}:round=near",
        "scale=iw*sar:ih",
        "setsar=1",
        f"scale={size}:force_original_aspect_ratio=decrease:force_divisible_by=2:out_color_matrix=bt709:out_range=tv",
        *(() if piece.look is None else _graded(piece.look)),
        *(() if piece.tall_px is None else (f"crop=iw:min(ih\\,{piece.tall_px})",)),
        f"pad={size}:(ow-iw)/4*2:(oh-ih)/4*2:black",
        "setsar=1",
        "format=yuv420p",
        *_held(piece.frames),
    )


def _graded(look: str) -> tuple[str, ...]:
    """Through RGB and back, with more bits between than before: rounding twice would show as bands."""
    return (
        "format=yuv444p10",
        "scale=in_color_matrix=bt709:in_range=tv:out_range=pc",
        "format=gbrp10",
        f"lut3d=file={look}:interp=tetrahedral",
        "scale=out_color_matrix=bt709:out_range=tv",
        "format=yuv444p10",
    )


def _held(frames: int) -> tuple[str, ...]:
    """Exactly so many frames: the last one stays, or the rest goes."""
    return f"tpad=stop_mode=clone:stop={frames}", f"trim=end_frame={frames}", "setpts=PTS-STARTPTS"
