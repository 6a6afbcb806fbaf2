"""Sign-in through a provider: authorization code with PKCE, state and nonce; and its access tokens as Bearer.

A sign-in that was begun is kept in the cache for ten minutes under the hash of its state, bound to one browser by a
secret that only that browser's cookie holds. Whoever loses it begins again.
"""

import base64
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Any
from uuid import UUID, uuid4, uuid5

import asyncpg

from services.fetching.fetch import open_fetcher
from services.users import audit
from services.users.access import require_account
from services.users.audit import Action
from services.users.errors import CodeRefused, NoSuchProvider, SignInOver, UnknownUser, UsersError
from services.users.model import Actor
from services.users.openid.claims import Identity, access_of, identity_of, issuer_named, with_profile
from services.users.openid.identities import linked_to, unlink, user_of
from services.users.openid.provider import RemoteProvider
from services.users.openid.settings import Provider
from services.users.sessions import Session, actor_of, start_session
from services.users.tokens import Issued, Tokens
from storage.cache import Cache
from storage.tables import identities

BEGUN_TTL_S = 600.0
SECRET_BYTES = 32
_PROVIDERS_TOKENS = UUID("b0f5a3de-0a52-5a1c-8f0e-5f7f2f6f2b11")


@dataclass(frozen=True, slots=True)
class Begun:
    """`url`: where the browser goes. `browser_secret`: for its cookie, to be shown again when it comes back."""

    url: str
    browser_secret: str


@dataclass(frozen=True, slots=True)
class Returned:
    """With what the provider sent the browser back. `issuer`: the `iss` beside the code, if it was there."""

    state: str
    code: str | None
    issuer: str | None


@dataclass(frozen=True, slots=True)
class OpenIdParts:
    """`entropy(n)` gives n random bytes."""

    pool: asyncpg.Pool
    cache: Cache
    tokens: Tokens
    public_url: str
    entropy: Callable[[int], bytes] = secrets.token_bytes


class OpenId:
    """All providers of a studio."""

    def __init__(self, remotes: Sequence[RemoteProvider], parts: OpenIdParts) -> None:
        self._parts = parts
        self._by_name: Mapping[str, RemoteProvider] = {remote.settings.name: remote for remote in remotes}
        self._by_issuer: Mapping[str, RemoteProvider] = {remote.settings.issuer: remote for remote in remotes}

    @property
    def providers(self) -> list[Provider]:
        """In the order of the settings."""
        return [remote.settings for remote in self._by_name.values()]

    async def begin(self, name: str, target: str, link_to: Actor | None = None) -> Begun:
        """`target`: the path to go to afterwards. `link_to`: whose sign-in it shall be from now on.

        Raises `NoSuchProvider`, `ProviderAway`, `NoAccount`, `ScopeTooNarrow`.
        """
        if link_to is not None:
            require_account(link_to)
        remote = self._named(name)
        state, nonce, verifier, browser_secret = (self._secret() for _ in range(4))
        challenge = _base64url(sha256(verifier.encode()).digest())
        url = await remote.authorization_url(self._redirect_uri(remote), state, nonce, challenge)
        kept = {
            "provider": name,
            "nonce": nonce,
            "verifier": verifier,
            "browser": _hash(browser_secret),
            "target": target,
            "link_to": None if link_to is None else str(link_to.user_id),
        }
        await self._parts.cache.put(_key(state), json.dumps(kept).encode(), BEGUN_TTL_S)
        return Begun(url, browser_secret)

    async def finish(self, name: str, browser_secret: str, returned: Returned, now: float) -> tuple[Issued, str]:
        """A session, and the path that was asked for.

        Raises `SignInOver`, `CodeRefused`, `TokenForged`, `TokenExpired`, `AddressUnverified`, `AddressTaken`,
        `IdentityTaken`, `NoSuchProvider`, `ProviderAway`.
        """
        remote = self._named(name)
        try:
            begun = await self._begun(name, browser_secret, returned.state)
            return await self._finish(remote, begun, returned, now), begun["target"]
        except UsersError as error:
            await audit.record(
                self._parts.pool, Action.SESSION_REFUSED, actor_id=None, how=f"openid:{name}", code=error.code
            )
            raise

    async def linked(self, actor: Actor) -> list[tuple[Provider, datetime]]:
        """Through which providers this person signs in, and since when; not those that the settings name no more."""
        rows = await identities.identities_of_user(self._parts.pool, actor.user_id)
        found = [(self._by_issuer.get(row.issuer), row.created_at) for row in rows]
        return [(remote.settings, since) for remote, since in found if remote is not None]

    async def unlink(self, actor: Actor, name: str) -> None:
        """Raises `NoSuchProvider`, `NoAccount`, `ScopeTooNarrow`."""
        require_account(actor)
        issuer = self._named(name).settings.issuer
        async with self._parts.pool.acquire() as connection, connection.transaction():
            await unlink(connection, actor.user_id, issuer)

    async def session_of(self, text: str, now: float) -> Session | None:
        """Of an access token of a provider whose settings say so; None if the token is none of theirs.

        Raises `TokenForged`, `TokenExpired`, `TokenRevoked`, `UnknownUser`, `ProviderAway`.
        """
        remote = self._by_issuer.get(issuer_named(text) or "") if self._by_issuer else None
        if remote is None or remote.settings.api_audience is None:
            return None
        access = access_of(await remote.verified(text), remote.settings, now)
        user = await identities.user_of_identity(self._parts.pool, access.issuer, access.subject)
        if user is None:
            raise UnknownUser(UnknownUser.__doc__)
        token_id = uuid5(_PROVIDERS_TOKENS, f"{access.issuer} {access.token_name}")
        return Session(await actor_of(self._parts.pool, user.id, token_id, "person"), access.expires_at)

    async def _begun(self, name: str, browser_secret: str, state: str) -> dict[str, Any]:
        """Good for one answer. Raises `SignInOver`."""
        found = await self._parts.cache.take(_key(state))
        begun: dict[str, Any] = {} if found is None else json.loads(found)
        if begun.get("provider") != name or not compare_digest(begun["browser"], _hash(browser_secret)):
            raise SignInOver(SignInOver.__doc__)
        return begun

    async def _finish(self, remote: RemoteProvider, begun: Mapping[str, Any], returned: Returned, now: float) -> Issued:
        provider = remote.settings
        if returned.issuer != provider.issuer and (returned.issuer or (await remote.metadata()).names_itself):
            raise CodeRefused("the answer is from another provider")  # RFC 9207: a mix-up
        if returned.code is None:
            raise CodeRefused(CodeRefused.__doc__)
        redeemed = await remote.redeem(returned.code, self._redirect_uri(remote), begun["verifier"])
        identity = identity_of(await remote.verified(redeemed.id_token), provider, begun["nonce"], now)
        link_to = begun["link_to"]
        if link_to is None:
            identity = await self._introduced(remote, identity, redeemed.access_token)
        async with self._parts.pool.acquire() as connection, connection.transaction():
            if link_to is None:
                user = await user_of(connection, provider, identity, uuid4())
            else:
                user = await linked_to(connection, identity, UUID(link_to))
            actor = Actor(user.id, user.name, user.colour, "person", "")
            _, issued = await start_session(connection, self._parts.tokens, actor, now, f"openid:{provider.name}")
        return issued

    async def _introduced(self, remote: RemoteProvider, identity: Identity, access_token: str | None) -> Identity:
        """With an address, where only UserInfo tells it; nobody is asked about somebody who is known."""
        if identity.email is not None or access_token is None:
            return identity
        if await identities.user_of_identity(self._parts.pool, identity.issuer, identity.subject) is not None:
            return identity
        profile = await remote.userinfo(access_token)
        return with_profile(identity, profile) if profile else identity

    def _named(self, name: str) -> RemoteProvider:
        try:
            return self._by_name[name]
        except KeyError:
            raise NoSuchProvider(NoSuchProvider.__doc__) from None

    def _redirect_uri(self, remote: RemoteProvider) -> str:
        """One of its own for each provider, so that an answer cannot be shown to another one's (RFC 9700, 4.4)."""
        return f"{self._parts.public_url}{callback_path(remote.settings.name)}"

    def _secret(self) -> str:
        return _base64url(self._parts.entropy(SECRET_BYTES))


def callback_path(name: str) -> str:
    """Where a provider sends the browser back to."""
    return f"/signin/{name}/callback"


@asynccontextmanager
async def open_openid(providers: Sequence[Provider], parts: OpenIdParts) -> AsyncIterator[OpenId]:
    """Asks no provider anything before somebody signs in."""
    async with AsyncExitStack() as stack:
        remotes = []
        for provider in providers:
            fetcher = await stack.enter_async_context(open_fetcher(provider.inside))
            remotes.append(RemoteProvider(provider, fetcher, time.monotonic))
        yield OpenId(remotes, parts)


def _key(state: str) -> str:
    return "sf:openid:" + _hash(state)


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
