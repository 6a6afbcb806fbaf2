"""Sessions: from a sign-in link to a session token, from a session token to an actor, and out again.

Setting and reading a cookie is a door's business; what it is called is here, because two doors read it.
"""

from dataclasses import dataclass
from uuid import UUID

import asyncpg

from services.users.errors import TokenExpired, TokenRevoked, UnknownUser
from services.users.model import Actor, ActorKind
from services.users.tokens import CLOCK_LEEWAY_S, Claims, Issued, Tokens
from storage.postgres import Executor
from storage.tables import tokens as token_rows
from storage.tables import users
from storage.tables.users import UserRow

COOKIE = "sf_session"


@dataclass(frozen=True, slots=True)
class Session:
    """An actor whose token was verified and is not revoked. `expires_at`: seconds since 1970."""

    actor: Actor
    expires_at: float


async def actor_of(executor: Executor, user_id: UUID, token_id: UUID, kind: ActorKind) -> Actor:
    """The user as the rows know them now. Raises `UnknownUser` or `TokenRevoked`."""
    user, is_revoked = await users.user_of_token(executor, user_id, token_id) or (None, False)
    return actor_of_row(user, is_revoked, token_id, kind)


def actor_of_row(user: UserRow | None, is_revoked: bool, token_id: UUID, kind: ActorKind) -> Actor:
    """Raises `UnknownUser` or `TokenRevoked`."""
    if user is None:
        raise UnknownUser(UnknownUser.__doc__)
    if is_revoked:
        raise TokenRevoked(TokenRevoked.__doc__)
    return Actor(user.id, user.name, user.colour, kind, str(token_id))


async def actor_of_claims(executor: Executor, claims: Claims) -> Actor:
    """`actor_of` for a verified token."""
    return await actor_of(executor, claims.user_id, claims.token_id, claims.kind)


async def authenticate_session(executor: Executor, tokens: Tokens, text: str, now: float) -> Session:
    """Raises one of `Unauthenticated`."""
    claims = tokens.verify_session(text, now)
    return Session(await actor_of_claims(executor, claims), claims.expires_at)


async def recheck_session(executor: Executor, session: Session, now: float) -> None:
    """For what outlives its request. Raises one of `Unauthenticated`."""
    if session.expires_at <= now - CLOCK_LEEWAY_S:
        raise TokenExpired(TokenExpired.__doc__)
    actor = session.actor
    await actor_of(executor, actor.user_id, UUID(actor.session), actor.kind)


async def open_session(pool: asyncpg.Pool, tokens: Tokens, sign_in: str, now: float) -> tuple[Actor, Issued]:
    """Trades a sign-in link's token for a session. A link made for one use is spent here, or raises `TokenRevoked`."""
    claims = tokens.verify_sign_in(sign_in, now)
    actor = await actor_of_claims(pool, claims)
    if claims.once and not await token_rows.revoke(pool, claims.token_id, claims.expires_at + CLOCK_LEEWAY_S):
        raise TokenRevoked(TokenRevoked.__doc__)  # another request was faster
    issued = tokens.issue_session(actor, now)
    return Actor(actor.user_id, actor.name, actor.colour, actor.kind, str(issued.token_id)), issued


async def sign_out(pool: asyncpg.Pool, session: Session) -> None:
    """Revokes the session and makes open sockets of this user look at it."""
    async with pool.acquire() as connection, connection.transaction():
        await token_rows.revoke(connection, UUID(session.actor.session), session.expires_at + CLOCK_LEEWAY_S)
        await token_rows.bump_access_of_user(connection, session.actor.user_id)


async def revoke_document_token(pool: asyncpg.Pool, document_id: UUID, token_id: UUID, expires_at: float) -> bool:
    """Withdraws a document token; sockets that it opened close within a second (P7). False: it was revoked before."""
    async with pool.acquire() as connection, connection.transaction():
        fresh = await token_rows.revoke(connection, token_id, expires_at)
        await token_rows.bump_access_of_document(connection, document_id)
    return fresh
