"""Secrets that are shown once and found again by their hash: of invitations, share links and API keys.

Each has a prefix, so that logs can be searched for it and never hold one (`tokens.token_free`).
"""

import base64
import hashlib
from collections.abc import Callable

SECRET_BYTES = 32


def new_secret(prefix: str, entropy: Callable[[int], bytes]) -> str:
    """The prefix and 43 characters. `entropy(n)` gives n random bytes."""
    return prefix + base64.urlsafe_b64encode(entropy(SECRET_BYTES)).rstrip(b"=").decode()


def hash_of_secret(text: str) -> bytes:
    """32 bytes. What is random cannot be guessed from a plain hash."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
