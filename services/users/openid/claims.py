"""What a token of a provider must say before we believe it (OpenID Connect Core 3.1.3.7); pure.

A signature first, by an algorithm that our settings pin and a key of the fitting kind; then every claim.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from hmac import compare_digest
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from services.users.errors import TokenExpired, TokenForged
from services.users.openid.settings import Provider
from services.users.tokens import TOKEN_CHARS_MAX

CLOCK_SKEW_S = 60.0
"""By which a provider's clock may differ from ours."""
SUBJECT_CHARS_MAX = 255
EMAIL_CHARS_MAX = 254
NAME_CHARS_MAX = 80

PublicKey = RSAKey | ECKey | OKPKey


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as the provider knows them. `email`: in lower case, only if the provider has verified it."""

    issuer: str
    subject: str
    email: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Access:
    """Whose access token it is, until when, and a name for it that is the same whenever it is shown."""

    issuer: str
    subject: str
    expires_at: float
    token_name: str


def issuer_named(text: str) -> str | None:
    """By whom a token says that it was issued. Nothing is verified yet: only good for choosing who verifies it."""
    try:
        payload = json.loads(jws.extract_compact(text.encode()).payload) if len(text) <= TOKEN_CHARS_MAX else None
    except (JoseError, ValueError, RecursionError):
        return None
    issuer = payload.get("iss") if isinstance(payload, dict) else None
    return issuer if isinstance(issuer, str) else None


def kid_and_algorithm(text: str, algorithms: Collection[str]) -> tuple[str | None, str]:
    """Which key it names, and how it says it is signed. Raises `TokenForged` for any other than `algorithms`."""
    if len(text) > TOKEN_CHARS_MAX:
        raise TokenForged(f"the token is longer than {TOKEN_CHARS_MAX} characters")
    try:
        header = jws.extract_compact(text.encode()).headers()
        kid, algorithm = header.get("kid"), header.get("alg")
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise TokenForged(TokenForged.__doc__) from error
    fits = isinstance(algorithm, str) and algorithm in algorithms
    if not fits or not (kid is None or isinstance(kid, str)) or "crit" in header:
        raise TokenForged(TokenForged.__doc__)
    return kid, str(algorithm)


def verified_claims(text: str, key: PublicKey | None, algorithm: str) -> dict[str, Any]:
    """Raises `TokenForged`, also where there is no key of that name."""
    if key is None:
        raise TokenForged(TokenForged.__doc__)
    try:
        return dict(jwt.decode(text, key, algorithms=[algorithm]).claims)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise TokenForged(TokenForged.__doc__) from error


def identity_of(claims: Mapping[str, Any], provider: Provider, nonce: str, now: float) -> Identity:
    """Of an ID token that was asked for with `nonce`. Raises `TokenForged`, `TokenExpired`."""
    subject = _subject(claims, provider)
    audience, party = _audience(claims), claims.get("azp")
    foreign = provider.client_id not in audience or (len(audience) > 1 and party is None)
    if foreign or party not in (None, provider.client_id):
        raise TokenForged("the token is for another client")
    given = claims.get("nonce")
    if not isinstance(given, str) or not compare_digest(given.encode(), nonce.encode()):
        raise TokenForged("the token answers another question")
    _check_times(claims, now)
    if not _is_time(claims.get("iat")):
        raise TokenForged(TokenForged.__doc__)
    return Identity(provider.issuer, subject, _email(claims), _name(claims))


def with_profile(identity: Identity, profile: Mapping[str, Any]) -> Identity:
    """With what UserInfo adds (OpenID Connect Core 5.3). Raises `TokenForged` where that is about somebody else."""
    if profile.get("sub") != identity.subject:
        raise TokenForged("the profile is of somebody else")
    return replace(identity, email=_email(profile), name=identity.name or _name(profile))


def access_of(claims: Mapping[str, Any], provider: Provider, now: float) -> Access:
    """Of an access token for our API (RFC 9068). Raises `TokenForged`, `TokenExpired`.

    Cognito's have no audience: they name the client to whom they were given, and say that they are for access.
    """
    subject = _subject(claims, provider)
    audience = _audience(claims)
    if not audience and claims.get("token_use") == "access":
        audience = [str(claims.get("client_id"))]
    if provider.api_audience is None or provider.api_audience not in audience or "nonce" in claims:
        raise TokenForged("the token is for another door")
    _check_times(claims, now)
    name = claims.get("jti")
    if not isinstance(name, str):
        name = f"{subject} {claims['exp']} {claims.get('iat')}"
    return Access(provider.issuer, subject, float(claims["exp"]), name)


def _subject(claims: Mapping[str, Any], provider: Provider) -> str:
    subject = claims.get("sub")
    if claims.get("iss") != provider.issuer:
        raise TokenForged("the token is by another issuer")
    if not isinstance(subject, str) or not 1 <= len(subject) <= SUBJECT_CHARS_MAX or "\0" in subject:
        raise TokenForged(TokenForged.__doc__)
    return subject


def _audience(claims: Mapping[str, Any]) -> list[str]:
    audience = claims.get("aud", [])
    return [audience] if isinstance(audience, str) else [one for one in _list(audience) if isinstance(one, str)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    """A token that is both late and wrong is wrong; so this comes last."""
    expires_at, issued_at, from_ = claims.get("exp"), claims.get("iat"), claims.get("nbf")
    if not _is_time(expires_at):
        raise TokenForged(TokenForged.__doc__)
    for begun in (issued_at, from_):
        if begun is not None and (not _is_time(begun) or begun > now + CLOCK_SKEW_S):
            raise TokenForged("the token is not good yet")
    if expires_at is not None and expires_at <= now - CLOCK_SKEW_S:
        raise TokenExpired(TokenExpired.__doc__)


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 2**53


def _email(claims: Mapping[str, Any]) -> str | None:
    """Cognito writes its booleans as text in some flows."""
    email, verified = claims.get("email"), claims.get("email_verified")
    if (verified is not True and verified != "true") or not isinstance(email, str) or "\0" in email:
        return None
    tidy = email.strip().lower()
    return tidy if 3 <= len(tidy) <= EMAIL_CHARS_MAX and "@" in tidy else None


def _name(claims: Mapping[str, Any]) -> str | None:
    for key in ("name", "preferred_username", "nickname"):
        value = claims.get(key)
        if isinstance(value, str) and (tidy := " ".join(value.replace("\0", "").split())[:NAME_CHARS_MAX]):
            return tidy
    return None
