"""The ledger as the database keeps it: it refuses what does not balance, overdraws or changes."""

from uuid import UUID, uuid4

import asyncpg
import pytest

from services.billing import ledger
from services.billing.errors import AmountUnfit, CreditsShort
from services.billing.funds import grant, transfer
from services.billing.model import MICRO, Account, AccountKind
from storage.postgres import Connection
from storage.tables import ledger as rows
from storage.tables.ledger import NewJournal
from storage.wall import ROLE
from tests.integration.billing.conftest import NewPurse, Purse

POSTED = "insert into ledger_journals (key, kind) values ($1, 'grant') returning id"


async def account_ids(purse: Purse) -> dict[str, int]:
    return {row.key.kind: row.id for row in await rows.accounts_of_holder(purse.pool, purse.holder.id)}


async def enter(connection: Connection, journal: int, account: int, amount: int) -> None:
    await connection.execute(
        "insert into ledger_entries (account_id, journal_id, amount) values ($1, $2, $3)", account, journal, amount
    )


async def test_a_journal_that_does_not_sum_to_zero_is_not_committed(pool: asyncpg.Pool, new_purse: NewPurse) -> None:
    purse = await new_purse()
    ids = await account_ids(purse)
    for amounts in ({"wallet": 5}, {"wallet": 5, "promotions": -4}, {}):
        with pytest.raises(asyncpg.CheckViolationError, match="does not balance"):
            async with pool.acquire() as connection, connection.transaction():
                journal = await connection.fetchval(POSTED, str(uuid4()))
                for kind, amount in amounts.items():
                    await enter(connection, journal, ids[kind], amount)
    assert await purse.balance() == 100 * MICRO


async def test_nothing_is_added_to_an_old_journal(pool: asyncpg.Pool, new_purse: NewPurse) -> None:
    purse = await new_purse()
    ids = await account_ids(purse)
    journal = await pool.fetchval("select journal_id from ledger_entries where account_id = $1", ids["wallet"])
    other = await account_ids(await new_purse())
    with pytest.raises(asyncpg.CheckViolationError, match="does not balance"):
        async with pool.acquire() as connection, connection.transaction():
            await enter(connection, journal, other["wallet"], 5)


@pytest.mark.parametrize(
    "statement",
    [
        "update ledger_entries set amount = amount + 1 where account_id = $1",
        "delete from ledger_entries where account_id = $1",
        "update ledger_journals set kind = 'refund' where id = $1",
        "delete from ledger_journals where id = $1",
        "update ledger_accounts set balance = balance + 1 where id = $1",
        "update ledger_accounts set kind = 'house' where id = $1",
        "delete from ledger_accounts where id = $1",
        "insert into ledger_accounts (holder_kind, holder_id, kind, balance)"
        " select 'user', gen_random_uuid(), 'wallet', $1",
    ],
)
async def test_the_ledger_is_only_appended_to(pool: asyncpg.Pool, new_purse: NewPurse, statement: str) -> None:
    purse = await new_purse()
    wallet = (await account_ids(purse))["wallet"]
    for role in (None, ROLE):
        async with pool.acquire() as connection, connection.transaction():
            if role is not None:
                await connection.execute(f"set local role {role}")
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only appended"):
                async with connection.transaction():
                    await connection.execute(statement, wallet)
    assert await purse.balance() == 100 * MICRO


@pytest.mark.parametrize("table", ["ledger_entries", "ledger_journals", "ledger_accounts"])
async def test_it_is_not_emptied(pool: asyncpg.Pool, table: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only appended"):
        await pool.execute(f"truncate {table} cascade")


@pytest.mark.parametrize("kind", ["wallet", "held", "payable"])
async def test_the_database_itself_overdraws_nothing(pool: asyncpg.Pool, new_purse: NewPurse, kind: str) -> None:
    purse = await new_purse(0)
    async with pool.acquire() as connection:
        with pytest.raises(asyncpg.CheckViolationError, match="not_overdrawn"):
            async with connection.transaction():
                account = Account(purse.holder, AccountKind(kind))
                house = Account(purse.holder, AccountKind.HOUSE)
                locked = await ledger.lock(connection, account, house)
                journal = NewJournal(str(uuid4()), "grant")
                await rows.post(connection, journal, {locked[account].id: -1, locked[house].id: 1})


async def test_a_grant_happens_once_for_its_key(pool: asyncpg.Pool, new_purse: NewPurse) -> None:
    purse, key = await new_purse(0), str(uuid4())
    async with pool.acquire() as connection, connection.transaction():
        assert await grant(connection, purse.holder, 5 * MICRO, key, reason="welcome")
        assert not await grant(connection, purse.holder, 5 * MICRO, key, reason="welcome")
        with pytest.raises(AmountUnfit):
            await grant(connection, purse.holder, 0, str(uuid4()))
    assert (await purse.balance(), await purse.balance(AccountKind.PROMOTIONS)) == (5 * MICRO, -5 * MICRO)


async def test_a_transfer_takes_what_is_there(pool: asyncpg.Pool, new_purse: NewPurse) -> None:
    one, other, by = await new_purse(5), await new_purse(0), uuid4()
    async with pool.acquire() as connection, connection.transaction():
        assert await transfer(connection, one.holder, other.holder, 3 * MICRO, "a" + str(uuid4()), by)
        with pytest.raises(CreditsShort):
            await transfer(connection, one.holder, other.holder, 3 * MICRO, "b" + str(uuid4()), by)
        with pytest.raises(AmountUnfit):
            await transfer(connection, one.holder, one.holder, 1, str(uuid4()), by)
    assert (await one.balance(), await other.balance()) == (2 * MICRO, 3 * MICRO)


async def test_a_wrong_balance_is_found(pool: asyncpg.Pool, new_purse: NewPurse) -> None:
    purse = await new_purse()
    wallet: int = (await account_ids(purse))["wallet"]
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:  # as a superuser could, or a fault of the disk
            await connection.execute("alter table ledger_accounts disable trigger ledger_accounts_move_by_entries")
            await connection.execute("update ledger_accounts set balance = balance + 1 where id = $1", wallet)
            proof = await rows.proof(connection, wallet - 1, 1)
            assert (proof.imbalance, proof.wrong, proof.last_id) == (1, 1, wallet)
        finally:
            await transaction.rollback()


async def test_every_account_is_of_its_holder_once(pool: asyncpg.Pool) -> None:
    holder = uuid4()
    keys = [rows.AccountKey("user", holder, kind) for kind in ("wallet", "held", "wallet")]
    async with pool.acquire() as connection, connection.transaction():
        locked = await rows.lock_accounts(connection, keys)
        assert locked == await rows.lock_accounts(connection, keys)
    assert [row.key.kind for row in await rows.accounts_of_holder(pool, holder)] == ["held", "wallet"]
    assert await rows.accounts_of_holder(pool, UUID(int=0)) == []
