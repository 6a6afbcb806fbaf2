"""The door's settings: where browsers reach it, and which pages may write."""

from pathlib import Path

import pytest

from api.address import networks_of
from api.rates import RAISED_TIMES, RouteClass
from api.settings import ApiSettings, ApiSettingsError
from storage.rates import Quota


def settings(url: str) -> ApiSettings:
    return ApiSettings.from_env({"STORYFORGE_PUBLIC_URL": url, "STORYFORGE_REDIS_URL": "redis://127.0.0.1"})


def test_a_loopback_studio_has_three_names() -> None:
    assert settings("http://127.0.0.1:8420").origins == {
        "http://127.0.0.1:8420",
        "http://localhost:8420",
        "http://[::1]:8420",
    }
    assert settings("http://[::1]:8420/").origins == settings("http://localhost:8420").origins
    assert settings("http://localhost").origins == {"http://localhost", "http://127.0.0.1", "http://[::1]"}


def test_a_public_studio_has_one_name_and_is_secure() -> None:
    found = settings("https://studio.example/")
    assert found.public_url == "https://studio.example"
    assert found.origins == {"https://studio.example"}
    assert found.secure and not settings("http://127.0.0.1:8420").secure


@pytest.mark.parametrize(
    "url",
    ["", "studio", "ftp://studio", "http://", "http://studio/path", "http://studio?x=1", "http://[::1", "http://a:x"],
)
def test_an_unusable_address_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(ApiSettingsError, match="STORYFORGE_PUBLIC_URL"):
        settings(url)


def test_pages_are_optional() -> None:
    url = {"STORYFORGE_PUBLIC_URL": "http://127.0.0.1:8420", "STORYFORGE_REDIS_URL": "redis://127.0.0.1"}
    assert ApiSettings.from_env(url).pages_dir is None
    assert ApiSettings.from_env(url | {"STORYFORGE_PAGES_DIR": "/srv/pages"}).pages_dir == Path("/srv/pages")


def test_the_queue_needs_an_address() -> None:
    with pytest.raises(ApiSettingsError, match="STORYFORGE_REDIS_URL"):
        ApiSettings.from_env({"STORYFORGE_PUBLIC_URL": "http://127.0.0.1:8420"})


def test_quotas_and_proxies_are_read_from_the_environment() -> None:
    environ = {
        "STORYFORGE_PUBLIC_URL": "http://127.0.0.1:8420",
        "STORYFORGE_REDIS_URL": "redis://127.0.0.1",
        "STORYFORGE_RATES": "read=10/1",
        "STORYFORGE_TRUSTED_PROXIES": "10.0.0.0/8",
        "STORYFORGE_CORS_ORIGINS": "https://studio.example, http://localhost:5173",
    }
    found = ApiSettings.from_env(environ)
    assert found.quotas[RouteClass.READ] == Quota(10, 1)
    assert found.trusted_proxies == networks_of("10.0.0.0/8")
    assert found.cors_origins == {"https://studio.example", "http://localhost:5173"}
    assert found.origins > found.cors_origins
    raised = ApiSettings.from_env(environ | {"STORYFORGE_RAISE_BUDGETS": "1"})
    assert raised.quotas[RouteClass.READ].requests == 10 * RAISED_TIMES


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("STORYFORGE_RATES", "read=many"),
        ("STORYFORGE_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("STORYFORGE_CORS_ORIGINS", "*"),
        ("STORYFORGE_GRAPHQL_QUERIES", "/nowhere/queries.json"),
        ("STORYFORGE_CORS_ORIGINS", "null"),
        ("STORYFORGE_CORS_ORIGINS", "studio.example"),
        ("STORYFORGE_CORS_ORIGINS", "https://studio.example/"),
        ("STORYFORGE_CORS_ORIGINS", "https://*.example/x"),
    ],
)
def test_an_unusable_setting_is_refused_with_its_name(name: str, text: str) -> None:
    environ = {"STORYFORGE_PUBLIC_URL": "http://a.test", "STORYFORGE_REDIS_URL": "redis://127.0.0.1", name: text}
    with pytest.raises(ApiSettingsError, match=name):
        ApiSettings.from_env(environ)
