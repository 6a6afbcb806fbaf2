"""OKLab of whole pictures: what `services.brains.colour` is for one colour; pure."""

import numpy as np
from numpy.typing import NDArray

from services.brains.colour import CHANNELS_TO_CONES, CONES_TO_LAB

_TO_CONES, _TO_LAB = np.asarray(CHANNELS_TO_CONES, np.float32), np.asarray(CONES_TO_LAB, np.float32)


def oklab(srgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """(..., 3) sRGB 0..1 -> (..., 3) lightness 0..1, green to red, blue to yellow."""
    light = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4).astype(np.float32)
    return np.asarray(np.cbrt(light @ _TO_CONES.T) @ _TO_LAB.T, np.float32)
