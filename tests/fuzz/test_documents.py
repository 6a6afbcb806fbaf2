"""People who edit at random, with pycrdt: everything is accepted, foreseen and accounted for."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.documents import play


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.randoms(use_true_random=False), st.booleans())
def test_random_people_are_understood(rng: Random, undoes: bool) -> None:
    play(rng, gestures=25, undoes=undoes)


@pytest.mark.parametrize("seed", range(30))
def test_longer_sessions_are_understood(seed: int) -> None:
    play(Random(seed), gestures=80, undoes=seed % 2 == 0)


@pytest.mark.parametrize("seed", [45, 6436])
def test_redo_into_a_deleted_map_is_accounted_for(seed: int) -> None:
    play(Random(seed), gestures=60, undoes=True)
