"""Shot plans as people ask for them, before anybody pays: read from the storyboard, expanded here, and nothing written.

A step of a run that asks a language model takes the same preparation, `ask.asked` and `answer.read`.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import asyncpg

from services.brains.blend import at_strength
from services.brains.errors import UnknownBrain
from services.brains.model import Brain
from services.brains.service import brain_of_project
from services.continuity.service import known_characters
from services.continuity.sheet import Sheet
from services.documents.storable import text
from services.formats.fitting import SceneFit
from services.formats.model import Format
from services.formats.presets import DEFAULTS, format_of
from services.generation.length import check
from services.generation.plans.around import setting_of
from services.generation.plans.difference import Change, difference, gestures
from services.generation.plans.expand import expand, said_fields
from services.generation.plans.model import ShotPlan, Surroundings
from services.generation.plans.rules import Said
from services.generation.request import BrainChoice, Picture, SceneRequest
from services.scenes.reader import StoryReader
from services.scenes.story import Story, StoryScene
from services.users.access import access_project
from services.users.model import Actor, Need
from sync.storyboard.read import whole

STRENGTH_MAX = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """None: what the scene says, else what the project says; of the format, what the kind of the project suggests."""

    brain: str | None = None
    version: int | None = None
    strength: int | None = None
    format: str | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that a plan is made from. `look`: the brain at its strength; `said`: what nobody may rewrite."""

    scene: StoryScene
    request: SceneRequest
    brain: Brain
    look: Brain
    strength: int
    format: Format
    placed: SceneFit
    around: Surroundings
    sheet: Sheet
    said: Said


@dataclass(frozen=True, slots=True)
class Planned:
    """`gestures`: what writes the plan into the storyboard `document_id`, if somebody wants that."""

    prepared: Prepared
    plan: ShotPlan
    changes: Sequence[Change]
    gestures: Sequence[dict[str, Any]]
    document_id: UUID


class Plans:
    """`reader`: of storyboards; `picture`: what generations are made in."""

    def __init__(self, pool: asyncpg.Pool, reader: StoryReader, picture: Picture | None = None) -> None:
        self._pool = pool
        self._reader = reader
        self._picture = picture or Picture()

    async def plan(self, actor: Actor, project_id: UUID, scene_id: str, wanted: Wanted) -> Planned:
        """Raises `NoSuchProject`, `NoSuchScene`, `UnknownBrain`, `NoSuchFormat`, `SceneTooLong`."""
        story, scene = await self._reader.of_scene(actor, project_id, scene_id)
        prepared = await self._prepared(actor, project_id, story, scene, wanted)
        plan = await asyncio.to_thread(expand, prepared.request, prepared.look, prepared.around)
        changes = difference(scene, plan)
        return Planned(prepared, plan, changes, gestures(scene, changes), story.document_id)

    async def _prepared(
        self, actor: Actor, project_id: UUID, story: Story, scene: StoryScene, wanted: Wanted
    ) -> Prepared:
        access = await access_project(self._pool, actor, project_id, Need.VIEW)
        brain, strength = await self._brain(project_id, scene, wanted, access.project.brain)
        characters = await known_characters(self._pool, project_id)
        format = format_of(wanted.format or DEFAULTS[access.project.kind])
        setting = await asyncio.to_thread(setting_of, story, scene, characters, format, self._picture)
        request = setting.request(brain.id, lambda name, version: brain)
        request = replace(request, brain=BrainChoice.of(brain, strength))
        check(request)
        around = request.around or Surroundings()
        return Prepared(
            scene=scene,
            request=request,
            brain=brain,
            look=at_strength(brain, strength),
            strength=strength,
            format=format,
            placed=setting.placed,
            around=around,
            sheet=setting.sheet,
            said=said_fields(request, around),
        )

    async def _brain(self, project_id: UUID, scene: StoryScene, wanted: Wanted, default: str) -> tuple[Brain, int]:
        """What is asked for has to be there; what the scene names may be gone, and is then the project's."""
        choice = scene.view.brain or {}
        strength = wanted.strength if wanted.strength is not None else whole(choice.get("strength"))
        strength = STRENGTH_MAX if strength is None else min(STRENGTH_MAX, max(0, strength))
        if wanted.brain is not None:
            return await brain_of_project(self._pool, project_id, wanted.brain, wanted.version), strength
        for name, version in ((text(choice.get("id")), whole(choice.get("ver"))), (default, None)):
            try:
                return await brain_of_project(self._pool, project_id, name, version), strength
            except UnknownBrain:
                continue
        raise UnknownBrain(f"no brain {default!r}")
