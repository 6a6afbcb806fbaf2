"""Two looks mixed into one, and a look at less than its full strength; pure.

Shares are mixed as shares and magnitudes by ratio, so that the vector of the mixture lies between those of the two.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

from services.brains.colour import hex_of, oklab
from services.brains.model import Brain, Cdl, Lens, Triple
from services.brains.presets import PLAIN

Key = TypeVar("Key", bound=str)
Shares = TypeVar("Shares")

WORDS_MAX = 8
"""Of what a mixture asks for or avoids, from both."""


def at_strength(brain: Brain, strength: int) -> Brain:
    """`strength` 0..100: from the plain look to this one, under its own name."""
    if strength >= 100:
        return brain
    weaker = blended(PLAIN, brain, strength / 100)
    return replace(weaker, id=brain.id, version=brain.version, name=brain.name, aspect=brain.aspect, rate=brain.rate)


def blended(one: Brain, other: Brain, share: float) -> Brain:
    """`share` 0..1 of the other. What cannot be between two (rate, what never occurs) is of the stronger."""
    stronger = other if share > 0.5 else one
    return Brain(
        id=f"{one.id}+{other.id}",
        version=1,
        name=f"{one.name} + {other.name}",
        aspect=_ratio(one.aspect, other.aspect, share),
        rate=stronger.rate,
        sizes=_mixture(one.sizes, other.sizes, share),
        angles=_mixture(one.angles, other.angles, share),
        moves=_mixture(one.moves, other.moves, share),
        setups=_mixture(one.setups, other.setups, share),
        lens=_lens(one.lens, other.lens, share),
        focus=_shares(one.focus, other.focus, share),
        framing=_shares(one.framing, other.framing, share),
        light=replace(
            _shares(one.light, other.light, share),
            key_ratio=_ratio(one.light.key_ratio, other.light.key_ratio, share),
            key_k=round(_ratio(one.light.key_k, other.light.key_k, share)),
            fill_k=round(_ratio(one.light.fill_k, other.light.fill_k, share)),
        ),
        cdl=_cdl(one.cdl, other.cdl, share),
        palette=_palette(one, other, share),
        pacing=replace(
            stronger.pacing,
            average_shot_s=_ratio(one.pacing.average_shot_s, other.pacing.average_shot_s, share),
            quarters=_quarters(one.pacing.quarters, other.pacing.quarters, share),
            long_takes=_line(one.pacing.long_takes, other.pacing.long_takes, share),
            split_edits=_line(one.pacing.split_edits, other.pacing.split_edits, share),
        ),
        transitions=_mixture(one.transitions, other.transitions, share),
        sound=_shares(one.sound, other.sound, share),
        tone=_shares(one.tone, other.tone, share),
        prompt_words=_words(one.prompt_words, other.prompt_words, share),
        avoid_words=_words(one.avoid_words, other.avoid_words, share),
        never=_never(one, other, share),
    )


def _line(one: float, other: float, share: float) -> float:
    return one + share * (other - one)


def _ratio(one: float, other: float, share: float) -> float:
    return math.exp(_line(math.log(one), math.log(other), share))


def _mixture(one: Mapping[Key, float], other: Mapping[Key, float], share: float) -> dict[Key, float]:
    """Sums to 1, in the order of the two."""
    mixed = {key: _line(one.get(key, 0.0), other.get(key, 0.0), share) for key in dict.fromkeys((*one, *other))}
    total = sum(mixed.values())
    return {key: value / total for key, value in mixed.items() if value > 0}


def _shares(one: Shares, other: Shares, share: float) -> Shares:
    """Of two records all of whose fields are numbers."""
    values: Any = {
        field.name: _line(getattr(one, field.name), getattr(other, field.name), share)
        for field in fields(one)  # type: ignore[arg-type]
    }
    mixed: Shares = type(one)(**values)
    return mixed


def _lens(one: Lens, other: Lens, share: float) -> Lens:
    return Lens(
        round(_ratio(one.min_mm, other.min_mm, share)),
        round(_ratio(one.typical_mm, other.typical_mm, share)),
        round(_ratio(one.max_mm, other.max_mm, share)),
    )


def _triple(one: Triple, other: Triple, share: float) -> Triple:
    first, second, third = (_line(a, b, share) for a, b in zip(one, other, strict=True))
    return first, second, third


def _cdl(one: Cdl, other: Cdl, share: float) -> Cdl:
    return Cdl(
        _triple(one.slope, other.slope, share),
        _triple(one.offset, other.offset, share),
        _triple(one.power, other.power, share),
        _line(one.saturation, other.saturation, share),
    )


def _palette(one: Brain, other: Brain, share: float) -> tuple[str, str, str, str, str]:
    first, second, third, fourth, fifth = (
        hex_of(_triple(oklab(a), oklab(b), share)) for a, b in zip(one.palette, other.palette, strict=True)
    )
    return first, second, third, fourth, fifth


def _quarters(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float], share: float
) -> tuple[float, float, float, float]:
    first, second, third, fourth = (_ratio(a, b, share) for a, b in zip(one, other, strict=True))
    return first, second, third, fourth


def _words(one: tuple[str, ...], other: tuple[str, ...], share: float) -> tuple[str, ...]:
    """Of each as many as its share, in its own order; the stronger one's first."""
    count = min(WORDS_MAX, max(len(one), len(other)))
    of_other = round(count * share)
    picked = (one[: count - of_other], other[:of_other])
    return tuple(dict.fromkeys(_chain(picked if share <= 0.5 else reversed(picked))))


def _chain(parts: Iterable[tuple[str, ...]]) -> list[str]:
    return [word for part in parts for word in part]


def _never(one: Brain, other: Brain, share: float) -> tuple[str, ...]:
    """Of the stronger, but for what the mixture's own shares have."""
    stronger, weaker = (other, one) if share > 0.5 else (one, other)
    used = {
        str(key)
        for mixture in (weaker.sizes, weaker.angles, weaker.moves, weaker.setups)
        for key, value in mixture.items()
        if value > 0
    }
    return tuple(word for word in stronger.never if share in (0.0, 1.0) or word not in used)
