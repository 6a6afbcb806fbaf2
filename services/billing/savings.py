"""What a run did not cost because something was there already: told in the statements of whoever would have paid.

No money moves by it, and nothing is checked against budgets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.billing.errors import NoPayer
from services.billing.holds import payer_of
from services.billing.model import checked_amount
from storage.postgres import Connection
from storage.tables import savings as rows
from storage.tables.savings import NewSaving


@dataclass(frozen=True, slots=True)
class Saving:
    """`what`: a step of the run, or `take`. `layer`: of the caches. `amount`: in micro-credits, what it had cost."""

    what: str
    layer: str
    amount: int


@dataclass(frozen=True, slots=True)
class Saver:
    """Whose run it is."""

    run_id: UUID
    project_id: UUID
    user_id: UUID


async def note(connection: Connection, saver: Saver, savings: Sequence[Saving]) -> None:
    """In the transaction that ends the run; once, however often it is said. Raises `AmountUnfit`."""
    worth = [each for each in savings if checked_amount(each.amount) > 0]
    if not worth:
        return
    try:
        holder = (await payer_of(connection, saver.project_id)).holder
    except NoPayer:
        return
    await rows.add(
        connection,
        [
            NewSaving(
                saver.run_id,
                each.what,
                each.layer,
                holder.kind.value,
                holder.id,
                saver.project_id,
                saver.user_id,
                each.amount,
            )
            for each in worth
        ],
    )
