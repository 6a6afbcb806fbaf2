"""A look explained in sentences, and how two of them differ; pure. For people: nothing reads them back."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from services.brains.model import Brain, Size
from services.brains.vector import BLOCKS, likeness, vector_of

Word = TypeVar("Word", bound=str)

_CLOSE = (Size.ECU, Size.CU, Size.MCU)
_WIDE = (Size.LS, Size.ELS)
_ALIKE = 0.97
"""Blocks that are at least so alike are called the same."""
_DIFFERENCES_MAX = 3
_MIXTURE_WORDS_MAX = 3
_SUBJECTS: Mapping[str, str] = {
    "shots": "shot sizes and setups",
    "angles": "camera angles",
    "moves": "camera moves",
    "lens": "lenses and focus",
    "composition": "composition",
    "light": "light",
    "grade": "colour grade",
    "palette": "palette",
    "pacing": "pacing",
    "sound": "sound",
    "tone": "tone",
}


def described(brain: Brain) -> list[str]:
    """One sentence a subject, with the numbers that it rests on."""
    light, pacing, lens, cdl = brain.light, brain.pacing, brain.lens, brain.cdl
    sentences = [
        f"{_percent(_share(brain.sizes, _CLOSE))} of shots are close-ups and {_percent(_share(brain.sizes, _WIDE))}"
        f" wide; coverage prefers {_most(brain.setups)}.",
        f"The camera is mostly {_most(brain.moves)}, at {_most(brain.angles)} angles.",
        f"Lenses from {lens.min_mm} to {lens.max_mm} mm, typically {lens.typical_mm} mm,"
        f" {_degree(brain.focus.depth, 'shallow', 'moderate', 'deep')} focus.",
        f"Shots last {pacing.average_shot_s:.1f} s on average, {_drift(pacing.quarters)}.",
        f"{_degree(light.key_ratio / 16, 'Soft contrast', 'Shaped', 'Low-key')} light, key to fill"
        f" {light.key_ratio:.0f}:1, {light.key_k} K over {light.fill_k} K.",
        f"{_saturation(cdl.saturation)} in {', '.join(f'#{colour}' for colour in brain.palette)}.",
        f"Sound leans on {_strongest(brain.sound)}; the tone on {_strongest(brain.tone)}.",
    ]
    if brain.never:
        sentences.append(f"Never: {', '.join(brain.never)}.")
    if brain.avoid_words:
        sentences.append(f"Avoids {', '.join(brain.avoid_words)}.")
    return sentences


def compared(one: Brain, other: Brain) -> list[str]:
    """What tells the two apart, most different first, and what they have in common."""
    alike = likeness(vector_of(one), vector_of(other))
    order = sorted(alike, key=lambda name: alike[name])
    apart = [name for name in order if alike[name] < _ALIKE][:_DIFFERENCES_MAX]
    same = [_SUBJECTS[name] for name in order if alike[name] >= _ALIKE]
    sentences = [f"In {_SUBJECTS[name]}: {_extremes(name, vector_of(one), vector_of(other))}." for name in apart]
    return [*sentences, f"The same or nearly: {', '.join(same)}."] if same else sentences


def _extremes(name: str, one: Sequence[float], other: Sequence[float]) -> str:
    """The dimensions of a block in which the other has most more, and most less."""
    block = BLOCKS[name]
    apart = {
        label: second - first
        for label, first, second in zip(block.names, one[block.span], other[block.span], strict=False)
    }
    more, less = max(apart, key=lambda key: apart[key]), min(apart, key=lambda key: apart[key])
    told = [f"more {_label(more)}"] if apart[more] > 0 else []
    return ", ".join([*told, f"less {_label(less)}"] if apart[less] < 0 else told)


def _label(name: str) -> str:
    return name.replace("_", " ")


def _share(mixture: Mapping[Size, float], sizes: Sequence[Size]) -> float:
    return sum(mixture.get(size, 0.0) for size in sizes)


def _percent(share: float) -> str:
    return f"{round(share * 100)} %"


def _most(mixture: Mapping[Word, float]) -> str:
    """The commonest of a mixture, with their shares."""
    order = sorted(mixture, key=lambda name: (-mixture[name], name))
    return ", ".join(f"{name!s} ({_percent(mixture[name])})" for name in order[:_MIXTURE_WORDS_MAX])


def _strongest(record: object) -> str:
    values = {name: getattr(record, name) for name in record.__slots__}  # type: ignore[attr-defined]
    order = sorted(values, key=lambda name: (-values[name], name))
    return ", ".join(_label(name) for name in order[:_MIXTURE_WORDS_MAX])


def _degree(share: float, low: str, middle: str, high: str) -> str:
    return low if share < 0.3 else middle if share < 0.45 else high


def _saturation(value: float) -> str:
    return "Desaturated" if value < 0.9 else "Saturated" if value > 1.1 else "Natural colours"


def _drift(quarters: Sequence[float]) -> str:
    first, last = quarters[0], quarters[-1]
    if last < first * 0.95:
        return "faster towards the end"
    return "slower towards the end" if last > first * 1.05 else "even throughout"
