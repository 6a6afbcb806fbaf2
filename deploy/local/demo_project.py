"""Makes the demo people and their project once, through the same services as everybody, and the links that lead there.

The story itself is in `demo_story.py`.
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4, uuid5

import pycrdt

from deploy.local.demo_people import ANA, BEN, PEOPLE, RITA, Person
from deploy.local.demo_story import SCENES, TITLE, Scene
from deploy.settings import ProcessSettings
from services.documents.editor import DocumentEditor
from services.documents.kept import KeptDocuments
from services.documents.projector import Projector
from services.projects.members import Members
from services.projects.model import Project, ProjectKind
from services.projects.service import Projects
from services.users.keys import load_keys
from services.users.model import Actor
from services.users.tokens import Tokens
from storage.log import DocumentLog
from storage.snapshots import Snapshots
from storage.stores import Stores, open_stores
from storage.tables import users
from sync import ids
from sync.order_keys import between
from sync.storyboard.gestures import Storyboard
from sync.timeline.seed import add_clip

ORIGIN = "demo"
LINK_TTL_S = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Links:
    """`people`: sign-in links by name. They are good for a year: the studio is one machine's."""

    project: str
    people: Mapping[str, str]
    tv: str

    def as_json(self) -> dict[str, Any]:
        return {"project": self.project, "links": dict(self.people), "tv": self.tv}


async def prepare(environ: Mapping[str, str]) -> Links:
    """Makes what is missing; a start that was interrupted half-way goes on where it stopped."""
    settings = ProcessSettings.from_env(environ)
    tokens = Tokens(load_keys(settings.signing_keys_file), settings.public_url)
    async with open_stores(settings.stores) as stores:
        actors = {person: await _actor(stores, person) for person in PEOPLE}
        project = await _project(stores, actors)
        await _write_documents(stores, project)
    return _links(tokens, settings.public_url, actors, project)


async def _actor(stores: Stores, person: Person) -> Actor:
    row = await users.user_of_email(stores.pool, person.email)
    if row is None:
        row = users.UserRow(uuid4(), person.email, person.name, person.colour)
        await users.add_user(stores.pool, row)
    return Actor(row.id, row.name, row.colour, "person", ORIGIN)


async def _project(stores: Stores, actors: Mapping[Person, Actor]) -> Project:
    projects = Projects(stores.pool, DocumentLog(stores.pool, stores.objects))
    for known in await projects.of_actor(actors[ANA]):
        if known.title == TITLE:
            return known
    made = await projects.create(actors[ANA], TITLE, ProjectKind.SHORT, time.time())
    for person in (BEN, RITA):
        await Members(stores.pool).add(actors[ANA], made.id, person.email, person.role)
    return made


async def _write_documents(stores: Stores, project: Project) -> None:
    """One edit each, under a batch id that follows from the document: a repetition changes nothing."""
    log = DocumentLog(stores.pool, stores.objects)
    editor = DocumentEditor(
        log, Snapshots(stores.pool, stores.objects), stores.bus, stores.pool, announcements=stores.announcements
    )
    scene_ids = [ids.derived("scn", str(project.id), str(number)) for number in range(1, len(SCENES) + 1)]
    keys = _order_keys(len(SCENES))

    def write_scenes(doc: pycrdt.Doc[Any]) -> None:
        hand = Storyboard(doc, secrets.token_bytes, alone=True)
        for number, (scene_id, scene) in enumerate(zip(scene_ids, SCENES, strict=True), start=1):
            _add_scene(hand, scene_id, number, scene)

    def write_clips(doc: pycrdt.Doc[Any]) -> None:
        for scene_id, key, scene in zip(scene_ids, keys, SCENES, strict=True):
            clip_id = ids.derived("clp", str(project.id), scene_id)
            add_clip(doc, clip_id, ord=key, frames=_frames(scene), scene_id=scene_id)

    for document, change in ((project.storyboard.id, write_scenes), (project.timeline.id, write_clips)):
        await editor.edit(document, change, origin=ORIGIN, batch_id=_batch(document))
    await Projector(KeptDocuments(editor), stores.pool, stores.bus).project(project.storyboard.id)


def _batch(document: UUID) -> UUID:
    return uuid5(document, "demo story 1")


def _order_keys(count: int) -> list[str]:
    keys = [""]
    for _ in range(count):
        keys.append(between(keys[-1], ""))
    return keys[1:]


def _frames(scene: Scene) -> int:
    return sum(shot.frames for shot in scene.shots)


def _add_scene(hand: Storyboard, scene_id: str, number: int, scene: Scene) -> None:
    indoors, place, hour = scene.slug
    registers = {
        "num": str(number),
        "title": scene.title,
        "prompt": scene.prompt,
        "slug": {"ie": indoors, "loc": place, "tod": hour},
        "dlg": [{"c": who, "txt": words} for who, words in scene.lines],
        "brain": {"id": scene.brain, "ver": 1, "strength": 100},
        "est_f": _frames(scene),
    }
    hand.add_scene(registers, id=scene_id)
    for position, shot in enumerate(scene.shots):
        seen = {"size": shot.size, "angle": shot.angle, "move": shot.move, "lens_mm": shot.lens_mm}
        what = {**seen, "dur_f": shot.frames, "desc": shot.text}
        hand.add_shot(what, scene_id, id=ids.derived("sht", scene_id, str(position)))


def _links(tokens: Tokens, public_url: str, actors: Mapping[Person, Actor], project: Project) -> Links:
    project_id = ids.to_text("prj", project.id)

    def sign_in(person: Person) -> str:
        token = tokens.issue_sign_in(actors[person].user_id, time.time(), LINK_TTL_S, once=False).text
        return f"{public_url}/signin?{urlencode({'token': token, 'next': f'/{person.page}/{project_id}'})}"

    people = {f"{person.name}, {person.role.value}": sign_in(person) for person in PEOPLE}
    return Links(project_id, people, f"{public_url}/tv/{project_id}")
