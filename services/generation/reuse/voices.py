"""Lines that were bought once for a project: kept for ever by what determines them, and not bought again.

A line's step has nothing of its scene in its key (text, voice, seed, models): the same words elsewhere are the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from services.cache.model import Kind, Layer, Mode
from services.cache.service import Cache
from services.generation.graph import LINE
from services.generation.reuse.tally import Tally
from services.runs.service import Held
from storage.postgres import Connection, store_away
from storage.tables import cached
from storage.tables.runs import RunRow
from storage.tables.steps import StepRow


@dataclass(frozen=True, slots=True)
class Component:
    """What a step had from the project's components. `price`: what its holder had paid for it, in micro-credits."""

    step: str
    kind: Kind
    key: str
    price: int

    def told(self) -> dict[str, Any]:
        """For a take's provenance."""
        return {"step": self.step, "kind": self.kind.value, "key": self.key, "price_microcredits": self.price}


class Voices:
    """Of all projects."""

    def __init__(self, pool: asyncpg.Pool, cache: Cache) -> None:
        self._pool = pool
        self._cache = cache

    async def kept(self, held: Held) -> dict[str, Any] | None:
        """The output of a line's step that was bought before; None as well where nobody may be answered from then.

        Raises `StoreAway`.
        """
        step, project_id = held.step, held.run.project_id
        if step.key is None or step.memo is not None or (await self._cache.policy(project_id)).mode is Mode.OFF:
            return None  # with a memo it is being bought already
        with store_away():
            found = await cached.component(self._pool, project_id, Kind.VOICE, step.key)
        return None if found is None else found[0]

    async def used(self, run: RunRow, steps: Sequence[StepRow]) -> list[Component]:
        """By a run. Raises `StoreAway`."""
        used = []
        for step in steps:
            if step.layer == Layer.COMPONENT and step.key is not None:
                with store_away():
                    found = await cached.component(self._pool, run.project_id, Kind.VOICE, step.key)
                used.append(Component(step.name, Kind.VOICE, step.key, 0 if found is None else found[1]))
        return used


async def keep_lines(connection: Connection, run: RunRow, steps: Sequence[StepRow], tallies: Sequence[Tally]) -> None:
    """What a run has bought, in the transaction that tells its take. The first one stays."""
    prices = {tally.step: tally.spent + tally.saved for tally in tallies}
    for step in sorted(steps, key=lambda step: step.key or ""):
        bought = step.name.partition(".")[0] == LINE and step.layer != Layer.COMPONENT
        if bought and step.key is not None and step.output is not None and step.output["media"] is not None:
            price = prices.get(step.name, 0)
            await cached.add_component(connection, run.project_id, Kind.VOICE, step.key, step.output, price)
