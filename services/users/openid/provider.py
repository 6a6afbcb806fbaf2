"""One provider over the network: what it says about itself, its keys, and a code traded for tokens.

What a token must say is checked in `claims.py`; who its subject is among us is in `identities.py`.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from services.fetching.errors import FetchError, StatusUnfit
from services.fetching.fetch import Fetched, Fetcher
from services.users.errors import CodeRefused, ProviderAway
from services.users.openid.claims import PublicKey, kid_and_algorithm, verified_claims
from services.users.openid.kept import Kept
from services.users.openid.settings import Provider

DISCOVERY_AGE_S_MAX = 24 * 3600.0
KEYS_AGE_S_MAX = 3600.0
KEYS_MAX = 64
ANSWER_BYTES_MAX = 256 * 1024
ANSWER_TIMEOUT_S = 5.0
JSON_TYPES = ("application/json", "application/jwk-set+json")
_KEY_TYPES = (RSAKey, ECKey, OKPKey)


@dataclass(frozen=True, slots=True)
class Metadata:
    """Of OpenID Connect Discovery, what we use. `names_itself`: it puts `iss` beside every code (RFC 9207)."""

    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str | None
    jwks_uri: str
    names_itself: bool
    takes_basic: bool


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What a code was traded for; unverified. `access_token`: for the provider's own UserInfo."""

    id_token: str
    access_token: str | None


class RemoteProvider:
    """`fetcher` may reach the provider. `clock`: seconds, any monotonic origin."""

    def __init__(self, settings: Provider, fetcher: Fetcher, clock: Callable[[], float]) -> None:
        self.settings = settings
        self._fetcher = fetcher
        self._metadata: Kept[Metadata] = Kept(self._discover, clock, DISCOVERY_AGE_S_MAX)
        self._keys: Kept[list[PublicKey]] = Kept(self._fetch_keys, clock, KEYS_AGE_S_MAX)

    async def metadata(self) -> Metadata:
        """Raises `ProviderAway`."""
        return await self._metadata.get()

    async def authorization_url(self, redirect_uri: str, state: str, nonce: str, challenge: str) -> str:
        """Where the browser goes. Raises `ProviderAway`."""
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self.settings.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        endpoint = (await self.metadata()).authorization_endpoint
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    async def redeem(self, code: str, redirect_uri: str, verifier: str) -> Redeemed:
        """Raises `CodeRefused`, `ProviderAway`."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self.settings.client_id,
            "code_verifier": verifier,
        }
        headers = {"Accept": "application/json"}
        secret = self.settings.client_secret
        metadata = await self.metadata()
        if secret is not None and metadata.takes_basic:
            headers["Authorization"] = _basic(self.settings.client_id, secret.get_secret_value())
        elif secret is not None:
            form["client_secret"] = secret.get_secret_value()
        answer = await self._post(metadata.token_endpoint, form, headers)
        id_token, access_token = answer.get("id_token"), answer.get("access_token")
        if not isinstance(id_token, str):
            raise ProviderAway(f"{metadata.token_endpoint} gave no id_token")
        return Redeemed(id_token, access_token if isinstance(access_token, str) else None)

    async def userinfo(self, access_token: str) -> dict[str, Any]:
        """What the provider says there about the token's subject; nothing where it has no such place.

        Raises `CodeRefused`, `ProviderAway`.
        """
        endpoint = (await self.metadata()).userinfo_endpoint
        if endpoint is None:
            return {}
        return await self._post(endpoint, {}, {"Accept": "application/json", "Authorization": f"Bearer {access_token}"})

    async def verified(self, text: str) -> dict[str, Any]:
        """The claims under a good signature of this provider. Raises `TokenForged`, `ProviderAway`."""
        kid, algorithm = kid_and_algorithm(text, self.settings.algorithms)
        fitting = fitting_key(await self._keys.get(), kid, algorithm)
        if fitting is None:  # a new key, or a forged name of one
            fitting = fitting_key(await self._keys.renewed(), kid, algorithm)
        return verified_claims(text, fitting, algorithm)

    async def _discover(self) -> Metadata:
        url = self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
        found = await self._get(url)
        if found.get("issuer") != self.settings.issuer:
            raise ProviderAway(f"{url} names another issuer")
        methods = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        try:
            return Metadata(
                authorization_endpoint=_endpoint(found, "authorization_endpoint", self.settings),
                token_endpoint=_endpoint(found, "token_endpoint", self.settings),
                userinfo_endpoint=_endpoint(found, "userinfo_endpoint", self.settings)
                if "userinfo_endpoint" in found
                else None,
                jwks_uri=_endpoint(found, "jwks_uri", self.settings),
                names_itself=found.get("authorization_response_iss_parameter_supported") is True,
                takes_basic="client_secret_basic" in methods,
            )
        except (KeyError, TypeError) as error:
            raise ProviderAway(f"{url} is no discovery document") from error

    async def _fetch_keys(self) -> list[PublicKey]:
        url = (await self.metadata()).jwks_uri
        entries = (await self._get(url)).get("keys")
        if not isinstance(entries, list):
            raise ProviderAway(f"{url} holds no keys")
        return [key for entry in entries[:KEYS_MAX] if (key := public_key(entry)) is not None]

    async def _post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> dict[str, Any]:
        """Raises `CodeRefused` where the provider refuses, `ProviderAway` where it fails."""
        try:
            return _object(await self._fetcher.post(url, form, headers, JSON_TYPES, ANSWER_BYTES_MAX, ANSWER_TIMEOUT_S))
        except FetchError as error:
            if isinstance(error, StatusUnfit) and error.status < 500:
                raise CodeRefused(CodeRefused.__doc__) from error
            raise ProviderAway(f"{url}: {error}") from error

    async def _get(self, url: str) -> dict[str, Any]:
        try:
            return _object(await self._fetcher.get(url, JSON_TYPES, ANSWER_BYTES_MAX, ANSWER_TIMEOUT_S))
        except FetchError as error:
            raise ProviderAway(f"{url}: {error}") from error


def fitting_key(keys: list[PublicKey], kid: str | None, algorithm: str) -> PublicKey | None:
    """The key of that name; of a token that names none the only one that could have signed it."""
    able = [key for key in keys if key.alg in (None, algorithm) and algorithm in _algorithms(key)]
    named = able if kid is None else [key for key in able if key.kid == kid]
    return named[0] if len(named) == 1 else None


def _algorithms(key: PublicKey) -> tuple[str, ...]:
    if isinstance(key, RSAKey):
        return ("RS256", "PS256")
    if isinstance(key, ECKey):
        return ("ES256",) if key.curve_name == "P-256" else ()
    return ("EdDSA",) if key.curve_name in ("Ed25519", "Ed448") else ()


def public_key(entry: Any) -> PublicKey | None:
    """None for what is no public signature key: others' keys may stand beside ours."""
    try:
        key = JWKRegistry.import_key(entry)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
    if not isinstance(key, _KEY_TYPES) or key.is_private or entry.get("use") not in (None, "sig"):
        return None
    return key


def _endpoint(found: dict[str, Any], name: str, provider: Provider) -> str:
    """http only where the provider itself has it, on this machine."""
    url = found[name]
    if not isinstance(url, str) or not url.startswith(("https://", "http://") if provider.is_local else "https://"):
        raise TypeError(name)
    return url


def _basic(client_id: str, secret: str) -> str:
    """RFC 6749, section 2.3.1: both are form-encoded first."""
    pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _object(fetched: Fetched) -> dict[str, Any]:
    """Raises `ProviderAway` for what is no JSON object."""
    try:
        content = json.loads(fetched.body)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise ProviderAway(f"{fetched.url} answered no JSON object")
    return content
