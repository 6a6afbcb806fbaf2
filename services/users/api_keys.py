"""API keys: what one looks like, and who comes with it.

Making and revoking them is `services/service_accounts`. The key itself is shown once and kept nowhere.
"""

from dataclasses import dataclass

from services.users.errors import TokenExpired, TokenForged, TokenRevoked
from services.users.model import Actor, Role, Scope
from services.users.secret_text import hash_of_secret
from storage.postgres import Executor
from storage.tables import api_keys

KEY_PREFIX = "sfk_"
KEY_CHARS = 47
SHOWN_CHARS = 10
"""Of the beginning, for people to tell keys apart: 36 of 256 random bits."""
USED_STEP_S = 60
"""How exactly it is known when a key was last used."""


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Who comes with a good key, and until when it is good: seconds since 1970."""

    actor: Actor
    expires_at: float


def is_api_key(text: str) -> bool:
    """Whether it has a key's form; no other credential has."""
    return len(text) == KEY_CHARS and text.startswith(KEY_PREFIX)


async def holder_of(executor: Executor, text: str, now: float) -> KeyHolder:
    """Raises `TokenForged`, `TokenRevoked`, `TokenExpired`."""
    row = await api_keys.key_of_hash(executor, hash_of_secret(text))
    if row is None:
        raise TokenForged(TokenForged.__doc__)
    if row.is_revoked:
        raise TokenRevoked(TokenRevoked.__doc__)
    if row.expires_at.timestamp() <= now:
        raise TokenExpired(TokenExpired.__doc__)
    if row.used_at is None or now - row.used_at.timestamp() >= USED_STEP_S:
        await api_keys.mark_used(executor, row.id)
    scope = Scope(Role(row.role_max), row.project_id)
    actor = Actor(row.user.id, row.user.name, row.user.colour, row.user.kind, str(row.id), scope)
    return KeyHolder(actor, row.expires_at.timestamp())
