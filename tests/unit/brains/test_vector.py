"""Looks as numbers: every dimension named, every look nearest to itself, mixtures between what is mixed."""

import math
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.brains.blend import at_strength, blended
from services.brains.checks import checked
from services.brains.colour import hex_of, oklab
from services.brains.model import Brain
from services.brains.presets import BRAINS, PLAIN
from services.brains.vector import BLOCKS, DIMENSIONS, likeness, similarity, vector_of
from services.brains.words import compared, described

LOOKS = list(BRAINS.values())
PAIRS = list(combinations([*LOOKS, PLAIN], 2))


def test_blocks_lie_beside_each_other_and_name_their_dimensions() -> None:
    end = 0
    for block in BLOCKS.values():
        assert block.start == end, block.name
        end += block.size
        assert len(block.values(PLAIN)) == len(block.names) <= block.size, block.name
        assert len(set(block.names)) == len(block.names)
    assert (end, DIMENSIONS) == (122, 128)


@pytest.mark.parametrize("brain", LOOKS, ids=lambda brain: brain.id)
def test_a_vector_is_128_numbers_and_what_is_reserved_is_0(brain: Brain) -> None:
    vector = vector_of(brain)
    assert len(vector) == DIMENSIONS and all(-1 <= value <= 1 for value in vector)
    assert vector[122:] == (0.0,) * 6
    for block in BLOCKS.values():
        assert not any(vector[block.start + len(block.names) : block.start + block.size]), block.name


@pytest.mark.parametrize("brain", LOOKS, ids=lambda brain: brain.id)
def test_every_look_is_nearest_to_itself(brain: Brain) -> None:
    rated = {other.id: similarity(vector_of(brain), vector_of(other)) for other in LOOKS}
    assert max(rated, key=lambda name: rated[name]) == brain.id
    assert rated[brain.id] == pytest.approx(1.0)
    assert sorted(rated.values())[-2] < 0.99, "two presets would be one look"


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=lambda brain: brain.id)
def test_a_mixture_leaves_the_one_and_comes_to_the_other(one: Brain, other: Brain) -> None:
    near = [similarity(vector_of(one), vector_of(blended(one, other, step / 10))) for step in range(11)]
    assert near == sorted(near, reverse=True)
    assert near[0] == pytest.approx(1.0)
    assert near[-1] == pytest.approx(similarity(vector_of(one), vector_of(other)), abs=1e-3)


@given(st.sampled_from(PAIRS), st.floats(0, 1))
def test_the_vector_of_a_mixture_lies_between(pair: tuple[Brain, Brain], share: float) -> None:
    one, other = pair
    mixed = blended(one, other, share)
    for a, b, found in zip(vector_of(one), vector_of(other), vector_of(mixed), strict=True):
        assert min(a, b) - 0.015 <= found <= max(a, b) + 0.015
    for mixture in (mixed.sizes, mixed.angles, mixed.moves, mixed.setups, mixed.transitions):
        assert math.fsum(mixture.values()) == pytest.approx(1.0)
    assert checked(mixed).sizes.keys() == mixed.sizes.keys(), "a mixture is a brain like others"


def test_strength_goes_from_plain_to_the_look_under_its_own_name() -> None:
    horror = BRAINS["horror"]
    assert at_strength(horror, 100) is horror
    none = at_strength(horror, 0)
    assert (none.id, none.version, none.name) == ("horror", 1, "Horror")
    assert none.sizes == pytest.approx(dict(PLAIN.sizes)) and none.cdl == PLAIN.cdl and none.never == PLAIN.never
    half = at_strength(horror, 50)
    assert PLAIN.pacing.average_shot_s < half.pacing.average_shot_s < horror.pacing.average_shot_s


def test_doing_nothing_is_only_like_doing_nothing() -> None:
    graded = likeness(vector_of(PLAIN), vector_of(BRAINS["horror"]))["grade"]
    assert graded == 0.0
    assert likeness(vector_of(PLAIN), vector_of(PLAIN))["grade"] == 1.0


@given(st.integers(0, 0xFFFFFF))
def test_oklab_goes_there_and_back(colour: int) -> None:
    spelled = f"{colour:06X}"
    assert hex_of(oklab(spelled)) == spelled


def test_oklab_of_known_colours() -> None:
    """Reference values of the article."""
    assert oklab("FFFFFF") == pytest.approx((1.0, 0.0, 0.0), abs=1e-4)
    assert oklab("FF0000") == pytest.approx((0.6279554, 0.2248631, 0.1258463), abs=1e-5)


def test_a_look_is_explained_by_its_numbers() -> None:
    said = " ".join(described(BRAINS["thriller"]))
    for words in ("40 % of shots are close-ups", "3.9 s", "faster towards the end", "8:1", "Never: bird.", "#1B1F1E"):
        assert words in said


def test_two_looks_are_compared_where_they_differ_most() -> None:
    said = compared(BRAINS["thriller"], BRAINS["k_drama"])
    assert said[0] == "In colour grade: more saturation, less power of red."
    assert said[-1].startswith("The same or nearly: ") and "pacing" in said[-1]
    assert compared(PLAIN, PLAIN) == [said for said in compared(PLAIN, PLAIN) if said.startswith("The same")]
    changed = replace(PLAIN, tone=replace(PLAIN.tone, dread=1.0))
    assert compared(PLAIN, changed)[0] == "In tone: more dread."
