"""The steps that a run of the scene that comes next will have, known before anybody asks for it; pure."""

from dataclasses import dataclass, replace
from uuid import UUID

from services.generation.graph import Wish, behind_offers, broken_down
from services.generation.request import SceneRequest, to_json
from services.runs.model import StepSpec
from services.scenes.story import Story, StoryScene

BOARDS = 2
"""Sets of frames that are prepared: what a run draws, and one to choose from."""


@dataclass(frozen=True, slots=True)
class Next:
    """A scene that nobody has generated. `asked_by`: whose run has led to it; `tenant`: for whom it would be done."""

    project_id: UUID
    tenant: UUID
    asked_by: UUID
    request: SceneRequest


def scene_behind(story: Story, scene_id: str) -> StoryScene | None:
    """The next in the story; None where it has a take, is locked, or says nothing that could be drawn."""
    scenes = story.scenes
    place = next((index for index, scene in enumerate(scenes) if scene.id == scene_id), None)
    if place is None or place + 1 == len(scenes):
        return None
    scene = scenes[place + 1]
    is_said = bool(scene.view.prompt.strip() or scene.shots)
    is_free = not scene.takes and not scene.view.locked and scene.view.st not in ("pending", "generating")
    return scene if is_said and is_free else None


def plan_of(following: Next) -> StepSpec:
    """The first of what is prepared."""
    return next(spec for spec in behind_offers(to_json(following.request), "", Wish()) if spec.name == "enhance")


def boards_of(following: Next) -> tuple[StepSpec, ...]:
    """Behind the plan."""
    steps = broken_down(to_json(following.request), "", replace(Wish(), boards=BOARDS), shots=0)
    return tuple(spec for spec in steps if spec.name.startswith("frames."))
