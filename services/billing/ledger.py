"""Movements of credits: one journal, entries that sum to zero, in the caller's transaction.

Order of locks (consistency.md C9): run, hold, ledger accounts, counters of budgets, heads, project cursor.
"""

from collections.abc import Mapping

from services.billing.errors import CreditsShort
from services.billing.model import NEVER_OVERDRAWN, Account, AccountKind, Holder, HolderKind
from storage.postgres import Connection
from storage.tables import ledger as rows
from storage.tables.ledger import AccountKey, AccountRow, NewJournal

Locked = Mapping[Account, AccountRow]


async def lock(connection: Connection, *accounts: Account) -> Locked:
    """Until the end of the transaction, in one order; those that are not there yet are opened."""
    found = await rows.lock_accounts(connection, [key_of(account) for account in accounts])
    return {account: found[key_of(account)] for account in accounts}


async def post(connection: Connection, journal: NewJournal, moves: Mapping[Account, int]) -> bool:
    """Locks and moves. False where the journal of this key is there already: nothing is moved twice.

    Raises `CreditsShort` for a wallet that has less.
    """
    locked = await lock(connection, *moves)
    if await rows.is_posted(connection, journal.key):
        return False
    return await post_locked(connection, journal, moves, locked)


async def post_locked(
    connection: Connection, journal: NewJournal, moves: Mapping[Account, int], locked: Locked
) -> bool:
    """As `post`, for a caller who has locked the accounts and knows that the key is new."""
    assert sum(moves.values()) == 0, f"{journal.kind} {journal.key} does not balance: {dict(moves)}"
    for account, amount in moves.items():
        left = locked[account].balance
        if account.kind in NEVER_OVERDRAWN and amount < 0 and left + amount < 0:
            raise CreditsShort(left, -amount)
    amounts = {locked[account].id: amount for account, amount in moves.items() if amount}
    return not amounts or await rows.post(connection, journal, amounts)


def key_of(account: Account) -> AccountKey:
    """As the table names it."""
    return AccountKey(account.holder.kind.value, account.holder.id, account.kind.value, account.name)


def account_of(key: AccountKey) -> Account:
    """Inverse of `key_of`."""
    return Account(Holder(HolderKind(key.holder_kind), key.holder_id), AccountKind(key.kind), key.name)
