"""All remote providers: the adapters of those with whom there is an account, and the models that there are.

The one place where a provider's name, its dialect, its way to sign in and its adapter come together.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import httpx

from services.generation.providers.adapters import claude, elevenlabs, kling, kling_legacy, runway, sora, stability
from services.generation.providers.adapters.dialects import DIALECTS
from services.generation.providers.adapters.fal import Fal, Keys, keys_of
from services.generation.providers.adapters.line import Answer, Call, Line, open_http
from services.generation.providers.adapters.replicate import Replicate
from services.generation.providers.capabilities import Model
from services.generation.providers.port import RemoteProvider
from services.generation.providers.settings import Account, ProviderSettings

MODELS: tuple[Model, ...] = (
    *runway.MODELS,
    *sora.MODELS,
    *kling.MODELS,
    *kling_legacy.MODELS,
    *stability.MODELS,
    *claude.MODELS,
    *elevenlabs.MODELS,
)
"""Those that are the same for everybody; fine-tunes are a studio's own."""

SECRET_CHARS_MIN = 4
"""A shorter part of a key is no secret, and cutting it out would make nonsense of a message."""


def _bearer(key: str) -> Mapping[str, str]:
    return {"authorization": f"Bearer {key}"}


_HEADERS: Mapping[str, Callable[[str], Mapping[str, str]]] = {
    "runway": lambda key: {**_bearer(key), "x-runway-version": runway.VERSION},
    "kling-legacy": lambda key: _bearer(kling_legacy.token(key)),
    "claude": lambda key: {**_bearer(key), "anthropic-version": claude.VERSION},
    "elevenlabs": lambda key: {"xi-api-key": key},
    "fal": lambda key: {"authorization": f"Key {key}"},
}


def providers_of(settings: ProviderSettings, http: httpx.AsyncClient) -> dict[str, RemoteProvider]:
    """By name."""
    return {name: _adapter(name, account, settings, http) for name, account in settings.accounts.items()}


def models_of(remotes: Mapping[str, RemoteProvider]) -> tuple[Model, ...]:
    """Of all of them."""
    return tuple(model for remote in remotes.values() for model in remote.models)


@asynccontextmanager
async def open_providers(settings: ProviderSettings) -> AsyncIterator[dict[str, RemoteProvider]]:
    """With one client for all."""
    async with open_http() as http:
        yield providers_of(settings, http)


def _adapter(name: str, account: Account, settings: ProviderSettings, http: httpx.AsyncClient) -> RemoteProvider:
    headers = _HEADERS.get(name, _bearer)
    parts = (account.key, *account.key.split(":"))
    secrets = tuple(part for part in parts if len(part) >= SECRET_CHARS_MIN)
    line = Line(http, account.url, DIALECTS[name], lambda: headers(account.key), secrets)
    match name:
        case "runway":
            return runway.Runway(line, account.applied(runway.MODELS))
        case "sora":
            return sora.Sora(line, account.applied(sora.MODELS), account.webhook_secrets)
        case "kling":
            return kling.Kling(line, account.applied(kling.MODELS), account.webhook_secrets)
        case "kling-legacy":
            return kling_legacy.KlingLegacy(line, account.applied(kling_legacy.MODELS), account.webhook_secrets)
        case "stability":
            return stability.Stability(line, account.applied(stability.MODELS))
        case "claude":
            return claude.Claude(line, account.applied(claude.MODELS))
        case "elevenlabs":
            return elevenlabs.ElevenLabs(line, account.applied(elevenlabs.MODELS))
        case "fal":
            return Fal(line, settings.finetunes, Keys(lambda: _fal_keys(http, settings.fal_keys_url)))
        case "replicate":
            return Replicate(line, settings.finetunes, account.webhook_secrets)
    raise AssertionError(name)


async def _fal_keys(http: httpx.AsyncClient, url: str) -> list[bytes]:
    """None at all when they cannot be had: then no callback is believed."""
    answer = await Line(http, url, DIALECTS["fal"], dict, ()).ask(Call("GET", ""))
    return keys_of(answer.json) if isinstance(answer, Answer) else []
