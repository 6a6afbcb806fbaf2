"""The HTTP door over real stores, and people who knock at it."""

import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx

from api.main import application, open_api
from api.rates import quotas_of
from api.settings import ApiSettings
from api.state import ApiState
from services.billing.cashiers.settings import CashierSettings
from services.projects.model import Project, ProjectKind
from services.users.keys import load_keys
from services.users.model import Actor, Role
from services.users.sessions import COOKIE
from services.users.tickets import Tickets
from services.users.tokens import Tokens
from storage.log import DocumentLog
from storage.settings import StoreSettings
from storage.stores import open_stores
from storage.tables import users
from storage.tables.media import MediaRow, add_media
from storage.tables.users import UserRow
from sync import ids

URL = "http://studio.test"


@dataclass(frozen=True)
class Person:
    """Somebody with a session. `http` sends it as a Bearer token."""

    actor: Actor
    email: str
    session: str
    http: httpx.AsyncClient


@dataclass(frozen=True)
class Studio:
    """The door, and ways to bring people and projects to it."""

    state: ApiState

    @property
    def log(self) -> DocumentLog:
        return DocumentLog(self.state.stores.pool, self.state.stores.objects)

    @property
    def transport(self) -> httpx.ASGITransport:
        return httpx.ASGITransport(application(self.state))

    def client(self, **headers: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self.transport, base_url=URL, headers=headers)

    def lenient(self, person: Person) -> httpx.AsyncClient:
        """What fails here is answered 500, as a server does, and not raised."""
        transport = httpx.ASGITransport(application(self.state), raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {person.session}"}
        return httpx.AsyncClient(transport=transport, base_url=URL, headers=headers)

    def browser(self, person: Person, origin: str | None = URL) -> httpx.AsyncClient:
        headers = {} if origin is None else {"Origin": origin}
        return httpx.AsyncClient(
            transport=self.transport, base_url=URL, headers=headers, cookies={COOKIE: person.session}
        )

    def mailed(self, email: str) -> str:
        """The text of the newest mail to this address."""
        folder = Path(urlsplit(self.state.settings.mail_url).path)
        newest_last = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        messages = [message_from_bytes(path.read_bytes(), policy=default) for path in newest_last]
        return str([message.get_content() for message in messages if message["To"] == email][-1])

    async def user(self, name: str = "Ada") -> UserRow:
        user = UserRow(uuid4(), f"{secrets.token_hex(6)}@studio.test", name, "#aa33bb")
        await users.add_user(self.state.stores.pool, user)
        return user

    async def person(self, name: str = "Ada") -> Person:
        user = await self.user(name)
        assert user.email is not None
        actor = Actor(user.id, user.name, user.colour, "person", "")
        issued = self.state.tokens.issue_session(actor, time.time())
        http = self.client(Authorization=f"Bearer {issued.text}")
        return Person(
            Actor(user.id, user.name, user.colour, "person", str(issued.token_id)), user.email, issued.text, http
        )

    async def project(self, creator: Person, kind: ProjectKind = ProjectKind.SHORT, /, **members: Person) -> Project:
        """`members`: role=person."""
        project = await self.state.projects.create(creator.actor, "Night train", kind, time.time())
        for role, person in members.items():
            await self.state.members.add(creator.actor, project.id, person.email, Role(role))
        return project

    async def lose_answers(self, person: Person) -> None:
        """As if whoever served this person's keyed requests had died between the effect and the answer."""
        lost = "update idempotency_keys set answer = null, held_until = now() where actor = $1"
        await self.state.stores.pool.execute(lost, person.actor.user_id)

    async def scene(self, owner: Person, project: Project, **fields: Any) -> str:
        answer = await owner.http.post(f"{path(project)}/scenes", json=fields)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def take(self, owner: Person, project: Project, scene: str, number: int = 1) -> tuple[str, str]:
        """(a finished run, its take), as rows."""
        pool, run_id, take_id, media = self.state.stores.pool, uuid4(), uuid4(), uuid4().hex * 2
        document_id = project.storyboard.id
        await pool.execute(
            "insert into runs (id, project_id, document_id, scene_id, requested_by, state, request)"
            " values ($1, $2, $3, $4, $5, 'complete', '{}')",
            *(run_id, project.id, document_id, scene, owner.actor.user_id),
        )
        await pool.execute("insert into media (hash, bytes, content_type) values ($1, 1, 'video/mp4')", media)
        await pool.execute(
            "insert into takes (id, project_id, document_id, scene_id, run_id, number, media_hash, thumb_hash, frames,"
            " width, height, rate_num, rate_den, provenance)"
            " values ($1, $2, $3, $4, $5, $6, $7, $7, 24, 16, 9, 24, 1, '{}')",
            *(take_id, project.id, document_id, scene, run_id, number, media),
        )
        return ids.to_text("run", run_id), ids.to_text("tak", take_id)

    async def media(self, project: Project, hash: str = "ab" * 32) -> str:
        """Something that the project has, as rows."""
        await add_media(self.state.stores.pool, project.id, MediaRow(hash, "image/png", 1))
        return hash

    async def asset(self, owner: Person, project: Project) -> str:
        """A file that waits to be looked at, as a row."""
        asset_id = uuid4()
        await self.state.stores.pool.execute(
            "insert into assets (id, project_id, created_by, name, kind, content_type, bytes)"
            " values ($1, $2, $3, 'a.png', 'picture', 'image/png', 1)",
            *(asset_id, project.id, owner.actor.user_id),
        )
        return ids.to_text("ast", asset_id)


async def insisted(http: httpx.AsyncClient, where: str, key: str, body: object) -> httpx.Response:
    """POST until another one with the same key is answered."""
    while True:
        answer = await http.post(where, json=body, headers={"Idempotency-Key": key})
        if answer.status_code != 409 or answer.json()["code"] != "idempotency.in_flight":
            return answer


def path(project: Project | UUID) -> str:
    """`/v1/projects/prj_...`."""
    return f"/v1/projects/{ids.to_text('prj', project if isinstance(project, UUID) else project.id)}"


@asynccontextmanager
async def opened(database_url: str, redis_url: str, objects_url: str, keys_file: Path) -> AsyncIterator[ApiState]:
    keys = load_keys(keys_file)
    settings = ApiSettings(
        URL,
        None,
        redis_url,
        heartbeat_s=0.4,
        recheck_s=0.2,
        quotas=quotas_of("", raised=True),
        mail_url=f"{objects_url}-mail",
        cashier=CashierSettings("local"),
    )
    async with open_stores(StoreSettings(database_url, redis_url, objects_url)) as stores:
        tokens, tickets = Tokens(keys, settings.public_url), Tickets(stores.cache)
        async with open_api(settings, stores, keys, tokens, tickets) as state:
            yield state
