"""Cursors of lists: where the next page starts. Opaque and signed, so that nobody makes one up or takes it to another
list, and what stands in one may change.

Pure; what a position means is the handler's.
"""

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode

from api.gateway_errors import CursorInvalid

CURSOR_CHARS_MAX = 512
_TAG_BYTES = 16


def sealed(secret: bytes, place: str, position: str) -> str:
    """`place`: the path of the list."""
    text = position.encode()
    return urlsafe_b64encode(_tag(secret, place, text) + text).rstrip(b"=").decode()


def opened(secret: bytes, place: str, cursor: str) -> str:
    """The position. Raises `CursorInvalid`."""
    try:
        content = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        tag, text = content[:_TAG_BYTES], content[_TAG_BYTES:]
        if not hmac.compare_digest(tag, _tag(secret, place, text)):
            raise CursorInvalid()
        return text.decode()
    except (ValueError, binascii.Error) as error:
        raise CursorInvalid() from error


def _tag(secret: bytes, place: str, text: bytes) -> bytes:
    return hmac.digest(secret, b"storyforge:cursor\n" + place.encode() + b"\n" + text, "sha256")[:_TAG_BYTES]
