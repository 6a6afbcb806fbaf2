"""What the HTTP door needs to know about where it runs, read once from the environment.

No defaults for secrets, and no global.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from api.address import Network, networks_of
from api.graphql.queries import listed_in
from api.rates import QUOTAS, RouteClass, quotas_of
from services.billing.cashiers.settings import NO_CASHIER, CashierSettings, cashier_settings
from services.generation.providers.settings import ProviderSettings
from services.projects.purge import PURGE_AFTER_DAYS
from services.users.openid.settings import Provider, providers_of
from services.users.operators import operators_of
from storage.mail import SENDER
from storage.rates import Quota

Value = TypeVar("Value")

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")


class ApiSettingsError(Exception):
    """A variable of the environment is missing or unusable; the text is the sentence to print."""

    code = "settings"


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """`public_url` has no slash at its end; `pages_dir` is None where no pages were built; `redis_url`: the queue's."""

    public_url: str
    pages_dir: Path | None
    redis_url: str = field(repr=False)
    media_url_ttl_s: int = 15 * 60
    heartbeat_s: float = 15.0
    recheck_s: float = 5.0
    operators: frozenset[UUID] = frozenset()
    """Users who may read the audit log of the whole studio."""
    quotas: Mapping[RouteClass, Quota] = field(default_factory=lambda: QUOTAS)
    cors_origins: frozenset[str] = frozenset()
    """Pages of which other origins may use this door, with the session cookie too."""
    trusted_proxies: tuple[Network, ...] = ()
    """Whose X-Forwarded-For is believed."""
    providers: tuple[Provider, ...] = ()
    """Through whom people may sign in."""
    mail_url: str = field(default="", repr=False)
    """Where mail goes, as `storage.mail.open_mailer` reads it; empty: nowhere."""
    mail_from: str = SENDER
    remotes: ProviderSettings = field(default_factory=ProviderSettings)
    """Who makes pictures for money, and may call back."""
    cashier: CashierSettings = NO_CASHIER
    """Who takes the money for credits."""
    graphql_introspection: bool = False
    graphql_queries: Mapping[str, str] | None = None
    """The only ones that are answered, by SHA-256; None: any."""
    purge_after_days: int = PURGE_AFTER_DAYS
    """As the workers' settings say it: when what was deleted is gone for good."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "ApiSettings":
        """Raises `ApiSettingsError`; a malformed id of an operator `MalformedId`, an unusable file
        `ProvidersUnusable`, a half of the cashier's keys `SettingMissing`, an account `ProviderSettingsError`."""
        pages = environ.get("STORYFORGE_PAGES_DIR", "")
        redis_url = environ.get("STORYFORGE_REDIS_URL", "")
        if not redis_url:
            raise ApiSettingsError("STORYFORGE_REDIS_URL is not set")
        return cls(
            checked_url(environ.get("STORYFORGE_PUBLIC_URL", "")),
            Path(pages) if pages else None,
            redis_url,
            operators=operators_of(environ),
            quotas=_parsed(
                "STORYFORGE_RATES",
                environ,
                lambda text: quotas_of(text, environ.get("STORYFORGE_RAISE_BUDGETS") == "1"),
                "read=1200/60, sign-in=60/60 (requests in seconds)",
            ),
            cors_origins=_parsed(
                "STORYFORGE_CORS_ORIGINS", environ, _origins, "https://studio.example, https://a.test"
            ),
            trusted_proxies=_parsed("STORYFORGE_TRUSTED_PROXIES", environ, networks_of, "10.0.0.0/8, 192.168.1.7"),
            providers=providers_of(environ),
            mail_url=environ.get("STORYFORGE_MAIL_URL", ""),
            mail_from=environ.get("STORYFORGE_MAIL_FROM", SENDER),
            remotes=ProviderSettings.from_env(environ),
            cashier=cashier_settings(environ),
            graphql_introspection=environ.get("STORYFORGE_GRAPHQL_INTROSPECTION") == "1",
            graphql_queries=_parsed(
                "STORYFORGE_GRAPHQL_QUERIES", environ, listed_in, "/etc/storyforge/persisted-queries.json"
            ),
            purge_after_days=_parsed(
                "STORYFORGE_PURGE_AFTER_DAYS", environ, lambda text: int(text or PURGE_AFTER_DAYS), "30"
            ),
        )

    @property
    def secure(self) -> bool:
        """Whether browsers reach us over TLS."""
        return self.public_url.startswith("https://")

    @property
    def origins(self) -> frozenset[str]:
        """Pages of which origins may write with the session cookie. On a loopback address all its names are one."""
        return self._own_origins | self.cors_origins

    @property
    def _own_origins(self) -> frozenset[str]:
        parts = urlsplit(self.public_url)
        host, _, port = parts.netloc.rpartition(":") if parts.port else (parts.netloc, "", "")
        if host not in LOOPBACK_HOSTS:
            return frozenset({self.public_url})
        return frozenset(f"{parts.scheme}://{name}{':' + port if port else ''}" for name in LOOPBACK_HOSTS)


def _origins(text: str) -> frozenset[str]:
    """`*` is none: a cookie is never for everybody. Raises ValueError."""
    origins = frozenset(one.strip() for one in text.split(",") if one.strip())
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.hostname or f"{parts.scheme}://{parts.netloc}" != origin:
            raise ValueError(f"{origin} is not an origin")
    return origins


def _parsed(name: str, environ: Mapping[str, str], parse: Callable[[str], Value], example: str) -> Value:
    """Raises `ApiSettingsError`."""
    text = environ.get(name, "")
    try:
        return parse(text)
    except ValueError as error:
        raise ApiSettingsError(f"{name} is {text!r} ({error}); it must look like {example}") from error


def checked_url(url: str) -> str:
    """`scheme://host[:port]`. Raises `ApiSettingsError`."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.path in ("", "/") and not parts.query
        _ = parts.port
    except ValueError:
        usable = None
    if not usable:
        raise ApiSettingsError(f"STORYFORGE_PUBLIC_URL is {url!r}; it must look like http://127.0.0.1:8420")
    return url.rstrip("/")
