"""Document tokens: made for stock clients, who reconnect with fixed parameters, and taken back.

What is in one is `tokens.py`'s.
"""

from uuid import UUID

import asyncpg

from services.users import audit
from services.users.access import DocumentAccess
from services.users.audit import Action
from services.users.model import Actor, Role
from services.users.tokens import Issued, Tokens
from storage.tables import tokens as token_rows


async def issue_document_token(
    pool: asyncpg.Pool, tokens: Tokens, actor: Actor, access: DocumentAccess, role: Role, now: float, ttl_s: float
) -> Issued:
    """`role`: of the token, at most the actor's own. Raises `TtlOutOfRange`."""
    issued = tokens.issue_document(actor, access.document_id, access.role.capped(role), now, ttl_s)
    async with pool.acquire() as connection, connection.transaction():
        asked_by = UUID(actor.session)
        await token_rows.add_issued(connection, issued.token_id, actor.user_id, asked_by, issued.expires_at)
        await audit.record(
            connection,
            Action.TOKEN_ISSUED,
            actor_id=actor.user_id,
            project_id=access.project_id,
            id=str(issued.token_id),
            document=str(access.document_id),
            role=access.role.capped(role).value,
        )
    return issued


async def revoke_document_token(
    pool: asyncpg.Pool, actor: Actor, document_id: UUID, token_id: UUID, expires_at: float
) -> bool:
    """Withdraws a document token; sockets that it opened close within a second (P7). False: it was revoked before."""
    async with pool.acquire() as connection, connection.transaction():
        fresh = await token_rows.revoke(connection, token_id, expires_at)
        project_id = await token_rows.bump_access_of_document(connection, document_id)
        if fresh:
            await audit.record(
                connection,
                Action.TOKEN_REVOKED,
                actor_id=actor.user_id,
                project_id=project_id,
                id=str(token_id),
                document=str(document_id),
            )
    return fresh
