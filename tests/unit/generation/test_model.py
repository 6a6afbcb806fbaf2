"""The rules of a run: states, keys of steps, percentages, milestones."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.generation.errors import SceneTooLong, StepFailed
from services.generation.length import check, speech_s
from services.generation.model import (
    MESSAGE_CHARS_MAX,
    MILESTONES_MAX,
    PUBLISH,
    RENEW_S,
    SHARES,
    SWEEP_S,
    Milestones,
    Stage,
    State,
    graph_of,
    message_of,
    percent,
)
from services.generation.request import Line, Picture, SceneRequest, canonical, digest, from_json, to_json
from services.runs.model import LEASE_S, key_of

from .make import request


def test_nothing_follows_an_end() -> None:
    for state in State:
        assert state.terminal == (not any(state.may_become(other) for other in State))
    assert State.QUEUED.may_become(State.RUNNING) and State.RUNNING.may_become(State.QUEUED)
    assert not State.QUEUED.may_become(State.COMPLETE)


def test_p11_the_times_of_a_lease_leave_room_for_finishing() -> None:
    assert RENEW_S * 3 < LEASE_S, "three renewals may fail"
    assert LEASE_S + SWEEP_S < 15


def keys(asked: SceneRequest, made: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Of every step, where its stages have made what is said."""
    return {
        spec.name: key_of(spec.kind, spec.params, {need: made[need] for need in spec.needs})
        for spec in graph_of(to_json(asked), "run_a")
    }


MADE: dict[str, dict[str, Any]] = {stage.value: {"made": stage.value} for stage in Stage}


def test_a_step_key_is_the_hash_of_what_the_step_reads() -> None:
    asked = request()
    assert keys(asked, MADE) == keys(replace(asked), dict(reversed(MADE.items())))
    for changed in (
        replace(asked, prompt="Sun."),
        replace(asked, picture=Picture(320, 180)),
        replace(asked, lines=(Line("A", "b"),)),
        replace(asked, provider_version=99),
    ):
        assert not set(keys(asked, MADE).values()) & set(keys(changed, MADE).values())


def test_a_step_key_follows_only_the_stages_that_it_needs() -> None:
    one, other = keys(request(), MADE), keys(request(), {**MADE, "frames": {"made": "differently"}})
    assert {name for name in one if one[name] != other[name]} == {"clip"}
    assert len(set(one.values())) == len(Stage) + 1


def test_the_telling_of_a_take_is_every_runs_own() -> None:
    (one,), (other,) = (
        [spec for spec in graph_of(to_json(request()), run) if spec.name == PUBLISH] for run in ("run_a", "run_b")
    )
    made = {"finish": MADE["finish"]}
    assert key_of(one.kind, one.params, made) != key_of(other.kind, other.params, made)


def test_canonical_spelling_has_one_form() -> None:
    assert canonical({"b": 1, "a": "ä"}) == '{"a":"ä","b":1}'.encode()
    assert digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1}) != digest({"a": 2}, {"b": 1})
    with pytest.raises(ValueError):
        canonical(float("nan"))


def test_a_request_survives_json() -> None:
    asked = request(lines=(Line("MARA", "You are late."),))
    assert from_json(SceneRequest, to_json(asked)) == asked


def test_percentages_only_rise_and_never_say_100() -> None:
    assert sum(SHARES.values()) == 100
    names = [stage.value for stage in Stage]
    said = [percent(names[:at], stage, share) for at, stage in enumerate(Stage) for share in (0.0, 0.5, 1.0)]
    assert said == sorted(said) and said[0] == 0 and said[-1] == 99
    assert percent((), Stage.CLIP, 7.0) == percent((), Stage.CLIP, 1.0)
    assert percent(("enhance", "voice"), Stage.FRAMES, 1.0) == 40, "stages at once add up"


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
