"""The seam between what is bought and whoever takes the money for it. One suite holds them: `test_cashiers.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class Outcome(StrEnum):
    """What became of a checkout."""

    PAID = "paid"
    CANCELLED = "cancelled"
    """It was left, or its time is over: nobody has paid."""
    REFUNDED = "refunded"
    """The money went back, whoever asked for it."""


@dataclass(frozen=True, slots=True)
class Order:
    """`cents`: of a US dollar. `what`: for the buyer's eyes. `back`: the address to which they come back."""

    purchase_id: UUID
    cents: int
    what: str
    back: str


@dataclass(frozen=True, slots=True)
class Checkout:
    """Where the buyer pays, and what the cashier calls it."""

    id: str
    url: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a signed message says. `purchase_id` is None where it only names the payment."""

    outcome: Outcome
    purchase_id: UUID | None
    payment: str
    cents: int


class Cashier(Protocol):
    """Errors: `CashierAway` when it cannot be reached or refuses us, `MessageForged` for what it did not sign."""

    @property
    def name(self) -> str:
        """In our rows."""
        ...

    async def checkout(self, order: Order) -> Checkout:
        """The same order again is the same checkout. Raises `CashierAway`."""
        ...

    def hear(self, headers: Mapping[str, str], body: bytes, now: float) -> Told | None:
        """Checks who signed it, and when; None for what does not concern us. Raises `MessageForged`."""
        ...

    async def refund(self, purchase_id: UUID, payment: str) -> None:
        """All of it; again changes nothing. Raises `CashierAway`."""
        ...
