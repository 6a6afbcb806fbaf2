"""The credits of a paid call: held when it is written down, settled when it ends, each in that very transaction."""

import logging
from uuid import UUID

from services.billing import holds
from services.billing.budgets import events_of
from services.billing.errors import BudgetSpent, HoldEnded
from services.billing.model import ALWAYS, Cost, Reservation
from services.billing.quote import price_of
from services.generation.model import State as RunState
from services.generation.providers.intents import Settle, State
from services.runs.service import Held, hold
from storage.events import append_events
from storage.postgres import Connection
from storage.tables import holds as rows
from storage.tables import intents, runs
from storage.tables.intents import IntentRow

log = logging.getLogger("storyforge.generation")

HOLD_TTL_S = 6 * 3600.0
"""A hold of a run that is under way does not expire."""


def reserving(held: Held, spend_max_microcredits: int | None) -> Settle:
    """For `Intents.call`. `spend_max_microcredits`: of the whole run. Budgets that come to an end are told.

    What it answers raises `Fenced`, `CreditsShort`, `BudgetSpent`, `NoPayer`.
    """
    run = held.run

    async def reserve(connection: Connection, row: IntentRow) -> None:
        await hold(connection, held)
        price = price_of(row.most_microcredits)
        if spend_max_microcredits is not None:
            others = [other for other in await intents.of_run(connection, run.id) if other.id != row.id]
            left = max(0, spend_max_microcredits - sum(map(_price, others)))
            if price > left:
                raise BudgetSpent(None, "run", ALWAYS, spend_max_microcredits, left, price)
        asked = Reservation(_key(row.id), run.project_id, run.requested_by, price, run.id, HOLD_TTL_S)
        made = await holds.reserve(connection, asked)
        await append_events(connection, run.project_id, events_of(made.warnings, run.requested_by))

    return reserve


async def settle(connection: Connection, row: IntentRow) -> None:
    """Who got something pays for it. Who got nothing pays nothing; what the provider charged all the same is ours."""
    held = await rows.hold_of_key(connection, _key(row.id))
    if held is None:
        return
    cost = row.cost_microcredits
    if row.state == State.SUCCEEDED and cost is None:
        cost = row.most_microcredits
    price = 0
    if row.state == State.SUCCEEDED and await _is_wanted(connection, row.run_id):
        price = min(held.amount, price_of(cost or 0))  # what goes beyond a provider's word is not the holder's
    try:
        if cost:
            await holds.settle(connection, held.id, Cost(price, {row.provider: cost}))
        else:
            await holds.release(connection, held.id)
    except HoldEnded:  # it expired while nobody knew how the call stood
        log.warning("intent.hold_ended", extra={"intent": str(row.id), "provider": row.provider, "cost": cost})
        if cost:
            await holds.absorb(connection, held.id, {row.provider: cost})


async def _is_wanted(connection: Connection, run_id: UUID) -> bool:
    run = await runs.run_of_id(connection, run_id)
    return run is not None and not run.cancel_requested and not RunState(run.state).terminal


def _price(row: IntentRow) -> int:
    """What the holder pays for it, or may have to."""
    if State(row.state).is_open:
        return price_of(row.most_microcredits)
    if row.state != State.SUCCEEDED:
        return 0
    return price_of(row.most_microcredits if row.cost_microcredits is None else row.cost_microcredits)


def _key(intent_id: UUID) -> str:
    return f"intent:{intent_id}"
