"""The bookkeeper's round on real rows: late holds go back, and a wrong ledger is told."""

import logging
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from prometheus_client import CollectorRegistry

from jobs.bookkeeper import Bookkeeper
from jobs.metrics import WorkerMetrics
from services.billing.holds import reserve
from services.billing.model import MICRO
from tests.integration.billing.conftest import NewPurse


async def test_late_holds_go_back_and_the_ledger_is_proved(pool: asyncpg.Pool, new_purse: NewPurse) -> None:
    purse, registry = await new_purse(10), CollectorRegistry()
    async with pool.acquire() as connection, connection.transaction():
        await reserve(connection, purse.asks(4 * MICRO), datetime.now(UTC) - timedelta(days=2))
    await Bookkeeper(pool, WorkerMetrics(registry)).round()
    assert await purse.balance() == 10 * MICRO
    assert (registry.get_sample_value("storyforge_holds_expired_total") or 0) >= 1
    told = [
        registry.get_sample_value("storyforge_ledger_wrong", {"what": what}) for what in ("sum", "held", "balances")
    ]
    assert told == [0, 0, 0]
    kinds = [
        registry.get_sample_value("storyforge_ledger_credits", {"account": kind}) for kind in ("wallet", "promotions")
    ]
    assert (kinds[0] or 0) >= 10 and (kinds[1] or 0) <= -10


async def test_a_wrong_balance_is_told(
    pool: asyncpg.Pool, new_purse: NewPurse, caplog: pytest.LogCaptureFixture
) -> None:
    await new_purse(10)
    registry = CollectorRegistry()
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:  # as a superuser could, or a fault of the disk
            await connection.execute("alter table ledger_accounts disable trigger ledger_accounts_move_by_entries")
            await connection.execute("update ledger_accounts set balance = balance + 7 where kind = 'promotions'")
            bookkeeper = Bookkeeper(OneConnection(connection), WorkerMetrics(registry))  # type: ignore[arg-type]
            with caplog.at_level(logging.ERROR, "storyforge.jobs"):
                await bookkeeper.round()
        finally:
            await transaction.rollback()
    assert (registry.get_sample_value("storyforge_ledger_wrong", {"what": "sum"}) or 0) > 0
    assert (registry.get_sample_value("storyforge_ledger_wrong", {"what": "balances"}) or 0) > 0
    assert "ledger.wrong" in caplog.messages


class OneConnection:
    """A pool of a connection that is in the middle of a transaction."""

    def __init__(self, connection: asyncpg.pool.PoolConnectionProxy) -> None:
        self.fetch = connection.fetch
        self.fetchrow = connection.fetchrow
