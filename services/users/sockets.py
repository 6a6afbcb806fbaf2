"""Who stands at the other end of a socket, and as what, for one document.

The WebSocket door turns each error into its close code; nothing here knows about sockets.
"""

from dataclasses import dataclass
from uuid import UUID

from services.users.access import DocumentAccess, access_of_row
from services.users.api_keys import holder_of
from services.users.errors import TokenExpired, TokenForeign
from services.users.model import WHOLE, Actor, ActorKind, Role, Scope
from services.users.sessions import actor_of_row
from services.users.standings import Ask
from services.users.tickets import Tickets, is_ticket
from services.users.tokens import CLOCK_LEEWAY_S, Audience, Tokens
from storage.postgres import Executor
from storage.tables.standings import Question


@dataclass(frozen=True, slots=True)
class SocketIdentity:
    """Somebody at one document. `role` is what they may do now: the weaker of their standing and `role_max`.

    `credential_expires_at`: seconds since 1970; None for never. `access.access_version` is the version at which this
    was true: when the head poll shows a newer one, call `recheck_socket`.
    """

    actor: Actor
    role: Role
    credential_expires_at: float | None
    access: DocumentAccess
    role_max: Role = Role.OWNER

    @property
    def expires_at(self) -> float | None:
        """When they have to show a credential again: its time is over, or a part of their standing is."""
        until = self.access.standing.until
        if until is None:
            return self.credential_expires_at
        if self.credential_expires_at is None:
            return until.timestamp()
        return min(self.credential_expires_at, until.timestamp())


async def authenticate_socket(
    ask: Ask, tokens: Tokens, tickets: Tickets, credential: str, document_id: UUID, now: float
) -> SocketIdentity:
    """`credential`: a document token, a session token or a ticket.

    Raises `TokenExpired` (also a spent ticket), `TokenForged` (also `TokenForeign`: of another document),
    `TokenRevoked`, `UnknownUser`, or `NoSuchDocument` (also for a stranger).
    """
    if is_ticket(credential):
        redeemed = await tickets.redeem(credential)
        asker = redeemed.actor
        question = Question(asker.user_id, UUID(asker.session), document_id)
        return await _identify(ask, question, asker.kind, asker.scope, Role.OWNER, redeemed.session_expires_at)
    claims = tokens.verify(credential, now, Audience.DOCUMENT, Audience.SESSION)
    if claims.document_id is not None and claims.document_id != document_id:
        raise TokenForeign(TokenForeign.__doc__)
    question = Question(claims.user_id, claims.token_id, document_id)
    return await _identify(ask, question, claims.kind, WHOLE, claims.role or Role.OWNER, claims.expires_at)


async def authenticate_key_socket(
    ask: Ask, executor: Executor, key: str, document_id: UUID, now: float
) -> SocketIdentity:
    """`key`: an API key. Raises as `authenticate_socket` does."""
    holder = await holder_of(executor, key, now)
    actor = holder.actor
    question = Question(actor.user_id, UUID(actor.session), document_id)
    return await _identify(ask, question, actor.kind, actor.scope, Role.OWNER, holder.expires_at)


async def recheck_socket(ask: Ask, identity: SocketIdentity, now: float) -> SocketIdentity:
    """The same identity with today's rights (P7). Raises as `authenticate_socket` does."""
    if identity.expires_at is not None and identity.expires_at <= now - CLOCK_LEEWAY_S:
        raise TokenExpired(TokenExpired.__doc__)
    was = identity.actor
    question = Question(was.user_id, UUID(was.session), identity.access.document_id)
    return await _identify(ask, question, was.kind, was.scope, identity.role_max, identity.credential_expires_at)


async def _identify(
    ask: Ask, question: Question, kind: ActorKind, scope: Scope, role_max: Role, expires_at: float | None
) -> SocketIdentity:
    standing = await ask(question)
    actor = actor_of_row(standing.user, standing.is_revoked, question.token_id, kind, scope)
    access = access_of_row(standing.access, scope)
    return SocketIdentity(actor, access.role.capped(role_max), expires_at, access, role_max)
