"""Who made what of a take elsewhere, and what each cost, from the rows of the calls: part of its provenance."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from services.generation.graph import BOUGHT, KEPT
from services.generation.providers.intents import State
from storage.postgres import store_away
from storage.tables import intents
from storage.tables import steps as rows
from storage.tables.steps import StepRow
from sync import ids


async def makers_of(pool: asyncpg.Pool, run_id: UUID, steps: Sequence[StepRow]) -> list[dict[str, Any]]:
    """Of each step that was bought: step, provider, model, cost in micro-credits, and from which run, if another.

    What another run had made was paid for there. Raises `StoreAway`.
    """
    found = []
    for step in steps:
        if step.name.partition(".")[0] in BOUGHT:
            with store_away():
                found += await _maker_of(pool, run_id, step)
    return found


async def _maker_of(pool: asyncpg.Pool, run_id: UUID, step: StepRow) -> list[dict[str, Any]]:
    if step.kind.partition("/")[0] == KEPT:
        return await _maker_of_kept(pool, step)
    source = step.reused_from or run_id
    names = {other.name for other in await rows.of_run(pool, source) if other.key == step.key}
    return [
        {
            "step": step.name,
            "provider": call.provider,
            "model": call.model,
            "cost_microcredits": call.cost_microcredits,
            "paid_in": None if source == run_id else ids.to_text("run", source),
        }
        for call in await intents.of_run(pool, source)
        if call.step in names and call.state == State.SUCCEEDED
    ]


async def _maker_of_kept(pool: asyncpg.Pool, step: StepRow) -> list[dict[str, Any]]:
    """Paid for where it was made."""
    origin = ids.from_text("run", step.params["run"])
    (made,) = [other for other in await rows.of_run(pool, origin) if other.name == step.params["step"]]
    found = await _maker_of(pool, origin, made)
    return [each | {"step": step.name, "paid_in": each["paid_in"] or step.params["run"]} for each in found]
