"""A project with its owner, made as the studio makes one, for tests that need its row and nothing of it."""

import secrets
import time
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg

from services.projects.model import ProjectKind
from services.projects.service import Projects
from services.users.model import Actor
from storage.log import DocumentLog
from storage.objects import Objects
from storage.tables import users
from storage.tables.users import UserRow


@dataclass(frozen=True, slots=True)
class Made:
    """Its id and its owner."""

    id: UUID
    owner: Actor


async def a_person(pool: asyncpg.Pool) -> Actor:
    user = UserRow(uuid4(), f"{secrets.token_hex(6)}@studio.test", "Ada", "#aa33bb")
    await users.add_user(pool, user)
    return Actor(user.id, user.name, user.colour, "person", str(uuid4()))


async def a_project(pool: asyncpg.Pool, objects: Objects) -> Made:
    owner = await a_person(pool)
    project = await Projects(pool, DocumentLog(pool, objects)).create(owner, "Night", ProjectKind.SHORT, time.time())
    return Made(project.id, owner)
