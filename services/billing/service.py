"""Credits as people see and steer them: wallets, who pays for a project, its budgets and holds.

Every method takes the actor and checks their role itself. Holds are made and ended in `holds.py`, money comes in by
`purchases.py`.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from services.billing import budgets as rules
from services.billing import funds, ledger
from services.billing.errors import NoSuchWallet, WalletForeign
from services.billing.holds import payer_of
from services.billing.model import ALWAYS, Account, AccountKind, Holder, HolderKind, checked_amount, month_of
from services.billing.plans import PLANS, Plan, allowance_due, allowance_key
from services.billing.quote import Room, room_of
from services.projects.model import Entropy
from services.users import audit
from services.users.access import access_project, access_team, require, require_account
from services.users.audit import Action
from services.users.errors import Forbidden, NoSuchTeam
from services.users.model import Actor, Need, TeamRole
from services.users.operators import require_operator
from storage.postgres import Connection, Executor
from storage.tables import budgets as rows
from storage.tables import ledger as ledger_rows
from storage.tables.budgets import Budget, BudgetRow
from storage.tables.holds import EVERYBODY, Counter, HoldRow
from storage.tables.ledger import AccountRow

HOLDS_PAGE_MAX = 100


@dataclass(frozen=True, slots=True)
class Wallet:
    """What a holder has. `allowance_due`: what the plan gives this month at the first use, beside `balance`."""

    holder: Holder
    balance: int
    held: int
    allowance_due: int
    month_cap: int | None
    month_used: int
    plan: Plan | None

    @property
    def spendable(self) -> int:
        return self.balance + self.allowance_due


@dataclass(frozen=True, slots=True)
class ProjectCredits:
    """What a project may spend. `room`: the most that the asker could hold now, and what limits it."""

    wallet: Wallet
    held: int
    month_used: int
    used: int
    room: Room


class Billing:
    """`operators`: who may give credits away."""

    def __init__(
        self, pool: asyncpg.Pool, operators: frozenset[UUID] = frozenset(), entropy: Entropy = secrets.token_bytes
    ) -> None:
        self._pool = pool
        self._operators = operators
        self._entropy = entropy

    # Wallets ---------------------------------------------------------------------------------------------

    async def wallet(self, actor: Actor, holder: Holder, now: datetime) -> Wallet:
        """Raises `NoSuchWallet`."""
        await access_wallet(self._pool, actor, holder, spend=False)
        return await read_wallet(self._pool, holder, await _plan(self._pool, holder), now)

    async def cap_wallet(self, actor: Actor, holder: Holder, cap: int | None, now: datetime) -> Wallet:
        """On what the wallet pays for in a month; None: no cap. Raises `NoSuchWallet`, `Forbidden`, `AmountUnfit`."""
        async with self._pool.acquire() as connection, connection.transaction():
            await access_wallet(connection, actor, holder, spend=True)
            await ledger.lock(connection, Account(holder, AccountKind.WALLET))
            await rows.cap_wallet(connection, holder.id, None if cap is None else checked_amount(cap))
            await audit.record(connection, Action.WALLET_CAPPED, actor_id=actor.user_id, wallet=str(holder.id), cap=cap)
            return await read_wallet(connection, holder, await _plan(connection, holder), now)

    async def transfer(
        self, actor: Actor, giver: Holder, taker: Holder, amount: int, key: str, now: datetime
    ) -> Wallet:
        """Also into a wallet that the actor only sees; the answer is the giver's.

        Raises `CreditsShort`, `AmountUnfit`, `NoSuchWallet`, `Forbidden`.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await access_wallet(connection, actor, giver, spend=True)
            await access_wallet(connection, actor, taker, spend=False)
            if await funds.transfer(connection, giver, taker, amount, key, actor.user_id):
                await audit.record(
                    connection,
                    Action.CREDITS_TRANSFERRED,
                    actor_id=actor.user_id,
                    wallet=str(giver.id),
                    to=str(taker.id),
                    amount=amount,
                )
            return await read_wallet(connection, giver, await _plan(connection, giver), now)

    async def grant(self, actor: Actor, holder: Holder, amount: int, key: str, reason: str, now: datetime) -> Wallet:
        """By an operator. Raises `NotAnOperator`, `AmountUnfit`."""
        require_operator(self._operators, actor)
        async with self._pool.acquire() as connection, connection.transaction():
            if await funds.grant(connection, holder, amount, key, actor.user_id, reason=reason):
                await audit.record(
                    connection,
                    Action.CREDITS_GRANTED,
                    actor_id=actor.user_id,
                    wallet=str(holder.id),
                    amount=amount,
                    reason=reason,
                )
            return await read_wallet(connection, holder, await _plan(connection, holder), now)

    # Projects --------------------------------------------------------------------------------------------

    async def of_project(self, actor: Actor, project_id: UUID, now: datetime) -> ProjectCredits:
        """For those who may spend. Raises `NoSuchProject`, `Forbidden`."""
        await _spender(self._pool, actor, project_id)
        return await credits_of(self._pool, project_id, actor.user_id, now)

    async def set_payer(self, actor: Actor, project_id: UUID, holder: Holder | None, now: datetime) -> ProjectCredits:
        """None: its owner pays. Raises `Forbidden`, `WalletForeign`."""
        async with self._pool.acquire() as connection, connection.transaction():
            await access_project(connection, actor, project_id, Need.ADMIN)
            if holder is None:
                await rows.clear_payer(connection, project_id)
            else:
                await _spendable(connection, actor, holder, project_id)
                await rows.set_payer(connection, project_id, holder.kind.value, holder.id)
            wallet = None if holder is None else str(holder.id)
            await audit.record(
                connection, Action.PAYER_SET, actor_id=actor.user_id, project_id=project_id, wallet=wallet
            )
            return await credits_of(connection, project_id, actor.user_id, now)

    async def budgets(self, actor: Actor, project_id: UUID, now: datetime) -> list[BudgetRow]:
        """For those who may spend. Raises `NoSuchProject`, `Forbidden`."""
        await _spender(self._pool, actor, project_id)
        return await rows.of_project(self._pool, project_id, actor.user_id, month_of(now))

    async def set_budgets(
        self, actor: Actor, project_id: UUID, budgets: Sequence[Budget], now: datetime
    ) -> list[BudgetRow]:
        """These and no others. Raises `Forbidden`, `BudgetUnfit`, `AmountUnfit`."""
        async with self._pool.acquire() as connection, connection.transaction():
            await access_project(connection, actor, project_id, Need.ADMIN)
            await rules.put(connection, project_id, budgets, now, self._entropy)
            await audit.record(
                connection, Action.BUDGETS_SET, actor_id=actor.user_id, project_id=project_id, budgets=len(budgets)
            )
            return await rows.of_project(connection, project_id, actor.user_id, month_of(now))

    async def holds(self, actor: Actor, project_id: UUID, before: UUID | None, limit: int) -> list[HoldRow]:
        """Newest first, those below `before`. Raises `NoSuchProject`, `Forbidden`."""
        await _spender(self._pool, actor, project_id)
        return await rows.holds_of_project(self._pool, project_id, before, min(limit, HOLDS_PAGE_MAX))


async def _spender(executor: Executor, actor: Actor, project_id: UUID) -> None:
    """Who may edit may spend, and sees what there is, in an archived project as well."""
    access = await access_project(executor, actor, project_id, Need.VIEW)
    require(access.standing, Need.EDIT)


async def access_wallet(executor: Executor, actor: Actor, holder: Holder, *, spend: bool) -> None:
    """One's own; a team's, to look into for its members and to spend from for its admins; a project's, for its owners.

    Raises `NoSuchWallet`, `Forbidden`, `NoSuchProject`, `NoAccount`.
    """
    match holder.kind:
        case HolderKind.USER:
            require_account(actor)
            if holder.id != actor.user_id:
                raise NoSuchWallet(NoSuchWallet.__doc__)
        case HolderKind.TEAM:
            try:
                await access_team(executor, actor, holder.id, TeamRole.ADMIN if spend else TeamRole.MEMBER)
            except NoSuchTeam as error:
                raise NoSuchWallet(NoSuchWallet.__doc__) from error
        case HolderKind.PROJECT:
            await access_project(executor, actor, holder.id, Need.ADMIN)


async def read_wallet(executor: Executor, holder: Holder, plan: Plan | None, now: datetime) -> Wallet:
    """As it stands; nothing where nothing came in yet."""
    accounts = {row.key.kind: row for row in await ledger_rows.accounts_of_holder(executor, holder.id)}
    wallet = accounts.get(AccountKind.WALLET)
    balance = _balance(wallet)
    due = 0
    if plan is not None and not await ledger_rows.is_posted(executor, f"grant:{allowance_key(holder, now)}"):
        due = allowance_due(plan, balance)
    return Wallet(
        holder=holder,
        balance=balance,
        held=_balance(accounts.get(AccountKind.HELD)),
        allowance_due=due,
        month_cap=None if wallet is None else wallet.month_cap,
        month_used=await rows.used(executor, Counter(holder.id, EVERYBODY, month_of(now))),
        plan=plan,
    )


async def credits_of(
    executor: Executor, project_id: UUID, user_id: UUID, now: datetime, run_id: UUID | None = None
) -> ProjectCredits:
    """What this user may still spend there, in this run if it is one's. Raises `NoPayer`."""
    payer = await payer_of(executor, project_id)
    wallet = await read_wallet(executor, payer.holder, payer.plan, now)
    budgets = await rows.of_project(executor, project_id, user_id, month_of(now))
    in_run = 0 if run_id is None else await rows.used(executor, Counter(run_id, EVERYBODY, ALWAYS))
    limits = [
        (row.budget.scope, row.budget.cap, in_run if row.budget.scope == "run" else row.used)
        for row in rules.applying(budgets, user_id)
    ]
    if wallet.month_cap is not None:
        limits.append(("wallet_month", wallet.month_cap, wallet.month_used))
    return ProjectCredits(
        wallet=wallet,
        held=await rows.held_of_project(executor, project_id),
        month_used=await rows.used(executor, Counter(project_id, EVERYBODY, month_of(now))),
        used=await rows.used(executor, Counter(project_id, EVERYBODY, ALWAYS)),
        room=room_of(wallet.spendable, limits),
    )


async def _plan(executor: Executor, holder: Holder) -> Plan | None:
    tier = await rows.tier(executor, holder.id) if holder.kind is HolderKind.USER else None
    return None if tier is None else PLANS[tier]


async def _spendable(connection: Connection, actor: Actor, holder: Holder, project_id: UUID) -> None:
    """Raises `WalletForeign`."""
    if holder == Holder(HolderKind.PROJECT, project_id):
        return
    try:
        await access_wallet(connection, actor, holder, spend=True)
    except (NoSuchWallet, Forbidden) as error:
        raise WalletForeign(WalletForeign.__doc__) from error
    if holder.kind is HolderKind.PROJECT:
        raise WalletForeign("A project has its own wallet or a person's or a team's, and not another project's.")


def _balance(account: AccountRow | None) -> int:
    return 0 if account is None else account.balance
