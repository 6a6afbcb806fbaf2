"""Identifiers: a prefix and 26 base32 characters outside SQL, the same 128 bits as `uuid` in SQL (documents.md A13).

Making a fresh id needs randomness, so `new` takes the 16 bytes from the caller.
"""

from typing import NewType
from uuid import UUID, uuid5

from sync.errors import MalformedId

ProjectId = NewType("ProjectId", UUID)
UserId = NewType("UserId", UUID)
DocumentId = NewType("DocumentId", UUID)
RunId = NewType("RunId", UUID)
TakeId = NewType("TakeId", UUID)
SceneId = NewType("SceneId", str)
"""Chosen by clients, so it stays the text of the document (`scn_...`) and is only unique inside one document."""

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base32 in lower case: no i, l, o, u."""
TEXT_CHARS = 26
_DIGITS = frozenset(ALPHABET)
_TO_PYTHONS = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv")
"""To the digits that `int` knows."""
_DERIVED = UUID("6f5b0c52-2c0c-5f0e-9d43-51f7a3c1b8e4")


def encode(number: UUID) -> str:
    """26 characters, most significant first, so that text and bytes sort alike."""
    value = number.int
    return "".join(ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5))


def decode(text: str) -> UUID:
    """Inverse of `encode`. Raises `MalformedId`."""
    # 26 x 5 = 130 bits: the first digit holds three
    if len(text) != TEXT_CHARS or text[0] > "7" or not _DIGITS.issuperset(text):
        raise MalformedId(text)
    return UUID(int=int(text.translate(_TO_PYTHONS), 32))


def to_text(prefix: str, number: UUID) -> str:
    """`prj`, uuid -> `prj_00...`."""
    return f"{prefix}_{encode(number)}"


def from_text(prefix: str, text: str) -> UUID:
    """Inverse of `to_text`. Raises `MalformedId` for another prefix."""
    head, separator, tail = text.partition("_")
    if head != prefix or not separator:
        raise MalformedId(text)
    return decode(tail)


def new(prefix: str, entropy: bytes) -> str:
    """A fresh entity id. `entropy`: 16 random bytes."""
    return to_text(prefix, UUID(bytes=entropy))


def derived(prefix: str, *parts: str) -> str:
    """The same parts give the same id everywhere, for entities that two replicas may create at once."""
    return to_text(prefix, uuid5(_DERIVED, "|".join(parts)))
