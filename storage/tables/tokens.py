"""Rows of `issued_tokens` and `revoked_tokens`, and the version that tells open sockets to look at them again.

Tokens themselves are not stored, only their ids: a signature and an expiry are enough, except for what was taken back.
"""

from datetime import UTC, datetime
from uuid import UUID

from storage.postgres import Executor
from storage.sql import load

_QUERIES = load(__file__)


async def revoke(executor: Executor, token_id: UUID, expires_at: float) -> bool:
    """False when it was revoked before. `expires_at`: seconds since 1970, when the row may be forgotten."""
    row = await executor.fetchrow(_QUERIES["revoke"], token_id, datetime.fromtimestamp(expires_at, UTC))
    return row is not None


async def add_issued(
    executor: Executor, token_id: UUID, user_id: UUID, asked_by: UUID | None, expires_at: float
) -> None:
    """`asked_by`: the token by which it was asked for, or the root itself; None for a sign-in, which is its own."""
    until = datetime.fromtimestamp(expires_at, UTC)
    await executor.execute(_QUERIES["add_issued"], token_id, user_id, asked_by, until)


async def revoke_root_of(executor: Executor, token_id: UUID) -> None:
    """All that came from the sign-in from which this token came."""
    await executor.execute(_QUERIES["revoke_root_of"], token_id)


async def revoke_all_of_user(executor: Executor, user_id: UUID) -> None:
    """All that came from any sign-in of this user."""
    await executor.execute(_QUERIES["revoke_all_of_user"], user_id)


async def bump_access_of_user(executor: Executor, user_id: UUID) -> None:
    """Open sockets in every project of this user check their rights again (P7)."""
    await executor.execute(_QUERIES["bump_access_of_user"], user_id)


async def bump_access_of_document(executor: Executor, document_id: UUID) -> UUID | None:
    """Open sockets in the project of this document check their rights again (P7). Returns its id."""
    project_id: UUID | None = await executor.fetchval(_QUERIES["bump_access_of_document"], document_id)
    return project_id
