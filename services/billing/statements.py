"""Statements: what came into a wallet and went out of it in a month, as the entries of the ledger say.

What is held counts as still there; what was paid for generations went out when they were settled.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg

from services.billing.errors import MonthUnfit, StatementTooLong
from services.billing.model import MICRO, Holder
from services.billing.service import access_wallet
from services.users.model import Actor
from storage.tables import savings
from storage.tables import statements as rows
from storage.tables.savings import SavingRow
from storage.tables.statements import LineRow, SpentRow, TotalRow
from sync import ids

LINES_PAGE_MAX = 500
SAVINGS_MAX = 200
"""Of a month, the newest; all of them are in the sums of the projects."""
CSV_LINES_MAX = 50_000
"""Error: `StatementTooLong`."""
CSV_HEAD = ("at", "what", "credits", "balance", "project", "title", "run", "by", "note")

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Statement:
    """`opening` and `closing` are balances that the ledger kept; the totals lie between. `lines`: those of one page.

    `savings`: the newest of what generations did not cost because it was there already; no money moved by them.
    """

    holder: Holder
    month: str
    since: datetime
    until: datetime
    opening: int
    closing: int
    totals: Sequence[TotalRow]
    projects: Sequence[SpentRow]
    lines: Sequence[LineRow]
    savings: Sequence[SavingRow]


class Statements:
    """For those who may spend from the wallet."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def of_month(
        self, actor: Actor, holder: Holder, month: str, now: datetime, after: int = 0, limit: int = LINES_PAGE_MAX
    ) -> Statement:
        """Lines oldest first, those behind `after`. Raises `MonthUnfit`, `NoSuchWallet`, `Forbidden`."""
        since, until = span_of(month, now)
        async with self._pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
            await access_wallet(connection, actor, holder, spend=True)
            return Statement(
                holder=holder,
                month=month,
                since=since,
                until=until,
                opening=await rows.balance_before(connection, holder.id, since),
                closing=await rows.balance_before(connection, holder.id, until),
                totals=await rows.totals(connection, holder.id, since, until),
                projects=await rows.projects(connection, holder.id, since, until),
                lines=await rows.lines(connection, holder.id, since, until, after, limit),
                savings=await savings.of_holder(connection, holder.id, since, until, SAVINGS_MAX),
            )

    async def as_csv(
        self, actor: Actor, holder: Holder, month: str, now: datetime, lines_max: int = CSV_LINES_MAX
    ) -> str:
        """All lines. Raises `StatementTooLong`, and as `of_month`."""
        statement = await self.of_month(actor, holder, month, now, limit=lines_max + 1)
        if len(statement.lines) > lines_max:
            raise StatementTooLong(lines_max)
        return _csv(statement)


def span_of(month: str, now: datetime) -> tuple[datetime, datetime]:
    """Its first moment and the first of the next, of UTC. Raises `MonthUnfit` for one that has not begun."""
    found = _MONTH.fullmatch(month)
    if found is None or int(found[1]) == 0:
        raise MonthUnfit(MonthUnfit.__doc__)
    year, number = int(found[1]), int(found[2])
    since = datetime(year, number, 1, tzinfo=UTC)
    if since > now:
        raise MonthUnfit(MonthUnfit.__doc__)
    return since, datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)


def note_of(line: LineRow) -> str:
    """What its detail says to people."""
    told = {"reason": "{}", "tier": "plan {}", "pack": "pack {}"}
    return " ".join(text.format(line.detail[name]) for name, text in told.items() if name in line.detail)


def _csv(statement: Statement) -> str:
    """RFC 4180; the first and the last line are balances."""
    text = io.StringIO()
    written = csv.writer(text)
    written.writerow(CSV_HEAD)
    balance = statement.opening
    written.writerow((statement.since.isoformat(), "opening", "", _decimal(balance), *[""] * 5))
    for line in statement.lines:
        balance += line.amount
        written.writerow(
            (
                line.at.isoformat(),
                line.kind,
                _decimal(line.amount),
                _decimal(balance),
                "" if line.project_id is None else ids.to_text("prj", line.project_id),
                _text(line.title),
                "" if line.run_id is None else ids.to_text("run", line.run_id),
                _text(line.name),
                _text(note_of(line)),
            )
        )
    written.writerow((statement.until.isoformat(), "closing", "", _decimal(statement.closing), *[""] * 5))
    return text.getvalue()


def _decimal(micro: int) -> str:
    """Credits, exactly."""
    return f"{'-' if micro < 0 else ''}{abs(micro) // MICRO}.{abs(micro) % MICRO:06d}"


def _text(text: str | None) -> str:
    """A spreadsheet must not take what somebody wrote for a formula."""
    return f"'{text}" if text and text.startswith(_FORMULA) else text or ""
