"""The price before: what something may cost, part by part, and whether that fits what may still be spent. Pure.

What a provider charges is said by its own price function; who asks it is the router.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from services.billing.model import checked_amount

MARGIN = Fraction(20, 100)
"""What the holder pays beyond what a provider charges."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What a provider may charge for one part, in micro-credits: `most` is what has to be held."""

    provider: str
    part: str
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Quote:
    """What the holder will pay, between `least` and `most`, in micro-credits."""

    least: int
    most: int
    charges: tuple[Charge, ...]


_LIMITS = {
    "wallet": "the wallet",
    "wallet_month": "what the wallet pays in a month",
    "project": "the project's budget",
    "person": "a person's budget",
    "run": "the limit of one run",
}


@dataclass(frozen=True, slots=True)
class Room:
    """What may still be spent, and by what it is limited: `wallet`, `wallet_month`, `project`, `person` or `run`."""

    left: int
    by: str

    @property
    def name(self) -> str:
        """What limits it, for people."""
        return _LIMITS[self.by]

    def fits(self, amount: int) -> bool:
        """Whether a hold of it would be made now."""
        return amount <= self.left


def quote(charges: Sequence[Charge]) -> Quote:
    """Raises `AmountUnfit`."""
    least = price_of(sum(charge.least for charge in charges))
    return Quote(least, price_of(sum(charge.most for charge in charges)), tuple(charges))


def price_of(cost: int) -> int:
    """What the holder pays for what providers charge, to the next micro-credit. Raises `AmountUnfit`."""
    price = checked_amount(cost) * (1 + MARGIN)
    return checked_amount(-(-price.numerator // price.denominator))


def room_of(balance: int, limits: Sequence[tuple[str, int, int]]) -> Room:
    """`limits`: (by what, cap, used) of each that holds here."""
    rooms = [Room(balance, "wallet"), *(Room(max(0, cap - used), by) for by, cap, used in limits)]
    return min(rooms, key=lambda room: room.left)
