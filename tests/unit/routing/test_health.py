"""Which failures leave a model alone, and that a studio without Redis goes on."""

import logging
from collections.abc import Sequence

import pytest
from prometheus_client import CollectorRegistry

from services.generation.providers.port import Cancelled, Failed, Failure, FailureKind, NotStopped, Refused, Unknown
from services.generation.routing.fallback import Setback
from services.generation.routing.health import TRIPS, Admitted, ModelHealth, unwell
from services.generation.routing.metrics import RoutingMetrics
from services.generation.routing.model import Health, ModelId
from storage.breakers import Changed, MemoryBreakers, Seen, Trip
from storage.errors import StoreAway

RUNWAY, KLING = ModelId("runway", "gen4.5"), ModelId("kling", "3.0")


class Studio:
    """`health` on a clock of its own."""

    def __init__(self) -> None:
        self.now = 100.0
        self.registry = CollectorRegistry()
        self.breakers = MemoryBreakers(lambda: self.now)
        self.health = ModelHealth(self.breakers, RoutingMetrics(self.registry))

    async def tells(self, setback: Setback | None, times: int) -> bool:
        """Whether the model is left alone afterwards."""
        for _ in range(times):
            await self.health.tell(RUNWAY, setback)
        return RUNWAY in await unwell(self.breakers, [RUNWAY, KLING])

    def changes(self, fault: str, state: str) -> float:
        labels = {"provider": "runway", "model": "gen4.5", "fault": fault, "state": state}
        return self.registry.get_sample_value("storyforge_breaker_changes_total", labels) or 0.0


def refused(kind: FailureKind) -> Refused:
    return Refused(Failure(kind, "code", "their words"))


TABLE: list[tuple[Setback, int | None]] = [
    (refused(FailureKind.RETRYABLE), 4),
    (Failed(Failure(FailureKind.RETRYABLE, "code", "their words")), 4),
    (refused(FailureKind.GONE), 3),
    (refused(FailureKind.CREDIT), 1),
    (refused(FailureKind.AUTH), 1),
    (Cancelled(), 3),
    (NotStopped(Failure(FailureKind.RETRYABLE, "code", "their words")), 3),
    (Unknown("the connection broke"), 3),
    (refused(FailureKind.MODERATED), None),
    (refused(FailureKind.INVALID), None),
    (refused(FailureKind.THROTTLED), None),
]


@pytest.mark.parametrize(("setback", "trips_after"), TABLE)
async def test_so_many_in_a_row_leave_a_model_alone(setback: Setback, trips_after: int | None) -> None:
    studio = Studio()
    if trips_after is None:
        assert not await studio.tells(setback, 50)
        return
    assert not await studio.tells(setback, trips_after - 1)
    assert await studio.tells(setback, 1)


def test_every_kind_of_failure_is_in_the_table() -> None:
    kinds = {setback.failure.kind for setback, _ in TABLE if isinstance(setback, (Refused, Failed))}
    assert kinds == set(FailureKind)
    assert {kind for kind in FailureKind if kind.value not in TRIPS} == {
        FailureKind.MODERATED,
        FailureKind.INVALID,
        FailureKind.THROTTLED,
    }


async def test_a_model_that_failed_is_probed_and_trusted_again(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "storyforge.routing")
    studio = Studio()
    await studio.tells(refused(FailureKind.RETRYABLE), 4)
    assert await unwell(studio.breakers, [RUNWAY, KLING]) == {RUNWAY: Health("retryable", 30.0)}
    assert await studio.health.admit(RUNWAY) == Health("retryable", 30.0)
    studio.now += 30
    assert await unwell(studio.breakers, [RUNWAY, KLING]) == {}
    assert await studio.health.admit(RUNWAY) == Admitted(is_probe=True)
    other = await studio.health.admit(RUNWAY)
    assert isinstance(other, Health) and other.probing
    await studio.health.tell(RUNWAY, None, is_probe=True)
    assert await studio.health.admit(RUNWAY) == Admitted()
    assert (studio.changes("retryable", "open"), studio.changes("retryable", "closed")) == (1, 1)
    assert [record.message for record in caplog.records] == ["breaker.open", "breaker.closed"]


class Away:
    """Redis is not there."""

    async def look(self, keys: Sequence[str]) -> list[Seen]:
        raise StoreAway("Redis")

    async def admit(self, key: str) -> Seen:
        raise StoreAway("Redis")

    async def tell(self, key: str, fault: str | None, trip: Trip | None, *, is_probe: bool) -> Changed:
        raise StoreAway("Redis")


async def test_without_redis_nobody_is_left_alone() -> None:
    health = ModelHealth(Away(), RoutingMetrics(CollectorRegistry()))
    await health.tell(RUNWAY, refused(FailureKind.CREDIT))
    assert await unwell(Away(), [RUNWAY]) == {}
    assert await health.admit(RUNWAY) == Admitted()
