"""What follows a setback, as a table; and that nothing paid is made twice, whatever the history."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.generation.providers.capabilities import Kind
from services.generation.providers.port import Cancelled, Failed, Failure, FailureKind, NotStopped, Refused, Unknown
from services.generation.providers.prices import MICRO
from services.generation.routing.fallback import (
    ATTEMPTS_MAX,
    HEDGE_RESULTS_MIN,
    MODELS_MAX,
    PATIENCE_S,
    THROTTLES_MAX,
    FallBack,
    GiveUp,
    History,
    Next,
    Retry,
    Setback,
    Why,
    asked_again,
    hedge_after_s,
    next_after,
    sentence,
)
from services.generation.routing.model import Facts, ModelId, Speed
from services.generation.routing.route import route
from services.runs.model import BACK_OFF_S
from tests.unit.routing.make import ask, candidate

RUNWAY, KLING, FAL = ModelId("runway", "one"), ModelId("kling", "one"), ModelId("fal", "one")


def failure(kind: FailureKind, retry_after_s: float | None = None) -> Failure:
    return Failure(kind, "code", "their words", retry_after_s)


K = FailureKind
FIRST = History(RUNWAY)
LAST_TRY = History(RUNWAY, attempts=ATTEMPTS_MAX)
PATIENT = History(RUNWAY, waited_s=PATIENCE_S)
PINNED = History(RUNWAY, is_pinned=True)
THIRD_MODEL = History(RUNWAY, tried=frozenset({KLING, FAL}))

TABLE: list[tuple[Setback, History, type[Next], Why]] = [
    (Refused(failure(K.RETRYABLE)), FIRST, Retry, Why.PASSING),
    (Failed(failure(K.RETRYABLE)), FIRST, Retry, Why.PASSING),
    (Failed(failure(K.RETRYABLE), 0), FIRST, Retry, Why.PASSING),
    (Failed(failure(K.RETRYABLE), 7), FIRST, FallBack, Why.CHARGED),
    (Refused(failure(K.RETRYABLE)), LAST_TRY, FallBack, Why.EXHAUSTED),
    (Refused(failure(K.RETRYABLE, PATIENCE_S + 1)), FIRST, FallBack, Why.IMPATIENT),
    (Refused(failure(K.RETRYABLE)), replace(LAST_TRY, is_pinned=True), GiveUp, Why.PINNED),
    (Refused(failure(K.RETRYABLE)), replace(THIRD_MODEL, attempts=ATTEMPTS_MAX), GiveUp, Why.MODELS),
    (Refused(failure(K.THROTTLED, 5)), FIRST, Retry, Why.THROTTLED),
    (Refused(failure(K.THROTTLED, 5)), LAST_TRY, Retry, Why.THROTTLED),
    (Refused(failure(K.THROTTLED, 5)), PATIENT, FallBack, Why.IMPATIENT),
    (Refused(failure(K.THROTTLED, PATIENCE_S + 1)), FIRST, FallBack, Why.IMPATIENT),
    (Refused(failure(K.INVALID)), FIRST, FallBack, Why.INVALID),
    (Refused(failure(K.CREDIT)), FIRST, FallBack, Why.CREDIT),
    (Refused(failure(K.AUTH)), FIRST, FallBack, Why.AUTH),
    (Failed(failure(K.GONE)), FIRST, FallBack, Why.GONE),
    (Refused(failure(K.AUTH)), PINNED, GiveUp, Why.PINNED),
    (Refused(failure(K.AUTH)), THIRD_MODEL, GiveUp, Why.MODELS),
    (Cancelled(), FIRST, FallBack, Why.STALLED),
    (Cancelled(60), PINNED, GiveUp, Why.PINNED),
    (Refused(failure(K.MODERATED)), FIRST, GiveUp, Why.MODERATED),
    (Failed(failure(K.MODERATED), 60), FIRST, GiveUp, Why.MODERATED),
    (Unknown("the connection broke"), FIRST, GiveUp, Why.UNKNOWN),
    (NotStopped(failure(K.RETRYABLE)), FIRST, GiveUp, Why.NOT_STOPPED),
    (NotStopped(failure(K.GONE)), FIRST, GiveUp, Why.NOT_STOPPED),
]


@pytest.mark.parametrize(("setback", "history", "kind", "why"), TABLE)
def test_what_follows(setback: Setback, history: History, kind: type[Next], why: Why) -> None:
    next_ = next_after(setback, history, Random(1))
    assert (type(next_), next_.why) == (kind, why)


def test_every_way_on_is_in_the_table_and_has_a_sentence() -> None:
    assert {row[3] for row in TABLE} == set(Why)
    for setback, history, _, _ in TABLE:
        said = sentence(next_after(setback, history, Random(1)), "Runway Gen-4.5")
        assert said.endswith(".") and "{" not in said


FAILURES = st.builds(failure, st.sampled_from(FailureKind), st.one_of(st.none(), st.floats(0, 500)))
COSTS = st.one_of(st.none(), st.integers(0, 100 * MICRO))
SETBACKS = st.one_of(
    st.builds(Refused, FAILURES),
    st.builds(Failed, FAILURES, COSTS),
    st.builds(Cancelled, COSTS),
    st.builds(Unknown, st.just("the connection broke")),
    st.builds(NotStopped, FAILURES),
)
HISTORIES = st.builds(
    History,
    model=st.just(RUNWAY),
    attempts=st.integers(1, ATTEMPTS_MAX),
    throttles=st.integers(0, THROTTLES_MAX),
    waited_s=st.floats(0, PATIENCE_S),
    tried=st.frozensets(st.sampled_from([KLING, FAL]), max_size=2),
    spent_microcredits=st.integers(0, 100 * MICRO),
    is_pinned=st.booleans(),
)


@given(SETBACKS, HISTORIES, st.integers())
def test_nothing_is_made_again_that_may_run_was_charged_or_was_moderated(
    setback: Setback, history: History, seed: int
) -> None:
    next_ = next_after(setback, history, Random(seed))
    if isinstance(setback, (Unknown, NotStopped)):
        assert isinstance(next_, GiveUp)
    if isinstance(setback, (Refused, Failed)) and setback.failure.kind is FailureKind.MODERATED:
        assert isinstance(next_, GiveUp)
    if isinstance(setback, (Failed, Cancelled)) and setback.cost_microcredits and isinstance(next_, Retry):
        assert next_.why is Why.THROTTLED, "a task that was charged is not made again at the same model"
    if isinstance(next_, FallBack):
        assert not history.is_pinned and next_.tried == history.tried | {RUNWAY}
        assert next_.spent_microcredits >= history.spent_microcredits


@given(SETBACKS, HISTORIES, st.integers())
def test_a_wait_is_as_long_as_was_asked_and_bounded(setback: Setback, history: History, seed: int) -> None:
    next_ = next_after(setback, history, Random(seed))
    if isinstance(next_, Retry):
        assert isinstance(setback, (Refused, Failed))
        asked_s = setback.failure.retry_after_s or 0.0
        assert asked_s <= next_.wait_s <= PATIENCE_S + BACK_OFF_S[1]


SETBACKS_MAX = MODELS_MAX * (ATTEMPTS_MAX + THROTTLES_MAX)


@given(st.lists(SETBACKS, min_size=SETBACKS_MAX, max_size=SETBACKS_MAX), st.integers())
def test_a_step_ends(setbacks: list[Setback], seed: int) -> None:
    """However often it fails, in whatever way, as the caller counts."""
    rng, history, models = Random(seed), FIRST, [RUNWAY, KLING, FAL, ModelId("a", "a"), ModelId("b", "b")]
    for setback in setbacks:
        match next_after(setback, history, rng):
            case Retry(_, _, counts) if counts:
                history = replace(history, attempts=history.attempts + 1)
            case Retry(_, wait_s):
                history = replace(history, throttles=history.throttles + 1, waited_s=history.waited_s + wait_s)
            case FallBack(_, tried, spent):
                model = next(model for model in models if model not in tried)
                history = History(model, tried=tried, spent_microcredits=spent)
            case GiveUp():
                assert len(history.tried) < MODELS_MAX
                return
    raise AssertionError("it never ends")


def test_who_is_told_not_now_too_often_goes_elsewhere() -> None:
    history = replace(FIRST, throttles=THROTTLES_MAX)
    assert next_after(Refused(failure(K.THROTTLED, 0)), history, Random(1)).why is Why.IMPATIENT


def test_the_next_model_is_priced_with_what_is_left() -> None:
    """A failure that cost 40 of 100 credits leaves 60: what costs 80 is out."""
    dear, cheap = candidate("kling", price=80), candidate("fal", price=50)
    asked = ask(price_max_microcredits=100 * MICRO)
    fall_back = next_after(Failed(failure(K.RETRYABLE), 40 * MICRO), FIRST, Random(1))
    assert isinstance(fall_back, FallBack)
    decision = route(asked_again(asked, fall_back), [candidate("runway"), dear, cheap], Facts())
    assert decision.chosen == cheap


# Calling twice -----------------------------------------------------------------------------------------------

KNOWN = Speed(10.0, 2.0, HEDGE_RESULTS_MIN)
HEDGES: list[tuple[str, Kind, Mapping[str, object], Speed | None, float | None]] = [
    ("late", Kind.TEXT, {}, KNOWN, 14.0),
    ("video", Kind.VIDEO, {}, KNOWN, None),
    ("dear", Kind.IMAGE, {"price": 6}, KNOWN, None),
    ("over the step's limit", Kind.TEXT, {"most": 7 * MICRO}, KNOWN, None),
    ("within it", Kind.TEXT, {"most": 8 * MICRO}, KNOWN, 14.0),
    ("hardly known", Kind.TEXT, {}, Speed(10.0, 2.0, HEDGE_RESULTS_MIN - 1), None),
    ("unknown", Kind.TEXT, {}, None, None),
]


@pytest.mark.parametrize(("name", "kind", "more", "speed", "after_s"), HEDGES, ids=[row[0] for row in HEDGES])
def test_only_what_is_cheap_and_late_is_called_twice(
    name: str, kind: Kind, more: Mapping[str, int], speed: Speed | None, after_s: float | None
) -> None:
    asked = ask(price_max_microcredits=more.get("most"))
    assert hedge_after_s(kind, candidate("claude", price=more.get("price", 4)), speed, asked) == after_s
