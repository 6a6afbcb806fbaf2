"""Routes of statements: a month of a wallet as JSON and as CSV."""

from starlette.responses import Response

from api.billing import holder_of, moment, wallet_text
from api.billing_schemas import (
    StatementLine,
    StatementOut,
    StatementProject,
    StatementQuery,
    StatementSaving,
    StatementTotal,
)
from api.call import Call
from api.operation import Operation
from services.billing.statements import Statement, note_of
from services.cache.model import Layer
from storage.tables.savings import SavingRow
from storage.tables.statements import LineRow
from sync import ids


async def of_month(call: Call) -> Response:
    query, holder = call.query(StatementQuery), holder_of(call.text("wallet"))
    position = call.position(query.cursor)
    after = 0 if position is None else int(position)
    found = await call.state.statements.of_month(
        call.actor, holder, call.text("month"), moment(call), after, query.limit
    )
    following = str(found.lines[-1].id) if len(found.lines) == query.limit else None
    return call.page(_statement(found, call.cursor(following)))


async def as_csv(call: Call) -> Response:
    holder, month = holder_of(call.text("wallet")), call.text("month")
    text = await call.state.statements.as_csv(call.actor, holder, month, moment(call))
    name = f"storyforge-{wallet_text(holder)}-{month}.csv"
    return Response(text, media_type="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _statement(found: Statement, following: str | None) -> StatementOut:
    return StatementOut(
        wallet=wallet_text(found.holder),
        month=found.month,
        since=found.since,
        until=found.until,
        opening_micro=found.opening,
        closing_micro=found.closing,
        totals=[
            StatementTotal.model_validate({"kind": row.kind, "amount_micro": row.amount, "lines": row.lines})
            for row in found.totals
        ],
        projects=[
            StatementProject(
                project=ids.to_text("prj", row.project_id),
                title=row.title,
                spent_micro=row.spent,
                saved_micro=row.saved,
            )
            for row in found.projects
        ],
        savings=[_saving(row) for row in found.savings],
        lines=[_line(row) for row in found.lines],
        next=following,
    )


def _saving(row: SavingRow) -> StatementSaving:
    return StatementSaving(
        at=row.at,
        what=row.what,
        layer=Layer(row.layer),
        saved_micro=row.amount,
        project=ids.to_text("prj", row.project_id),
        title=row.title,
        run=ids.to_text("run", row.run_id),
        by=row.name,
    )


def _line(row: LineRow) -> StatementLine:
    return StatementLine.model_validate(
        {
            "at": row.at,
            "kind": row.kind,
            "amount_micro": row.amount,
            "project": None if row.project_id is None else ids.to_text("prj", row.project_id),
            "title": row.title,
            "run": None if row.run_id is None else ids.to_text("run", row.run_id),
            "by": row.name,
            "note": note_of(row),
        }
    )


_MONTH = "/v1/wallets/{wallet}/statements/{month}"

OPERATIONS = (
    Operation(
        "GET",
        _MONTH + "/csv",
        as_csv,
        "statements",
        "All of a month of a wallet, for those who may spend from it",
        content="text/csv",
        refusals=(403, 404, 409),
    ),
    Operation(
        "GET",
        _MONTH,
        of_month,
        "statements",
        "A month of a wallet, for those who may spend from it",
        query=StatementQuery,
        answer=StatementOut,
        refusals=(403, 404),
    ),
)
