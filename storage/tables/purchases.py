"""Rows of `credit_purchases`: what was asked for and how it stands. The credits themselves are in the ledger."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from storage.postgres import Connection, Executor
from storage.sql import load

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class NewPurchase:
    """`amount` in micro-credits, `cents` of a US dollar."""

    id: UUID
    holder_kind: str
    holder_id: UUID
    bought_by: UUID
    pack: str
    amount: int
    cents: int
    cashier: str


@dataclass(frozen=True, slots=True)
class PurchaseRow(NewPurchase):
    """`state`: open, paid, refunded (the credits are back; the money since `ended_at`) or cancelled."""

    state: str
    checkout: str | None
    payment: str | None
    created_at: datetime
    paid_at: datetime | None
    ended_at: datetime | None


async def add(connection: Executor, purchase: NewPurchase) -> None:
    """Or nothing, where it is there."""
    await connection.execute(
        _QUERIES["add"],
        purchase.id,
        purchase.holder_kind,
        purchase.holder_id,
        purchase.bought_by,
        purchase.pack,
        purchase.amount,
        purchase.cents,
        purchase.cashier,
    )


async def of_id(executor: Executor, purchase_id: UUID) -> PurchaseRow | None:
    """None when there is none."""
    return _maybe(await executor.fetchrow(_QUERIES["of_id"], purchase_id))


async def of_payment(executor: Executor, payment: str, cashier: str) -> UUID | None:
    """Which one was paid so."""
    found: UUID | None = await executor.fetchval(_QUERIES["of_payment"], payment, cashier)
    return found


async def lock(connection: Connection, purchase_id: UUID) -> PurchaseRow | None:
    """Until the end of the transaction."""
    return _maybe(await connection.fetchrow(_QUERIES["lock"], purchase_id))


async def of_holder(executor: Executor, holder_id: UUID, limit_rows: int) -> list[PurchaseRow]:
    """Newest first."""
    return [_row(row) for row in await executor.fetch(_QUERIES["of_holder"], holder_id, limit_rows)]


async def set_checkout(executor: Executor, purchase_id: UUID, checkout: str) -> None:
    """What the cashier calls it."""
    await executor.execute(_QUERIES["set_checkout"], purchase_id, checkout)


async def pay(connection: Connection, purchase_id: UUID, payment: str) -> None:
    """Of one that is locked."""
    await connection.execute(_QUERIES["pay"], purchase_id, payment)


async def cancel(connection: Connection, purchase_id: UUID) -> None:
    """If it is open."""
    await connection.execute(_QUERIES["cancel"], purchase_id)


async def refund(connection: Connection, purchase_id: UUID) -> None:
    """Of one that is locked: the credits are back."""
    await connection.execute(_QUERIES["refund"], purchase_id)


async def end_refund(executor: Executor, purchase_id: UUID) -> None:
    """The money is back, too."""
    await executor.execute(_QUERIES["end_refund"], purchase_id)


def _maybe(row: asyncpg.Record | None) -> PurchaseRow | None:
    return None if row is None else _row(row)


def _row(row: asyncpg.Record) -> PurchaseRow:
    return PurchaseRow(
        id=row["id"],
        holder_kind=row["holder_kind"],
        holder_id=row["holder_id"],
        bought_by=row["bought_by"],
        pack=row["pack"],
        amount=row["amount"],
        cents=row["cents"],
        cashier=row["cashier"],
        state=row["state"],
        checkout=row["checkout"],
        payment=row["payment"],
        created_at=row["created_at"],
        paid_at=row["paid_at"],
        ended_at=row["ended_at"],
    )
