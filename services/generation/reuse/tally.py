"""What each step of a finished run came to: made here, or there already; and what that spared.

Counted for the project's report and told in the payer's statement, in the transaction that tells the take.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.billing.quote import price_of
from services.billing.savings import Saver, Saving, note
from services.cache.model import Layer
from services.generation.graph import stage_of, weighs
from storage.postgres import Connection
from storage.tables import cached
from storage.tables.runs import RunRow
from storage.tables.steps import StepRow


@dataclass(frozen=True, slots=True)
class Tally:
    """Of one step, in micro-credits as its holder pays them."""

    step: str
    stage: str
    layer: Layer
    spent: int
    saved: int


def tallies_of(
    steps: Sequence[StepRow], makers: Iterable[Mapping[str, Any]], kept: Mapping[str, int] | None = None
) -> list[Tally]:
    """`makers`: who made what was bought, as the take's provenance has them. `kept`: prices of components, by step."""
    prices = Counter[str](kept or {})
    for maker in makers:
        prices[maker["step"]] += price_of(maker["cost_microcredits"] or 0)
    found = []
    for step in steps:
        if weighs(step.name):
            layer, price = Layer(step.layer or Layer.NONE), prices[step.name]
            spent, saved = (price, 0) if layer is Layer.NONE else (0, price)
            found.append(Tally(step.name, stage_of(step.name).value, layer, spent, saved))
    return found


async def book(connection: Connection, run: RunRow, tallies: Sequence[Tally]) -> None:
    """Rows of figures are locked in one order."""
    for tally in sorted(tallies, key=lambda tally: (tally.layer, tally.stage)):
        await cached.count(
            connection,
            run.project_id,
            tally.layer,
            tally.stage,
            spent_microcredits=tally.spent,
            saved_microcredits=tally.saved,
        )
    savings = [Saving(tally.step, tally.layer, tally.saved) for tally in tallies]
    await note(connection, Saver(run.id, run.project_id, run.requested_by), savings)
