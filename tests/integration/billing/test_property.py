"""Many wallets, many connections, connections that break between any two statements: P10 holds.

The sum is zero, no wallet is overdrawn, no hold ends twice, no budget is passed, and what is counted is what is held.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.billing.errors import BillingError
from services.billing.funds import grant, transfer
from services.billing.holds import expire, extend, release, reserve, settle
from services.billing.model import MICRO, Cost, Reservation
from storage.postgres import Connection, open_pool
from storage.tables import ledger
from tests.integration.billing.conftest import NewPurse, Purse

HANDS = 8
MOVES = 60
START = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
PROJECT_CAP = 60 * MICRO
OF_HOLDERS = "holder_id = any($1::uuid[])"


class Broken(Exception):
    """The connection broke here."""


class Breaking:
    """A connection that breaks before its nth statement, or before the commit, as if the process were killed there."""

    def __init__(self, connection: Any, statements: int) -> None:
        self._connection = connection
        self._left = statements

    def transaction(self) -> Any:
        return self._connection.transaction()

    def break_(self) -> None:
        self._connection.terminate()
        raise Broken

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        method = getattr(self._connection, name)

        async def call(*arguments: Any) -> Any:
            self._left -= 1
            if self._left < 0:
                self.break_()
            return await method(*arguments)

        return call


class Hand:
    """One worker who reserves, settles, releases and repeats itself."""

    def __init__(self, random: Random, pool: asyncpg.Pool, purses: list[Purse]) -> None:
        self._random = random
        self._pool = pool
        self._purses = purses
        self._asked: list[tuple[Purse, Reservation]] = []
        self._holds: list[UUID] = []
        self._clock = START

    async def work(self) -> None:
        for _ in range(MOVES):
            self._clock += timedelta(seconds=self._random.randrange(30))
            move = self._random.choice(
                (self._reserve, self._reserve, self._again, self._settle, self._release, self._fund)
            )
            try:
                await self._committed(move)
            except (BillingError, Broken):
                pass
            if self._random.random() < 0.1:
                await expire(self._pool, self._clock)

    async def _committed(self, move: Callable[[Connection], Awaitable[None]]) -> None:
        breaks = self._random.random() < 0.3
        connection = await self._pool.acquire()
        breaking = Breaking(connection, self._random.randrange(12) if breaks else 1_000)
        try:
            async with connection.transaction():
                await move(breaking)  # type: ignore[arg-type]
                if breaks:
                    breaking.break_()
        except asyncpg.InterfaceError as error:  # what a transaction says that ends on a connection that broke
            if not breaks:
                raise
            raise Broken from error
        finally:
            await self._pool.release(connection)

    async def _reserve(self, connection: Connection) -> None:
        purse = self._random.choice(self._purses)
        amount = self._random.randrange(20 * MICRO)
        run = uuid4() if self._random.random() < 0.5 else None
        self._asked.append((purse, purse.asks(amount, run_id=run, ttl_s=self._random.choice((1, 600)))))
        await self._again(connection)

    async def _again(self, connection: Connection) -> None:
        if self._asked:
            _, asked = self._asked[-1] if self._random.random() < 0.7 else self._random.choice(self._asked)
            self._holds.append((await reserve(connection, asked, self._clock)).id)

    async def _settle(self, connection: Connection) -> None:
        if self._holds:
            price = self._random.randrange(20 * MICRO)
            cost = Cost(price, {self._random.choice(("runway", "kling")): self._random.randrange(5 * MICRO)})
            await settle(connection, self._random.choice(self._holds), cost)

    async def _release(self, connection: Connection) -> None:
        if self._holds:
            hold = self._random.choice(self._holds)
            if self._random.random() < 0.3:
                await extend(connection, hold, self._clock + timedelta(hours=1))
            else:
                await release(connection, hold)

    async def _fund(self, connection: Connection) -> None:
        one, other = self._random.sample(self._purses, 2)
        if self._random.random() < 0.5:
            await grant(connection, one.holder, 1 + self._random.randrange(3 * MICRO), str(uuid4()))
        else:
            await transfer(
                connection, one.holder, other.holder, 1 + self._random.randrange(MICRO), str(uuid4()), uuid4()
            )


async def audit(pool: asyncpg.Pool, purses: list[Purse]) -> None:
    holders = [purse.holder.id for purse in purses]
    proof = await ledger.proof(pool, 0, 1_000_000)
    assert (proof.imbalance, proof.held_astray, proof.wrong) == (0, 0, 0)
    journals = "select 1 from ledger_journals j where j.hold_id = h.id and j.kind"
    astray = await pool.fetch(
        f"""
        select h.id, h.state, h.amount, h.actual from credit_holds h where {OF_HOLDERS} and h.amount > 0 and (
            (select count(*) from ({journals} = 'hold') made) <> 1
            or (select count(*) from ({journals} <> 'hold') ended) <> (h.state <> 'open')::int)
        """,
        holders,
    )
    assert astray == []
    counted = "coalesce((select sum(case h.state when 'open' then h.amount when 'settled' then h.actual else 0 end)"
    wrong = await pool.fetch(
        f"""
        select u.* from credit_usage u where u.used <> {counted} from credit_holds h
          where u.subject_id in (h.holder_id, h.project_id, h.run_id)
            and (u.person_id = '00000000-0000-0000-0000-000000000000' or u.person_id = h.user_id)
            and u.period in ('always', h.period)), 0)
          and u.subject_id in (select unnest(array[holder_id, project_id, run_id]) from credit_holds where {OF_HOLDERS})
        """,
        holders,
    )
    assert wrong == []
    projects = [purse.project_id for purse in purses]
    most = await pool.fetchval(
        "select max(used) from credit_usage where subject_id = any($1) and period <> 'always'", projects
    )
    assert 0 < most <= PROJECT_CAP


@pytest.mark.parametrize("seed", range(6))
async def test_the_sum_is_always_zero(database_url: str, new_purse: NewPurse, seed: int) -> None:
    random = Random(seed)
    purses = [await new_purse(random.randrange(1, 80)) for _ in range(4)]
    async with open_pool(database_url, connections_max=HANDS) as pool:
        for purse in purses:
            await pool.execute(
                "insert into credit_budgets (id, project_id, scope, period, cap)"
                " values (gen_random_uuid(), $1, 'project', 'month', $2)",
                purse.project_id,
                PROJECT_CAP,
            )
        hands = [Hand(Random(f"{seed}/{hand}"), pool, purses) for hand in range(HANDS)]
        working = asyncio.gather(*(hand.work() for hand in hands))
        while not working.done():  # it is zero at every moment, not only at the end
            proof = await ledger.proof(pool, 0, 1)
            assert (proof.imbalance, proof.held_astray) == (0, 0)
        await working
        await audit(pool, purses)
