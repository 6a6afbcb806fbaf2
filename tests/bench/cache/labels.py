"""Pairs of prompts with the truth about them: 500 near-misses that differ in what they show, 200 that do not.

Read from `prompts/*.toml`. Nothing here knows how a cache decides.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "prompts"
PARTS = ("calibration", "held_out")
"""The gate and the threshold are worked on the first; the second is only measured."""
REWORDED = "near-miss, reworded"


@dataclass(frozen=True, slots=True)
class Pair:
    """`made`: the prompt of a take that is there; `asked`: the one that comes. `same`: one take serves both."""

    part: str
    kind: str
    made: str
    asked: str
    same: bool


def pairs(parts: Sequence[str] = PARTS) -> list[Pair]:
    """In the order of the files."""
    return [pair for part in parts for pair in _of_part(part)]


def _of_part(part: str) -> Iterator[Pair]:
    for number, scene in enumerate(tomllib.loads((FOLDER / f"{part}.toml").read_text(encoding="utf-8"))["scene"]):
        prompt = scene["prompt"]
        yield from (Pair(part, "rewording", prompt, asked, True) for asked in scene["rewordings"])
        yield from (Pair(part, "reordering", prompt, asked, True) for asked in scene["reorderings"])
        edited = [(edit[0], _edited(prompt, edit)) for edit in scene["edits"]]
        yield from (Pair(part, kind, prompt, asked, False) for kind, asked in edited)
        yield from _reworded(part, scene, edited, 2 + number % 2)


def _reworded(part: str, scene: Mapping[str, Any], edited: Sequence[tuple[str, str]], count: int) -> Iterator[Pair]:
    """Other words and another meaning at once. `count`: 2 or 3 of a scene, 100 in all."""
    for (_, asked), made in zip(edited, [*scene["rewordings"], *scene["reorderings"]][:count], strict=False):
        yield Pair(part, REWORDED, made, asked, False)


def _edited(prompt: str, edit: Sequence[str]) -> str:
    _, words, others = edit
    assert prompt.count(words) == 1, f"{words!r} must be once in {prompt!r}"
    return prompt.replace(words, others)
