"""How many calls a provider's account bears at once, learnt from its throttles: additive up, halved down. Pure.

Around the documented number and never above it. What was borne before the last throttle is remembered, so that after
halving the way back is quick up to there and slow beyond: the limit stays near the truth instead of swinging.
"""

from dataclasses import dataclass, replace

PROBES_AFTER = 20
"""Full successes, times the places, before one place more is tried above what was borne. Doubled when it fails."""
PROBES_AFTER_MAX = 320


@dataclass(frozen=True, slots=True)
class Limit:
    """`places` now, 1..`ceiling`; `ceiling`: the documented number.

    `knee`: what was borne at the last throttle; None: not known. `streak`: successes while full since the last change.
    `probes_after`: how cautious it is above the knee. `halved_at`: seconds; calls that began before it say nothing new.
    `held_until`: seconds; the provider asked for nothing more until then.
    """

    places: int
    ceiling: int
    knee: int | None = None
    streak: int = 0
    probes_after: int = PROBES_AFTER
    halved_at: float = 0.0
    held_until: float = 0.0

    def __post_init__(self) -> None:
        assert 1 <= self.places <= self.ceiling


def documented(ceiling: int) -> Limit:
    """Before anything was learnt: what the provider says."""
    return Limit(ceiling, ceiling)


def after_success(limit: Limit, running: int) -> Limit:
    """`running`: calls at once, this one included. A lane that is not full teaches nothing."""
    if running < limit.places or limit.places >= limit.ceiling:
        return limit
    knee = limit.knee
    if knee is not None and limit.places > knee:  # it bears more than it did: what was learnt is out of date
        knee = None
    if knee is None:
        needed = limit.places
    elif limit.places < knee:
        needed = 1
    else:
        needed = limit.probes_after * limit.places
    if limit.streak + 1 < needed:
        return replace(limit, streak=limit.streak + 1)
    probes_after = PROBES_AFTER if knee is None else limit.probes_after
    return replace(limit, places=limit.places + 1, knee=knee, streak=0, probes_after=probes_after)


def after_throttle(
    limit: Limit, running: int, began_at: float, now: float, retry_after_s: float | None = None
) -> Limit:
    """`running`: calls at once, this one included: half of those is what is left, for unused places were no cause.

    `began_at`: of the call. Several that were throttled together are one throttle.
    """
    held_until = max(limit.held_until, now + (retry_after_s or 0.0))
    if began_at < limit.halved_at:
        return replace(limit, held_until=held_until)
    flight = min(limit.places, max(1, running))
    knee, probes_after = flight - 1, PROBES_AFTER
    if knee == limit.knee:
        probes_after = min(PROBES_AFTER_MAX, limit.probes_after * 2)
    return Limit(
        places=max(1, flight // 2),
        ceiling=limit.ceiling,
        knee=knee or None,  # of a single call: not a matter of how many, so what was learnt says nothing any more
        probes_after=probes_after,
        halved_at=now,
        held_until=held_until,
    )


def with_ceiling(limit: Limit, ceiling: int) -> Limit:
    """Of another tier. A higher one is tried as if nothing had been learnt above the old one."""
    if ceiling == limit.ceiling:
        return limit
    knee = None if limit.knee is None or ceiling > limit.ceiling else min(limit.knee, ceiling)
    return replace(limit, places=min(limit.places, ceiling), ceiling=ceiling, knee=knee, streak=0)
