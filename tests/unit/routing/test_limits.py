"""How many calls at once: simulated providers on a virtual clock, and what holds for every history."""

import heapq
from collections import Counter
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.generation.routing.limits import Limit, after_success, after_throttle, documented, with_ceiling

CALL_S = (20.0, 40.0)
RETRY_AFTER_S = 2.0


@dataclass
class Provider:
    """Takes `bears(now)` calls at once and throttles the rest; enough steps always wait. Time is virtual."""

    bears: dict[float, int]
    limit: Limit
    rng: Random
    now: float = 0.0
    throttled: int = 0
    served: int = 0
    running: list[tuple[float, float]] = field(default_factory=list)
    """(ends at, began at)"""
    at: Counter[int] = field(default_factory=Counter)
    """How many seconds the limit was at each number of places, since `watch_from`."""
    watch_from: float = 0.0

    def borne(self) -> int:
        return next(number for since, number in sorted(self.bears.items(), reverse=True) if since <= self.now)

    def run(self, until: float) -> None:
        while self.now < until:
            self._begin()
            free_at = max(self.limit.held_until, self.now + 0.1)
            then = min(self.running[0][0] if self.running else free_at, free_at, until)
            then = max(then, self.now + 1e-3)
            if self.now >= self.watch_from:
                self.at[self.limit.places] += round((then - self.now) * 1_000)
            self.now = then
            while self.running and self.running[0][0] <= self.now:
                busy = len(self.running)
                heapq.heappop(self.running)
                self.served += 1
                self.limit = after_success(self.limit, busy)

    def _begin(self) -> None:
        while len(self.running) < self.limit.places and self.now >= self.limit.held_until:
            if len(self.running) < self.borne():
                heapq.heappush(self.running, (self.now + self.rng.uniform(*CALL_S), self.now))
            else:
                self.throttled += 1
                self.limit = after_throttle(self.limit, len(self.running) + 1, self.now, self.now, RETRY_AFTER_S)

    def near(self, number: int) -> float:
        """The share of the time within one place of it."""
        return sum(ms for places, ms in self.at.items() if abs(places - number) <= 1) / self.at.total()


HOUR_S = 3_600.0


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("bears", [1, 2, 3, 5, 8, 13, 20])
def test_it_settles_at_what_the_provider_bears(bears: int, seed: int) -> None:
    provider = Provider({0.0: bears}, documented(20), Random(seed), watch_from=HOUR_S / 2)
    provider.run(5 * HOUR_S)
    assert provider.near(bears) >= 0.95, dict(provider.at)
    assert provider.throttled <= 0.01 * provider.served + 20


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("bears", [2, 5, 20])
def test_it_recovers_after_an_outage(bears: int, seed: int) -> None:
    """Ten minutes in which every call is told to come later, then as before: at the old number within half an hour."""
    back_at = HOUR_S + 600
    provider = Provider({0.0: bears, HOUR_S: 0, back_at: bears}, documented(20), Random(seed))
    provider.run(back_at)
    assert provider.limit.places == 1
    provider.watch_from = back_at + HOUR_S / 2
    provider.run(back_at + 5 * HOUR_S)
    assert provider.near(bears) >= 0.95, dict(provider.at)


@pytest.mark.parametrize("seed", range(5))
def test_it_follows_a_provider_that_bears_more_or_less_than_before(seed: int) -> None:
    provider = Provider({0.0: 4, 5 * HOUR_S: 12, 15 * HOUR_S: 6}, documented(20), Random(seed))
    for until, number in ((5, 4), (15, 12), (25, 6)):
        provider.watch_from, provider.at = (until - 1) * HOUR_S, Counter()
        provider.run(until * HOUR_S)
        assert provider.near(number) >= 0.9, (number, dict(provider.at))


THROTTLES = st.tuples(st.integers(0, 30), st.floats(0, 50), st.one_of(st.none(), st.floats(0, 90)))


@given(st.integers(1, 30), st.lists(st.one_of(st.integers(0, 30), THROTTLES), max_size=200))
def test_it_stays_between_one_and_the_documented_number(
    ceiling: int, happened: list[int | tuple[int, float, float | None]]
) -> None:
    limit, now = documented(ceiling), 1_000.0
    for each in happened:
        now += 1.0
        before = limit
        if isinstance(each, int):
            limit = after_success(limit, each)
            assert before.places <= limit.places <= before.places + 1
        else:
            running, ago_s, retry_after_s = each
            limit = after_throttle(limit, running, now - ago_s, now, retry_after_s)
            assert limit.places == before.places or limit.places <= max(1, before.places // 2)
            assert limit.held_until >= now + (retry_after_s or 0.0)
        assert 1 <= limit.places <= ceiling


def test_calls_that_were_throttled_together_halve_once() -> None:
    limit = documented(16)
    for _ in range(9):
        limit = after_throttle(limit, 16, began_at=90.0, now=100.0)
    assert limit.places == 8
    assert after_throttle(limit, 8, began_at=101.0, now=102.0).places == 4


def test_places_that_were_not_used_were_no_cause() -> None:
    """Somebody else uses the account: ten places, four calls, and one is too many."""
    assert after_throttle(documented(10), 4, 1.0, 2.0).places == 2


def test_a_lane_that_is_not_full_teaches_nothing() -> None:
    limit = after_throttle(documented(8), 8, 1.0, 2.0)
    assert after_success(limit, running=3) == limit
    assert after_success(limit, running=4).places == 5


def test_another_tier_is_heeded() -> None:
    limit = after_throttle(documented(8), 8, 1.0, 2.0)
    assert with_ceiling(limit, 8) == limit
    lower, higher = with_ceiling(limit, 3), with_ceiling(limit, 20)
    assert (lower.places, lower.ceiling, lower.knee) == (3, 3, 3)
    assert (higher.places, higher.ceiling, higher.knee) == (4, 20, None)
