"""OKLab, in which equal distances look about equally far apart (Ottosson 2020); pure."""

import numpy as np
from numpy.typing import NDArray

_TO_CONES = np.asarray(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    np.float32,
)
_TO_LAB = np.asarray(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    np.float32,
)


def oklab(srgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """(..., 3) sRGB 0..1 -> (..., 3) lightness 0..1, green to red, blue to yellow."""
    light = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4).astype(np.float32)
    return np.asarray(np.cbrt(light @ _TO_CONES.T) @ _TO_LAB.T, np.float32)
