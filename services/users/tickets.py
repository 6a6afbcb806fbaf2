"""One-use tickets: how a page that holds only a cookie opens a socket.

Kept in the cache for 30 s under the ticket's hash, so that reading the cache does not give anybody a ticket.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from services.users.errors import TicketSpent
from services.users.model import Actor, Role, Scope
from storage.cache import Cache

TICKET_TTL_S = 30.0
TICKET_PREFIX = "tkt_"
TICKET_BYTES = 32
TICKET_CHARS = 47


@dataclass(frozen=True, slots=True)
class Redeemed:
    """Who asked for the ticket. `session_expires_at`: when the session that asked ends, seconds since 1970."""

    actor: Actor
    session_expires_at: float | None


class Tickets:
    """`entropy(n)` gives n random bytes."""

    def __init__(self, cache: Cache, entropy: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._cache = cache
        self._entropy = entropy

    async def issue(self, actor: Actor, session_expires_at: float | None = None) -> str:
        """Good for 30 s and one use."""
        text = TICKET_PREFIX + _base64url(self._entropy(TICKET_BYTES))
        content = {
            "user": str(actor.user_id),
            "name": actor.name,
            "colour": actor.colour,
            "kind": actor.kind,
            "session": actor.session,
            "role_max": actor.scope.role_max.value,
            "project": None if actor.scope.project_id is None else str(actor.scope.project_id),
            "until": session_expires_at,
        }
        await self._cache.put(_key(text), json.dumps(content).encode(), TICKET_TTL_S)
        return text

    async def redeem(self, text: str) -> Redeemed:
        """Raises `TicketSpent` when it was used, is too old, or never was."""
        found = await self._cache.take(_key(text)) if is_ticket(text) else None
        if found is None:
            raise TicketSpent(TicketSpent.__doc__)
        content = json.loads(found)
        actor = Actor(
            UUID(content["user"]),
            content["name"],
            content["colour"],
            content["kind"],
            content["session"],
            Scope(Role(content["role_max"]), None if content["project"] is None else UUID(content["project"])),
        )
        return Redeemed(actor, content["until"])


def is_ticket(text: str) -> bool:
    """Whether it has a ticket's form; a JWT never has."""
    return len(text) == TICKET_CHARS and text.startswith(TICKET_PREFIX)


def _key(text: str) -> str:
    return "sf:ticket:" + hashlib.sha256(text.encode()).hexdigest()


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
