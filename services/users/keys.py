"""The signing keys file: reading it, and making a new one for a new studio.

Not a key service: rotation is adding a key in front and removing the last one when its tokens are over.
"""

import base64
import binascii
import json
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from services.users.errors import KeysExist, KeysUnusable

ALGORITHM = "ES256"
MEDIA_SECRET_BYTES = 32
KEYS_FILE_BYTES_MAX = 64 * 1024


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """The first key signs, every key verifies; `media_secret` signs media URLs (32 bytes)."""

    signer: ECKey = field(repr=False)
    every: KeySet = field(repr=False)
    media_secret: bytes = field(repr=False)

    def jwks(self) -> dict[str, Any]:
        """The public half, as `/.well-known/jwks.json` shows it."""
        return {"keys": [key.as_dict(private=False) for key in self.every.keys]}


def load_keys(path: Path) -> SigningKeys:
    """Raises `KeysUnusable` with a sentence that says what to do."""
    try:
        status = path.stat()
        if stat.S_IMODE(status.st_mode) & 0o077:
            raise KeysUnusable(f"{path} can be read by other users; run: chmod 600 {path}")
        if status.st_size > KEYS_FILE_BYTES_MAX:
            raise KeysUnusable(f"{path} is larger than {KEYS_FILE_BYTES_MAX} bytes; it is not a keys file")
        text = path.read_text("utf-8")
    except OSError as error:
        raise KeysUnusable(f"the signing keys file {path} cannot be read: {error.strerror}") from error
    try:
        content = json.loads(text)
        keys = [_private_key(entry) for entry in content["jwks"]["keys"]]
        secret = _from_base64url(content["media_secret"])
    except (ValueError, KeyError, TypeError, JoseError, binascii.Error) as error:
        raise KeysUnusable(f"{path} is not a signing keys file ({type(error).__name__})") from error
    if not keys or len({key.kid for key in keys}) != len(keys):
        raise KeysUnusable(f"{path} needs at least one key, and a different kid for each")
    if len(secret) != MEDIA_SECRET_BYTES:
        raise KeysUnusable(f"media_secret in {path} has {len(secret)} bytes; it needs {MEDIA_SECRET_BYTES}")
    return SigningKeys(keys[0], KeySet(list(keys)), secret)


def create_keys(path: Path) -> SigningKeys:
    """Writes a new file with mode 0600 and reads it back. Raises `KeysExist` rather than overwriting one."""
    kid = secrets.token_hex(8)
    key = ECKey.generate_key("P-256", {"kid": kid, "alg": ALGORITHM, "use": "sig"})
    secret = base64.urlsafe_b64encode(secrets.token_bytes(MEDIA_SECRET_BYTES)).rstrip(b"=").decode()
    content = {"jwks": {"keys": [key.as_dict(private=True)]}, "media_secret": secret}
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeysExist(f"{path} exists already; it is never overwritten") from error
    except OSError as error:
        raise KeysUnusable(f"the signing keys file {path} cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    return load_keys(path)


def _private_key(entry: Any) -> ECKey:
    key = ECKey.import_key(entry)
    if key.curve_name != "P-256" or not key.is_private or not key.kid or key.alg != ALGORITHM:
        raise ValueError("every key is a private P-256 key with a kid and alg ES256")
    return key


def _from_base64url(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
