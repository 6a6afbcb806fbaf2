"""A brain as 128 numbers in named blocks: computed from its record, never learnt, so that each can be explained.

Two looks are compared by the cosine within each block, weighed; what a block is worth is `BLOCKS`.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from types import MappingProxyType

from services.brains.colour import oklab
from services.brains.model import PREFERRED, Angle, Brain, Focus, Framing, Light, Move, Size, Sound, Tone

DIMENSIONS = 128
CDL_GAIN = 4.0
"""Colour decisions lie close to doing nothing; so much further apart they count as much as other blocks."""
_CDL_PARTS = ("slope", "offset", "power")
_CHANNELS = ("red", "green", "blue")
_AXES = ("lightness", "redness", "yellowness")
TRANSITIONS = ("cut", "dissolve", "fade", "wipe", "dip")

Vector = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Dimensions `start` to `start + size`; those behind `names` are reserved, and 0."""

    name: str
    start: int
    size: int
    weight: float
    names: tuple[str, ...]
    values: Callable[[Brain], Sequence[float]]

    @property
    def span(self) -> slice:
        return slice(self.start, self.start + self.size)


def vector_of(brain: Brain) -> Vector:
    """128 numbers, 0..1 but for colour decisions and hues, which have signs."""
    vector = [0.0] * DIMENSIONS
    for block in BLOCKS.values():
        values = block.values(brain)
        vector[block.start : block.start + len(values)] = values
    return tuple(round(value, 6) for value in vector)


def similarity(one: Vector, other: Vector) -> float:
    """1: the same look. The weighed mean of `likeness`."""
    alike = likeness(one, other)
    return sum(BLOCKS[name].weight * share for name, share in alike.items()) / sum(b.weight for b in BLOCKS.values())


def likeness(one: Vector, other: Vector) -> Mapping[str, float]:
    """By block, the cosine of the angle between the two: 1 where they point the same way."""
    return {name: _cosine(one[block.span], other[block.span]) for name, block in BLOCKS.items()}


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    lengths = math.sqrt(sum(value * value for value in one)), math.sqrt(sum(value * value for value in other))
    if min(lengths) < 1e-9:  # doing nothing is like doing nothing, and like nothing else
        return 1.0 if max(lengths) < 1e-9 else 0.0
    return min(1.0, sum(a * b for a, b in zip(one, other, strict=True)) / (lengths[0] * lengths[1]))


def _between(low: float, value: float, high: float) -> float:
    """Where a magnitude lies between two, by ratio: 0..1."""
    return min(1.0, max(0.0, math.log(value / low) / math.log(high / low)))


def _shots(brain: Brain) -> list[float]:
    return [brain.sizes.get(size, 0.0) for size in Size] + [brain.setups.get(setup, 0.0) for setup in PREFERRED]


def _lens(brain: Brain) -> list[float]:
    lens = brain.lens
    lengths = [_between(8, millimetres, 300) for millimetres in (lens.min_mm, lens.typical_mm, lens.max_mm)]
    return [*lengths, _between(1, lens.max_mm / lens.min_mm, 16), *astuple(brain.focus)]


def _composition(brain: Brain) -> list[float]:
    return [*astuple(brain.framing), _between(0.4, brain.aspect, 4)]


def _light(brain: Brain) -> list[float]:
    light = brain.light
    kelvin = [_between(1_500, value, 15_000) for value in (light.key_k, light.fill_k)]
    return [_between(1, light.key_ratio, 64), light.hardness, *kelvin, light.practicals, light.haze, light.black]


def _colour_decision(brain: Brain) -> list[float]:
    cdl = brain.cdl
    away = [value - 1 for value in cdl.slope] + list(cdl.offset) + [value - 1 for value in cdl.power]
    return [max(-1.0, min(1.0, CDL_GAIN * value)) for value in (*away, cdl.saturation - 1)]


def _palette(brain: Brain) -> list[float]:
    return [value for colour in brain.palette for value in oklab(colour)]


def _pacing(brain: Brain) -> list[float]:
    pacing = brain.pacing
    quarters = [_between(0.25, factor, 4) for factor in pacing.quarters]
    cuts = [brain.transitions.get(name, 0.0) for name in TRANSITIONS]
    return [_between(0.5, pacing.average_shot_s, 60), *quarters, pacing.long_takes, pacing.split_edits, *cuts]


def _names(*shapes: type) -> tuple[str, ...]:
    return tuple(field.name for shape in shapes for field in fields(shape))


BLOCKS: Mapping[str, Block] = MappingProxyType(
    {
        block.name: block
        for block in (
            Block("shots", 0, 12, 1.5, (*Size, *PREFERRED), _shots),
            Block("angles", 12, 7, 0.8, tuple(Angle), lambda brain: [brain.angles.get(angle, 0.0) for angle in Angle]),
            Block("moves", 19, 12, 1.0, tuple(Move), lambda brain: [brain.moves.get(move, 0.0) for move in Move]),
            Block("lens", 31, 8, 0.8, ("shortest", "typical", "longest", "range", *_names(Focus)), _lens),
            Block("composition", 39, 8, 0.8, (*_names(Framing), "aspect"), _composition),
            Block("light", 47, 12, 1.2, _names(Light), _light),
            Block(
                "grade",
                59,
                10,
                1.0,
                (*(f"{part}_of_{channel}" for part in _CDL_PARTS for channel in _CHANNELS), "saturation"),
                _colour_decision,
            ),
            Block(
                "palette",
                69,
                15,
                1.0,
                tuple(f"{axis}_of_colour_{at}" for at in range(1, 6) for axis in _AXES),
                _palette,
            ),
            Block(
                "pacing",
                84,
                16,
                1.2,
                ("average_shot", *(f"quarter{at}" for at in range(1, 5)), "long_takes", "split_edits", *TRANSITIONS),
                _pacing,
            ),
            Block("sound", 100, 10, 0.8, _names(Sound), lambda brain: astuple(brain.sound)),
            Block("tone", 110, 12, 1.2, _names(Tone), lambda brain: astuple(brain.tone)),
        )
    }
)
"""By name. 122 to 127 belong to none: reserved, and 0."""
