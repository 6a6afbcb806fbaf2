"""The next scene, made before anybody asks for it: only for an owner who agreed, only with what lies idle; pure.

What was made so is on the shelf for a day (`Exact.ahead`). When it is used it saves time and no money, and when it
is not, it was money: so credits that work may need are never touched.
"""

from dataclasses import dataclass
from enum import StrEnum

from services.cache.model import Mode, Policy

RESERVE_SHARE = 0.5
"""Of the free credits, what stays for work that somebody asks for."""
LANE_IDLE_SHARE = 0.5
"""A lane counts as idle when at least so many of its places are free."""
AHEAD_AT_ONCE_MAX = 1
"""Of one project."""


class Hindrance(StrEnum):
    """Why nothing is prepared now."""

    OFF = "off"
    NOT_AGREED = "not_agreed"
    WORK_WAITS = "work_waits"
    BUSY = "busy"
    TOO_DEAR = "too_dear"
    ENOUGH = "enough"
    KNOWN = "known"
    """It is there already, or being made."""


@dataclass(frozen=True, slots=True)
class Idle:
    """What lies idle. `free_microcredits`: not held and within every budget. `waiting`: steps that somebody asked for.

    `places`, `free_places`: of the lane that would be used. `ahead`: of this project, being prepared now.
    """

    free_microcredits: int
    most_microcredits: int
    waiting: int
    places: int
    free_places: int
    ahead: int = 0


def hindrance(policy: Policy, idle: Idle) -> Hindrance | None:
    """None: the next scene may be prepared."""
    if policy.mode is Mode.OFF:
        return Hindrance.OFF
    if not policy.prepares_ahead:
        return Hindrance.NOT_AGREED
    if idle.ahead >= AHEAD_AT_ONCE_MAX:
        return Hindrance.ENOUGH
    if idle.waiting > 0:
        return Hindrance.WORK_WAITS
    if idle.free_places < 1 or idle.free_places < LANE_IDLE_SHARE * idle.places:
        return Hindrance.BUSY
    if idle.most_microcredits > idle.free_microcredits * (1 - RESERVE_SHARE):
        return Hindrance.TOO_DEAR
    return None
