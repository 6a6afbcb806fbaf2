"""A run's whole take as the cache is asked for it: the scene's words, and all that must be equal beside them. Pure.

Where the scene stands, what it is called and which number it has says nothing of how it looks.
"""

from typing import Any
from uuid import UUID

from services.cache.model import Asked, Terms
from services.generation.graph import Wish
from services.generation.request import SceneRequest, digest, to_json
from services.generation.routing.model import Purpose
from storage.tables.runs import RunRow

STAGE = "take"
_NOT_SEEN = ("scene_id", "number", "title", "prompt", "brain", "around")
"""Of a request: what is no parameter of the picture, or is said in a term of its own."""


def asked_of(run: RunRow, tenant: UUID, request: SceneRequest, wish: Wish, safety: str) -> Asked:
    """`safety`: how strictly the project is moderated, and by which policy. A take is offered within its storyboard."""
    plain, around = to_json(request), request.around
    parameters: dict[str, Any] = {name: value for name, value in plain.items() if name not in _NOT_SEEN}
    parameters["shots"] = [{**shot, "id": ""} for shot in plain["shots"]]
    parameters |= {"document": run.document_id.hex, "purpose": wish.purpose.value, "voices": dict(wish.voices)}
    terms = Terms(
        tenant=tenant,
        project=run.project_id,
        stage=STAGE,
        model=_model(request, wish),
        parameters=parameters,
        brain=digest(plain["brain"]),
        beat="" if around is None or around.beat is None else around.beat.id,
        continuity="" if around is None else digest(*_continuity(request, plain["around"])),
        safety=safety,
    )
    return Asked(terms, request.prompt)


def _model(request: SceneRequest, wish: Wish) -> str:
    local = f"{request.provider}/{request.provider_version}"
    return local if wish.purpose is Purpose.DRAFT else "+".join((local, *sorted(wish.models)))


def _continuity(request: SceneRequest, around: dict[str, Any]) -> list[object]:
    """Who and what is there and which way they face. Ids of shots are places in the scene."""
    order = {shot.id: index for index, shot in enumerate(request.shots)}
    directions = sorted((order.get(shot, -1), way) for shot, way in around["directions"].items())
    return [around["people"], around["props"], around["quick"], directions, around["speakers"]]
