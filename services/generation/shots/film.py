"""A shot of a final as an errand: a film that begins with its drawn frame. Nothing stands in for it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.generation.graph import CHOOSE, Stage
from services.generation.providers.capabilities import Kind, Want
from services.generation.providers.intents import Inspect
from services.generation.providers.interface import Clip, Desk, Panels, Plan, Provider
from services.generation.request import SceneRequest, from_json, to_json
from services.generation.shots.inspection import Inspection
from services.generation.shots.want import want_of
from services.runs.service import Held


@dataclass(frozen=True, slots=True)
class Shot:
    """What is to be made, and with what it begins. `index`: in the plan, from 0."""

    request: SceneRequest
    plan: Plan
    panels: Panels
    index: int

    @property
    def alone(self) -> Plan:
        """The plan with this shot only."""
        return replace(self.plan, shots=self.plan.shots[self.index : self.index + 1])

    @property
    def drawn(self) -> Panels:
        """Its panel only."""
        return replace(self.panels, panels=self.panels.panels[self.index : self.index + 1])


class Film:
    """Implements `Errand`. `local`: draws the frame; `inspection`: looks at what was sent."""

    kind = Kind.VIDEO
    is_patient = True

    def __init__(self, shot: Shot, local: Provider, inspection: Inspection) -> None:
        self._shot = shot
        self._local = local
        self._inspection = inspection

    def foreseen(self) -> Want:
        return self._want(b"")

    async def want(self, desk: Desk) -> Want:
        shot = self._shot
        still = await self._local.still(shot.request, shot.alone, shot.drawn, desk, graded=False)
        return self._want(await asyncio.to_thread(still.read_bytes))

    def inspected(self, held: Held, desk: Desk) -> Inspect:
        shot = self._shot
        return self._inspection.of(held, shot.request, shot.plan, shot.index, desk)

    async def output(self, made: Mapping[str, Any], desk: Desk) -> Mapping[str, Any]:
        picture = self._shot.request.picture
        media = made["outputs"][0]["media"]
        return to_json(Clip(media, self._shot.alone.frames, picture.width, picture.height, graded=False))

    def instead(self, code: str, why: str) -> None:
        return None

    def _want(self, first_frame: bytes) -> Want:
        shot = self._shot
        return want_of(shot.request, shot.plan, shot.index, shot.request.brain.look, first_frame)


def panels_of(inputs: Mapping[str, Mapping[str, Any]]) -> Panels:
    """Those that were chosen, or the only ones."""
    chosen = inputs.get(CHOOSE)
    return from_json(Panels, inputs[Stage.FRAMES] if chosen is None else chosen["chosen"]["made"])
