"""What a brain of a team's own must be; pure. The presets pass too."""

import math
import re
from collections.abc import Mapping
from dataclasses import astuple, replace
from typing import TypeVar

from services.brains.errors import BrainUnfit
from services.brains.model import PREFERRED, Angle, Brain, Move, Setup, Size
from services.brains.vector import TRANSITIONS

NAME_CHARS_MAX = 80
WORDS_MAX = 16
WORD_CHARS_MAX = 80
SUM_TOLERANCE = 0.02
"""So far a mixture's shares may sum to other than 1: they are scaled to it."""
LENS_MM = (8, 300)
KELVIN = (1_500, 15_000)
KEY_RATIO = (1.0, 64.0)
SHOT_S = (0.5, 60.0)
QUARTER = (0.25, 4.0)
ASPECT = (0.4, 4.0)
SLOPE_MAX = 4.0
OFFSET_MAX = 1.0
POWER = (0.1, 4.0)
SATURATION_MAX = 4.0

_HEX = re.compile(r"[0-9A-F]{6}")
_VOCABULARY = frozenset(str(word) for words in (Size, Angle, Move, Setup) for word in words)

Key = TypeVar("Key", bound=str)


def checked(brain: Brain) -> Brain:
    """With its mixtures scaled to 1, its name and colours in their one spelling. Raises `BrainUnfit`."""
    name = brain.name.strip()
    if not 1 <= len(name) <= NAME_CHARS_MAX:
        raise BrainUnfit("name", NAME_CHARS_MAX, f"A name has 1 to {NAME_CHARS_MAX} characters, not only spaces.")
    palette = first, second, third, fourth, fifth = tuple(colour.lstrip("#").upper() for colour in brain.palette)
    if not all(_HEX.fullmatch(colour) for colour in palette):
        raise BrainUnfit("palette", "RRGGBB", "A palette is five colours, each as six hexadecimal digits.")
    _check_numbers(brain)
    _check_grade(brain)
    _check_words(brain)
    fit = replace(
        brain,
        name=name,
        palette=(first, second, third, fourth, fifth),
        sizes=_mixture("sizes", brain.sizes),
        angles=_mixture("angles", brain.angles),
        moves=_mixture("moves", brain.moves),
        setups=_mixture("setups", brain.setups),
        transitions=_mixture("transitions", brain.transitions),
    )
    _check_vocabulary(fit)
    return fit


def _check_numbers(brain: Brain) -> None:
    lens, light, pacing = brain.lens, brain.light, brain.pacing
    if not LENS_MM[0] <= lens.min_mm <= lens.typical_mm <= lens.max_mm <= LENS_MM[1]:
        limit = f"{LENS_MM[0]} to {LENS_MM[1]}"
        raise BrainUnfit("lens", limit, f"Lenses go from the shortest over the typical to the longest, {limit} mm.")
    _check_range("aspect", brain.aspect, ASPECT)
    _check_range("light.key_ratio", light.key_ratio, KEY_RATIO)
    _check_range("light.key_k", light.key_k, KELVIN)
    _check_range("light.fill_k", light.fill_k, KELVIN)
    _check_range("pacing.average_shot_s", pacing.average_shot_s, SHOT_S)
    for factor in pacing.quarters:
        _check_range("pacing.quarters", factor, QUARTER)
    shares = {
        "focus": astuple(brain.focus),
        "framing": astuple(brain.framing),
        "light": (light.hardness, light.practicals, light.haze, light.black),
        "pacing": (pacing.long_takes, pacing.split_edits),
        "sound": astuple(brain.sound),
        "tone": astuple(brain.tone),
    }
    for field, values in shares.items():
        for value in values:
            _check_range(field, value, (0.0, 1.0))


def _check_grade(brain: Brain) -> None:
    """As far as ASC CDL goes in practice; what it cannot be at all `Cdl` itself refuses."""
    cdl = brain.cdl
    for value in cdl.slope:
        _check_range("cdl.slope", value, (0.0, SLOPE_MAX))
    for value in cdl.offset:
        _check_range("cdl.offset", value, (-OFFSET_MAX, OFFSET_MAX))
    for value in cdl.power:
        _check_range("cdl.power", value, POWER)
    _check_range("cdl.saturation", cdl.saturation, (0.0, SATURATION_MAX))


def _check_words(brain: Brain) -> None:
    for field, words in (("prompt_words", brain.prompt_words), ("avoid_words", brain.avoid_words)):
        if len(words) > WORDS_MAX:
            raise BrainUnfit(field, WORDS_MAX, f"There are at most {WORDS_MAX} of them.")
        if any(not 1 <= len(word.strip()) <= WORD_CHARS_MAX for word in words):
            raise BrainUnfit(field, WORD_CHARS_MAX, f"Each has 1 to {WORD_CHARS_MAX} characters.")


def _check_vocabulary(brain: Brain) -> None:
    """A mixture may hold what exists, and nothing that is said never to occur."""
    known = {"transitions": TRANSITIONS, "setups": PREFERRED}
    for field, words in known.items():
        if strange := [word for word in getattr(brain, field) if word not in words]:
            raise BrainUnfit(field, ", ".join(words), f"{strange[0]!r} is none of them.")
    if strange := [word for word in brain.never if word not in _VOCABULARY]:
        raise BrainUnfit("never", ", ".join(sorted(_VOCABULARY)), f"{strange[0]!r} is none of them.")
    for field in ("sizes", "angles", "moves", "setups"):
        for word, share in getattr(brain, field).items():
            if share > 0 and word in brain.never:
                raise BrainUnfit(field, None, f"{word} has a share, but never occurs.")


def _mixture(field: str, shares: Mapping[Key, float]) -> dict[Key, float]:
    total = sum(shares.values())
    if any(share < 0 for share in shares.values()) or not abs(total - 1) <= SUM_TOLERANCE:
        raise BrainUnfit(field, 1, f"The shares are not below 0 and sum to 1; here to {total:.2f}.")
    return {key: share / total for key, share in shares.items()}


def _check_range(field: str, value: float, limits: tuple[float, float]) -> None:
    low, high = limits
    if not (math.isfinite(value) and low <= value <= high):
        raise BrainUnfit(field, f"{low:g} to {high:g}", f"{value:g} is not from {low:g} to {high:g}.")
