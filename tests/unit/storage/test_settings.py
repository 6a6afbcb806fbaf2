"""The addresses of the stores come from the environment, and secrets never reach a log through `repr`."""

import pytest

from storage.errors import SettingMissing
from storage.settings import StoreSettings
from storage.stores import open_objects

ENVIRON = {
    "STORYFORGE_DATABASE_URL": "postgresql://user:pass-1@host/db",
    "STORYFORGE_REDIS_URL": "redis://:pass-2@host",
    "STORYFORGE_OBJECTS_URL": "s3://bucket?endpoint=http://host:9000",
    "AWS_ACCESS_KEY_ID": "pass-3",
    "AWS_SECRET_ACCESS_KEY": "pass-4",
}


def test_everything_is_read_and_nothing_secret_is_shown() -> None:
    settings = StoreSettings.from_env(ENVIRON)
    assert settings.database_url == ENVIRON["STORYFORGE_DATABASE_URL"]
    assert settings.aws_secret_access_key == "pass-4"
    assert "pass-" not in repr(settings)


@pytest.mark.parametrize("name", [name for name in ENVIRON if name.startswith("STORYFORGE_")])
@pytest.mark.parametrize("given", [(), ("",)])
def test_a_missing_address_is_named(name: str, given: tuple[str, ...]) -> None:
    environ = {key: value for key, value in ENVIRON.items() if key != name}
    environ.update((name, value) for value in given)
    with pytest.raises(SettingMissing, match=name):
        StoreSettings.from_env(environ)


@pytest.mark.parametrize("url", ["/folder", "file://", "http://bucket", "s3://"])
async def test_an_address_of_no_object_store_is_named(url: str) -> None:
    settings = StoreSettings.from_env(ENVIRON | {"STORYFORGE_OBJECTS_URL": url})
    with pytest.raises(SettingMissing, match="STORYFORGE_OBJECTS_URL"):
        await open_objects(settings)
