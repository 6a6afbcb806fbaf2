"""The colours of one picture: a brain's palette laid out from dark to light and turned towards the hour; pure.

Not the grade: the CDL comes afterwards and over everything.
"""

import colorsys
import itertools
from dataclasses import dataclass

from services.brains.model import LUMA, Brain, rgb
from services.generation.providers.animatic.canvas import Colour, mix, scaled
from services.generation.providers.animatic.subject import Subject, Time

_NIGHT: Colour = (0.16, 0.24, 0.42)
_SKY: Colour = (0.42, 0.62, 0.86)
_EMBER: Colour = (1.0, 0.56, 0.25)
_DAWN: Colour = (0.98, 0.74, 0.66)


def luma(colour: Colour) -> float:
    """Rec. 709 weights on display values."""
    return sum(weight * channel for weight, channel in zip(LUMA, colour, strict=True))


@dataclass(frozen=True, slots=True)
class Tones:
    """What each part of a picture is painted with. `ramp` goes from darkest to lightest."""

    ramp: tuple[Colour, ...]
    accent: Colour
    sky: tuple[Colour, Colour, Colour]
    key: Colour
    fill: Colour
    practical: Colour
    dark: bool

    def at(self, share: float) -> Colour:
        """0 is the darkest, 1 the lightest."""
        place = min(1.0, max(0.0, share)) * (len(self.ramp) - 1)
        index = min(int(place), len(self.ramp) - 2)
        return mix(self.ramp[index], self.ramp[index + 1], place - index)

    def hazed(self, colour: Colour, depth: float) -> Colour:
        """`colour` seen through air: `depth` 0 is here, 1 is the horizon."""
        return mix(colour, self.sky[2], depth)


def tones(brain: Brain, subject: Subject) -> Tones:
    """The palette for this hour."""
    colours = sorted((rgb(text) for text in brain.palette), key=luma)
    low = mix(scaled(colours[0], 0.35), (0.02, 0.025, 0.035), 0.45)
    ramp = (low, *colours, mix(colours[-1], (1.0, 1.0, 1.0), 0.55))
    accent = max(colours, key=lambda colour: colorsys.rgb_to_hsv(*colour)[1] * (0.35 + luma(colour)))
    dark = subject.time is Time.NIGHT
    practical = mix(kelvin(brain.light.key_k - 1400), accent, 0.25)
    return Tones(
        ramp=ramp,
        accent=accent,
        sky=_sky(subject.time, ramp, accent),
        key=mix(kelvin(brain.light.key_k + (2500 if dark else 0)), ramp[-1], 0.4),
        fill=mix(kelvin(brain.light.fill_k), ramp[2], 0.5),
        practical=practical,
        dark=dark,
    )


def _sky(time: Time, ramp: tuple[Colour, ...], accent: Colour) -> tuple[Colour, Colour, Colour]:
    """Top, middle, horizon."""
    if time is Time.NIGHT:
        return (
            scaled(mix(ramp[1], _NIGHT, 0.5), 0.32),
            scaled(mix(ramp[1], _NIGHT, 0.6), 0.62),
            mix(ramp[2], _NIGHT, 0.45),
        )
    if time is Time.DUSK:
        return mix(ramp[1], _NIGHT, 0.55), mix(mix(ramp[3], accent, 0.5), _EMBER, 0.4), mix(ramp[-2], _EMBER, 0.45)
    if time is Time.DAWN:
        return mix(ramp[2], _SKY, 0.45), mix(ramp[4], _DAWN, 0.6), mix(ramp[-1], _DAWN, 0.35)
    return mix(ramp[3], _SKY, 0.55), mix(ramp[4], _SKY, 0.35), mix(ramp[-1], _SKY, 0.08)


def kelvin(temperature_k: float) -> Colour:
    """A rough colour of light between 1,800 K and 10,000 K, brightest channel 1."""
    stops = ((1800, (1.0, 0.55, 0.2)), (3200, (1.0, 0.75, 0.5)), (5200, (1.0, 0.96, 0.9)), (6500, (0.94, 0.97, 1.0)))
    last: tuple[float, Colour] = (10000, (0.72, 0.83, 1.0))
    points: list[tuple[float, Colour]] = [*stops, last]
    for (cool, first), (warm, second) in itertools.pairwise(points):
        if temperature_k <= warm:
            return mix(first, second, (temperature_k - cool) / (warm - cool))
    return last[1]
