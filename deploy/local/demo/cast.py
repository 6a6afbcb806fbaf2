"""Who takes part and what they work on: three people, one project of four scenes, and the credentials they need.

Everything but the people themselves is made through the studio's own HTTP door.
"""

import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from services.users.keys import load_keys
from services.users.model import Actor, Role
from services.users.tokens import Tokens
from storage.tables import projects, users
from sync import ids

SESSION_TTL_S = 3600
DOTS = 120
WRITTEN = 1
"""Which scene both write in, while the first is generated: what a generation reads is locked."""
FRAMES = 120
SCENES: tuple[dict[str, Any], ...] = (
    {
        "title": "The pier at dawn",
        "prompt": "Fog lies on the water. A lighthouse keeper walks to the end of the pier with a lamp.",
        "slug": {"ie": "EXT", "loc": "Pier", "tod": "DAWN"},
        "dialogue": [{"c": "KEEPER", "txt": "Somebody has put out my light."}],
        "est_frames": FRAMES,
    },
    {"title": "The letter", "prompt": "She opens a letter at the kitchen table while rain runs down the window."},
    {"title": "The crossing", "prompt": "A small boat crosses the bay under a red sky; gulls follow it."},
    {"title": "The lamp", "prompt": "At night the lamp goes out. In the dark somebody whispers her name."},
)


@dataclass(frozen=True, slots=True)
class Person:
    """`session`: a session token for REST and SSE."""

    id: UUID
    name: str
    session: str


@dataclass(frozen=True, slots=True)
class Cast:
    """Ada edits through the Hocuspocus provider, Ben through y-websocket, Rae follows on her phone."""

    ada: Person
    ben: Person
    rae: Person


async def invite(pool: asyncpg.Pool, keys_file: Path, issuer: str) -> Cast:
    """Fresh people with fresh sessions."""
    tokens = Tokens(load_keys(keys_file), issuer)
    people = [await _person(pool, tokens, *who) for who in (("Ada", "#e07a5f"), ("Ben", "#3d8f7d"), ("Rae", "#8a6fd1"))]
    return Cast(*people)


async def _person(pool: asyncpg.Pool, tokens: Tokens, name: str, colour: str) -> Person:
    user_id = uuid4()
    address = f"{name.lower()}.{user_id.hex[:12]}@demo.invalid"
    await users.add_user(pool, users.UserRow(user_id, address, name, colour))
    actor = Actor(user_id, name, colour, "person", "")
    return Person(user_id, name, tokens.issue_session(actor, time.time(), SESSION_TTL_S).text)


@dataclass(frozen=True, slots=True)
class Project:
    """`storyboard` is the wire name, `document` its 26 characters; `scenes` are ids in story order."""

    id: str
    storyboard: str
    document: str
    scenes: tuple[str, ...]

    @property
    def document_id(self) -> UUID:
        return ids.decode(self.document)

    @property
    def written(self) -> str:
        return self.scenes[WRITTEN]

    @property
    def epoch(self) -> int:
        return int(self.storyboard.rpartition("~")[2])


@asynccontextmanager
async def door(base: str, person: Person) -> AsyncIterator[httpx.AsyncClient]:
    """The HTTP door as this person."""
    headers = {"Authorization": f"Bearer {person.session}"}
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=30.0, follow_redirects=True) as client:
        yield client


async def ask(client: httpx.AsyncClient, method: str, path: str, **options: Any) -> Any:
    """The JSON of the answer; an error's problem is part of the exception."""
    answer = await client.request(method, path, **options)
    if answer.is_error:
        raise httpx.HTTPStatusError(
            f"{method} {path}: {answer.status_code} {answer.text[:500]}", request=answer.request, response=answer
        )
    return answer.json()


async def make_project(pool: asyncpg.Pool, http: httpx.AsyncClient, cast: Cast) -> Project:
    """Owned by Ada; Ben edits, Rae comments. The second prompt ends in dots that the editors will strike out."""
    made = await ask(http, "POST", "/v1/projects", json={"title": "The Lamp", "kind": "short"})
    project_id = ids.from_text("prj", made["id"])
    await projects.set_member(pool, project_id, cast.ben.id, Role.EDITOR.value)
    await projects.set_member(pool, project_id, cast.rae.id, Role.COMMENTER.value)
    scenes = []
    for number, scene in enumerate(SCENES):
        dots = f" {'·' * DOTS} " if number == WRITTEN else ""
        body = {**scene, "prompt": scene["prompt"] + dots}
        added = await ask(http, "POST", f"/v1/projects/{made['id']}/scenes", json=body)
        scenes.append(str(added["id"]))
    storyboard = made["documents"]["storyboard"]
    return Project(made["id"], storyboard["name"], storyboard["id"], tuple(scenes))


async def document_token(http: httpx.AsyncClient, project: Project) -> str:
    """A reusable token, because stock clients reconnect with fixed parameters."""
    made = await ask(http, "POST", f"/v1/documents/{project.document}/tokens", json={"role": "editor"})
    return str(made["token"])


def idempotency_key() -> str:
    return secrets.token_hex(16)
