"""The JSON of wallets, budgets, holds and plans, as pydantic models; OpenAPI is made from them.

Amounts are micro-credits: a million are one credit. All of them are exact as JSON numbers.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.schemas import In, Out, Page, PageQuery
from services.billing.budgets import BUDGETS_MAX
from services.billing.model import AMOUNT_MAX
from services.billing.service import HOLDS_PAGE_MAX
from services.billing.statements import LINES_PAGE_MAX
from services.cache.model import Layer

REASON_CHARS_MAX = 200

WalletText = Annotated[str, StringConstraints(pattern=r"^(usr|team|prj)_[0-9a-z]{26}$")]
Micro = Annotated[int, Field(ge=0, le=AMOUNT_MAX)]
PositiveMicro = Annotated[int, Field(ge=1, le=AMOUNT_MAX)]
Kind = Literal["purchase", "grant", "hold", "settlement", "release", "expiry", "refund", "transfer", "sale", "payout"]
Limit = Literal["wallet", "wallet_month", "project", "person", "run"]


class WalletOut(Out):
    """`allowance_due_micro`: what the plan gives this month with the first generation, beside the balance.
    `month_used_micro`: held and spent this month. `month_cap_micro` null: no cap."""

    wallet: str
    balance_micro: int
    held_micro: int
    allowance_due_micro: int
    month_used_micro: int
    month_cap_micro: int | None
    plan: str | None


class WalletChange(In):
    """`month_cap_micro`: the most that is held and spent in a month; null: no cap."""

    month_cap_micro: Micro | None


class NewTransfer(In):
    """`to`: a wallet that you see."""

    to: WalletText
    amount_micro: PositiveMicro


class NewGrant(In):
    amount_micro: PositiveMicro
    reason: Annotated[str, StringConstraints(min_length=1, max_length=REASON_CHARS_MAX)]


class RoomOut(Out):
    """The most that you could start now, and what it is limited by."""

    left_micro: int
    by: Limit


class ProjectCreditsOut(Out):
    """`wallet`: who pays. `held_micro`: for what is under way in this project; `month_used_micro`, `used_micro`: held
    and spent this month and in all."""

    wallet: str
    balance_micro: int
    allowance_due_micro: int
    held_micro: int
    month_used_micro: int
    used_micro: int
    room: RoomOut


class PayerChange(In):
    """`wallet` null: its owner pays."""

    wallet: WalletText | None


class BudgetIn(In):
    """`person`: of scope `person`, the one whom it is on; null: each person. `run`: each run, for good."""

    scope: Literal["project", "person", "run"]
    person: Annotated[str, StringConstraints(pattern=r"^usr_[0-9a-z]{26}$")] | None = None
    period: Literal["month", "always"] = "always"
    cap_micro: Micro


class BudgetsIn(In):
    """All of them."""

    budgets: Annotated[list[BudgetIn], Field(max_length=BUDGETS_MAX)]


class BudgetOut(Out):
    """`used_micro`: of a budget for each person, by you; null where it is for each run."""

    scope: Literal["project", "person", "run"]
    person: str | None
    period: Literal["month", "always"]
    cap_micro: int
    used_micro: int | None


class BudgetsOut(Out):
    budgets: list[BudgetOut]


class HoldsQuery(PageQuery):
    limit: int = Field(HOLDS_PAGE_MAX, ge=1, le=HOLDS_PAGE_MAX)


class HoldOut(Out):
    """`amount_micro`: the most that it may cost; `actual_micro`: what it came to; `saved_micro`: by what was there
    already."""

    id: str
    user: str
    run: str | None
    state: Literal["open", "settled", "released", "expired"]
    amount_micro: int
    actual_micro: int | None
    saved_micro: int
    made_at: datetime
    expires_at: datetime
    ended_at: datetime | None


class HoldsOut(Page):
    """Newest first."""

    holds: list[HoldOut]


class StatementQuery(PageQuery):
    limit: int = Field(LINES_PAGE_MAX, ge=1, le=LINES_PAGE_MAX)


class StatementTotal(Out):
    """All movements of a kind: into the wallet, or out of it as less than zero."""

    kind: Kind
    amount_micro: int
    lines: int


class StatementProject(Out):
    """`title` null: the project is gone, or not yours to see."""

    project: str
    title: str | None
    spent_micro: int
    saved_micro: int


class StatementLine(Out):
    """`by`: who asked for it, by their name of today. `note`: a reason, a plan, a pack."""

    at: datetime
    kind: Kind
    amount_micro: int
    project: str | None
    title: str | None
    run: str | None
    by: str | None
    note: str


class StatementSaving(Out):
    """`what`: a step of the run, or its `take`. `layer`: the cache that had it. No money moved."""

    at: datetime
    what: str
    layer: Layer
    saved_micro: int
    project: str
    title: str | None
    run: str
    by: str | None


class StatementOut(Page):
    """A month of a wallet, of UTC. What is held counts as still there. `closing_micro` is what the ledger kept: the
    opening balance and all totals. Lines come oldest first, in pages. `savings`: the newest, at most 200; what
    generations did not cost because it was there already."""

    wallet: str
    month: str
    since: datetime
    until: datetime
    opening_micro: int
    closing_micro: int
    totals: list[StatementTotal]
    projects: list[StatementProject]
    savings: list[StatementSaving]
    lines: list[StatementLine]


class PlanOut(Out):
    """`monthly_micro` is given once a month, as far as the wallet holds less than `ceiling_micro`."""

    tier: str
    monthly_micro: int
    ceiling_micro: int


class PackOut(Out):
    """`cents`: of a US dollar, without tax."""

    name: str
    amount_micro: int
    cents: int


class NewPurchase(In):
    pack: Annotated[str, StringConstraints(pattern=r"^[a-z]{1,32}$")]


class PurchaseOut(Out):
    """`cents`: of a US dollar, without tax."""

    id: str
    wallet: str
    pack: str
    amount_micro: int
    cents: int
    cashier: str
    state: Literal["open", "paid", "refunded", "cancelled"]
    created_at: datetime
    paid_at: datetime | None


class PurchaseBegun(Out):
    """`url`: where the buyer pays."""

    purchase: PurchaseOut
    url: str


class PurchasesOut(Out):
    """The newest hundred."""

    purchases: list[PurchaseOut]


class PlansOut(Out):
    """`cashier`: who takes the money; null: nobody sells credits here."""

    cashier: str | None
    plans: list[PlanOut]
    packs: list[PackOut]
