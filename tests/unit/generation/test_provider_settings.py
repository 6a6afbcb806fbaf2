"""Accounts as the environment names them: who has a key, and what was agreed with each."""

import httpx
import pytest

from services.generation.providers.capabilities import Kind, Want
from services.generation.providers.errors import ProviderSettingsError
from services.generation.providers.registry import models_of, providers_of
from services.generation.providers.settings import ProviderSettings
from services.generation.shots.want import candidates_of
from services.projects.settings import Safety


def test_what_was_agreed_with_a_provider_holds_for_all_its_models() -> None:
    environ = {"STORYFORGE_RUNWAY_KEY": "k", "STORYFORGE_KLING_KEY": "k"}
    agreed = {"TIER": "3", "REGION": "eu-west", "SAFETY_MAX": "mature"}
    found = ProviderSettings.from_env(environ | {f"STORYFORGE_RUNWAY_{name}": said for name, said in agreed.items()})
    models = models_of(providers_of(found, httpx.AsyncClient()))
    facts = {(model.provider, model.tier, model.region, model.safety_max) for model in models}
    assert facts == {("runway", 3, "eu-west", Safety.MATURE), ("kling", 1, None, Safety.STANDARD)}
    film = next(model for model in models if model.name == "gen4.5")
    (candidate,) = candidates_of((film,), Want(Kind.VIDEO, "A pier.", 1280, 720, 5))
    assert (candidate.region, candidate.safety_max, candidate.places_max) == ("eu-west", Safety.MATURE, 5)


@pytest.mark.parametrize(("name", "said"), [("TIER", "0"), ("TIER", "x"), ("REGION", "Europe"), ("SAFETY_MAX", "all")])
def test_what_cannot_have_been_agreed_is_a_sentence(name: str, said: str) -> None:
    with pytest.raises(ProviderSettingsError, match=f"STORYFORGE_RUNWAY_{name}"):
        ProviderSettings.from_env({"STORYFORGE_RUNWAY_KEY": "k", f"STORYFORGE_RUNWAY_{name}": said})


def test_an_account_is_whoever_has_a_key_and_no_repr_shows_it() -> None:
    found = ProviderSettings.from_env(
        {
            "STORYFORGE_RUNWAY_KEY": "key-4711",
            "STORYFORGE_KLING_LEGACY_KEY": "access:secret-4711",
            "STORYFORGE_KLING_LEGACY_URL": "http://127.0.0.1:8430/kling-legacy/",
            "STORYFORGE_RUNWAY_WEBHOOK_SECRET": "whsec_4711 whsec_4712",
        }
    )
    assert set(found.accounts) == {"runway", "kling-legacy"} and "471" not in repr(found)
    assert found.accounts["kling-legacy"].url == "http://127.0.0.1:8430/kling-legacy"
    assert found.accounts["runway"].webhook_secrets == ("whsec_4711", "whsec_4712")


@pytest.mark.parametrize(
    "environ",
    [
        {"STORYFORGE_KLING_LEGACY_KEY": "no-colon"},
        {"STORYFORGE_RUNWAY_KEY": "key", "STORYFORGE_RUNWAY_URL": "runway.example"},
        {"STORYFORGE_CLAUDE_KEY": "kéy"},
        {"STORYFORGE_FINETUNES_FILE": "/nowhere/at/all.json"},
    ],
)
def test_settings_that_cannot_be_used_are_a_sentence(environ: dict[str, str]) -> None:
    with pytest.raises(ProviderSettingsError):
        ProviderSettings.from_env(environ)
