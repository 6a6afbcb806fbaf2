"""A brain's CDL on pixels: exactly by its formula for stills, as a .cube table for ffmpeg's `lut3d`.

Not the definition of the grade: that is `Cdl.apply`, which both paths are tested against.
"""

import numpy as np

from services.brains.model import LUMA, Cdl
from services.generation.providers.animatic.canvas import Pixels

CUBE_POINTS = 33


def graded(pixels: Pixels, cdl: Cdl) -> Pixels:
    """(..., 3) float32 0..1 in and out."""
    slope, offset, power = (np.asarray(part, np.float32) for part in (cdl.slope, cdl.offset, cdl.power))
    primary = np.clip(pixels * slope + offset, 0, 1) ** power
    luma = primary @ np.asarray(LUMA, np.float32)
    result = luma[..., None] + np.float32(cdl.saturation) * (primary - luma[..., None])
    clipped: Pixels = np.clip(result, 0, 1).astype(np.float32)
    return clipped


def cube(cdl: Cdl, title: str) -> str:
    """The text of a .cube file: red changes fastest."""
    steps = np.linspace(0, 1, CUBE_POINTS, dtype=np.float32)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    table = graded(np.stack([red, green, blue], -1).reshape(-1, 3), cdl)
    rows = "\n".join(f"{r:.6f} {g:.6f} {b:.6f}" for r, g, b in table.tolist())
    return f'TITLE "{title}"\nLUT_3D_SIZE {CUBE_POINTS}\nDOMAIN_MIN 0 0 0\nDOMAIN_MAX 1 1 1\n{rows}\n'
