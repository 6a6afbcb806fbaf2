"""How the sets of frames of one plan differ, so that there is something to choose: light, framing and colour; pure.

Also those of a close shot of one person, in which the place hardly shows. What is in the frame, and its size by name,
stays the plan's.
"""

from dataclasses import dataclass, replace

from services.generation.providers.animatic.camera import Framing
from services.generation.providers.animatic.canvas import Colour, mix, scaled
from services.generation.providers.animatic.tones import Tones, kelvin

_WARM_K, _COOL_K = 2_400, 9_500
_SKY_SHARE, _LIGHT_SHARE = 0.34, 0.55


@dataclass(frozen=True, slots=True)
class Variation:
    """`other_side`: the light comes from there. `closeness`: how much larger people are. `horizon`: so much lower, in
    visible heights. `warmth`: -1 is cold, 1 is warm light. `key`: how much brighter the light is."""

    other_side: bool = False
    closeness: float = 1.0
    horizon: float = 0.0
    warmth: float = 0.0
    key: float = 1.0


VARIATIONS = (
    Variation(),
    Variation(other_side=True, closeness=0.74, horizon=-0.06, warmth=0.9, key=1.15),
    Variation(closeness=1.22, horizon=0.07, warmth=-0.9, key=0.85),
    Variation(other_side=True, closeness=1.06, horizon=-0.1, warmth=-0.4, key=0.7),
)
"""Of the boards, the first as the plan has it."""


def variation(board: int) -> Variation:
    """`board`: from 1."""
    return VARIATIONS[(board - 1) % len(VARIATIONS)]


def framed(frame: Framing, by: Variation) -> Framing:
    """People stay where their eyes are; the ground moves."""
    return replace(frame, person=frame.person * by.closeness, horizon=frame.horizon + by.horizon)


def toned(shades: Tones, by: Variation) -> Tones:
    """The brain's palette under another light."""
    if by == VARIATIONS[0]:
        return shades
    light = kelvin(_WARM_K if by.warmth > 0 else _COOL_K)
    top, middle, low = (_lit(colour, light, _SKY_SHARE * abs(by.warmth), by.key) for colour in shades.sky)
    share = _LIGHT_SHARE * abs(by.warmth)
    return replace(
        shades,
        ramp=tuple(_lit(colour, light, share / 2, by.key) for colour in shades.ramp),
        sky=(top, middle, low),
        key=_lit(shades.key, light, share, by.key),
        fill=_lit(shades.fill, light, share / 2, by.key),
    )


def _lit(colour: Colour, light: Colour, share: float, key: float) -> Colour:
    """`colour` as it is under `light`, for that share of it; `key` times as bright."""
    red, green, blue = (one * two for one, two in zip(colour, light, strict=True))
    return scaled(mix(colour, (red, green, blue), share * 1.6), key)
