"""The rules of a run: states, keys of steps, percentages, milestones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.generation.errors import SceneTooLong, StepFailed
from services.generation.length import check, speech_s
from services.generation.model import (
    MESSAGE_CHARS_MAX,
    MILESTONES_MAX,
    RENEW_S,
    SWEEP_S,
    Milestones,
    State,
    message_of,
)
from services.generation.request import Line, SceneRequest, canonical, digest, from_json, to_json
from services.runs.model import LEASE_S

from .make import request


def test_nothing_follows_an_end() -> None:
    for state in State:
        assert state.terminal == (not any(state.may_become(other) for other in State))
    assert State.QUEUED.may_become(State.RUNNING) and State.RUNNING.may_become(State.QUEUED)
    assert not State.QUEUED.may_become(State.COMPLETE)


def test_p11_the_times_of_a_lease_leave_room_for_finishing() -> None:
    assert RENEW_S * 3 < LEASE_S, "three renewals may fail"
    assert LEASE_S + SWEEP_S < 15


def test_canonical_spelling_has_one_form() -> None:
    assert canonical({"b": 1, "a": "ä"}) == '{"a":"ä","b":1}'.encode()
    assert digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1}) != digest({"a": 2}, {"b": 1})
    with pytest.raises(ValueError):
        canonical(float("nan"))


def test_a_request_survives_json() -> None:
    asked = request(lines=(Line("MARA", "You are late."),))
    assert from_json(SceneRequest, to_json(asked)) == asked


@given(st.lists(st.tuples(st.integers(0, 99), st.floats(0, 3)), max_size=300))
def test_milestones_are_5_points_and_a_second_apart_and_never_more_than_the_limit(
    progress: list[tuple[int, float]],
) -> None:
    milestones, now = Milestones(0, 0, 0.0), 0.0
    last_pct, last_at = 0, 0.0
    for pct, pause in progress:
        now += pause
        if milestones.wants_pct(pct, now):
            assert pct >= last_pct + 5 and now >= last_at + 1
            milestones.wrote(pct, now)
            last_pct, last_at = pct, now
    for _ in range(100):
        if milestones.wants_change():
            milestones.wrote(99, now)
    assert milestones.written <= MILESTONES_MAX - 2, "the end always has room"


def test_people_read_our_sentences_and_not_our_tracebacks() -> None:
    assert message_of(StepFailed("The voice\n would not speak.")) == "The voice would not speak."
    assert message_of(StepFailed()) == StepFailed.__doc__
    assert "secret" not in message_of(RuntimeError("secret path /x"))
    assert len(message_of(StepFailed("x" * 1000))) == MESSAGE_CHARS_MAX


def test_a_scene_longer_than_the_limit_is_refused_with_its_length() -> None:
    check(request(lines=(Line("A", "word " * 200),)))
    with pytest.raises(SceneTooLong, match="at most 90 s"):
        check(request(lines=(Line("A", "word " * 300),)))
    assert speech_s("a" * 12) == pytest.approx(1.45)
