"""Which remote providers there are accounts with, read once from the environment.

No account without a key, and no default for one. The addresses can be others: those of the stubs, or of a proxy.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from services.generation.providers.adapters.finetunes import FineTune, read_finetunes
from services.generation.providers.errors import ProviderSettingsError

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
FAL_KEYS_URL = "https://rest.alpha.fal.ai/.well-known/jwks.json"

VOICES = ("JBFqnCBsd6RMkjVDRZzb", "21m00Tcm4TlvDq8ikWAM")
"""Two that every account at ElevenLabs has."""


@dataclass(frozen=True, slots=True)
class Account:
    """`key` as the provider gave it; `access:secret` for the old Kling. `webhook_secrets`: two in a change."""

    key: str = field(repr=False)
    url: str
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)


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
    secrets = tuple(environ.get(_variable(name, "WEBHOOK_SECRET"), "").split())
    return Account(environ[_variable(name, "KEY")], url.rstrip("/"), secrets)


def _variable(name: str, what: str) -> str:
    return f"STORYFORGE_{name.upper().replace('-', '_')}_{what}"
