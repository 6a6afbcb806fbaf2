"""Which models are left alone because they failed, for all workers together; and what each kind of failure weighs.

Without Redis nobody is left alone: a studio that cannot count failures calls as if there were none.
"""

import logging
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass

from services.generation.providers.port import Cancelled, Failed, FailureKind, NotStopped, Refused, Unknown
from services.generation.routing.fallback import Setback
from services.generation.routing.metrics import RoutingMetrics
from services.generation.routing.model import Health, ModelId
from storage.breakers import Breakers, Changed, Seen, State, Trip
from storage.errors import StoreAway

log = logging.getLogger("storyforge.routing")

STALLED = "stalled"
UNKNOWN = "unknown"

_OUTAGE = Trip(weight=3.5, share=0.5, open_ms=30_000, open_max_ms=600_000)
_LOST = Trip(weight=2.5, share=0.5, open_ms=60_000, open_max_ms=600_000)
_ACCOUNT = Trip(weight=0.5, share=0.0, open_ms=900_000, open_max_ms=7_200_000)
TRIPS: Mapping[str, Trip] = {
    FailureKind.RETRYABLE.value: _OUTAGE,
    FailureKind.GONE.value: _LOST,
    FailureKind.CREDIT.value: _ACCOUNT,
    FailureKind.AUTH.value: _ACCOUNT,
    STALLED: _LOST,
    UNKNOWN: _LOST,
}
"""Who is not here never trips: a moderated or invalid request is ours, and a throttle is the lanes' (`lanes.py`)."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """The call may be made. `is_probe`: what comes of it is to be told as a probe's."""

    is_probe: bool = False


class ModelHealth:
    """`admit` before a call, `tell` after it. None raises."""

    def __init__(self, breakers: Breakers, metrics: RoutingMetrics) -> None:
        self._breakers = breakers
        self._metrics = metrics

    async def admit(self, model: ModelId) -> Admitted | Health:
        """Right before the call, for another may have taken the probe since the facts were read."""
        try:
            seen = await self._breakers.admit(str(model))
        except StoreAway:
            return Admitted()
        return _health(seen) or Admitted(is_probe=seen.state is State.HALF_OPEN)

    async def tell(self, model: ModelId, setback: Setback | None, *, is_probe: bool = False) -> None:
        """What came of a call: None when it was taken and went well. A submission that was taken is well enough."""
        fault = None if setback is None else fault_of(setback)
        trip = None if fault is None else TRIPS.get(fault)
        with suppress(StoreAway):
            self._note(model, await self._breakers.tell(str(model), fault, trip, is_probe=is_probe))

    def _note(self, model: ModelId, changed: Changed) -> None:
        after = changed.after
        if after.state is changed.before.state:
            return
        fault = after.fault or changed.before.fault
        self._metrics.breakers.labels(model.provider, model.model, fault, after.state.value).inc()
        told = {"provider": model.provider, "model": model.model, "fault": fault, "wait_ms": after.retry_after_ms}
        level = logging.WARNING if after.state is State.OPEN else logging.INFO
        log.log(level, f"breaker.{after.state.value}", extra=told)


async def unwell(breakers: Breakers, models: Collection[ModelId]) -> Mapping[ModelId, Health]:
    """Of those only that take no calls now."""
    ids = list(models)
    with suppress(StoreAway):
        seen = await breakers.look([str(each) for each in ids])
        found = {model: _health(each) for model, each in zip(ids, seen, strict=True)}
        return {model: health for model, health in found.items() if health is not None}
    return {}


def fault_of(setback: Setback) -> str:
    """The name under which it is counted."""
    match setback:
        case Refused(failure) | Failed(failure):
            return failure.kind.value
        case Cancelled() | NotStopped():
            return STALLED
        case Unknown():
            return UNKNOWN


def _health(seen: Seen) -> Health | None:
    if seen.state in (State.CLOSED, State.HALF_OPEN):
        return None
    return Health(seen.fault, seen.retry_after_ms / 1_000, probing=seen.state is State.PROBING)
