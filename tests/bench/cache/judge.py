"""The labels before the gate and the threshold: what is offered, what should be, and what cosine alone would do."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.cache.embedder import Embedder
from services.cache.gate import differences
from services.cache.prompts.reading import read
from tests.bench.cache.labels import PARTS, Pair, pairs

SEED_THRESHOLD = 0.95
"""Of the product's founding plan."""
BATCH = 64


@dataclass(frozen=True, slots=True)
class Judged:
    """One pair. `is_open`: the gate sees no difference."""

    pair: Pair
    score: float
    is_open: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """Of some pairs: how many are offered."""

    near: int
    near_of: int
    same: int
    same_of: int

    @property
    def share(self) -> float:
        return self.same / self.same_of


async def vectors_of(embedder: Embedder, texts: Sequence[str]) -> dict[str, list[float]]:
    """Each text once."""
    distinct = sorted(set(texts))
    found: dict[str, list[float]] = {}
    for first in range(0, len(distinct), BATCH):
        some = distinct[first : first + BATCH]
        found.update(zip(some, await embedder.embed(some), strict=True))
    return found


def judged(vectors: Mapping[str, Sequence[float]]) -> list[Judged]:
    """All labels."""
    readings = {text: read(text) for pair in pairs() for text in (pair.made, pair.asked)}
    return [
        Judged(
            pair,
            sum(a * b for a, b in zip(vectors[pair.made], vectors[pair.asked], strict=True)),
            not differences(readings[pair.made], readings[pair.asked]),
        )
        for pair in pairs()
    ]


def calibrated(all_pairs: Sequence[Judged]) -> float:
    """The highest cosine, in hundredths, that loses nothing of the first half that the gate lets through."""
    passed = [one.score for one in all_pairs if one.pair.part == PARTS[0] and one.pair.same and one.is_open]
    return math.floor(min(passed) * 100) / 100


def offered(some: Sequence[Judged], threshold: float, *, gate: bool = True) -> Counted:
    near = [one for one in some if not one.pair.same]
    same = [one for one in some if one.pair.same]

    def count(those: Sequence[Judged]) -> int:
        return sum(one.score >= threshold and (one.is_open or not gate) for one in those)

    return Counted(count(near), len(near), count(same), len(same))


def by_kind(some: Sequence[Judged], threshold: float) -> list[tuple[str, int, int, int]]:
    """(kind, pairs, above the threshold, offered), the most frequent kinds first."""
    kinds = Counter(one.pair.kind for one in some)
    rows = []
    for kind, count in kinds.most_common():
        those = [one for one in some if one.pair.kind == kind]
        above = sum(one.score >= threshold for one in those)
        rows.append((kind, count, above, sum(one.score >= threshold and one.is_open for one in those)))
    return rows
