"""How many requests of which class somebody may make, and how they are told (RateLimit headers, 429).

The counting is `storage.rates`. Without Redis each process counts by itself: nobody is locked out, and a greedy caller
gets as many times the quota as there are processes.
"""

import math
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

from prometheus_client import CollectorRegistry, Counter

from api.address import household
from api.gateway_errors import RateExceeded
from services.users.model import Actor
from storage.errors import StoreAway
from storage.rates import Quota, Rates, Taken

AWAY_S = 1.0
"""For so long nobody asks Redis after it did not answer."""


class RouteClass(StrEnum):
    """What a request costs us. `SIGN_IN` and `PUBLIC` are counted by address, the others by user or API key."""

    READ = "read"
    WRITE = "write"
    COSTLY = "costly"
    SIGN_IN = "sign-in"
    PUBLIC = "public"


BY_ADDRESS = frozenset({RouteClass.SIGN_IN, RouteClass.PUBLIC})
QUOTAS: Mapping[RouteClass, Quota] = MappingProxyType(
    {
        RouteClass.READ: Quota(1_200, 60),
        RouteClass.WRITE: Quota(600, 60),
        RouteClass.COSTLY: Quota(120, 60),
        RouteClass.SIGN_IN: Quota(60, 60),
        RouteClass.PUBLIC: Quota(6_000, 60),
    }
)
"""Unless the settings say otherwise. An address may be a whole company's."""
RAISED_TIMES = 1_000
"""What `--raise-budgets` lifts every quota by, for load tests."""


class RateMetrics:
    """Of one process's API."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.refused = Counter(
            "storyforge_api_rate_refusals_total", "Requests over their quota", ["route_class"], registry=registry
        )
        self.alone = Counter(
            "storyforge_api_rates_alone_total",
            "Requests counted without Redis, by this process alone",
            registry=registry,
        )


class Limiter:
    """`shared`: of all processes; `alone`: this one's, for when the shared one is away. `now`: seconds, monotonic."""

    def __init__(
        self,
        shared: Rates,
        alone: Rates,
        quotas: Mapping[RouteClass, Quota],
        metrics: RateMetrics,
        now: Callable[[], float],
    ) -> None:
        self._shared = shared
        self._alone = alone
        self._quotas = quotas
        self._metrics = metrics
        self._now = now
        self._ask_again_at = -math.inf

    async def take(self, route_class: RouteClass, actor: Actor | None, address: str | None) -> dict[str, str]:
        """The headers of the answer. Raises `RateExceeded`."""
        quota = self._quotas[route_class]
        answer = await self._taken(f"{route_class}:{_who(route_class, actor, address)}", quota)
        headers = rate_headers(route_class, quota, answer)
        if not answer.is_granted:
            self._metrics.refused.labels(route_class).inc()
            raise RateExceeded(quota.requests, quota.window_s, math.ceil(answer.retry_after_s), headers)
        return headers

    async def _taken(self, key: str, quota: Quota) -> Taken:
        if self._now() >= self._ask_again_at:
            try:
                return await self._shared.take(key, quota)
            except StoreAway:
                self._ask_again_at = self._now() + AWAY_S
        self._metrics.alone.inc()
        return await self._alone.take(key, quota)


def rate_headers(route_class: RouteClass, quota: Quota, answer: Taken) -> dict[str, str]:
    """As draft-ietf-httpapi-ratelimit-headers-10 writes them; `t`: seconds until the whole quota is back."""
    return {
        "RateLimit-Policy": f'"{route_class}";q={quota.requests};w={quota.window_s}',
        "RateLimit": f'"{route_class}";r={answer.left};t={math.ceil(answer.full_in_s)}',
    }


def quotas_of(text: str, raised: bool = False) -> Mapping[RouteClass, Quota]:
    """`read=1200/60, sign-in=30/60`: requests in seconds; classes not named keep theirs. Raises ValueError."""
    quotas = dict(QUOTAS)
    for one in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, rate = one.partition("=")
        requests, _, window_s = rate.partition("/")
        quotas[RouteClass(name.strip())] = _checked(Quota(int(requests), int(window_s)), one)
    if raised:
        quotas = {name: Quota(quota.requests * RAISED_TIMES, quota.window_s) for name, quota in quotas.items()}
    return MappingProxyType(quotas)


def _checked(quota: Quota, text: str) -> Quota:
    if quota.requests < 1 or quota.window_s < 1:
        raise ValueError(f"{text} allows nothing")
    return quota


def _who(route_class: RouteClass, actor: Actor | None, address: str | None) -> str:
    """A person has one account on all devices; a service's key is counted by itself."""
    if actor is None or route_class in BY_ADDRESS:
        return f"address:{household(address)}"
    return f"key:{actor.session}" if actor.kind == "service" else f"user:{actor.user_id}"
