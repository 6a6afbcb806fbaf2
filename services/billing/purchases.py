"""Credits that are bought: a purchase is asked for, paid at a cashier, and given back.

What the cashier says comes signed, twice, late and in any order: each purchase is booked once.
"""

import logging
import secrets
from collections.abc import Mapping
from uuid import UUID

import asyncpg

from services.billing import ledger
from services.billing.cashiers.local import LocalCashier
from services.billing.cashiers.port import Cashier, Checkout, Order, Outcome, Told
from services.billing.errors import CashierMissing, NoSuchPurchase, PaymentWrong, PurchaseState, in_credits
from services.billing.model import Account, AccountKind, Holder, HolderKind, JournalKind
from services.billing.plans import pack_of
from services.billing.service import access_wallet
from services.projects.model import Entropy, time_ordered
from services.users import audit
from services.users.audit import Action
from services.users.model import Actor
from services.users.operators import require_operator
from storage.postgres import Connection
from storage.tables import purchases as rows
from storage.tables.ledger import NewJournal
from storage.tables.purchases import NewPurchase, PurchaseRow

PURCHASES_LISTED_MAX = 100

log = logging.getLogger("storyforge.billing")


class Purchases:
    """`cashier` None: nobody sells credits here. `operators`: who may give money back."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        cashier: Cashier | None,
        operators: frozenset[UUID] = frozenset(),
        entropy: Entropy = secrets.token_bytes,
    ) -> None:
        self._pool = pool
        self._cashier = cashier
        self._operators = operators
        self._entropy = entropy

    async def buy(
        self, actor: Actor, holder: Holder, pack: str, back: str, now: float, purchase_id: UUID | None = None
    ) -> tuple[PurchaseRow, Checkout]:
        """`back`: where the buyer comes back to. The same `purchase_id` is the same purchase.

        Raises `NoSuchPack`, `CashierMissing`, `CashierAway`, `NoSuchWallet`, `Forbidden`.
        """
        cashier, wanted = self._there(), pack_of(pack)
        new = NewPurchase(
            purchase_id or time_ordered(now, self._entropy),
            holder.kind.value,
            holder.id,
            actor.user_id,
            wanted.name,
            wanted.amount,
            wanted.cents,
            cashier.name,
        )
        async with self._pool.acquire() as connection, connection.transaction():
            await access_wallet(connection, actor, holder, spend=True)
            await rows.add(connection, new)
        what = f"{in_credits(wanted.amount)} credits for StoryForge"
        checkout = await cashier.checkout(Order(new.id, wanted.cents, what, back))  # not while anything is locked
        await rows.set_checkout(self._pool, new.id, checkout.id)
        return await self._row(new.id), checkout

    async def of_wallet(self, actor: Actor, holder: Holder) -> list[PurchaseRow]:
        """The newest hundred. Raises `NoSuchWallet`, `Forbidden`."""
        await access_wallet(self._pool, actor, holder, spend=True)
        return await rows.of_holder(self._pool, holder.id, PURCHASES_LISTED_MAX)

    async def press(self, actor: Actor, purchase_id: UUID, now: float) -> PurchaseRow:
        """At our own form, where that is the cashier. Raises `NoSuchPurchase`, `PurchaseState`, `Forbidden`."""
        row = await self._row(purchase_id)
        if not isinstance(self._cashier, LocalCashier):
            raise NoSuchPurchase(NoSuchPurchase.__doc__)
        await access_wallet(self._pool, actor, _holder(row), spend=True)
        if row.state not in ("open", "paid"):
            raise PurchaseState(row.state)
        await self.hear(*self._cashier.pressed(row.id, row.cents), now)
        return await self._row(purchase_id)

    async def hear(self, headers: Mapping[str, str], body: bytes, now: float) -> None:
        """A message of the cashier. Raises `MessageForged`, `NoSuchPurchase`, `PaymentWrong`, `CashierMissing`."""
        cashier = self._there()
        told = cashier.hear(headers, body, now)
        if told is None:
            return
        purchase_id = told.purchase_id or await rows.of_payment(self._pool, told.payment, cashier.name)
        if purchase_id is None:
            raise NoSuchPurchase(NoSuchPurchase.__doc__)  # its payment is not told yet: the cashier says it again
        async with self._pool.acquire() as connection, connection.transaction():
            row = await rows.lock(connection, purchase_id)
            if row is None or row.cashier != cashier.name:
                raise NoSuchPurchase(NoSuchPurchase.__doc__)
            match told.outcome:
                case Outcome.PAID:
                    await _pay(connection, row, told)
                case Outcome.CANCELLED:
                    await rows.cancel(connection, row.id)
                case Outcome.REFUNDED:
                    await _take_back(connection, row, by=None)
                    await rows.end_refund(connection, row.id)

    async def refund(self, actor: Actor, purchase_id: UUID) -> PurchaseRow:
        """By an operator: credits that are left come back, then the money goes; again, where it did not go yet.

        Raises `NotAnOperator`, `NoSuchPurchase`, `PurchaseState`, `CashierAway`.
        """
        require_operator(self._operators, actor)
        async with self._pool.acquire() as connection, connection.transaction():
            row = await rows.lock(connection, purchase_id)
            if row is None:
                raise NoSuchPurchase(NoSuchPurchase.__doc__)
            await _take_back(connection, row, by=actor.user_id)
        if row.ended_at is None and row.payment is not None:
            await self._there().refund(row.id, row.payment)
            await rows.end_refund(self._pool, row.id)
        return await self._row(purchase_id)

    def _there(self) -> Cashier:
        if self._cashier is None:
            raise CashierMissing(CashierMissing.__doc__)
        return self._cashier

    async def _row(self, purchase_id: UUID) -> PurchaseRow:
        row = await rows.of_id(self._pool, purchase_id)
        if row is None:
            raise NoSuchPurchase(NoSuchPurchase.__doc__)
        return row


async def _pay(connection: Connection, row: PurchaseRow, told: Told) -> None:
    """Once; also where its checkout was thought to be over."""
    if told.cents != row.cents:
        raise PaymentWrong(f"{told.cents} cents were paid, and {row.cents} were asked.")
    if row.state in ("paid", "refunded"):
        return
    holder = _holder(row)
    moves = {Account(holder, AccountKind.PURCHASES): -row.amount, Account(holder, AccountKind.WALLET): row.amount}
    journal = NewJournal(
        f"purchase:{row.id}", JournalKind.PURCHASE.value, user_id=row.bought_by, detail={"pack": row.pack}
    )
    await ledger.post(connection, journal, moves)
    await rows.pay(connection, row.id, told.payment)
    await audit.record(
        connection,
        Action.CREDITS_BOUGHT,
        actor_id=row.bought_by,
        wallet=str(row.holder_id),
        purchase=str(row.id),
        amount=row.amount,
        cents=row.cents,
    )


async def _take_back(connection: Connection, row: PurchaseRow, by: UUID | None) -> None:
    """What is left of them in the wallet; what was spent meanwhile is the house's loss. Raises `PurchaseState`."""
    if row.state == "refunded":
        return
    if row.state != "paid":
        raise PurchaseState(row.state)
    holder = _holder(row)
    wallet, house = Account(holder, AccountKind.WALLET), Account(holder, AccountKind.HOUSE)
    purchases = Account(holder, AccountKind.PURCHASES)
    locked = await ledger.lock(connection, wallet, house, purchases)
    left = min(row.amount, locked[wallet].balance)
    if left < row.amount:
        log.warning("purchase.spent_before_refund", extra={"purchase": row.id.hex, "lost": row.amount - left})
    journal = NewJournal(f"refund:{row.id}", JournalKind.REFUND.value, user_id=by, detail={"pack": row.pack})
    moves = {wallet: -left, house: left - row.amount, purchases: row.amount}
    await ledger.post_locked(connection, journal, moves, locked)
    await rows.refund(connection, row.id)
    await audit.record(
        connection,
        Action.CREDITS_REFUNDED,
        actor_id=by,
        user_id=row.bought_by,
        wallet=str(row.holder_id),
        purchase=str(row.id),
        amount=left,
    )


def _holder(row: PurchaseRow) -> Holder:
    return Holder(HolderKind(row.holder_kind), row.holder_id)
