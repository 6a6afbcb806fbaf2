"""Shots from whoever made them, cut together: one raster, one constant rate, each exactly as long as the plan says.

What is too long loses its end, what is too short holds its last frame, what has another shape gets bars.
"""

from collections.abc import Sequence

from services import programs
from services.assets import ffmpeg
from services.generation.clips import BOUNDS, DEMUXER, judged
from services.generation.providers.interface import Clip, Desk, Plan
from services.generation.request import Picture, SceneRequest


async def conform(request: SceneRequest, plan: Plan, shots: Sequence[Clip], desk: Desk) -> Clip:
    """Of all shots of the plan, in their order. Raises `ClipUnreadable`, `ClipTooCostly`, `ObjectMissing`, `Fenced`."""
    names = [f"shot-{index}.mp4" for index in range(len(shots))]
    for shot, name in zip(shots, names, strict=True):
        await desk.fetch(shot.media, name)

    async def heard(line: str) -> None:
        key, _, value = line.partition("=")
        if key == "frame" and value.strip().isdecimal():
            await desk.progress(min(1.0, int(value) / plan.frames))

    frames = [shot.frames for shot in plan.shots]
    async with judged():
        command = cut(names, frames, request.picture, "cut.mp4")
        await programs.lines(command, desk.folder, b"", heard, bounds=BOUNDS)
    media = await desk.keep(desk.folder / "cut.mp4", "video/mp4")
    return Clip(media, plan.frames, request.picture.width, request.picture.height)


def cut(
    shots: Sequence[str],
    frames: Sequence[int],
    picture: Picture,
    target: str,
    treatment: Sequence[str] = (),
    look: str | None = None,
) -> list[str]:
    """The command. `shots`: files; `frames`: of each, at the picture's rate. Tells its progress on standard output.

    `treatment`: filters of every shot before anything else. `look`: a .cube file, for the colours of Rec. 709.
    """
    rate = f"{picture.rate[0]}/{picture.rate[1]}"
    inputs = [word for shot in shots for word in ffmpeg.of(DEMUXER, source=shot)]
    filters = (*treatment, *_fitted(picture, look))
    chains = [f"[{index}:V:0]{','.join((*filters, *_held(length)))}[v{index}]" for index, length in enumerate(frames)]
    joined = "".join(f"[v{index}]" for index in range(len(shots))) + f"concat=n={len(shots)}:v=1:a=0[cut]"
    return [
        *ffmpeg.start(),
        *inputs,
        *("-filter_complex", ";".join((*chains, joined)), "-map", "[cut]", "-an"),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-threads", "2", "-g", "48", "-sc_threshold", "0"),
        *("-pix_fmt", "yuv420p", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"),
        *("-color_range", "tv", "-fps_mode", "cfr", "-r", rate, "-frames:v", str(sum(frames))),
        *("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact"),
        *("-movflags", "+faststart", "-progress", "pipe:1", "-stats_period", "0.2", target),
    ]


def _fitted(picture: Picture, look: str | None) -> tuple[str, ...]:
    """Rate and raster. The look comes before the bars, which stay black."""
    rate, size = f"{picture.rate[0]}/{picture.rate[1]}", f"{picture.width}:{picture.height}"
    return (
        f"fps={rate}:round=near",
        "scale=iw*sar:ih",
        "setsar=1",
        f"scale={size}:force_original_aspect_ratio=decrease:force_divisible_by=2:out_color_matrix=bt709:out_range=tv",
        *(() if look is None else _graded(look)),
        f"pad={size}:(ow-iw)/4*2:(oh-ih)/4*2:black",
        "setsar=1",
        "format=yuv420p",
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
