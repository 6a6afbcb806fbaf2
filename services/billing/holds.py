"""Holds: reserve the most that something may cost, settle what it came to, release what was not used.

Each works in the caller's transaction, so that it is committed with the state of the run or not at all, and each may be
called again. The caller has locked the run's row before (consistency.md C9), and locks heads and cursors after.
"""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from services.billing import funds, ledger
from services.billing.errors import (
    BudgetSpent,
    CreditsShort,
    HoldEnded,
    HoldKeyReused,
    HoldTooSmall,
    NoPayer,
    NoSuchHold,
)
from services.billing.model import (
    ALWAYS,
    HOLD_TTL_S_MAX,
    Account,
    AccountKind,
    BudgetWarning,
    Cost,
    Hold,
    Holder,
    HolderKind,
    HoldState,
    JournalKind,
    Reservation,
    checked_amount,
    month_of,
    warning_line,
)
from services.billing.plans import PLANS, Plan
from services.projects.model import Entropy, time_ordered
from storage.postgres import Connection, Executor, store_away
from storage.tables import holds as rows
from storage.tables.holds import EVERYBODY, Counter, HoldRow, NearRow, NewHold
from storage.tables.ledger import NewJournal

EXPIRED_ROWS_MAX = 100
"""Of one sweep."""

log = logging.getLogger("storyforge.billing")


@dataclass(frozen=True, slots=True)
class Payer:
    """Whose wallet pays for a project. `plan`: of a user."""

    holder: Holder
    plan: Plan | None


async def payer_of(executor: Executor, project_id: UUID) -> Payer:
    """Raises `NoPayer`."""
    found = await rows.payer(executor, project_id)
    if found is None:
        raise NoPayer(NoPayer.__doc__)
    kind, holder_id, tier = found
    return Payer(Holder(HolderKind(kind), holder_id), None if tier is None else PLANS[tier])


async def reserve(
    connection: Connection, asked: Reservation, now: datetime | None = None, entropy: Entropy = secrets.token_bytes
) -> Hold:
    """Takes the amount out of the wallet of whoever pays for the project; the same key gives the same hold. Whoever has
    a plan is given this month's allowance first.

    Nothing of it is left in the transaction when it raises: `AmountUnfit`, `NoPayer`, `CreditsShort`, `BudgetSpent`,
    `HoldKeyReused`.
    """
    checked_amount(asked.amount)
    now = now or datetime.now(UTC)
    payer = await payer_of(connection, asked.project_id)
    wallet, held = Account(payer.holder, AccountKind.WALLET), Account(payer.holder, AccountKind.HELD)
    async with connection.transaction():  # a savepoint
        if payer.plan is not None:
            await funds.allow(connection, payer.holder, payer.plan, now)
        locked = await ledger.lock(connection, wallet, held)
        known = await rows.hold_of_key(connection, asked.key)
        if known is not None:
            return _same(known, asked)
        available = locked[wallet].balance
        if asked.amount > available:
            raise CreditsShort(available, asked.amount)
        new = _new(asked, payer.holder, now, time_ordered(now.timestamp(), entropy))
        near = await rows.count(connection, new, _counters(new), locked[wallet].month_cap)
        warnings = _judged(near, asked.amount)
        row = await rows.add(connection, new)
        if row is None:
            raise HoldKeyReused(HoldKeyReused.__doc__)
        moves = {wallet: -asked.amount, held: asked.amount}
        await ledger.post_locked(connection, _journal(row, JournalKind.HOLD), moves, locked)
    return _hold(row, warnings)


async def settle(connection: Connection, hold_id: UUID, cost: Cost) -> Hold:
    """What it came to is paid, the rest goes back. The same cost again changes nothing.

    Raises `NoSuchHold`, `HoldTooSmall`, and `HoldEnded` where it ended otherwise.
    """
    row = await _locked(connection, hold_id)
    if row.state == HoldState.SETTLED and row.actual == checked_amount(cost.price):
        return _hold(row)
    if row.state != HoldState.OPEN:
        raise HoldEnded(row.state)
    if cost.price > row.amount:
        raise HoldTooSmall(row.amount, cost.price)
    return await _end(connection, row, HoldState.SETTLED, JournalKind.SETTLEMENT, cost)


async def release(connection: Connection, hold_id: UUID) -> Hold:
    """All of it goes back. Again, or after it expired, changes nothing. Raises `NoSuchHold`, `HoldEnded`."""
    row = await _locked(connection, hold_id)
    if row.state in (HoldState.RELEASED, HoldState.EXPIRED):
        return _hold(row)
    if row.state != HoldState.OPEN:
        raise HoldEnded(row.state)
    return await _end(connection, row, HoldState.RELEASED, JournalKind.RELEASE, Cost(0))


async def extend(connection: Connection, hold_id: UUID, until: datetime) -> Hold:
    """For what takes longer, and for what nobody knows the outcome of. Raises `NoSuchHold`, `HoldEnded`."""
    row = await rows.extend(connection, hold_id, until)
    if row is None:
        raise HoldEnded((await _locked(connection, hold_id)).state)
    return _hold(row)


async def absorb(connection: Connection, hold_id: UUID, providers: Mapping[str, int]) -> bool:
    """What providers charged is known only after it was released or expired: the house pays. False where it is booked.

    Raises `NoSuchHold`, `AmountUnfit`; a hold that is open is settled instead.
    """
    row = await _locked(connection, hold_id)
    assert row.state != HoldState.OPEN, "settle it"
    if row.state == HoldState.SETTLED:
        return False
    holder = Holder(HolderKind(row.holder_kind), row.holder_id)
    charges = {Account(holder, AccountKind.PROVIDER, name): checked_amount(each) for name, each in providers.items()}
    moves = {Account(holder, AccountKind.HOUSE): -sum(charges.values()), **charges}
    journal = replace(_journal(row, JournalKind.SETTLEMENT), key=f"hold:{row.id}:late")
    return await ledger.post(connection, journal, moves)


async def expire(pool: asyncpg.Pool, now: datetime, limit_rows: int = EXPIRED_ROWS_MAX) -> int:
    """Gives back what nobody settled in its time, each in a transaction of its own; says how many.

    The hold of a run that is under way is not touched. Raises `StoreAway`.
    """
    expired = 0
    with store_away():
        for hold_id in await rows.due(pool, now, limit_rows):
            async with pool.acquire() as connection, connection.transaction():
                row = await _locked(connection, hold_id)
                if row.state == HoldState.OPEN and row.expires_at < now:  # nobody was faster, or has extended it
                    await _end(connection, row, HoldState.EXPIRED, JournalKind.EXPIRY, Cost(0))
                    log.warning("hold.expired", extra={"hold": hold_id.hex, "amount": row.amount})
                    expired += 1
    return expired


def _new(asked: Reservation, holder: Holder, now: datetime, hold_id: UUID) -> NewHold:
    assert 0 < asked.ttl_s <= HOLD_TTL_S_MAX, f"a hold of {asked.ttl_s} s"
    return NewHold(
        id=hold_id,
        key=asked.key,
        holder_kind=holder.kind.value,
        holder_id=holder.id,
        project_id=asked.project_id,
        user_id=asked.user_id,
        run_id=asked.run_id,
        amount=asked.amount,
        period=month_of(now),
        made_at=now,
        expires_at=now + timedelta(seconds=asked.ttl_s),
    )


def _counters(hold: NewHold) -> list[Counter]:
    """Everything that a budget may be on."""
    counters = [Counter(hold.holder_id, EVERYBODY, hold.period)]
    for person in (EVERYBODY, hold.user_id):
        counters += [Counter(hold.project_id, person, period) for period in (ALWAYS, hold.period)]
    if hold.run_id is not None:
        counters.append(Counter(hold.run_id, EVERYBODY, ALWAYS))
    return counters


def _judged(near: list[NearRow], amount: int) -> tuple[BudgetWarning, ...]:
    """Those that this hold took past the line, or to their end.

    Raises `BudgetSpent` for the one of which the least is left.
    """
    over = [budget for budget in near if budget.used > budget.cap]
    if over and amount:
        worst = min(over, key=lambda budget: budget.cap - budget.used)
        left = max(0, worst.cap - (worst.used - amount))
        raise BudgetSpent(worst.id, worst.scope, worst.period, worst.cap, left, amount)
    crossed = [budget for budget in near if _is_crossed(budget, amount)]
    return tuple(BudgetWarning(budget.id, budget.scope, budget.period, budget.cap, budget.used) for budget in crossed)


def _is_crossed(budget: NearRow, amount: int) -> bool:
    """`amount`: that has just been counted."""
    before = budget.used - amount
    return before <= warning_line(budget.cap) or before < budget.cap <= budget.used


async def _locked(connection: Connection, hold_id: UUID) -> HoldRow:
    row = await rows.lock(connection, hold_id)
    if row is None:
        raise NoSuchHold(NoSuchHold.__doc__)
    return row


def _same(row: HoldRow, asked: Reservation) -> Hold:
    """A key is of one thing only. Raises `HoldKeyReused`."""
    if (row.project_id, row.run_id, row.amount) != (asked.project_id, asked.run_id, asked.amount):
        raise HoldKeyReused(HoldKeyReused.__doc__)
    return _hold(row)


async def _end(connection: Connection, row: HoldRow, state: HoldState, kind: JournalKind, cost: Cost) -> Hold:
    holder = Holder(HolderKind(row.holder_kind), row.holder_id)
    charged = sum(checked_amount(charge) for charge in cost.providers.values())
    moves = {
        Account(holder, AccountKind.HELD): -row.amount,
        Account(holder, AccountKind.WALLET): row.amount - cost.price,
        Account(holder, AccountKind.HOUSE): cost.price - charged,
        **{Account(holder, AccountKind.PROVIDER, name): charge for name, charge in cost.providers.items()},
    }
    moves = {account: amount for account, amount in moves.items() if amount}
    await ledger.post(connection, _journal(row, kind), moves)
    if row.amount > cost.price:
        await rows.uncount(connection, _counters(row), row.amount - cost.price)
    actual = cost.price if state is HoldState.SETTLED else None
    return _hold(await rows.finish(connection, row.id, state.value, actual, cost.saved))


def _journal(row: HoldRow, kind: JournalKind) -> NewJournal:
    key = f"hold:{row.id}:{'made' if kind is JournalKind.HOLD else 'ended'}"
    return NewJournal(key, kind.value, row.id, row.project_id, row.run_id, row.user_id)


def _hold(row: HoldRow, warnings: tuple[BudgetWarning, ...] = ()) -> Hold:
    holder = Holder(HolderKind(row.holder_kind), row.holder_id)
    return Hold(row.id, holder, row.amount, HoldState(row.state), row.actual, row.expires_at, warnings)
