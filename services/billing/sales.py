"""Sales in the marketplace, as the ledger sees them: the buyer pays, the creator is owed, the house has its share.

What is sold, to whom it is licensed and how long a buyer may complain is the marketplace's; it keeps the `Sale`.
"""

from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from services.billing import ledger
from services.billing.errors import AmountUnfit, NoSuchSale
from services.billing.model import Account, AccountKind, Holder, JournalKind, checked_amount
from storage.postgres import Connection
from storage.tables.ledger import NewJournal, is_posted

HOUSE_SHARE = Fraction(30, 100)


@dataclass(frozen=True, slots=True)
class Sale:
    """`key`: what makes it happen once; `price` and `house`, the house's part of it, in micro-credits."""

    key: str
    buyer: Holder
    creator: Holder
    price: int
    house: int

    @property
    def earned(self) -> int:
        """What the creator is owed."""
        return self.price - self.house


def sale_of(key: str, buyer: Holder, creator: Holder, price: int, share: Fraction = HOUSE_SHARE) -> Sale:
    """The part of a micro-credit that cannot be split is the creator's. Raises `AmountUnfit`."""
    if checked_amount(price) == 0 or buyer == creator:
        raise AmountUnfit("Something is sold to somebody else, and not for nothing.")
    return Sale(key, buyer, creator, price, int(price * share))


async def sell(connection: Connection, sale: Sale, by: UUID) -> bool:
    """False where it was booked before. Raises `CreditsShort`."""
    return await ledger.post(connection, _journal(sale, JournalKind.SALE, by), _moves(sale))


async def take_back(connection: Connection, sale: Sale, by: UUID) -> bool:
    """All of it, while the creator is still owed it; False where it was before.

    Raises `NoSuchSale`, and `CreditsShort` where the creator was paid.
    """
    if not await is_posted(connection, _key(sale, JournalKind.SALE)):
        raise NoSuchSale(NoSuchSale.__doc__)
    back = {account: -amount for account, amount in _moves(sale).items()}
    return await ledger.post(connection, _journal(sale, JournalKind.REFUND, by), back)


async def pay_out(connection: Connection, creator: Holder, amount: int, key: str, by: UUID) -> bool:
    """What a creator is owed leaves as money. False where it did before. Raises `CreditsShort`, `AmountUnfit`."""
    if checked_amount(amount) == 0:
        raise AmountUnfit(AmountUnfit.__doc__)
    moves = {Account(creator, AccountKind.PAYABLE): -amount, Account(creator, AccountKind.PAYOUTS): amount}
    journal = NewJournal(f"{JournalKind.PAYOUT.value}:{key}", JournalKind.PAYOUT.value, user_id=by)
    return await ledger.post(connection, journal, moves)


def _moves(sale: Sale) -> dict[Account, int]:
    return {
        Account(sale.buyer, AccountKind.WALLET): -sale.price,
        Account(sale.creator, AccountKind.PAYABLE): sale.earned,
        Account(sale.creator, AccountKind.HOUSE): sale.house,
    }


def _key(sale: Sale, kind: JournalKind) -> str:
    return f"{kind.value}:sale:{sale.key}"


def _journal(sale: Sale, kind: JournalKind, by: UUID) -> NewJournal:
    return NewJournal(_key(sale, kind), kind.value, user_id=by)
