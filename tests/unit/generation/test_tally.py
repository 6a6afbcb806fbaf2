"""What the steps of a finished run came to."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from services.billing.quote import price_of
from services.cache.model import Layer
from services.generation.reuse.tally import Tally, tallies_of
from storage.tables.steps import StepRow

NOW = datetime(2026, 11, 28, tzinfo=UTC)
STEP = StepRow(
    run_id=uuid4(),
    name="enhance",
    kind="enhance/1",
    needs=(),
    params={},
    tenant=uuid4(),
    lane="local",
    priority=1,
    state="done",
    key="0" * 64,
    memo=None,
    output={},
    error=None,
    epoch=1,
    attempt=1,
    lease_owner=None,
    lease_until=None,
    reused_from=None,
    layer=None,
    created_at=NOW,
    ready_at=NOW,
    started_at=NOW,
    finished_at=NOW,
)


def maker(step: str, cost: int | None) -> dict[str, Any]:
    return {"step": step, "provider": "runway", "model": "gen4", "cost_microcredits": cost, "paid_in": None}


def test_what_was_made_was_spent_and_what_was_there_was_saved() -> None:
    steps = [
        STEP,
        replace(STEP, name="screen"),
        replace(STEP, name="shot.1"),
        replace(STEP, name="shot.2", layer="exact", reused_from=uuid4()),
        replace(STEP, name="frames", layer="ahead"),
        replace(STEP, name="publish"),
    ]
    found = tallies_of(steps, [maker("shot.1", 30), maker("shot.2", 50), maker("shot.2", 7)])
    assert found == [
        Tally("enhance", "enhance", Layer.NONE, 0, 0),
        Tally("shot.1", "clip", Layer.NONE, price_of(30), 0),
        Tally("shot.2", "clip", Layer.EXACT, 0, price_of(50) + price_of(7)),
        Tally("frames", "frames", Layer.AHEAD, 0, 0),
    ]


def test_a_call_whose_cost_nobody_knows_counts_as_nothing() -> None:
    assert tallies_of([replace(STEP, name="shot.1")], [maker("shot.1", None)])[0].spent == 0
