"""The pure rules of steps: graphs, keys, pauses."""

from random import Random

import pytest

from services.runs.errors import GraphUnfit
from services.runs.model import BACK_OFF_S, STEPS_MAX, StepSpec, StepState, back_off_s, check_graph, key_of


def test_a_graph_has_names_of_its_own_needs_what_is_before_it_and_ends() -> None:
    check_graph([StepSpec("a", "k"), StepSpec("b", "k", ("a",))])
    check_graph([StepSpec("b", "k", ("a",))], ["a"])
    for specs in (
        [StepSpec("a", "k"), StepSpec("a", "k")],
        [StepSpec("a", "k", ("b",)), StepSpec("b", "k")],
        [StepSpec("a", "k", ("a",))],
        [StepSpec(str(number), "k") for number in range(STEPS_MAX + 1)],
    ):
        with pytest.raises(GraphUnfit):
            check_graph(specs)


def test_a_key_is_of_kind_params_and_inputs_and_of_nothing_else() -> None:
    key = key_of("clip/1", {"seed": 1, "prompt": "ä"}, {"a": {"x": 1}})
    assert key == key_of("clip/1", {"prompt": "ä", "seed": 1}, {"a": {"x": 1}})
    others = (
        key_of("clip/2", {"seed": 1, "prompt": "ä"}, {"a": {"x": 1}}),
        key_of("clip/1", {"seed": 2, "prompt": "ä"}, {"a": {"x": 1}}),
        key_of("clip/1", {"seed": 1, "prompt": "ä"}, {"a": {"x": 2}}),
        key_of("clip/1", {"seed": 1, "prompt": "ä"}, {"b": {"x": 1}}),
    )
    assert len({key, *others}) == 5


def test_pauses_have_full_jitter_under_a_ceiling_that_grows_and_ends() -> None:
    rng = Random(1)
    for attempt in range(1, 12):
        pauses = [back_off_s(attempt, rng) for _ in range(500)]
        ceiling = min(BACK_OFF_S[1], BACK_OFF_S[0] * 2 ** (attempt - 1))
        assert 0 <= min(pauses) < 0.1 * ceiling and 0.9 * ceiling < max(pauses) <= ceiling


def test_states_that_nothing_follows() -> None:
    assert {state for state in StepState if state.is_over} == {StepState.DONE, StepState.FAILED, StepState.CANCELLED}
