"""Statements on real rows: they reconcile with the entries, month by month, in JSON and in CSV."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.billing.errors import MonthUnfit, NoSuchWallet, StatementTooLong
from services.billing.funds import grant, transfer
from services.billing.holds import release, reserve, settle
from services.billing.model import MICRO, AccountKind, Cost, Holder, HolderKind, month_of
from services.billing.savings import Saver, Saving, note
from services.billing.statements import CSV_HEAD, Statements, span_of
from services.users.errors import Forbidden
from services.users.model import Actor, TeamRole
from storage.tables import teams
from storage.tables.statements import LineRow
from tests.integration.billing.conftest import NewPurse, Purse

NOW = datetime.now(UTC)
MONTH = month_of(NOW)


async def admin(purse: Purse, role: TeamRole = TeamRole.ADMIN) -> Actor:
    """Who may spend from the purse's wallet."""
    await teams.set_team_member(purse.pool, purse.holder.id, purse.owner_id, role.value)
    return Actor(purse.owner_id, "Ada", "#aa33bb", "person", str(uuid4()))


async def busy(purse: Purse, other: Purse, seed: int) -> None:
    """Whatever may happen to a wallet, thirty times."""
    random = Random(seed)
    for _ in range(30):
        async with purse.pool.acquire() as connection, connection.transaction():
            match random.randrange(5):
                case 0:
                    await grant(connection, purse.holder, random.randrange(1, 9 * MICRO), str(uuid4()), reason="=A1")
                case 1:
                    taker, giver = random.sample([purse.holder, other.holder], 2)
                    amount = random.randrange(1, MICRO)
                    await transfer(connection, giver, taker, amount, str(uuid4()), purse.owner_id)
                case move:
                    hold = await reserve(connection, purse.asks(random.randrange(MICRO)))
                    if move == 2:
                        await settle(connection, hold.id, Cost(hold.amount // 2, {"kling": hold.amount // 3}, 7))
                    elif move == 3:
                        await release(connection, hold.id)


@pytest.mark.parametrize("seed", range(3))
async def test_a_statement_reconciles_with_the_entries(pool: asyncpg.Pool, new_purse: NewPurse, seed: int) -> None:
    purse, other = await new_purse(100), await new_purse(100)
    actor, statements = await admin(purse), Statements(pool)
    await busy(purse, other, seed)
    found = await statements.of_month(actor, purse.holder, MONTH, NOW + timedelta(minutes=1))
    owned = await purse.balance() + await purse.balance(AccountKind.HELD)
    assert (found.opening, found.closing) == (0, owned)
    assert sum(total.amount for total in found.totals) == found.closing - found.opening
    assert sum(line.amount for line in found.lines) == found.closing - found.opening
    assert sum(total.lines for total in found.totals) == len(found.lines)
    settled = [total for total in found.totals if total.kind == "settlement"]
    assert [row.spent for row in found.projects] == [-total.amount for total in settled]
    assert [row.saved for row in found.projects] == [7 * total.lines for total in settled]
    assert not {"hold", "release"} & {line.kind for line in found.lines}, "what only waits has not moved"
    paged: list[LineRow] = []
    after = 0
    while page := (await statements.of_month(actor, purse.holder, MONTH, NOW, after, 7)).lines:
        paged += page
        after = page[-1].id
    assert paged == list(found.lines)


async def test_what_was_there_already_is_told_once_and_moves_nothing(pool: asyncpg.Pool, new_purse: NewPurse) -> None:
    purse = await new_purse(100)
    actor, statements = await admin(purse), Statements(pool)
    saver = Saver(uuid4(), purse.project_id, purse.owner_id)
    worth = {"shot.1": 30, "shot.2": 12, "voice": 0}
    savings = [Saving(what, "exact", credits * MICRO) for what, credits in worth.items()]
    for _ in range(2):
        async with pool.acquire() as connection, connection.transaction():
            await note(connection, saver, savings)
    found = await statements.of_month(actor, purse.holder, MONTH, NOW + timedelta(minutes=1))
    assert [(row.what, row.layer, row.amount) for row in found.savings] == [
        ("shot.2", "exact", 12 * MICRO),
        ("shot.1", "exact", 30 * MICRO),
    ]
    assert {(row.run_id, row.project_id, row.name) for row in found.savings} == {
        (saver.run_id, purse.project_id, found.savings[0].name)
    }
    assert [(row.spent, row.saved) for row in found.projects] == [(0, 42 * MICRO)]
    assert found.closing == 100 * MICRO
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute("delete from credit_savings where run_id = $1", saver.run_id)


async def test_a_month_begins_with_what_the_one_before_left(pool: asyncpg.Pool, new_purse: NewPurse) -> None:
    purse = await new_purse(100)
    actor, statements = await admin(purse), Statements(pool)
    following = span_of(MONTH, NOW)[1]
    later = await statements.of_month(actor, purse.holder, month_of(following), following)
    assert (later.opening, later.closing, later.lines) == (100 * MICRO, 100 * MICRO, [])
    before = await statements.of_month(actor, purse.holder, "2020-01", NOW)
    assert (before.opening, before.closing, before.totals) == (0, 0, [])


async def test_the_file_says_the_same_and_no_text_is_a_formula(pool: asyncpg.Pool, new_purse: NewPurse) -> None:
    purse, other = await new_purse(100), await new_purse(100)
    actor, statements = await admin(purse), Statements(pool)
    await pool.execute("update projects set title = '+1,\"x\"\n' where id = $1", purse.project_id)
    await busy(purse, other, 1)
    found = await statements.of_month(actor, purse.holder, MONTH, NOW)
    head, first, *lines, last = csv.reader(io.StringIO(await statements.as_csv(actor, purse.holder, MONTH, NOW)))
    assert tuple(head) == CSV_HEAD
    assert (first[1], last[1]) == ("opening", "closing")
    assert int(Decimal(last[3]) * MICRO) == found.closing
    assert [int(Decimal(line[2]) * MICRO) for line in lines] == [line.amount for line in found.lines]
    assert Decimal(lines[-1][3]) == Decimal(last[3]), "the running balance ends at what the ledger kept"
    assert {line[8] for line in lines if line[1] == "grant"} <= {"'=A1", ""}
    assert {line[5] for line in lines if line[1] == "settlement"} == {'\'+1,"x"\n'}
    with pytest.raises(StatementTooLong, match="more than 3 lines"):
        await statements.as_csv(actor, purse.holder, MONTH, NOW, lines_max=3)


async def test_a_statement_is_for_those_who_may_spend(pool: asyncpg.Pool, new_purse: NewPurse) -> None:
    purse, statements = await new_purse(), Statements(pool)
    member = await admin(purse, TeamRole.MEMBER)
    with pytest.raises(Forbidden):
        await statements.of_month(member, purse.holder, MONTH, NOW)
    with pytest.raises(NoSuchWallet):
        await statements.of_month(replace(member, user_id=uuid4()), purse.holder, MONTH, NOW)
    with pytest.raises(NoSuchWallet):
        await statements.as_csv(member, Holder(HolderKind.USER, UUID(int=7)), MONTH, NOW)


@pytest.mark.parametrize("month", ["2026-13", "2026-00", "0000-01", "2026-1", "november", "9999-12", "2026-11-28"])
async def test_a_month_looks_like_one_and_has_begun(pool: asyncpg.Pool, new_purse: NewPurse, month: str) -> None:
    purse = await new_purse()
    with pytest.raises(MonthUnfit):
        await Statements(pool).of_month(await admin(purse), purse.holder, month, NOW)


def test_a_year_ends() -> None:
    assert span_of("2025-12", NOW) == (datetime(2025, 12, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
