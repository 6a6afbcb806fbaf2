"""Quotas on the real door: over it 429 with when to come back, and nobody is locked out when Redis is away."""

import time
from dataclasses import replace

import httpx
from prometheus_client import CollectorRegistry

from api.main import application
from api.rates import Limiter, RateMetrics, RouteClass
from storage.rates import MemoryRates, Quota
from storage.redis import open_redis
from storage.redis_rates import RedisRates
from tests.integration.api.studio import URL, Person, Studio

SMALL = {route_class: Quota(3, 3_000) for route_class in RouteClass}


def door(
    studio: Studio, limiter: Limiter, person: Person | None = None, address: str = "203.0.113.9"
) -> httpx.AsyncClient:
    """The same studio with another limiter."""
    headers = {} if person is None else {"Authorization": f"Bearer {person.session}"}
    app = application(replace(studio.state, limiter=limiter))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(address, 1)), base_url=URL, headers=headers)


def small(studio: Studio, shared: RedisRates | None = None) -> Limiter:
    rates = shared or studio.state.stores.rates
    return Limiter(rates, MemoryRates(time.monotonic), SMALL, RateMetrics(CollectorRegistry()), time.monotonic)


async def test_over_the_quota_is_a_problem_that_says_when_to_come_back(studio: Studio, ada: Person) -> None:
    async with door(studio, small(studio), ada) as http:
        first = await http.get("/v1/me")
        assert first.headers["ratelimit-policy"] == '"read";q=3;w=3000'
        assert first.headers["ratelimit"] == '"read";r=2;t=1000'
        await http.get("/v1/me")
        missing = await http.get("/v1/projects/prj_" + "0" * 26)
        assert (missing.status_code, missing.headers["ratelimit"][:11]) == (404, '"read";r=0;')
        over = await http.get("/v1/me")
        assert (over.status_code, over.json()["code"], over.json()["limit"]) == (429, "rate.exceeded", 3)
        assert 990 < int(over.headers["retry-after"]) <= 1_000
        assert (await http.post("/v1/tickets")).status_code == 201  # another class


async def test_two_processes_count_together(studio: Studio, ada: Person) -> None:
    async with door(studio, small(studio), ada) as one, door(studio, small(studio), ada) as other:
        answers = [await each.get("/v1/me") for each in (one, other, one, other)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]


async def test_guessing_tokens_costs_the_address(studio: Studio, ada: Person) -> None:
    async with door(studio, small(studio), address="203.0.113.77") as http:
        answers = [await http.get("/v1/me", headers={"Authorization": f"Bearer {n}"}) for n in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]


async def test_without_redis_requests_are_served_and_still_counted(studio: Studio, ada: Person) -> None:
    async with open_redis("redis://127.0.0.1:1/0") as gone:
        async with door(studio, small(studio, RedisRates(gone)), ada) as http:
            answers = [await http.get("/v1/me") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
