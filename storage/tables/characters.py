"""Rows of `characters` and their pictures. Whoever writes them holds the lock of their project's row.

Faces are vectors of 512 numbers; what is in them only the model knows that made them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from storage.postgres import Executor
from storage.sql import load

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class CharacterRow:
    """One character. `face`: 512 numbers; `voice` and `images`: sha256 of media of the project."""

    id: UUID
    name: str
    face: tuple[float, ...] | None
    appearance: dict[str, str]
    voice: str | None
    images: tuple[str, ...]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CharacterFields:
    """What a character is written with."""

    name: str
    face: Sequence[float] | None
    appearance: Mapping[str, str]
    voice: str | None
    images: Sequence[str]


async def add_character(executor: Executor, project_id: UUID, character_id: UUID, fields: CharacterFields) -> None:
    """Raises `asyncpg.ForeignKeyViolationError` for media that the project does not have."""
    await executor.execute(_QUERIES["add"], character_id, project_id, *_columns(fields))
    await executor.execute(_QUERIES["add_images"], project_id, character_id, list(fields.images))


async def change_character(executor: Executor, project_id: UUID, character_id: UUID, fields: CharacterFields) -> None:
    """All of them. Raises as `add_character` does."""
    await executor.execute(_QUERIES["change"], project_id, character_id, *_columns(fields))
    await executor.execute(_QUERIES["forget_images"], character_id)
    await executor.execute(_QUERIES["add_images"], project_id, character_id, list(fields.images))


async def count_characters(executor: Executor, project_id: UUID) -> int:
    """Deleted ones included."""
    return int(await executor.fetchval(_QUERIES["count"], project_id))


async def characters(
    executor: Executor, project_id: UUID, after: tuple[str, UUID] | None, limit_rows: int, *, deleted: bool = False
) -> list[CharacterRow]:
    """By name, behind (name, id)."""
    name, id = after or (None, None)
    rows = await executor.fetch(_QUERIES["of_project"], project_id, deleted, name, id, limit_rows)
    return [_character(row) for row in rows]


async def character(
    executor: Executor, project_id: UUID, character_id: UUID, *, deleted: bool = False
) -> CharacterRow | None:
    """None when the project has none of that id, or it was (not) deleted."""
    row = await executor.fetchrow(_QUERIES["of_id"], project_id, character_id, deleted)
    return None if row is None else _character(row)


async def nearest(
    executor: Executor, project_id: UUID, face: Sequence[float], limit_rows: int
) -> list[tuple[CharacterRow, float]]:
    """Those with the most similar faces, and 1 - cosine of the angle between the two; the nearest first."""
    rows = await executor.fetch(_QUERIES["nearest"], project_id, _vector(face), limit_rows)
    return [(_character(row), row["distance"]) for row in rows]


async def delete_character(executor: Executor, project_id: UUID, character_id: UUID) -> None:
    """Marks it; nothing is removed."""
    await executor.execute(_QUERIES["delete"], project_id, character_id)


async def restore_character(executor: Executor, project_id: UUID, character_id: UUID) -> None:
    """Undoes the mark, until its purge begins."""
    await executor.execute(_QUERIES["restore"], project_id, character_id)


async def media_of_type(executor: Executor, project_id: UUID, hashes: Sequence[str], content_type: str) -> set[str]:
    """Which of them the project has, of a content type that begins so."""
    rows = await executor.fetch(_QUERIES["media_of_type"], project_id, list(hashes), content_type)
    return {row["hash"] for row in rows}


def _columns(fields: CharacterFields) -> tuple[object, ...]:
    face = None if fields.face is None else _vector(fields.face)
    return fields.name, face, json.dumps(dict(fields.appearance)), fields.voice


def _vector(face: Sequence[float]) -> str:
    return "[" + ",".join(map(repr, face)) + "]"


def _character(row: asyncpg.Record) -> CharacterRow:
    appearance: dict[str, Any] = json.loads(row["appearance"])
    return CharacterRow(
        id=row["id"],
        name=row["name"],
        face=None if row["face"] is None else tuple(json.loads(row["face"])),
        appearance=appearance,
        voice=row["voice_hash"],
        images=tuple(row["images"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
