"""Candidates, wants and facts for the router's tests: by hand with defaults, and drawn by hypothesis."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from hypothesis import strategies as st

from services.generation.providers.capabilities import (
    Difference,
    Field,
    Fit,
    Kind,
    Model,
    Standing,
    Terms,
    Unfit,
)
from services.generation.providers.prices import MICRO, Charged
from services.generation.routing.model import (
    Ask,
    Candidate,
    Facts,
    Health,
    Load,
    ModelId,
    Policy,
    Purpose,
    Record,
    Short,
    Speed,
)
from services.projects.settings import Safety

KEY = "ab" * 32


TERMS = Terms()


class Fixed:
    """Nothing depends on anything here: a fit says its price."""

    def most(self, charged: Charged) -> int:
        raise AssertionError("the router negotiates nothing")


def candidate(
    name: str,
    price: int = 10,
    seconds: float = 60.0,
    *,
    bends: Sequence[Difference] = (),
    cannot: Sequence[Difference] = (),
    standing: Standing = Standing.ACTIVE,
    since: date | None = None,
    **more: Any,
) -> Candidate:
    """`name`: provider/model. `price` in credits."""
    provider, _, name = name.partition("/")
    model = Model(provider, name or "one", Kind.VIDEO, Fixed(), TERMS, 1_000, standing=standing, since=since)
    offer = Unfit(model, tuple(cannot)) if cannot else fit(model, price * MICRO, bends)
    return Candidate(offer, f"{provider.title()} {name or 'one'}", seconds, **more)


def fit(model: Model, price_microcredits: int, bends: Sequence[Difference] = ()) -> Fit:
    return Fit(model, None, None, None, False, price_microcredits, tuple(bends))


def ask(**more: Any) -> Ask:
    return Ask(**{"step_key": KEY, "purpose": Purpose.DRAFT, **more})


SECONDS = st.floats(0.5, 900)
IDS = st.builds(ModelId, st.sampled_from(["runway", "kling", "stability"]), st.sampled_from(["one", "two", "three"]))
DIFFERENCES = st.lists(
    st.builds(Difference, st.sampled_from([Field.RATIO, Field.DURATION]), st.just("7 s"), st.just("10 s")), max_size=2
).map(tuple)


@st.composite
def _candidates(draw: st.DrawFn) -> Candidate:
    provider, name = draw(IDS)
    standing = draw(st.sampled_from([*Standing, Standing.ACTIVE, Standing.ACTIVE]))
    model = Model(provider, name, Kind.VIDEO, Fixed(), TERMS, 1_000, standing=standing)
    bends = draw(DIFFERENCES)
    is_fit = standing is not Standing.RETIRED and draw(st.sampled_from([True, True, False]))
    offer = fit(model, draw(st.integers(0, 400 * MICRO)), bends) if is_fit else Unfit(model, bends)
    region, safety = draw(st.sampled_from([None, "eu", "us"])), draw(st.sampled_from(Safety))
    return Candidate(offer, "A model", draw(SECONDS), region, safety)


CANDIDATES = st.lists(_candidates(), max_size=7, unique_by=lambda each: each.id)
ASKS = st.builds(
    Ask,
    step_key=st.integers(0, 10**6).map(lambda number: f"{number:064x}"),
    purpose=st.sampled_from(Purpose),
    safety=st.sampled_from([Safety.STANDARD, Safety.STANDARD, Safety.MATURE]),
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
