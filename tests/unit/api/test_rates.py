"""Who pays for a request, what they are told, and what happens without Redis."""

import re
from pathlib import Path
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry

from api.gateway_errors import RateExceeded
from api.main import operations
from api.rates import AWAY_S, QUOTAS, RAISED_TIMES, Limiter, RateMetrics, RouteClass, quotas_of
from services.users.model import Actor
from storage.errors import StoreAway
from storage.rates import MemoryRates, Quota, Taken

ADA = Actor(UUID(int=1), "Ada", "#aa33bb", "person", "s1")
SMALL = {route_class: Quota(2, 60) for route_class in RouteClass}


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Away:
    """Redis, as long as it is not there."""

    asked = 0

    async def take(self, key: str, quota: Quota) -> Taken:
        self.asked += 1
        raise StoreAway("Redis: refused")


class Desk:
    """A limiter over rates of its own."""

    def __init__(self, is_away: bool = False) -> None:
        self.clock, self.registry, self.away = Clock(), CollectorRegistry(), Away()
        shared = self.away if is_away else MemoryRates(self.clock)
        self.limiter = Limiter(shared, MemoryRates(self.clock), SMALL, RateMetrics(self.registry), self.clock)

    async def granted(
        self, route_class: RouteClass = RouteClass.READ, actor: Actor | None = ADA, address: str | None = "1.2.3.4"
    ) -> int:
        """How many of five."""
        count = 0
        for _ in range(5):
            try:
                await self.limiter.take(route_class, actor, address)
                count += 1
            except RateExceeded:
                pass
        return count


async def test_the_answer_says_the_quota_and_what_is_left() -> None:
    limiter = Desk().limiter
    assert await limiter.take(RouteClass.READ, ADA, None) == {
        "RateLimit-Policy": '"read";q=2;w=60',
        "RateLimit": '"read";r=1;t=30',
    }
    await limiter.take(RouteClass.READ, ADA, None)
    with pytest.raises(RateExceeded) as refused:
        await limiter.take(RouteClass.READ, ADA, None)
    assert refused.value.headers["Retry-After"] == "30"
    assert refused.value.headers["RateLimit"] == '"read";r=0;t=60'
    assert (refused.value.code, refused.value.status, refused.value.limit) == ("rate.exceeded", 429, 2)


async def test_each_class_and_each_user_has_a_quota() -> None:
    desk, ben = Desk(), Actor(UUID(int=2), "Ben", "#aa33bb", "person", "s2")
    assert await desk.granted() == 2
    assert await desk.granted(RouteClass.WRITE) == 2
    assert await desk.granted(actor=ben) == 2


async def test_a_user_is_one_on_every_device_and_a_key_is_one_by_itself() -> None:
    desk = Desk()
    assert await desk.granted() == 2
    assert await desk.granted(actor=Actor(ADA.user_id, "Ada", "#aa33bb", "person", "other"), address="5.6.7.8") == 0
    assert await desk.granted(actor=Actor(ADA.user_id, "Bot", "#aa33bb", "service", "k1")) == 2
    assert await desk.granted(actor=Actor(ADA.user_id, "Bot", "#aa33bb", "service", "k2")) == 2


async def test_who_signs_in_or_is_not_known_is_counted_by_address() -> None:
    desk = Desk()
    assert await desk.granted(RouteClass.SIGN_IN, None) == 2
    assert await desk.granted(RouteClass.SIGN_IN, ADA) == 0
    assert await desk.granted(RouteClass.READ, None) == 2
    assert await desk.granted(RouteClass.SIGN_IN, None, "5.6.7.8") == 2


async def test_without_redis_the_process_counts_by_itself_and_says_so() -> None:
    desk = Desk(is_away=True)
    assert await desk.granted() == 2
    assert desk.registry.get_sample_value("storyforge_api_rates_alone_total") == 5
    assert desk.registry.get_sample_value("storyforge_api_rate_refusals_total", {"route_class": "read"}) == 3
    assert desk.away.asked == 1
    desk.clock.now_s += AWAY_S
    await desk.granted()
    assert desk.away.asked == 2


def test_quotas_come_from_the_settings() -> None:
    quotas = quotas_of("read=10/1, sign-in=5/60")
    assert (quotas[RouteClass.READ], quotas[RouteClass.SIGN_IN]) == (Quota(10, 1), Quota(5, 60))
    assert quotas[RouteClass.WRITE] == QUOTAS[RouteClass.WRITE]
    assert quotas_of("", raised=True)[RouteClass.READ].requests == QUOTAS[RouteClass.READ].requests * RAISED_TIMES


@pytest.mark.parametrize("text", ["reads=1/1", "read=1", "read=x/1", "read=0/1", "read=1/0", "read"])
def test_a_quota_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        quotas_of(text)


def test_the_page_for_operators_says_the_defaults() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "operations.md").read_text()
    defaults = {f"`{name}={quota.requests}/{quota.window_s}`" for name, quota in QUOTAS.items()}
    assert defaults == set(re.findall(r"`[a-z-]+=[0-9]+/[0-9]+`", page))


def test_what_a_route_costs_follows_from_its_method_unless_it_says() -> None:
    classes = {each.name: each.route_class for each in operations()}
    assert classes["projects.listed"] is RouteClass.READ
    assert classes["projects.create"] is RouteClass.WRITE
    assert classes["runs.generate"] is RouteClass.COSTLY
    assert classes["sessions.sign_in"] is RouteClass.SIGN_IN
    assert classes["media.signed"] is RouteClass.PUBLIC
