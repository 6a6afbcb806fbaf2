"""Which remote providers there are accounts with, read once from the environment.

No account without a key, and no default for one. The addresses can be others: those of the stubs, or of a proxy.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from services.generation.providers.adapters.finetunes import FineTune, read_finetunes
from services.generation.providers.capabilities import Model
from services.generation.providers.errors import ProviderSettingsError
from services.projects.settings import Safety

URLS: Mapping[str, str] = {
    "runway": "https://api.dev.runwayml.com",
    "sora": "https://api.openai.com",
    "kling": "https://api-singapore.klingai.com",
    "kling-legacy": "https://api-singapore.klingai.com",
    "stability": "https://api.stability.ai",
    "claude": "https://api.anthropic.com",
    "elevenlabs": "https://api.elevenlabs.io",
    "fal": "https://queue.fal.run",
    "replicate": "https://api.replicate.com",
}
TIER_MAX = 10
_REGION = re.compile(r"[a-z]{2,12}(-[a-z0-9]{1,12}){0,3}")
FAL_KEYS_URL = "https://rest.alpha.fal.ai/.well-known/jwks.json"

VOICES = ("JBFqnCBsd6RMkjVDRZzb", "21m00Tcm4TlvDq8ikWAM")
"""Two that every account at ElevenLabs has."""


@dataclass(frozen=True, slots=True)
class Account:
    """`key` as the provider gave it; `access:secret` for the old Kling. `webhook_secrets`: two in a change.

    `tier`, `region`, `safety_max`: what was agreed with the provider; None: as its models say.
    """

    key: str = field(repr=False)
    url: str
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    tier: int | None = None
    region: str | None = None
    safety_max: Safety | None = None

    def applied(self, models: Sequence[Model]) -> tuple[Model, ...]:
        """The models as this account has them."""
        return tuple(
            replace(
                model,
                tier=self.tier or model.tier,
                region=self.region or model.region,
                safety_max=self.safety_max or model.safety_max,
            )
            for model in models
        )


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """`accounts` by the provider's name. `inside`: origins of results that lie on this machine, for the stubs.

    `voices`: ids of those that ElevenLabs speaks with, when nobody asks for another.
    """

    accounts: Mapping[str, Account] = field(default_factory=dict)
    finetunes: tuple[FineTune, ...] = ()
    fal_keys_url: str = FAL_KEYS_URL
    inside: frozenset[str] = frozenset()
    voices: tuple[str, ...] = VOICES

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "ProviderSettings":
        """`STORYFORGE_RUNWAY_KEY`, `STORYFORGE_RUNWAY_URL`, ... Raises `ProviderSettingsError`."""
        file = environ.get("STORYFORGE_FINETUNES_FILE", "")
        accounts = {name: _account(environ, name) for name in URLS if environ.get(_variable(name, "KEY"))}
        if "kling-legacy" in accounts and ":" not in accounts["kling-legacy"].key:
            raise ProviderSettingsError(f"{_variable('kling-legacy', 'KEY')} is not like ACCESS:SECRET")
        return cls(
            accounts,
            read_finetunes(Path(file)) if file else (),
            environ.get("STORYFORGE_FAL_KEYS_URL") or FAL_KEYS_URL,
            frozenset(environ.get("STORYFORGE_PROVIDER_ORIGINS", "").split()),
            tuple(environ.get("STORYFORGE_ELEVENLABS_VOICES", "").split()) or VOICES,
        )


def _account(environ: Mapping[str, str], name: str) -> Account:
    url = environ.get(_variable(name, "URL")) or URLS[name]
    if not url.startswith(("https://", "http://")):
        raise ProviderSettingsError(f"{_variable(name, 'URL')} is not an address")
    if not environ[_variable(name, "KEY")].isascii() or not environ[_variable(name, "KEY")].isprintable():
        raise ProviderSettingsError(f"{_variable(name, 'KEY')} has characters that no key has")
    return Account(
        environ[_variable(name, "KEY")],
        url.rstrip("/"),
        tuple(environ.get(_variable(name, "WEBHOOK_SECRET"), "").split()),
        _tier(environ, name),
        _region(environ, name),
        _safety(environ, name),
    )


def _tier(environ: Mapping[str, str], name: str) -> int | None:
    said = environ.get(_variable(name, "TIER"), "")
    if said and not (said.isdecimal() and 1 <= int(said) <= TIER_MAX):
        raise ProviderSettingsError(f"{_variable(name, 'TIER')} is not a whole number from 1 to {TIER_MAX}")
    return int(said) if said else None


def _region(environ: Mapping[str, str], name: str) -> str | None:
    said = environ.get(_variable(name, "REGION"), "")
    if said and not _REGION.fullmatch(said):
        raise ProviderSettingsError(f"{_variable(name, 'REGION')} is not like eu or us-east")
    return said or None


def _safety(environ: Mapping[str, str], name: str) -> Safety | None:
    said = environ.get(_variable(name, "SAFETY_MAX"), "")
    if said and said not in tuple(Safety):
        raise ProviderSettingsError(f"{_variable(name, 'SAFETY_MAX')} is none of {', '.join(Safety)}")
    return Safety(said) if said else None


def _variable(name: str, what: str) -> str:
    return f"STORYFORGE_{name.upper().replace('-', '_')}_{what}"
