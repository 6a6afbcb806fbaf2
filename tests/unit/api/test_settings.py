"""The door's settings: where browsers reach it, and which pages may write."""

from pathlib import Path

import pytest

from api.settings import ApiSettings, ApiSettingsError


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
