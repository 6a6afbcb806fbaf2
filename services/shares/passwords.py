"""Passwords of share links as scrypt hashes (RFC 7914), made and compared outside the loop.

`scrypt$log2(n)$r$p$salt$hash`, so that a later build may ask more of new ones.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Callable

from services.shares.errors import PasswordUnfit

PASSWORD_CHARS_MIN = 8
PASSWORD_CHARS_MAX = 128
LOG_N, R, P = 15, 8, 3
"""32 MiB and about a quarter of a second: what OWASP's password storage sheet asks for."""
SALT_BYTES = 16
HASH_BYTES = 32
MEMORY_BYTES_MAX = 64 * 1024 * 1024
AT_ONCE_MAX = 2
"""Hashes that one process makes at a time: each takes a core and 32 MiB."""


class Passwords:
    """`entropy(n)` gives n random bytes."""

    def __init__(self, entropy: Callable[[int], bytes]) -> None:
        self._entropy = entropy
        self._slots = asyncio.Semaphore(AT_ONCE_MAX)

    async def hash(self, password: str) -> str:
        """Raises `PasswordUnfit`."""
        if not PASSWORD_CHARS_MIN <= len(password) <= PASSWORD_CHARS_MAX:
            raise PasswordUnfit(PasswordUnfit.__doc__)
        salt = self._entropy(SALT_BYTES)
        made = await self._derived(password, salt, LOG_N, R, P)
        return f"scrypt${LOG_N}${R}${P}${_text(salt)}${_text(made)}"

    async def matches(self, password: str, kept: str) -> bool:
        """Takes as long for a wrong one."""
        _, log_n, r, p, salt, expected = kept.split("$")
        made = await self._derived(password, _bytes(salt), int(log_n), int(r), int(p))
        return hmac.compare_digest(made, _bytes(expected))

    async def _derived(self, password: str, salt: bytes, log_n: int, r: int, p: int) -> bytes:
        async with self._slots:
            return await asyncio.to_thread(
                hashlib.scrypt,
                password.encode("utf-8", "surrogatepass"),
                salt=salt,
                n=2**log_n,
                r=r,
                p=p,
                maxmem=MEMORY_BYTES_MAX,
                dklen=HASH_BYTES,
            )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
