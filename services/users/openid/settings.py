"""Which providers people may sign in through: a file of JSON, read once at start.

{"providers": [{"name": "auth0", "title": "Auth0", "issuer": "https://example.eu.auth0.com/",
                "client_id": "...", "client_secret": "...", "api_audience": "https://storyforge.example"}]}
"""

import stat
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from services.fetching.addresses import target_of
from services.users.errors import ProvidersUnusable

FILE = "STORYFORGE_OPENID_FILE"
PROVIDERS_MAX = 16
FILE_BYTES_MAX = 64 * 1024
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""With a public key only. Neither `none` nor HS* can be chosen: our side holds no key that could sign."""

Algorithm = Literal["RS256", "PS256", "ES256", "EdDSA"]


def _issuer(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("an issuer is an https address without query and fragment")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError("an issuer may be http only on a loopback address")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Provider(BaseModel):
    """One provider. `issuer`: letter for letter as its tokens say it.

    `client_secret` None: a public client, PKCE alone. `api_audience`: access tokens for this audience are good as
    Bearer at our API; None: none are. `links_by_email`: whether its verified addresses may lead to an account that
    exists; only for a provider to whom all those addresses belong. `is_private`: it lives in our own network.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]
    title: Annotated[str, Field(min_length=1, max_length=40)]
    issuer: Annotated[str, Field(max_length=512), AfterValidator(_issuer)]
    client_id: Annotated[str, Field(min_length=1, max_length=255)]
    client_secret: SecretStr | None = None
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = ("RS256", "ES256")
    api_audience: str | None = None
    links_by_email: bool = False
    is_private: bool = False

    @property
    def is_local(self) -> bool:
        """Beside us on this very machine, where plain http is good enough."""
        return self.issuer.startswith("http://")

    @property
    def inside(self) -> tuple[str, ...]:
        """Origins that may be asked though they are not public."""
        return (target_of(self.issuer).origin,) if self.is_local or self.is_private else ()


class Providers(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    providers: Annotated[tuple[Provider, ...], Field(max_length=PROVIDERS_MAX)] = ()


def providers_of(environ: Mapping[str, str]) -> tuple[Provider, ...]:
    """Those of the file that the environment names; none without one. Raises `ProvidersUnusable`."""
    path = environ.get(FILE)
    return load_providers(Path(path)) if path else ()


def load_providers(path: Path) -> tuple[Provider, ...]:
    """Raises `ProvidersUnusable` with a sentence that says what to do, and never what stands in the file."""
    try:
        status = path.stat()
        if stat.S_IMODE(status.st_mode) & 0o077:
            raise ProvidersUnusable(f"{path} can be read by other users; run: chmod 600 {path}")
        if status.st_size > FILE_BYTES_MAX:
            raise ProvidersUnusable(f"{path} is larger than {FILE_BYTES_MAX} bytes; it is not a providers file")
        found = Providers.model_validate_json(path.read_bytes()).providers
    except OSError as error:
        raise ProvidersUnusable(f"the providers file {path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(piece) for piece in first["loc"]) or "the file"
        raise ProvidersUnusable(f"{path} is not a providers file: {where}: {first['msg']}") from None
    for what in ("name", "issuer"):
        if len({getattr(one, what) for one in found}) != len(found):
            raise ProvidersUnusable(f"{path} gives two providers the same {what}")
    return found
