"""What the calls of a step say of it: how the last one ended, and all that the router asks of its past. Pure."""

from collections.abc import Sequence

from services.generation.providers.intents import State, failure_of
from services.generation.providers.port import Cancelled, Failed, FailureKind, Unknown
from services.generation.routing.fallback import History, Setback
from services.generation.routing.model import ModelId
from storage.tables.intents import IntentRow

GIVEN_UP = "given_up"
"""Code of a call whose outcome nobody will know."""


def setback_of(row: IntentRow) -> Setback | None:
    """What the router is asked about; None for a call that went well, or goes on."""
    if row.state == State.CANCELLED:
        return Cancelled(row.cost_microcredits)
    failure = failure_of(row)
    if row.state != State.FAILED or failure is None:
        return None
    if failure.code == GIVEN_UP:
        return Unknown(failure.message)
    return Failed(failure, row.cost_microcredits)


def history_of(rows: Sequence[IntentRow], waited_s: float, throttles: int, *, is_pinned: bool) -> History:
    """`rows`: of the step, oldest first; the newest has just been set back. `waited_s`, `throttles`: at its model."""
    model = ModelId(rows[-1].provider, rows[-1].model)
    own = [row for row in rows if (row.provider, row.model) == tuple(model) and not _is_throttled(row)]
    others = frozenset(ModelId(row.provider, row.model) for row in rows) - {model}
    before = sum(row.cost_microcredits or 0 for row in rows[:-1])
    return History(model, max(1, len(own)), throttles, waited_s, others, before, is_pinned)


def _is_throttled(row: IntentRow) -> bool:
    """It was told "not now": that says nothing of the request."""
    failure = failure_of(row)
    return failure is not None and failure.kind is FailureKind.THROTTLED
