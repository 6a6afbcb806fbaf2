"""sRGB colours of palettes in OKLab, where distance and mixing are what eyes expect; pure.

Source: Björn Ottosson, "A perceptual color space for image processing" (2020). Not grading: that is `model.Cdl`.
"""

from collections.abc import Callable

from services.brains.model import Triple, rgb

CHANNELS_TO_CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
CONES_TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
_LAB_TO_CONES = (
    (1.0, 0.3963377774, 0.2158037573),
    (1.0, -0.1055613458, -0.0638541728),
    (1.0, -0.0894841775, -1.2914855480),
)
_CONES_TO_CHANNELS = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.7076147010),
)


def oklab(hex_colour: str) -> Triple:
    """`F2A541` -> (lightness 0..1, green to red, blue to yellow)."""
    cones = _times(CHANNELS_TO_CONES, _each(rgb(hex_colour), _linear))
    return _times(CONES_TO_LAB, _each(cones, lambda value: value ** (1 / 3)))


def hex_of(lab: Triple) -> str:
    """The nearest sRGB colour, clipped to what sRGB has."""
    cones = _each(_times(_LAB_TO_CONES, lab), lambda value: value**3)
    channels = _each(_times(_CONES_TO_CHANNELS, cones), lambda value: _encoded(min(1.0, max(0.0, value))))
    return "".join(f"{round(value * 255):02X}" for value in channels)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _encoded(value: float) -> float:
    return value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def _each(values: Triple, change: Callable[[float], float]) -> Triple:
    first, second, third = map(change, values)
    return first, second, third


def _times(matrix: tuple[Triple, Triple, Triple], values: Triple) -> Triple:
    first, second, third = (sum(weight * value for weight, value in zip(row, values, strict=True)) for row in matrix)
    return first, second, third
