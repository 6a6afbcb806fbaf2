"""Credits that come into a wallet, or go from one to another. Each happens once for its key."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.billing import ledger
from services.billing.errors import AmountUnfit
from services.billing.model import Account, AccountKind, Holder, JournalKind, checked_amount
from services.billing.plans import Plan, allowance_due, allowance_key
from storage.postgres import Connection
from storage.tables.ledger import NewJournal, is_posted


async def grant(
    connection: Connection, holder: Holder, amount: int, key: str, by: UUID | None = None, **detail: Any
) -> bool:
    """Given, not sold: out of `promotions`. False where it was given before. Raises `AmountUnfit`."""
    moves = {Account(holder, AccountKind.PROMOTIONS): -amount, Account(holder, AccountKind.WALLET): amount}
    return await _move(connection, JournalKind.GRANT, key, moves, by, detail)


async def allow(connection: Connection, holder: Holder, plan: Plan, now: datetime) -> bool:
    """This month's allowance, if it was not given yet and there is room below the ceiling."""
    key = allowance_key(holder, now)
    if await is_posted(connection, f"{JournalKind.GRANT}:{key}"):
        return False
    wallet = Account(holder, AccountKind.WALLET)
    locked = await ledger.lock(connection, wallet, Account(holder, AccountKind.PROMOTIONS))
    due = allowance_due(plan, locked[wallet].balance)
    return due > 0 and await grant(connection, holder, due, key, tier=plan.tier)


async def transfer(connection: Connection, giver: Holder, taker: Holder, amount: int, key: str, by: UUID) -> bool:
    """From one wallet to another. Raises `AmountUnfit`, `CreditsShort`."""
    if giver == taker:
        raise AmountUnfit("Credits go from one wallet to another.")
    moves = {Account(giver, AccountKind.WALLET): -amount, Account(taker, AccountKind.WALLET): amount}
    return await _move(connection, JournalKind.TRANSFER, key, moves, by, {})


async def _move(
    connection: Connection,
    kind: JournalKind,
    key: str,
    moves: dict[Account, int],
    by: UUID | None,
    detail: dict[str, Any],
) -> bool:
    if checked_amount(max(moves.values())) == 0:
        raise AmountUnfit(AmountUnfit.__doc__)
    journal = NewJournal(f"{kind.value}:{key}", kind.value, user_id=by, detail=detail)
    return await ledger.post(connection, journal, moves)
