"""Requests to test with."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.brains.presets import BRAINS
from services.generation.providers.animatic import NAME, VERSION
from services.generation.request import BrainChoice, Line, Picture, SceneRequest, ShotRequest, Slug
from storage.tables.runs import RunRow

NOW = datetime(2026, 11, 28, tzinfo=UTC)
WORDS = "Rain on the pier. MARA waits by the lighthouse while a boat comes in."


def request(
    prompt: str = WORDS,
    lines: tuple[Line, ...] = (),
    shots: tuple[ShotRequest, ...] = (),
    frames: int | None = None,
    slug: Slug | None = None,
    brain: str = "thriller",
    picture: Picture | None = None,
) -> SceneRequest:
    return SceneRequest(
        scene_id="scn_0000000000000000000000000a",
        number="4",
        title="The pier",
        slug=slug or Slug("EXT", "HARBOUR", "NIGHT"),
        prompt=prompt,
        brain=BrainChoice(brain, BRAINS[brain].version, 100),
        lines=lines,
        shots=shots,
        frames=frames,
        picture=picture or Picture(160, 90),
        provider=NAME,
        provider_version=VERSION,
    )


def run_row(request: dict[str, Any]) -> RunRow:
    """Of a run that has just begun."""
    return RunRow(
        id=UUID(int=2),
        project_id=UUID(int=3),
        document_id=UUID(int=4),
        scene_id=request["scene_id"],
        requested_by=UUID(int=5),
        state="running",
        stage="enhance",
        pct=0,
        epoch=1,
        attempt=0,
        cancel_requested=False,
        milestones=1,
        request=request,
        error=None,
        take_id=None,
        created_at=NOW,
        updated_at=NOW,
        finished_at=None,
        traceparent=None,
        wish={},
        replays=None,
        cost_microcredits=None,
    )
