"""Candidates, wants and facts for the router's tests: by hand with defaults, and drawn by hypothesis."""

from typing import Any

from hypothesis import strategies as st

from services.generation.routing.model import (
    Candidate,
    Difference,
    Facts,
    Health,
    Load,
    ModelId,
    Policy,
    Purpose,
    Record,
    Safety,
    Short,
    Speed,
    Want,
)
from services.generation.routing.weights import MICRO

KEY = "ab" * 32


def candidate(name: str, price: int = 10, seconds: float = 60.0, **more: Any) -> Candidate:
    """`name`: provider/model. `price` in credits."""
    provider, _, model = name.partition("/")
    return Candidate(
        ModelId(provider, model or "one"), f"{provider.title()} {model or 'one'}", price * MICRO, seconds, **more
    )


def want(**more: Any) -> Want:
    return Want(**{"step_key": KEY, "purpose": Purpose.DRAFT, **more})


SECONDS = st.floats(0.5, 900)
IDS = st.builds(ModelId, st.sampled_from(["runway", "kling", "stability"]), st.sampled_from(["one", "two", "three"]))
DIFFERENCES = st.builds(Difference, st.sampled_from(["ratio", "duration"]), st.just("7 s"), st.just("5 or 10 s"))
CANDIDATES = st.lists(
    st.builds(
        Candidate,
        id=IDS,
        title=st.just("A model"),
        price_microcredits=st.integers(0, 400 * MICRO),
        expected_s=SECONDS,
        differences=st.lists(DIFFERENCES, max_size=2).map(tuple),
        refusals=st.one_of(st.just(()), st.just(()), st.lists(DIFFERENCES, max_size=1).map(tuple)),
        is_degraded=st.booleans(),
        is_retired=st.sampled_from([False, False, False, True]),
        region=st.sampled_from([None, "eu", "us"]),
        safety_max=st.sampled_from(Safety),
    ),
    max_size=7,
    unique_by=lambda each: each.id,
)
WANTS = st.builds(
    Want,
    step_key=st.integers(0, 10**6).map(lambda number: f"{number:064x}"),
    purpose=st.sampled_from(Purpose),
    safety=st.sampled_from([Safety.GENERAL, Safety.GENERAL, Safety.MATURE]),
    pinned=st.one_of(st.none(), st.none(), IDS),
    price_max_microcredits=st.one_of(st.none(), st.integers(0, 400 * MICRO)),
    tried=st.frozensets(IDS, max_size=2),
)


def budget_of(left: int) -> Any:
    return lambda price: Short("this month's budget", left) if price > left else None


NAMES = st.one_of(IDS.map(str), st.sampled_from(["runway", "kling"]))
FACTS = st.builds(
    Facts,
    policy=st.builds(
        Policy,
        allow=st.one_of(st.none(), st.none(), st.frozensets(NAMES, min_size=1)),
        deny=st.frozensets(NAMES, max_size=1),
        regions=st.sampled_from([None, None, frozenset({"eu"})]),
    ),
    budget=st.integers(0, 600 * MICRO).map(budget_of),
    health=st.dictionaries(IDS, st.builds(Health, st.just("retryable"), SECONDS, st.booleans()), max_size=2),
    load=st.dictionaries(IDS, st.builds(Load, st.integers(0, 5), st.integers(1, 5), st.just(0.0)), max_size=4),
    speeds=st.dictionaries(IDS, st.builds(Speed, SECONDS, SECONDS, st.integers(1, 50)), max_size=5),
    records=st.dictionaries(
        IDS,
        st.builds(
            lambda shown, share, scored, mean: Record(shown, int(shown * share), scored, scored * mean),
            st.integers(0, 200),
            st.floats(0, 1),
            st.integers(0, 200),
            st.floats(0, 1),
        ),
        max_size=5,
    ),
)
