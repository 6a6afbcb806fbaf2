"""Projects whose owners have credits."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.billing.funds import grant
from services.billing.model import MICRO, AccountKind, Holder, HolderKind, Reservation
from storage.tables import ledger
from tests.integration.storage.conftest import new_project


@dataclass(frozen=True)
class Purse:
    """A project and the wallet that pays for it."""

    pool: asyncpg.Pool
    project_id: UUID
    holder: Holder
    owner_id: UUID

    def asks(self, amount: int, key: str = "", **more: object) -> Reservation:
        fields = {"user_id": self.owner_id, **more}
        return Reservation(key or f"test/{uuid4()}", self.project_id, amount=amount, **fields)  # type: ignore[arg-type]

    async def balance(self, kind: AccountKind = AccountKind.WALLET) -> int:
        rows = await ledger.accounts_of_holder(self.pool, self.holder.id)
        return sum(row.balance for row in rows if row.key.kind == kind)


NewPurse = Callable[..., Awaitable[Purse]]


@pytest.fixture
def new_purse(pool: asyncpg.Pool) -> NewPurse:
    async def make(credits: int = 100) -> Purse:
        project_id = await new_project(pool)
        owner = await pool.fetchval("select owner_id from projects where id = $1", project_id)
        holder = Holder(HolderKind.TEAM, uuid4())  # without an allowance, so that what is there is what was given
        await pool.execute("insert into teams (id, name, created_by) values ($1, 'T', $2)", holder.id, owner)
        await pool.execute("insert into project_payers values ($1, 'team', $2)", project_id, holder.id)
        purse = Purse(pool, project_id, holder, owner)
        if credits:
            async with pool.acquire() as connection, connection.transaction():
                await grant(connection, purse.holder, credits * MICRO, f"test:{uuid4()}")
        return purse

    return make
