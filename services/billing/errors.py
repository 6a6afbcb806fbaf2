"""Why credits are not moved.

BillingError
├── AmountUnfit         `field`, `limit`
├── NoPayer             there is no such project
├── CreditsShort        `limit`: what is there; `needed`
├── BudgetSpent         `limit`: its cap; `budget`, `scope`, `period`, `left`, `needed`
├── NoSuchHold
├── HoldKeyReused       the key belongs to a hold of something else
├── HoldEnded           it was settled otherwise, released or expired
├── HoldTooSmall        `limit`: what is held
├── NoSuchWallet
├── NoSuchPack          `field`, `limit`: those that are there
├── MonthUnfit          `field`
├── StatementTooLong    `limit`: lines
├── BudgetUnfit         `field`, `limit`
├── NoSuchPurchase
├── NoSuchSale
├── PurchaseState       it cannot be paid, or given back, as it stands
├── PaymentWrong        another sum was paid than was asked
├── CashierMissing      nobody sells credits here
├── CashierAway
├── MessageForged
└── WalletForeign       `field`; somebody else's credits cannot be given to a project
"""

from uuid import UUID


class BillingError(Exception):
    """Base of everything this package refuses."""

    code = "credits"
    field: str | None = None
    limit: int | str | None = None


class AmountUnfit(BillingError):
    """An amount is between 0 and 1,000,000,000 credits."""

    code = "credits.amount"
    field = "amount"
    limit = 1_000_000_000_000_000


class NoPayer(BillingError):
    """Nobody pays for this project: it is not there."""

    code = "credits.payer"


class CreditsShort(BillingError):
    """There are not enough credits."""

    code = "credits.short"

    def __init__(self, available: int, needed: int) -> None:
        super().__init__(f"This needs {in_credits(needed)} credits, and {in_credits(available)} are there.")
        self.limit = available
        self.needed = needed


class BudgetSpent(BillingError):
    """A budget does not allow it."""

    code = "budget.spent"

    def __init__(self, budget: UUID | None, scope: str, period: str, cap: int, left: int, needed: int) -> None:
        over = " a month" if period == "month" else ""
        super().__init__(
            f"This needs {in_credits(needed)} credits; of the {in_credits(cap)}{over} that {_WHOSE[scope]} may use,"
            f" {in_credits(left)} are left."
        )
        self.limit = cap
        self.budget = budget
        self.scope = scope
        self.period = period
        self.left = left
        self.needed = needed


_WHOSE = {"project": "the project", "person": "you", "run": "one run", "wallet": "whoever pays for it"}


class NoSuchHold(BillingError):
    """There is no such hold."""

    code = "hold.missing"


class HoldKeyReused(BillingError):
    """This key belongs to a hold of another amount, project or run."""

    code = "hold.key_reused"


class HoldEnded(BillingError):
    """The hold has ended otherwise."""

    code = "hold.ended"

    def __init__(self, state: str) -> None:
        super().__init__(f"The hold is {state} already.")
        self.state = state


class HoldTooSmall(BillingError):
    """It costs more than was held for it."""

    code = "hold.small"

    def __init__(self, held: int, actual: int) -> None:
        super().__init__(f"It came to {in_credits(actual)} credits, and {in_credits(held)} were held.")
        self.limit = held


class NoSuchWallet(BillingError):
    """There is no such wallet, or it is not yours to look into."""

    code = "wallet.missing"


class NoSuchPack(BillingError):
    """Credits are not sold like that."""

    code = "pack.unknown"
    field = "pack"

    def __init__(self, pack: str, known: tuple[str, ...]) -> None:
        super().__init__(f"There is no pack {pack[:40]!r}; known: {', '.join(known)}.")
        self.limit = ", ".join(known)


class MonthUnfit(BillingError):
    """A month looks like 2026-11, and has begun."""

    code = "statement.month"
    field = "month"


class StatementTooLong(BillingError):
    """The month has more lines than one file may; read it in pages."""

    code = "statement.long"

    def __init__(self, lines_max: int) -> None:
        super().__init__(f"The month has more than {lines_max:,} lines; read it in pages.")
        self.limit = lines_max


class BudgetUnfit(BillingError):
    """A budget does not have the form that it may have."""

    code = "budget.unfit"
    field = "budgets"

    def __init__(self, message: str, limit: int | None = None) -> None:
        super().__init__(message)
        self.limit = limit


class NoSuchPurchase(BillingError):
    """There is no such purchase."""

    code = "purchase.missing"


class NoSuchSale(BillingError):
    """Nothing was sold like that."""

    code = "sale.missing"


class PurchaseState(BillingError):
    """The purchase is not paid, or over."""

    code = "purchase.state"

    def __init__(self, state: str) -> None:
        super().__init__(f"The purchase is {state}.")


class PaymentWrong(BillingError):
    """Another sum was paid than was asked."""

    code = "payment.wrong"


class CashierMissing(BillingError):
    """Nobody sells credits here."""

    code = "payment.none"


class CashierAway(BillingError):
    """Whoever takes the money cannot be reached now; try again."""

    code = "payment.away"


class MessageForged(BillingError):
    """The message was not signed by whoever takes the money, or too long ago."""

    code = "payment.signature"


class WalletForeign(BillingError):
    """Only whoever may spend from a wallet lets a project use it."""

    code = "wallet.foreign"
    field = "wallet"


def in_credits(micro: int) -> str:
    """Micro-credits for people: `12.5`, `0.000001`."""
    whole, rest = divmod(abs(micro), 1_000_000)
    fraction = f".{rest:06d}".rstrip("0") if rest else ""
    return f"{'-' if micro < 0 else ''}{whole:,}{fraction}"
