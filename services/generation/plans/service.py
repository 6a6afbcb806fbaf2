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
from services.continuity.sheet import Continuity, Sheet, continuity_of, sheet_of
from services.documents.storable import text
from services.formats.fitting import SceneFit, fit
from services.formats.model import Format
from services.formats.pieces import pieces_of
from services.formats.presets import DEFAULTS, format_of
from services.generation.length import check
from services.generation.plans.coverage import settled
from services.generation.plans.difference import Change, difference, gestures, pinned
from services.generation.plans.expand import expand, said_fields
from services.generation.plans.model import Direction, ShotPlan, Surroundings
from services.generation.plans.rules import Said
from services.generation.providers.animatic import NAME, VERSION
from services.generation.providers.animatic.enhance import cast_of
from services.generation.providers.animatic.subject import read as subject_of
from services.generation.request import BrainChoice, Picture, SceneRequest
from services.generation.snapshot import request_of
from services.scenes.reader import StoryReader
from services.scenes.story import Story, StoryScene, StoryShot
from services.users.access import access_project
from services.users.model import Actor, Need
from sync.storyboard.read import SceneView, ShotView, whole

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
        request = request_of(_theirs(scene), access.project.brain, self._picture, NAME, VERSION)
        request = replace(request, brain=BrainChoice.of(brain, strength))
        check(request)

        def judged() -> tuple[Continuity, SceneFit]:
            return continuity_of(story, characters), _placed(story, scene, format, self._picture)

        told, placed = await asyncio.to_thread(judged)
        sheet = sheet_of(told, scene)
        around = surroundings(scene, request, told, placed, format)
        return Prepared(
            scene=scene,
            request=request,
            brain=brain,
            look=at_strength(brain, strength),
            strength=strength,
            format=format,
            placed=placed,
            around=around,
            sheet=sheet,
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


def surroundings(
    scene: StoryScene, request: SceneRequest, told: Continuity, placed: SceneFit, format: Format
) -> Surroundings:
    """Who and what the sheet has; where it has nobody, whom the words imply, as the provider would draw them."""
    sheet, subject = sheet_of(told, scene), subject_of(request.slug, request.prompt)
    people = tuple(each.person.name for each in sheet.people if each.person.on_screen)
    beats = {beat.id: beat for beat in format.beats}
    around = Surroundings(
        people=people or cast_of(request, subject),
        props=tuple(thing.name for thing, _ in sheet.props),
        beat=next((beats[beat] for beat in placed.beats if beat in beats), None),
        place=(placed.start + placed.end) / 2,
        quick=format.rules.hook_s is not None and placed.start == 0,
        directions=_directions(scene),
        speakers=dict(_speaker(line.character, told) for line in request.lines),
    )
    return settled(request, around)


def _speaker(called: str, told: Continuity) -> tuple[str, str]:
    """As at the line, and as on the sheet; empty for a voice."""
    character, name, is_seen = told.names.of_speaker(called)
    known = told.names.characters.get(character)
    return called.strip().casefold(), (name if known is None else known.name) if is_seen else ""


def _directions(scene: StoryScene) -> dict[str, Direction]:
    kept = pinned(scene)
    return {
        shot.view.id: Direction(shot.direction)
        for shot in scene.shots
        if shot.direction and (shot.view.id, "direction") in kept
    }


def _placed(story: Story, scene: StoryScene, format: Format, picture: Picture) -> SceneFit:
    pieces, own = pieces_of([story], format, picture.rate[0] / picture.rate[1])
    return next(each for each in fit(pieces, format, own=own).scenes if each.piece.scene == scene.id)


def _theirs(scene: StoryScene) -> SceneView:
    """The scene with only those fields of its shots that no machine may rewrite: the others are planned anew."""
    kept = pinned(scene)
    return replace(scene.view, shots=tuple(_shot(shot, kept) for shot in scene.shots))


def _shot(shot: StoryShot, kept: Said) -> ShotView:
    view = shot.view

    def is_kept(field: str) -> bool:
        return (view.id, field) in kept

    return replace(
        view,
        size=view.size if is_kept("size") else None,
        angle=view.angle if is_kept("angle") else None,
        move=view.move if is_kept("move") else None,
        lens_mm=view.lens_mm if is_kept("lens_mm") else None,
        dur_f=view.dur_f if is_kept("frames") else None,
        desc=view.desc if is_kept("description") else "",
    )
