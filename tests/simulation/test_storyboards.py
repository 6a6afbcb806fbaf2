"""Storyboards edited apart and together: a few seeds; `./dev sim documents --seeds 20000` runs many, beside TypeScript.

What a seed has found stays here under its name.
"""

import pytest

from sync.storyboard.resolve import resolve, view
from sync.timeline.resolve import canonical
from tests.simulation import oddities, pairs, story_pairs
from tests.simulation.documents import with_repairs
from tests.simulation.storyboards import ACTS, check, play


@pytest.mark.parametrize("seed", range(60))
def test_all_replicas_show_the_same_story_and_repair_ends(seed: int) -> None:
    play(seed)


def test_the_seeds_make_every_gesture() -> None:
    made: set[str] = set()
    for seed in range(100):
        made |= {name for name, times in play(seed).gestures.items() if times}
        if made >= set(ACTS):
            return
    assert set(ACTS) <= made


FOUND = {1078: "merged scenes of two sequences changed places when the key of one was repaired"}
"""What seeds have found, each repaired since."""


@pytest.mark.parametrize("seed", FOUND, ids=[f"seed {seed}: {what}" for seed, what in FOUND.items()])
def test_what_was_found_stays_repaired(seed: int) -> None:
    play(seed)


@pytest.mark.parametrize("first", range(0, 2_000, 100))
def test_whatever_is_in_the_document_there_is_a_story_and_repair_ends(first: int) -> None:
    for seed in range(first, first + 100):
        content = oddities.storyboard(seed)
        story = resolve(content)
        check(content, story)
        repaired = with_repairs(content, story.repairs)
        again = resolve(repaired)
        assert again.repairs == (), seed
        assert canonical(view(repaired, again)) == canonical(view(content, story)), seed


@pytest.mark.parametrize(("first", "second"), list(pairs.pairs(story_pairs.GESTURES)))
def test_two_different_gestures_on_one_scene_are_kept_or_explained(first: str, second: str) -> None:
    assert story_pairs.both_are_kept(first, second) == (frozenset((first, second)) not in story_pairs.EXPLAINED)
