"""The look of a take as a table in its folder: of a brain's CDL, or of a .cube file that somebody has brought."""

from pathlib import Path

from services.brains.lut import read_cube, write_cube
from services.brains.model import Brain
from services.generation.providers.animatic import grade

LOOK = "look.cube"


def look_of_brain(folder: Path, brain: Brain, strength: int) -> str:
    """`strength`: 0..100, as a request has it."""
    (folder / LOOK).write_text(grade.cube(brain.cdl.at(strength / 100), brain.name))
    return LOOK


def look_of_table(folder: Path, text: str) -> str:
    """Written anew: ffmpeg sees nothing but what was understood. Raises `BadLut`."""
    (folder / LOOK).write_text(write_cube(read_cube(text)))
    return LOOK
