"""The picture of a take: steadied where asked, in its look, on one raster, at a constant rate, of the length asked for.

A clip of a stranger goes in, and is read within limits; `conform.cut` does all but the steadying.
"""

from pathlib import Path

from services import programs
from services.assets import ffmpeg
from services.generation import conform
from services.generation.clips import BOUNDS, DEMUXER, judged
from services.generation.finishing.model import Recipe
from services.programs import OnLine

SHAKE = "shake.trf"
SMOOTHING_FRAMES = 12
"""On both sides: tremor of half a second goes, a pan stays."""


async def picture(folder: Path, clip: str, recipe: Recipe, heard: OnLine) -> str:
    """`picture.mp4` without sound. `heard`: lines of ffmpeg's progress. Raises `ClipUnreadable`, `ClipTooCostly`."""
    treatment = []
    async with judged():
        if recipe.steady:
            await programs.run(_watch(clip), folder, bounds=BOUNDS)
            treatment.append(
                f"vidstabtransform=input={SHAKE}:smoothing={SMOOTHING_FRAMES}:interpol=bicubic:optzoom=1:crop=keep"
            )
        piece = conform.Piece(clip, recipe.frames, treatment, recipe.look)
        command = conform.cut([piece], recipe.picture, "picture.mp4")
        await programs.lines(command, folder, b"", heard, bounds=BOUNDS)
    return "picture.mp4"


def _watch(clip: str) -> list[str]:
    """Writes down how the camera trembles."""
    watched = f"vidstabdetect=shakiness=6:accuracy=12:stepsize=6:mincontrast=0.2:result={SHAKE}:fileformat=ascii"
    return [*ffmpeg.read(DEMUXER, source=clip), "-map", "0:V:0", "-vf", watched, "-f", "null", "-"]
