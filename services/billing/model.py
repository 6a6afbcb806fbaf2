"""Amounts, holders, accounts and holds as values, and their rules; pure.

An amount is an integer of micro-credits: a million are one credit, and a credit is sold for one US cent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from services.billing.errors import AmountUnfit

MicroCredits = NewType("MicroCredits", int)

MICRO = 1_000_000
"""Micro-credits of a credit."""
AMOUNT_MAX = 1_000_000_000 * MICRO
"""Of one movement, and exact in JSON. Error: `AmountUnfit`."""
HOLD_TTL_S = 86_400.0
HOLD_TTL_S_MAX = 7 * 86_400.0
ALWAYS = "always"


class HolderKind(StrEnum):
    """Who may have a wallet."""

    USER = "user"
    TEAM = "team"
    PROJECT = "project"


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose credits they are."""

    kind: HolderKind
    id: UUID


class AccountKind(StrEnum):
    """Of every holder. What came out of an account is in its balance as less than zero."""

    WALLET = "wallet"
    """What the holder may use; never below zero."""
    HELD = "held"
    """Taken out of the wallet for what is not known yet; as much as all open holds together."""
    PAYABLE = "payable"
    """What a creator has earned and was not paid; never below zero."""
    HOUSE = "house"
    """What this holder's generations brought beyond their cost; below zero where we paid more."""
    PROVIDER = "provider"
    """What a provider charged for this holder's generations. There is one for each, by name."""
    PROMOTIONS = "promotions"
    """Where granted credits come from."""
    PURCHASES = "purchases"
    """Where bought credits come from: the money outside."""
    PAYOUTS = "payouts"
    """Where a creator's earnings go when they are paid: the money outside."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the ledger. `name`: which provider."""

    holder: Holder
    kind: AccountKind
    name: str = ""


NEVER_OVERDRAWN = frozenset((AccountKind.WALLET, AccountKind.HELD, AccountKind.PAYABLE))


class JournalKind(StrEnum):
    """Why credits move."""

    PURCHASE = "purchase"
    GRANT = "grant"
    HOLD = "hold"
    SETTLEMENT = "settlement"
    RELEASE = "release"
    EXPIRY = "expiry"
    REFUND = "refund"
    TRANSFER = "transfer"
    SALE = "sale"
    PAYOUT = "payout"


class HoldState(StrEnum):
    """How a hold stands; all but `open` are ends."""

    OPEN = "open"
    SETTLED = "settled"
    RELEASED = "released"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Reservation:
    """The most that something may cost. `key`: of whoever asks, the same when asked again: `run_.../step/attempt`."""

    key: str
    project_id: UUID
    user_id: UUID
    amount: int
    run_id: UUID | None = None
    ttl_s: float = HOLD_TTL_S


@dataclass(frozen=True, slots=True)
class Cost:
    """What something came to.

    `price`: what the holder pays; `providers`: what each provider charged for it, also where the holder pays nothing;
    `saved`: what the holder would have paid more without a cache.
    """

    price: int
    providers: Mapping[str, int] = field(default_factory=dict)
    saved: int = 0


@dataclass(frozen=True, slots=True)
class BudgetWarning:
    """A budget that a hold took past four fifths of its cap, or to its end. `budget`: None for the wallet's own cap a
    month."""

    budget: UUID | None
    scope: str
    period: str
    cap: int
    used: int

    @property
    def percent(self) -> int:
        """Which line was reached: 80 or 100."""
        return 100 if self.used >= self.cap else 80


@dataclass(frozen=True, slots=True)
class Hold:
    """Credits taken out of a wallet until it is known what they are for. `warnings`: only where it was just made."""

    id: UUID
    holder: Holder
    amount: int
    state: HoldState
    actual: int | None
    expires_at: datetime
    warnings: tuple[BudgetWarning, ...] = ()


def checked_amount(amount: int) -> int:
    """Raises `AmountUnfit`."""
    if not 0 <= amount <= AMOUNT_MAX:
        raise AmountUnfit(AmountUnfit.__doc__)
    return amount


def warning_line(cap: int) -> int:
    """Four fifths of a cap: whoever goes past it is told. `count` in `storage/tables/holds.sql` says the same."""
    return cap - cap // 5


def month_of(moment: datetime) -> str:
    """The month that budgets and statements count it in, of UTC: `2026-11`."""
    return moment.astimezone(UTC).strftime("%Y-%m")
