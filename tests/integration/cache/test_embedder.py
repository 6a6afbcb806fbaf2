"""The encoder in its wheel: it loads without a network, and is no judge."""

import math

import pytest

from services.cache.embedder import SentenceEncoder
from services.cache.gate import differences
from services.cache.model import THRESHOLD
from services.cache.prompts.reading import read
from storage.vectors import DIMENSIONS
from tests.bench.cache.labels import pairs


def cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


async def test_texts_are_vectors_of_length_one_and_the_same_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*given: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr("socket.socket.connect", nowhere)
    encoder = SentenceEncoder()
    first, other = await encoder.embed(["A red kite on a windy beach.", "A quiet library at night."])
    assert len(first) == DIMENSIONS and math.hypot(*first) == pytest.approx(1.0, abs=1e-3)
    assert (await encoder.embed(["A red kite on a windy beach."]))[0] == pytest.approx(first, abs=1e-4)
    assert cosine(first, other) < 0.6
    assert encoder.name.endswith("/0.2.1") and await encoder.embed([]) == []


async def test_it_finds_a_near_miss_nearer_than_a_rewording_so_the_gate_decides() -> None:
    """Cosine alone would offer the wrong one first, at any threshold that finds the right one."""
    some = [pair for pair in pairs(["calibration"]) if pair.kind in ("camera direction", "rewording")][:12]
    encoder = SentenceEncoder()
    vectors = await encoder.embed([text for pair in some for text in (pair.made, pair.asked)])
    scored = [(cosine(vectors[2 * n], vectors[2 * n + 1]), pair) for n, pair in enumerate(some)]
    wrong = max(score for score, pair in scored if not pair.same)
    right = min(score for score, pair in scored if pair.same and not differences(read(pair.made), read(pair.asked)))
    assert wrong > right and right >= THRESHOLD
