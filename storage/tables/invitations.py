"""Rows of `invitations`: to a project, an episode or a team, found by the hash of the token that was mailed.

The token itself is nowhere here.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from storage.postgres import Executor
from storage.sql import load

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """One of `project_id` and `team_id` is None; `role` is one of the other's."""

    id: UUID
    project_id: UUID | None
    team_id: UUID | None
    email: str
    role: str
    token_hash: bytes
    invited_by: UUID
    expires_at: datetime
    episode_id: UUID | None


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """`to`: the title of the project or the name of the team. `state`: open, accepted, declined or revoked.

    `is_deleted`: the project is, or the episode. `episode`: its title, where it is to one alone.
    """

    id: UUID
    project_id: UUID | None
    team_id: UUID | None
    email: str
    role: str
    invited_by: UUID
    inviter: str
    to: str
    is_deleted: bool
    created_at: datetime
    expires_at: datetime
    sent_at: datetime | None
    state: str
    episode_id: UUID | None
    episode: str | None


async def add_invitation(executor: Executor, new: NewInvitation) -> None:
    """Raises `asyncpg.UniqueViolationError` where one to this address is open."""
    await executor.execute(
        _QUERIES["add_invitation"],
        new.id,
        new.project_id,
        new.team_id,
        new.email,
        new.role,
        new.token_hash,
        new.invited_by,
        new.expires_at,
        new.episode_id,
    )


async def invitation_of_id(executor: Executor, invitation_id: UUID) -> InvitationRow | None:
    """Locked until the end of the transaction."""
    row = await executor.fetchrow(_QUERIES["invitation_of_id"], invitation_id)
    return None if row is None else _invitation(row)


async def invitation(executor: Executor, invitation_id: UUID) -> InvitationRow | None:
    """As it is."""
    row = await executor.fetchrow(_QUERIES["invitation"], invitation_id)
    return None if row is None else _invitation(row)


async def invitation_of_token(executor: Executor, token_hash: bytes) -> InvitationRow | None:
    """Locked until the end of the transaction."""
    row = await executor.fetchrow(_QUERIES["invitation_of_token"], token_hash)
    return None if row is None else _invitation(row)


async def invitations(
    executor: Executor, project_id: UUID | None, team_id: UUID | None, limit_rows: int
) -> list[InvitationRow]:
    """Newest first."""
    rows = await executor.fetch(_QUERIES["invitations"], project_id, team_id, limit_rows)
    return [_invitation(row) for row in rows]


async def count_open(executor: Executor, project_id: UUID | None, team_id: UUID | None) -> int:
    """Those that nobody decided yet, over ones included."""
    return int(await executor.fetchval(_QUERIES["count_open"], project_id, team_id))


async def renew_invitation(executor: Executor, invitation_id: UUID, token_hash: bytes, expires_at: datetime) -> None:
    """The old token is over."""
    await executor.execute(_QUERIES["renew_invitation"], invitation_id, token_hash, expires_at)


async def set_token(executor: Executor, invitation_id: UUID, token_hash: bytes) -> None:
    """Of the mail that is being written; the one before is over."""
    await executor.execute(_QUERIES["set_token"], invitation_id, token_hash)


async def decide_invitation(executor: Executor, invitation_id: UUID, state: str) -> None:
    await executor.execute(_QUERIES["decide_invitation"], invitation_id, state)


async def mark_sent(executor: Executor, invitation_id: UUID) -> None:
    """Its mail was taken just now."""
    await executor.execute(_QUERIES["mark_sent"], invitation_id)


def _invitation(row: asyncpg.Record) -> InvitationRow:
    return InvitationRow(
        row["id"],
        row["project_id"],
        row["team_id"],
        row["email"],
        row["role"],
        row["invited_by"],
        row["inviter"],
        row["to"],
        row["is_deleted"],
        row["created_at"],
        row["expires_at"],
        row["sent_at"],
        row["state"],
        row["episode_id"],
        row["episode"],
    )
