"""Where somebody stands at a document: the user, their token, the document and their membership, in one question.

For however many at once; what follows from an answer is decided in `services/users`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

import asyncpg

from storage.postgres import Executor
from storage.sql import load
from storage.tables.projects import DocumentAccessRow, access_row
from storage.tables.users import UserRow

_QUERIES = load(__file__)


class Question(NamedTuple):
    """Whose token it is, and what it is shown for."""

    user_id: UUID
    token_id: UUID
    document_id: UUID


@dataclass(frozen=True, slots=True)
class Standing:
    """`user` None: there is none. `access` None: no such document, a deleted project, or no member of it."""

    user: UserRow | None
    is_revoked: bool
    access: DocumentAccessRow | None


async def standings(executor: Executor, questions: Sequence[Question]) -> list[Standing]:
    """The answers in the order of the questions, all as of one moment."""
    columns = [list(column) for column in zip(*questions, strict=True)] or [[], [], []]
    return [
        Standing(
            None if row["user_id"] is None else _user(row),
            row["revoked"],
            None if row["role"] is None else access_row(row),
        )
        for row in await executor.fetch(_QUERIES["standings"], *columns)
    ]


def _user(row: asyncpg.Record) -> UserRow:
    return UserRow(row["user_id"], row["email"], row["name"], row["colour"], row["user_kind"])
