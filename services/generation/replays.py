"""Everything of a project that failed, asked for once more: after an outage of a provider, an empty wallet, a mistake.

Each as `Generation.replay` does: what a run had made is not made again, and its limit of spending holds anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from services.generation.errors import Refusal
from services.generation.service import Generation
from storage.tables.runs import RunRow


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of a run that had failed: `again`, or why not."""

    failed: RunRow
    again: RunRow | None = None
    refusal: Refusal | None = None


async def replay_all(
    generation: Generation, failed: Sequence[RunRow], user_id: UUID, key: str | None
) -> list[Replayed]:
    """In this order. One that is refused holds up no other. `key`: the same one begins nothing twice.

    Raises `StoreAway`; what was begun before stays.
    """
    replayed = []
    for run in failed:
        own = None if key is None else str(uuid5(run.id, key))
        try:
            replayed.append(Replayed(run, await generation.replay(run.id, user_id, own)))
        except Refusal as refusal:
            replayed.append(Replayed(run, refusal=refusal))
    return replayed
