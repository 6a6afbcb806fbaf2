"""The signing keys file: made once, private, refused with a sentence when it is wrong."""

import json
import stat
from pathlib import Path

import pytest

from services.users.errors import KeysExist, KeysUnusable
from services.users.keys import KEYS_FILE_BYTES_MAX, MEDIA_SECRET_BYTES, create_keys, load_keys


def test_created_keys_are_private_and_load_again(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    made = create_keys(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    loaded = load_keys(path)
    assert loaded.jwks() == made.jwks()
    assert len(loaded.media_secret) == MEDIA_SECRET_BYTES


def test_the_public_set_has_no_private_part(tmp_path: Path) -> None:
    keys = create_keys(tmp_path / "keys.json")
    assert [set(key) for key in keys.jwks()["keys"]] == [{"kty", "crv", "x", "y", "kid", "alg", "use"}]
    assert "media_secret" not in repr(keys)


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    create_keys(path)
    before = path.read_bytes()
    with pytest.raises(KeysExist):
        create_keys(path)
    assert path.read_bytes() == before


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    create_keys(path)
    path.chmod(0o644)
    with pytest.raises(KeysUnusable, match="chmod 600"):
        load_keys(path)


def test_no_file_and_no_folder_say_so(tmp_path: Path) -> None:
    with pytest.raises(KeysUnusable, match="cannot be read"):
        load_keys(tmp_path / "none.json")
    with pytest.raises(KeysUnusable, match="cannot be written"):
        create_keys(tmp_path / "none" / "keys.json")


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"jwks": {"keys": []}, "media_secret": "AAAA"}', '{"jwks": 1, "media_secret": "AAAA"}', "{" * 99],
)
def test_nonsense_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.touch(0o600)
    path.write_text(content)
    with pytest.raises(KeysUnusable):
        load_keys(path)


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.touch(0o600)
    path.write_text(" " * (KEYS_FILE_BYTES_MAX + 1))
    with pytest.raises(KeysUnusable, match=str(KEYS_FILE_BYTES_MAX)):
        load_keys(path)


@pytest.mark.parametrize("change", ["public", "alg", "kid", "short secret", "same kid"])
def test_a_key_that_cannot_sign_is_refused(tmp_path: Path, change: str) -> None:
    path = tmp_path / "keys.json"
    create_keys(path)
    content = json.loads(path.read_text())
    key = content["jwks"]["keys"][0]
    match change:
        case "public":
            del key["d"]
        case "alg":
            key["alg"] = "ES384"
        case "kid":
            del key["kid"]
        case "short secret":
            content["media_secret"] = "AAAA"
        case _:
            content["jwks"]["keys"].append(key)
    path.write_text(json.dumps(content))
    with pytest.raises(KeysUnusable):
        load_keys(path)
