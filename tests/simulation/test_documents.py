"""Timelines edited apart and together: a few seeds; `./dev sim documents --seeds 20000` runs many, beside TypeScript.

What a seed has found stays here under its name.
"""

import pytest

from sync.timeline.resolve import canonical, resolve
from tests.simulation import oddities, pairs
from tests.simulation.documents import ACTS, check, play, with_repairs


@pytest.mark.parametrize("seed", range(60))
def test_all_replicas_show_the_same_film_and_repair_ends(seed: int) -> None:
    play(seed)


def test_the_seeds_make_every_gesture() -> None:
    made: set[str] = set()
    for seed in range(100):
        made |= {name for name, times in play(seed).gestures.items() if times}
        if made >= set(ACTS):
            return
    assert set(ACTS) <= made


FOUND = {1754: "a piece whose cut was rolled past a deleted one showed what the piece before that showed"}
"""What seeds have found, each repaired since."""


@pytest.mark.parametrize("seed", FOUND, ids=[f"seed {seed}: {what}" for seed, what in FOUND.items()])
def test_what_was_found_stays_repaired(seed: int) -> None:
    play(seed)


@pytest.mark.parametrize("first", range(0, 2_000, 100))
def test_whatever_is_in_the_document_there_is_a_film_and_repair_ends(first: int) -> None:
    for seed in range(first, first + 100):
        content = oddities.timeline(seed)
        film = resolve(content)
        check(film)
        again = resolve(with_repairs(content, film.repairs))
        assert again.repairs == (), seed
        assert canonical({**again.view, "markers": []}) == canonical({**film.view, "markers": []}), seed


@pytest.mark.parametrize(("first", "second"), list(pairs.pairs()))
def test_two_different_gestures_on_one_clip_are_both_kept(first: str, second: str) -> None:
    assert pairs.both_are_kept(first, second)
