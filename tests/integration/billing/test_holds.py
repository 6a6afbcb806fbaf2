"""Holds on real rows: reserved, settled, released and expired, each once, with budgets that nobody passes."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.billing.budgets import events_of
from services.billing.errors import (
    AmountUnfit,
    BudgetSpent,
    CreditsShort,
    HoldEnded,
    HoldKeyReused,
    HoldTooSmall,
    NoPayer,
    NoSuchHold,
)
from services.billing.holds import absorb, expire, extend, release, reserve, settle
from services.billing.model import AMOUNT_MAX, MICRO, AccountKind, Cost, Hold, HoldState, Reservation
from storage.tables import ledger
from storage.wall import walled_for
from sync import ids
from tests.integration.billing.conftest import NewPurse, Purse

NOVEMBER = datetime(2026, 11, 28, 12, tzinfo=UTC)


async def held(purse: Purse, asked: Reservation, now: datetime = NOVEMBER) -> Hold:
    async with purse.pool.acquire() as connection, connection.transaction():
        return await reserve(connection, asked, now)


async def settled(purse: Purse, hold: Hold, cost: Cost) -> Hold:
    async with purse.pool.acquire() as connection, connection.transaction():
        return await settle(connection, hold.id, cost)


async def released(purse: Purse, hold: Hold) -> Hold:
    async with purse.pool.acquire() as connection, connection.transaction():
        return await release(connection, hold.id)


async def budget(purse: Purse, scope: str, cap: int, period: str = "always", person: UUID | None = None) -> UUID:
    budget_id = uuid4()
    await purse.pool.execute(
        "insert into credit_budgets (id, project_id, scope, person_id, period, cap) values ($1, $2, $3, $4, $5, $6)",
        budget_id,
        purse.project_id,
        scope,
        person,
        period,
        cap,
    )
    return budget_id


async def test_what_is_reserved_is_settled_and_the_rest_goes_back(new_purse: NewPurse) -> None:
    purse = await new_purse(100)
    hold = await held(purse, purse.asks(30 * MICRO))
    assert (await purse.balance(), await purse.balance(AccountKind.HELD)) == (70 * MICRO, 30 * MICRO)
    done = await settled(purse, hold, Cost(20 * MICRO, {"runway": 12 * MICRO, "elevenlabs": 3 * MICRO}))
    assert (done.state, done.actual) == (HoldState.SETTLED, 20 * MICRO)
    there = {
        row.key.kind + row.key.name: row.balance // MICRO
        for row in await ledger.accounts_of_holder(purse.pool, purse.holder.id)
    }
    assert there == {
        "wallet": 80,
        "held": 0,
        "promotions": -100,
        "house": 5,
        "providerrunway": 12,
        "providerelevenlabs": 3,
    }
    proof = await ledger.proof(purse.pool, 0, 100_000)
    assert (proof.imbalance, proof.held_astray, proof.wrong) == (0, 0, 0)


async def test_all_of_it_goes_back_and_what_a_provider_charged_for_nothing_is_ours(new_purse: NewPurse) -> None:
    purse = await new_purse(100)
    await released(purse, await held(purse, purse.asks(30 * MICRO)))
    assert await purse.balance() == 100 * MICRO
    failed = await held(purse, purse.asks(30 * MICRO))
    await settled(purse, failed, Cost(0, {"runway": 7 * MICRO}))
    assert await purse.balance() == 100 * MICRO
    assert (await purse.balance(AccountKind.HOUSE), await purse.balance(AccountKind.PROVIDER)) == (
        -7 * MICRO,
        7 * MICRO,
    )


async def test_the_same_call_again_changes_nothing(new_purse: NewPurse) -> None:
    purse = await new_purse(100)
    asked = purse.asks(30 * MICRO, run_id=uuid4())
    hold = await held(purse, asked)
    assert await held(purse, asked) == hold
    assert await purse.balance() == 70 * MICRO
    for _ in range(2):
        assert (await settled(purse, hold, Cost(10 * MICRO))).actual == 10 * MICRO
        assert await purse.balance() == 90 * MICRO
    assert (await held(purse, asked)).state == HoldState.SETTLED, "a key that was used does not reserve anew"
    other = await held(purse, purse.asks(5 * MICRO))
    for _ in range(2):
        assert (await released(purse, other)).state == HoldState.RELEASED
    assert await purse.balance() == 90 * MICRO


async def test_an_end_is_the_only_one(new_purse: NewPurse) -> None:
    purse = await new_purse(100)
    hold, other = await held(purse, purse.asks(30 * MICRO)), await held(purse, purse.asks(30 * MICRO))
    await settled(purse, hold, Cost(10 * MICRO))
    await released(purse, other)
    for ended in (settled(purse, hold, Cost(11 * MICRO)), released(purse, hold), settled(purse, other, Cost(0))):
        with pytest.raises(HoldEnded):
            await ended
    with pytest.raises(NoSuchHold):
        async with purse.pool.acquire() as connection, connection.transaction():
            await release(connection, uuid4())


@pytest.mark.parametrize("amount", [-1, AMOUNT_MAX + 1])
async def test_amounts_have_a_limit(new_purse: NewPurse, amount: int) -> None:
    purse = await new_purse()
    with pytest.raises(AmountUnfit):
        await held(purse, purse.asks(amount))
    free = await held(purse, purse.asks(0))
    assert (await settled(purse, free, Cost(0))).actual == 0


async def test_what_is_not_there_is_not_reserved_and_the_transaction_goes_on(new_purse: NewPurse) -> None:
    purse = await new_purse(10)
    async with purse.pool.acquire() as connection, connection.transaction():
        with pytest.raises(CreditsShort, match=r"needs 10\.5 credits, and 10 are there") as short:
            await reserve(connection, purse.asks(10 * MICRO + MICRO // 2), NOVEMBER)
        assert (short.value.limit, short.value.needed) == (10 * MICRO, 10_500_000)
        assert (await reserve(connection, purse.asks(10 * MICRO), NOVEMBER)).state == HoldState.OPEN
    with pytest.raises(NoPayer):
        await held(purse, Reservation("nobody's", uuid4(), purse.owner_id, 1))


async def test_more_than_was_held_is_not_settled(new_purse: NewPurse) -> None:
    purse = await new_purse()
    hold = await held(purse, purse.asks(10 * MICRO))
    with pytest.raises(HoldTooSmall, match="came to 11 credits, and 10 were held"):
        await settled(purse, hold, Cost(11 * MICRO))
    assert await purse.balance(AccountKind.HELD) == 10 * MICRO


async def test_what_is_charged_after_the_end_is_ours_once(new_purse: NewPurse) -> None:
    purse = await new_purse(100)
    hold, paid = await held(purse, purse.asks(30 * MICRO)), await held(purse, purse.asks(10 * MICRO))
    await released(purse, hold)
    await settled(purse, paid, Cost(0, {"runway": 2 * MICRO}))
    async with purse.pool.acquire() as connection, connection.transaction():
        assert await absorb(connection, hold.id, {"kling": 7 * MICRO})
        assert not await absorb(connection, hold.id, {"kling": 7 * MICRO})
        assert not await absorb(connection, paid.id, {"runway": 2 * MICRO}), "settled with what it cost"
    assert await purse.balance() == 100 * MICRO
    house, providers = await purse.balance(AccountKind.HOUSE), await purse.balance(AccountKind.PROVIDER)
    assert (house, providers) == (-9 * MICRO, 9 * MICRO)


async def test_a_key_is_of_one_thing(new_purse: NewPurse) -> None:
    purse, other = await new_purse(), await new_purse()
    asked = purse.asks(10 * MICRO)
    await held(purse, asked)
    for wrong in (purse.asks(11 * MICRO, asked.key), purse.asks(10 * MICRO, asked.key, run_id=uuid4())):
        with pytest.raises(HoldKeyReused):
            await held(purse, wrong)
    with pytest.raises(HoldKeyReused):
        await held(other, other.asks(10 * MICRO, asked.key))
    assert await other.balance() == 100 * MICRO


async def test_it_commits_with_what_the_caller_does_or_not_at_all(new_purse: NewPurse) -> None:
    purse = await new_purse(100)
    with pytest.raises(ZeroDivisionError):
        async with purse.pool.acquire() as connection, connection.transaction():
            await reserve(connection, purse.asks(30 * MICRO), NOVEMBER)
            _ = 1 / 0
    assert (await purse.balance(), await purse.balance(AccountKind.HELD)) == (100 * MICRO, 0)


async def test_what_nobody_settles_in_its_time_goes_back(new_purse: NewPurse) -> None:
    purse = await new_purse(100)
    late = await held(purse, purse.asks(30 * MICRO, ttl_s=60))
    longer = await held(purse, purse.asks(20 * MICRO, ttl_s=60))
    async with purse.pool.acquire() as connection:
        await extend(connection, longer.id, NOVEMBER + timedelta(days=2))
        assert (await extend(connection, longer.id, NOVEMBER)).expires_at == NOVEMBER + timedelta(days=2)
    assert await expire(purse.pool, NOVEMBER + timedelta(seconds=59)) == 0
    assert await expire(purse.pool, NOVEMBER + timedelta(seconds=61)) >= 1
    assert (await purse.balance(), await purse.balance(AccountKind.HELD)) == (80 * MICRO, 20 * MICRO)
    assert (await released(purse, late)).state == HoldState.EXPIRED
    with pytest.raises(HoldEnded):
        await settled(purse, late, Cost(1))
    async with purse.pool.acquire() as connection:
        with pytest.raises(HoldEnded):
            await extend(connection, late.id, NOVEMBER + timedelta(days=3))


@pytest.mark.parametrize("scope", ["project", "person", "run"])
async def test_a_budget_is_a_hard_cap_and_warns_at_four_fifths(new_purse: NewPurse, scope: str) -> None:
    purse = await new_purse(100)
    cap = await budget(purse, scope, 10 * MICRO)
    run = uuid4()
    first = await held(purse, purse.asks(8 * MICRO, run_id=run))
    assert first.warnings == ()
    second = await held(purse, purse.asks(1 * MICRO, run_id=run))
    assert [(each.budget, each.scope, each.used) for each in second.warnings] == [(cap, scope, 9 * MICRO)]
    by = uuid4()
    told = {"scope": scope, "period": "always", "percent": 80, "by": ids.to_text("usr", by)}
    assert events_of(second.warnings, by) == [("budget", told)]
    assert (await held(purse, purse.asks(MICRO // 2, run_id=run))).warnings == (), "told once"
    with pytest.raises(BudgetSpent, match=r"needs 1 credits; of the 10 that .* may use, 0.5 are left") as spent:
        await held(purse, purse.asks(1 * MICRO, run_id=run))
    assert (spent.value.budget, spent.value.limit, spent.value.left) == (cap, 10 * MICRO, MICRO // 2)
    assert await purse.balance(AccountKind.HELD) == 9_500_000
    last = await held(purse, purse.asks(MICRO // 2, run_id=run))
    assert [(each.percent, each.used) for each in last.warnings] == [(100, 10 * MICRO)], "and once when it is used up"
    await released(purse, last)
    await settled(purse, first, Cost(2 * MICRO))
    assert (await held(purse, purse.asks(6 * MICRO, run_id=run))).state == HoldState.OPEN, (
        "what went back is free again"
    )


async def test_budgets_are_of_their_month_their_person_and_their_run(new_purse: NewPurse) -> None:
    purse = await new_purse(1_000)
    bob = uuid4()
    await purse.pool.execute(
        "insert into users (id, email, name, colour) values ($1, $2, 'B', '#000000')", bob, f"{bob}@t"
    )
    await budget(purse, "person", 10 * MICRO, "month")
    await budget(purse, "run", 50 * MICRO)
    await held(purse, purse.asks(10 * MICRO))
    with pytest.raises(BudgetSpent, match="10 a month that you may use"):
        await held(purse, purse.asks(1))
    await held(purse, purse.asks(10 * MICRO), NOVEMBER + timedelta(days=4))  # December
    await held(purse, purse.asks(10 * MICRO, user_id=bob))
    await budget(purse, "person", 45 * MICRO, "month", person=bob)
    await held(purse, purse.asks(35 * MICRO, user_id=bob, run_id=uuid4()))
    with pytest.raises(BudgetSpent):
        await held(purse, purse.asks(1, user_id=bob))
    await budget(purse, "person", 500 * MICRO, "month", person=purse.owner_id)
    run = uuid4()
    await held(purse, purse.asks(50 * MICRO, run_id=uuid4()))
    await held(purse, purse.asks(50 * MICRO, run_id=run))
    with pytest.raises(BudgetSpent, match="one run"):
        await held(purse, purse.asks(1, run_id=run))


async def test_a_wallet_may_have_a_cap_a_month(new_purse: NewPurse) -> None:
    purse = await new_purse(100)
    await purse.pool.execute(
        "update ledger_accounts set month_cap = $2 where holder_id = $1 and kind = 'wallet'",
        purse.holder.id,
        10 * MICRO,
    )
    hold = await held(purse, purse.asks(9 * MICRO))
    assert [(each.budget, each.scope) for each in hold.warnings] == [(None, "wallet")]
    with pytest.raises(BudgetSpent, match="whoever pays"):
        await held(purse, purse.asks(2 * MICRO))


async def test_many_at_once_pass_no_cap_and_overdraw_nothing(new_purse: NewPurse) -> None:
    purse, capped = await new_purse(10), await new_purse(100)
    await budget(capped, "project", 10 * MICRO, "month")

    async def tries(purse: Purse) -> int:
        try:
            await held(purse, purse.asks(3 * MICRO))
        except (CreditsShort, BudgetSpent):
            return 0
        return 1

    for each in (purse, capped):
        assert sum(await asyncio.gather(*(tries(each) for _ in range(12)))) == 3
        assert await each.balance(AccountKind.HELD) == 9 * MICRO


async def test_one_key_at_once_reserves_once(new_purse: NewPurse) -> None:
    purse = await new_purse(5)
    asked = purse.asks(5 * MICRO)
    assert len({hold.id for hold in await asyncio.gather(*(held(purse, asked) for _ in range(8)))}) == 1
    assert await purse.balance() == 0


async def test_the_hold_of_a_run_that_is_under_way_does_not_expire(new_purse: NewPurse, pool: asyncpg.Pool) -> None:
    purse = await new_purse(100)
    run, document = uuid4(), uuid4()
    await pool.execute(
        "insert into documents (id, project_id, episode_id, kind, server_client) values ($1, $2, $2, 'sb', 4000000000)",
        document,
        purse.project_id,
    )
    await pool.execute(
        "insert into runs (id, project_id, document_id, scene_id, requested_by, state, request)"
        " values ($1, $2, $3, 'scn_1', $4, 'running', '{}')",
        run,
        purse.project_id,
        document,
        purse.owner_id,
    )
    await held(purse, purse.asks(30 * MICRO, run_id=run, ttl_s=60))
    await expire(pool, NOVEMBER + timedelta(days=1))
    assert await purse.balance(AccountKind.HELD) == 30 * MICRO
    await pool.execute("update runs set state = 'failed' where id = $1", run)
    await expire(pool, NOVEMBER + timedelta(days=1))
    assert await purse.balance(AccountKind.HELD) == 0


async def test_it_works_behind_the_wall_too(new_purse: NewPurse) -> None:
    """Whoever may see the project may hold for it, also as the role that sees nothing else (decision 22)."""
    purse = await new_purse(100)
    await budget(purse, "project", 50 * MICRO)
    await purse.pool.execute("insert into project_members values ($1, $2, 'editor')", purse.project_id, purse.owner_id)
    with walled_for(purse.owner_id):
        hold = await held(purse, purse.asks(30 * MICRO))
        with pytest.raises(BudgetSpent):
            await held(purse, purse.asks(30 * MICRO))
        assert (await settled(purse, hold, Cost(20 * MICRO, {"runway": MICRO}))).actual == 20 * MICRO
    with walled_for(uuid4()), pytest.raises(NoPayer):
        await held(purse, purse.asks(1))
    assert await purse.balance() == 80 * MICRO
