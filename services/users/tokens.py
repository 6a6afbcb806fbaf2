"""Tokens: ES256 JWTs for a session, for one document, and for a sign-in link.

Whether a good token was revoked, and what its user may do, is asked of the database by `sessions.py` and `sockets.py`.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.errors import JoseError

from services.users.errors import TokenExpired, TokenForged, TtlOutOfRange
from services.users.keys import ALGORITHM, SigningKeys
from services.users.model import Actor, ActorKind, Role

SESSION_TTL_S = 7 * 24 * 3600
DOCUMENT_TTL_S_MAX = 12 * 3600
SIGN_IN_TTL_S = 15 * 60
LONG_TTL_S_MAX = 366 * 24 * 3600
CLOCK_LEEWAY_S = 5
TOKEN_CHARS_MAX = 4096
REMEMBERED_MAX = 4096
"""Verified tokens of which the claims are kept: stock clients come back with the same one again and again."""
_KINDS: Mapping[str, ActorKind] = MappingProxyType({"service": "service", "guest": "guest"})
_SECRET = re.compile(
    r"""\b(\w*token|ticket|sig|device_code)=[^&\s"']+|\beyJ[\w-]+\.[\w.-]*"""
    r"|\b(?:tkt|join|shr|sfk|rft|dvc)_[\w-]{20,}"
)


class Audience(StrEnum):
    """What a token opens. A token for one is never accepted for another."""

    SESSION = "storyforge:session"
    DOCUMENT = "storyforge:document"
    SIGN_IN = "storyforge:signin"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says. `expires_at`: seconds since 1970; `document_id`: only in document tokens.

    `role`: the most that its holder may do with it; None for all that they may.
    """

    audience: Audience
    user_id: UUID
    token_id: UUID
    expires_at: float
    kind: ActorKind = "person"
    document_id: UUID | None = None
    role: Role | None = None
    once: bool = False


@dataclass(frozen=True, slots=True)
class Issued:
    """A fresh token and what its holder needs to know about it."""

    text: str
    token_id: UUID
    expires_at: float


class Tokens:
    """Issues and verifies. `issuer` is the studio's public URL: tokens of another studio are foreign."""

    def __init__(self, keys: SigningKeys, issuer: str) -> None:
        self._keys = keys
        self._issuer = issuer
        self._remembered: OrderedDict[bytes, Claims] = OrderedDict()
        """By the token's hash. The keys are the same as long as this object lives, so a signature stays good."""

    def jwks(self) -> dict[str, Any]:
        """The public keys."""
        return self._keys.jwks()

    def issue_session(self, actor: Actor, now: float, ttl_s: float = SESSION_TTL_S) -> Issued:
        """For the cookie of a page or the Bearer header of a service."""
        role_max = actor.scope.role_max
        limit = {} if role_max is Role.OWNER else {"role": role_max.value}
        claims = {"kind": actor.kind, **limit}
        return self._issue(Audience.SESSION, actor.user_id, now, ttl_s, LONG_TTL_S_MAX, claims)

    def issue_document(
        self,
        actor: Actor,
        document_id: UUID,
        role: Role,
        now: float,
        ttl_s: float = DOCUMENT_TTL_S_MAX,
        jti: UUID | None = None,
    ) -> Issued:
        """For stock clients, who reconnect with fixed parameters: one document, at most this role, at most 12 h."""
        claims = {"kind": actor.kind, "doc": str(document_id), "role": role.value}
        return self._issue(Audience.DOCUMENT, actor.user_id, now, ttl_s, DOCUMENT_TTL_S_MAX, claims, jti)

    def issue_sign_in(self, user_id: UUID, now: float, ttl_s: float = SIGN_IN_TTL_S, once: bool = True) -> Issued:
        """For a link. `once`: the link opens one session; `./dev up` prints links that stay good instead."""
        return self._issue(Audience.SIGN_IN, user_id, now, ttl_s, LONG_TTL_S_MAX, {"kind": "person", "once": once})

    def verify_session(self, text: str, now: float) -> Claims:
        """Raises `TokenExpired` or `TokenForged`."""
        return self.verify(text, now, Audience.SESSION)

    def verify_document(self, text: str, now: float) -> Claims:
        """Raises `TokenExpired` or `TokenForged`."""
        return self.verify(text, now, Audience.DOCUMENT)

    def verify_sign_in(self, text: str, now: float) -> Claims:
        """Raises `TokenExpired` or `TokenForged`."""
        return self.verify(text, now, Audience.SIGN_IN)

    def verify(self, text: str, now: float, *audiences: Audience) -> Claims:
        """Signature, algorithm, issuer, audience and times. Raises `TokenExpired` or `TokenForged`.

        A token that is both expired and wrong is forged: only a real one may be told that it is merely late.
        """
        claims = self._claims(text)
        if claims.audience not in audiences:
            raise TokenForged("the token is for another door")
        if claims.expires_at <= now - CLOCK_LEEWAY_S:
            raise TokenExpired(TokenExpired.__doc__)
        return claims

    def _claims(self, text: str) -> Claims:
        """What a token says that we have signed, whether or not it is over."""
        if len(text) > TOKEN_CHARS_MAX:
            raise TokenForged(f"the token is longer than {TOKEN_CHARS_MAX} characters")
        name = sha256(text.encode("utf-8", "surrogatepass")).digest()
        claims = self._remembered.pop(name, None) or _read(self._decode(text))
        self._remembered[name] = claims
        if len(self._remembered) > REMEMBERED_MAX:
            self._remembered.popitem(last=False)
        return claims

    def _decode(self, text: str) -> dict[str, Any]:
        try:
            token = jwt.decode(text, self._keys.every, algorithms=[ALGORITHM])
        except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise TokenForged(TokenForged.__doc__) from error
        if token.header.get("alg") != ALGORITHM or token.claims.get("iss") != self._issuer:
            raise TokenForged(TokenForged.__doc__)
        return dict(token.claims)

    def _issue(
        self,
        audience: Audience,
        user_id: UUID,
        now: float,
        ttl_s: float,
        ttl_s_max: float,
        more: dict[str, Any],
        jti: UUID | None = None,
    ) -> Issued:
        if not 1 <= ttl_s <= ttl_s_max:
            raise TtlOutOfRange(ttl_s, ttl_s_max)
        token_id = jti or uuid4()
        expires_at = int(now + ttl_s)
        claims = {
            "iss": self._issuer,
            "aud": audience.value,
            "sub": str(user_id),
            "jti": str(token_id),
            "iat": int(now),
            "exp": expires_at,
            **more,
        }
        header = {"alg": ALGORITHM, "kid": self._keys.signer.kid}
        text = jwt.encode(header, claims, self._keys.signer, algorithms=[ALGORITHM])
        return Issued(text, token_id, float(expires_at))


def _read(claims: dict[str, Any]) -> Claims:
    """The claims as types. Our own signature stands over them, but a key may be shared with older software."""
    try:
        audience = Audience(claims["aud"])
        document = claims.get("doc")
        role = claims.get("role")
        kind: ActorKind = _KINDS.get(claims.get("kind", ""), "person")
        expires_at = claims["exp"]
        if isinstance(expires_at, bool) or not isinstance(expires_at, int):
            raise TypeError("exp")
        if (audience is Audience.DOCUMENT) != (document is not None) or (document is not None and role is None):
            raise ValueError("a document token names a document and a role")
        return Claims(
            audience=audience,
            user_id=UUID(claims["sub"]),
            token_id=UUID(claims["jti"]),
            expires_at=float(expires_at),
            kind=kind,
            document_id=None if document is None else UUID(document),
            role=None if role is None else Role(role),
            once=claims.get("once") is True,
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise TokenForged(TokenForged.__doc__) from error


def token_free(text: str) -> str:
    """The text without tokens, tickets and signatures, for logs."""
    return _SECRET.sub(lambda found: f"{found[1]}=[removed]" if found[1] else "[removed]", text)
