"""What each tier is given a month, what credits are sold in, as data; and how much of an allowance is due. Pure.

The tier of a user is `users.tier`. Teams and projects have no allowance: credits are brought to them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from services.billing.errors import NoSuchPack
from services.billing.model import MICRO, Holder, month_of


@dataclass(frozen=True, slots=True)
class Plan:
    """`monthly`: what is given once a month, at the first use; only as far as the wallet holds less than `ceiling`."""

    tier: str
    monthly: int
    ceiling: int


@dataclass(frozen=True, slots=True)
class Pack:
    """Credits as they are sold. `cents`: of a US dollar, without tax."""

    name: str
    amount: int
    cents: int


PLANS: Mapping[str, Plan] = MappingProxyType(
    {
        plan.tier: plan
        for plan in (
            Plan("free", 100 * MICRO, 100 * MICRO),
            Plan("pro", 2_000 * MICRO, 4_000 * MICRO),
            Plan("studio", 10_000 * MICRO, 20_000 * MICRO),
        )
    }
)
PACKS: Mapping[str, Pack] = MappingProxyType(
    {
        pack.name: pack
        for pack in (
            Pack("small", 1_000 * MICRO, 1_000),
            Pack("medium", 5_000 * MICRO, 4_800),
            Pack("large", 25_000 * MICRO, 22_500),
        )
    }
)


def pack_of(name: str) -> Pack:
    """Raises `NoSuchPack`."""
    if name not in PACKS:
        raise NoSuchPack(name, tuple(PACKS))
    return PACKS[name]


def allowance_due(plan: Plan, balance: int) -> int:
    """What the wallet is given this month if it was given nothing yet."""
    return max(0, min(plan.monthly, plan.ceiling - balance))


def allowance_key(holder: Holder, now: datetime) -> str:
    """Once a month."""
    return f"plan:{holder.id}:{month_of(now)}"
