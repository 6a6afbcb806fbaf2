"""Sessions: from a sign-in link to a session token, from a session token to an actor, and out again.

Setting and reading a cookie is a door's business; what it is called is here, because two doors read it.
"""

from dataclasses import dataclass, replace
from uuid import UUID

import asyncpg

from services.users import audit
from services.users.api_keys import holder_of, is_api_key
from services.users.audit import Action
from services.users.errors import TokenExpired, TokenRevoked, Unauthenticated, UnknownUser
from services.users.model import WHOLE, Actor, ActorKind, Scope
from services.users.tokens import CLOCK_LEEWAY_S, SESSION_TTL_S, Claims, Issued, Tokens
from storage.postgres import Connection, Executor
from storage.tables import refresh as refresh_rows
from storage.tables import tokens as token_rows
from storage.tables import users
from storage.tables.users import UserRow

COOKIE = "sf_session"


@dataclass(frozen=True, slots=True)
class Session:
    """An actor whose token was verified and is not revoked. `expires_at`: seconds since 1970."""

    actor: Actor
    expires_at: float


async def actor_of(executor: Executor, user_id: UUID, token_id: UUID, kind: ActorKind, scope: Scope = WHOLE) -> Actor:
    """The user as the rows know them now. Raises `UnknownUser` or `TokenRevoked`."""
    user, is_revoked = await users.user_of_token(executor, user_id, token_id) or (None, False)
    return actor_of_row(user, is_revoked, token_id, kind, scope)


def actor_of_row(
    user: UserRow | None, is_revoked: bool, token_id: UUID, kind: ActorKind, scope: Scope = WHOLE
) -> Actor:
    """Raises `UnknownUser` or `TokenRevoked`."""
    if user is None:
        raise UnknownUser(UnknownUser.__doc__)
    if is_revoked:
        raise TokenRevoked(TokenRevoked.__doc__)
    return Actor(user.id, user.name, user.colour, kind, str(token_id), scope)


async def actor_of_claims(executor: Executor, claims: Claims) -> Actor:
    """`actor_of` for a verified token."""
    scope = WHOLE if claims.role is None else Scope(claims.role)
    return await actor_of(executor, claims.user_id, claims.token_id, claims.kind, scope)


async def authenticate_session(executor: Executor, tokens: Tokens, text: str, now: float) -> Session:
    """`text`: a session token, or an API key, which is a session as long as it is good. Raises `Unauthenticated`."""
    if is_api_key(text):
        holder = await holder_of(executor, text, now)
        return Session(holder.actor, holder.expires_at)
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
    try:
        claims = tokens.verify_sign_in(sign_in, now)
        actor = await actor_of_claims(pool, claims)
        async with pool.acquire() as connection, connection.transaction():
            until = claims.expires_at + CLOCK_LEEWAY_S
            if claims.once and not await token_rows.revoke(connection, claims.token_id, until):
                raise TokenRevoked(TokenRevoked.__doc__)  # another request was faster
            return await start_session(connection, tokens, actor, now, how="link")
    except Unauthenticated as error:
        await audit.record(pool, Action.SESSION_REFUSED, actor_id=None, how="link", code=error.code)
        raise


async def start_session(
    connection: Connection, tokens: Tokens, actor: Actor, now: float, how: str, ttl_s: float = SESSION_TTL_S
) -> tuple[Actor, Issued]:
    """For somebody who has proved who they are, by `how`, in that proof's transaction. The actor's scope stays."""
    issued = tokens.issue_session(actor, now, ttl_s)
    await token_rows.add_issued(connection, issued.token_id, actor.user_id, None, issued.expires_at)
    await audit.record(connection, Action.SESSION_OPENED, actor_id=actor.user_id, how=how, id=str(issued.token_id))
    return replace(actor, session=str(issued.token_id)), issued


async def sign_out(pool: asyncpg.Pool, session: Session, everywhere: bool = False) -> None:
    """Revokes what came from this sign-in, or from all of this user; their open sockets close within a second (P7)."""
    actor = session.actor
    async with pool.acquire() as connection, connection.transaction():
        if everywhere:
            await token_rows.revoke_all_of_user(connection, actor.user_id)
            await refresh_rows.end_families_of_user(connection, actor.user_id)
        else:
            await refresh_rows.end_family_of_token(connection, UUID(actor.session))
            await token_rows.revoke_root_of(connection, UUID(actor.session))
        await token_rows.revoke(connection, UUID(actor.session), session.expires_at + CLOCK_LEEWAY_S)
        await token_rows.bump_access_of_user(connection, actor.user_id)
        await audit.record(
            connection, Action.SESSION_ENDED, actor_id=actor.user_id, id=actor.session, everywhere=everywhere
        )
