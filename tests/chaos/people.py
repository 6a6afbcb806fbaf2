"""Fresh storyboards in real stores, and people who may edit them, each somebody else."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg

from deploy.local import environment
from services.projects.model import ProjectKind
from services.projects.service import Projects
from services.users.keys import load_keys
from services.users.model import Actor, Role
from services.users.tokens import Tokens
from storage.log import DocumentLog
from storage.postgres import open_pool
from storage.settings import StoreSettings
from storage.stores import open_objects
from storage.tables import projects, users


@dataclass(frozen=True, slots=True)
class Board:
    """A storyboard. `name`: on the wire."""

    name: str
    document_id: UUID
    project_id: UUID


@dataclass(frozen=True, slots=True)
class People:
    """Makes boards and editors."""

    pool: asyncpg.Pool
    log: DocumentLog
    tokens: Tokens

    async def board(self) -> Board:
        owner = await self._actor()
        service = Projects(self.pool, self.log)
        project = await service.create(owner, "Proof", ProjectKind.SHORT, time.time())
        return Board(str(project.storyboard), project.storyboard.id, project.id)

    async def editor(self, board: Board) -> str:
        """The document token of somebody new."""
        actor = await self._actor()
        await projects.set_member(self.pool, board.project_id, actor.user_id, Role.EDITOR.value)
        return self.tokens.issue_document(actor, board.document_id, Role.EDITOR, time.time()).text

    async def _actor(self) -> Actor:
        row = users.UserRow(uuid4(), f"{uuid4().hex}@example.com", "Somebody", "#3d8f7d")
        await users.add_user(self.pool, row)
        return Actor(row.id, row.name, row.colour, "person", str(uuid4()))


@asynccontextmanager
async def open_people(variables: Mapping[str, str]) -> AsyncIterator[People]:
    """`variables`: how to reach the stores."""
    tokens = Tokens(load_keys(Path(variables[environment.KEYS])), variables[environment.PUBLIC_URL])
    async with open_pool(variables["STORYFORGE_DATABASE_URL"]) as pool:
        objects = await open_objects(StoreSettings.from_env(variables))
        yield People(pool, DocumentLog(pool, objects), tokens)
