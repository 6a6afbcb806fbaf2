"""Routes of credits: wallets, who pays for a project, its budgets and holds."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from starlette.responses import Response

from api.billing_schemas import (
    BudgetIn,
    BudgetOut,
    BudgetsIn,
    BudgetsOut,
    HoldOut,
    HoldsOut,
    HoldsQuery,
    NewGrant,
    NewTransfer,
    PackOut,
    PayerChange,
    PlanOut,
    PlansOut,
    ProjectCreditsOut,
    RoomOut,
    WalletChange,
    WalletOut,
)
from api.call import Call, reply
from api.operation import Operation
from services.billing.model import Holder, HolderKind
from services.billing.plans import PACKS, PLANS
from services.billing.service import ProjectCredits, Wallet
from services.teams.model import TEAM_PREFIX
from storage.tables.budgets import Budget, BudgetRow
from storage.tables.holds import HoldRow
from sync import ids

_PREFIXES = {HolderKind.USER: "usr", HolderKind.TEAM: TEAM_PREFIX, HolderKind.PROJECT: "prj"}
_KINDS = {prefix: kind for kind, prefix in _PREFIXES.items()}


def holder_of(text: str) -> Holder:
    """Whose wallet. Raises `MalformedId`: what cannot be one does not exist."""
    prefix = text.partition("_")[0]
    kind = _KINDS.get(prefix, HolderKind.USER)
    return Holder(kind, ids.from_text(_PREFIXES[kind], text))


def wallet_text(holder: Holder) -> str:
    """Inverse of `holder_of`."""
    return ids.to_text(_PREFIXES[holder.kind], holder.id)


def moment(call: Call) -> datetime:
    """Now, for the calendar."""
    return datetime.fromtimestamp(call.state.now(), UTC)


def happens_once(call: Call) -> str:
    """What a movement is named after: with an Idempotency-Key, the same when it is repeated."""
    return call.idempotency_key() or str(uuid4())


async def wallet(call: Call) -> Response:
    return reply(_wallet(await call.state.billing.wallet(call.actor, holder_of(call.text("wallet")), moment(call))))


async def change_wallet(call: Call) -> Response:
    body, holder = await call.body(WalletChange), holder_of(call.text("wallet"))
    return reply(_wallet(await call.state.billing.cap_wallet(call.actor, holder, body.month_cap_micro, moment(call))))


async def transfer(call: Call) -> Response:
    body, giver = await call.body(NewTransfer), holder_of(call.text("wallet"))
    taker, key = holder_of(body.to), happens_once(call)
    billing = call.state.billing
    return reply(_wallet(await billing.transfer(call.actor, giver, taker, body.amount_micro, key, moment(call))))


async def grant(call: Call) -> Response:
    body, holder = await call.body(NewGrant), holder_of(call.text("wallet"))
    billing, key = call.state.billing, happens_once(call)
    return reply(_wallet(await billing.grant(call.actor, holder, body.amount_micro, key, body.reason, moment(call))))


async def of_project(call: Call) -> Response:
    return reply(_credits(await call.state.billing.of_project(call.actor, call.id("prj", "project"), moment(call))))


async def set_payer(call: Call) -> Response:
    body, project_id = await call.body(PayerChange), call.id("prj", "project")
    holder = None if body.wallet is None else holder_of(body.wallet)
    return reply(_credits(await call.state.billing.set_payer(call.actor, project_id, holder, moment(call))))


async def budgets(call: Call) -> Response:
    return _budgets(await call.state.billing.budgets(call.actor, call.id("prj", "project"), moment(call)))


async def set_budgets(call: Call) -> Response:
    body, project_id = await call.body(BudgetsIn), call.id("prj", "project")
    wanted = [_budget(each) for each in body.budgets]
    return _budgets(await call.state.billing.set_budgets(call.actor, project_id, wanted, moment(call)))


async def holds(call: Call) -> Response:
    query = call.query(HoldsQuery)
    position = call.position(query.cursor)
    before = None if position is None else UUID(position)
    found = await call.state.billing.holds(call.actor, call.id("prj", "project"), before, query.limit)
    following = str(found[-1].id) if len(found) == query.limit else None
    return call.page(HoldsOut(holds=[_hold(row) for row in found], next=call.cursor(following)))


async def plans(call: Call) -> Response:
    return reply(
        PlansOut(
            cashier=None if call.state.settings.cashier.kind == "none" else call.state.settings.cashier.kind,
            plans=[
                PlanOut(tier=plan.tier, monthly_micro=plan.monthly, ceiling_micro=plan.ceiling)
                for plan in PLANS.values()
            ],
            packs=[PackOut(name=pack.name, amount_micro=pack.amount, cents=pack.cents) for pack in PACKS.values()],
        )
    )


def _wallet(wallet: Wallet) -> WalletOut:
    return WalletOut(
        wallet=wallet_text(wallet.holder),
        balance_micro=wallet.balance,
        held_micro=wallet.held,
        allowance_due_micro=wallet.allowance_due,
        month_used_micro=wallet.month_used,
        month_cap_micro=wallet.month_cap,
        plan=None if wallet.plan is None else wallet.plan.tier,
    )


def _credits(credits: ProjectCredits) -> ProjectCreditsOut:
    return ProjectCreditsOut(
        wallet=wallet_text(credits.wallet.holder),
        balance_micro=credits.wallet.balance,
        allowance_due_micro=credits.wallet.allowance_due,
        held_micro=credits.held,
        month_used_micro=credits.month_used,
        used_micro=credits.used,
        room=RoomOut.model_validate({"left_micro": credits.room.left, "by": credits.room.by}),
    )


def _budget(budget: BudgetIn) -> Budget:
    person = None if budget.person is None else ids.from_text("usr", budget.person)
    return Budget(budget.scope, person, budget.period, budget.cap_micro)


def _budgets(rows: list[BudgetRow]) -> Response:
    told = [
        BudgetOut.model_validate(
            {
                "scope": row.budget.scope,
                "person": None if row.budget.person_id is None else ids.to_text("usr", row.budget.person_id),
                "period": row.budget.period,
                "cap_micro": row.budget.cap,
                "used_micro": None if row.budget.scope == "run" else row.used,
            }
        )
        for row in rows
    ]
    return reply(BudgetsOut(budgets=told))


def _hold(row: HoldRow) -> HoldOut:
    return HoldOut.model_validate(
        {
            "id": ids.to_text("hld", row.id),
            "user": ids.to_text("usr", row.user_id),
            "run": None if row.run_id is None else ids.to_text("run", row.run_id),
            "state": row.state,
            "amount_micro": row.amount,
            "actual_micro": row.actual,
            "saved_micro": row.saved,
            "made_at": row.made_at,
            "expires_at": row.expires_at,
            "ended_at": row.ended_at,
        }
    )


_WALLET = "/v1/wallets/{wallet}"
_PROJECT = "/v1/projects/{project}"

OPERATIONS = (
    Operation(
        "GET", "/v1/plans", plans, "credits", "Plans, and what credits are sold in", answer=PlansOut, public=True
    ),
    Operation(
        "GET",
        _WALLET,
        wallet,
        "credits",
        "A wallet: one's own, of a team one is in, of a project one owns",
        answer=WalletOut,
        refusals=(403, 404),
    ),
    Operation(
        "PATCH",
        _WALLET,
        change_wallet,
        "credits",
        "Cap what a wallet pays in a month",
        body=WalletChange,
        answer=WalletOut,
        refusals=(403, 404),
    ),
    Operation(
        "POST",
        _WALLET + "/transfers",
        transfer,
        "credits",
        "Give credits to another wallet",
        body=NewTransfer,
        answer=WalletOut,
        refusals=(402, 403, 404),
        resumes=True,
    ),
    Operation(
        "POST",
        _WALLET + "/grants",
        grant,
        "credits",
        "Give credits away, for operators",
        body=NewGrant,
        answer=WalletOut,
        refusals=(403, 404),
        resumes=True,
    ),
    Operation(
        "GET",
        _PROJECT + "/credits",
        of_project,
        "credits",
        "What a project may still spend, for those who may",
        answer=ProjectCreditsOut,
        refusals=(403, 404),
    ),
    Operation(
        "PUT",
        _PROJECT + "/payer",
        set_payer,
        "credits",
        "Choose whose wallet pays for a project",
        body=PayerChange,
        answer=ProjectCreditsOut,
        refusals=(403, 404, 409),
    ),
    Operation(
        "GET",
        _PROJECT + "/budgets",
        budgets,
        "credits",
        "The budgets of a project, for those who may spend",
        answer=BudgetsOut,
        refusals=(403, 404),
    ),
    Operation(
        "PUT",
        _PROJECT + "/budgets",
        set_budgets,
        "credits",
        "Set all budgets of a project",
        body=BudgetsIn,
        answer=BudgetsOut,
        refusals=(403, 404, 409),
    ),
    Operation(
        "GET",
        _PROJECT + "/holds",
        holds,
        "credits",
        "What was held for generations, and what they came to",
        query=HoldsQuery,
        answer=HoldsOut,
        refusals=(403, 404),
    ),
)
