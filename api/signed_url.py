"""Signed addresses of media: HMAC-SHA256 over the hash and the second at which the address expires.

Pure; who may have such an address is decided in `media.py`.
"""

import hmac
from base64 import urlsafe_b64encode

from api.errors import UrlExpired, UrlForged

URL_STEP_S = 60
"""Addresses that are made within the same minute are equal, so that browsers may reuse what they have."""
SIGNATURE_CHARS = 43


def signature(secret: bytes, hash: str, exp: int) -> str:
    """HMAC-SHA256 over what the address says, in base64url."""
    digest = hmac.digest(secret, f"storyforge:media\n{hash}\n{exp}".encode(), "sha256")
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def signed_path(secret: bytes, hash: str, now: float, ttl_s: int) -> str:
    """A path that gives the bytes for at least `ttl_s` seconds."""
    exp = -int(-(now + ttl_s) // URL_STEP_S) * URL_STEP_S
    return f"/v1/media/{hash}?exp={exp}&sig={signature(secret, hash, exp)}"


def left_s(secret: bytes, hash: str, exp: int, sig: str, now: float) -> int:
    """Seconds for which the address is still good. Raises `UrlForged` before it says `UrlExpired`."""
    if not hmac.compare_digest(signature(secret, hash, exp).encode(), sig.encode()):
        raise UrlForged(UrlForged.__doc__)
    left = int(exp - now)
    if left <= 0:
        raise UrlExpired(UrlExpired.__doc__)
    return left
