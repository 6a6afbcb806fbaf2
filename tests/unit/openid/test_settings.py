"""The providers file: what it says, and every sentence with which it is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.users.errors import ProvidersUnusable
from services.users.openid.settings import FILE, load_providers, providers_of

AUTH0 = {"name": "auth0", "title": "Auth0", "issuer": "https://studio.eu.auth0.com/", "client_id": "abc"}


def written(tmp_path: Path, *providers: dict[str, Any], mode: int = 0o600) -> Path:
    path = tmp_path / "providers.json"
    path.write_text(json.dumps({"providers": providers}))
    path.chmod(mode)
    return path


def test_a_provider_needs_four_things(tmp_path: Path) -> None:
    [provider] = providers_of({FILE: str(written(tmp_path, AUTH0))})
    assert (provider.issuer, provider.algorithms) == ("https://studio.eu.auth0.com/", ("RS256", "ES256"))
    assert (provider.api_audience, provider.links_by_email, provider.inside) == (None, False, ())
    assert providers_of({}) == ()


def test_a_secret_does_not_show(tmp_path: Path) -> None:
    [provider] = load_providers(written(tmp_path, {**AUTH0, "client_secret": "hush"}))
    assert provider.client_secret is not None and provider.client_secret.get_secret_value() == "hush"
    assert "hush" not in repr(provider)


@pytest.mark.parametrize(
    ("issuer", "is_private", "inside"),
    [
        ("http://127.0.0.1:8900", False, ("http://127.0.0.1:8900",)),
        ("https://sso.lan/realms/film", True, ("https://sso.lan",)),
        ("https://sso.lan/realms/film", False, ()),
    ],
)
def test_only_a_provider_of_ours_may_be_inside(
    tmp_path: Path, issuer: str, is_private: bool, inside: tuple[str, ...]
) -> None:
    [provider] = load_providers(written(tmp_path, {**AUTH0, "issuer": issuer, "is_private": is_private}))
    assert provider.inside == inside


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"issuer": "http://studio.test/"}, "loopback"),
        ({"issuer": "ftp://studio.test/"}, "https"),
        ({"issuer": "https://studio.test/?a"}, "query"),
        ({"issuer": "https://me:hush@studio.test/"}, "issuer"),
        ({"name": "Auth 0"}, "name"),
        ({"algorithms": ["HS256"]}, "algorithms"),
        ({"algorithms": ["none"]}, "algorithms"),
        ({"algorithms": []}, "algorithms"),
        ({"client_secret": ["hush"]}, "client_secret"),
        ({"trusted": True}, "trusted"),
        ({"client_id": ""}, "client_id"),
    ],
)
def test_what_is_wrong_is_one_sentence_without_the_value(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    path = written(tmp_path, {**AUTH0, **changes})
    with pytest.raises(ProvidersUnusable, match=said) as refused:
        load_providers(path)
    assert "hush" not in str(refused.value)


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProvidersUnusable, match="chmod 600"):
        load_providers(written(tmp_path, AUTH0, mode=0o644))
    with pytest.raises(ProvidersUnusable, match="cannot be read"):
        load_providers(tmp_path / "none.json")


@pytest.mark.parametrize("what", ["name", "issuer"])
def test_two_providers_differ(tmp_path: Path, what: str) -> None:
    other = {**AUTH0, "name": "other", "issuer": "https://other.test/", what: AUTH0[what]}
    with pytest.raises(ProvidersUnusable, match=f"same {what}"):
        load_providers(written(tmp_path, AUTH0, other))
