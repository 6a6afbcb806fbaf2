"""The rules of files that people bring: kinds, names, limits, tiers; pure.

What a file is, is told in `sniff.py`; how it arrives in `uploads.py`; what is made of it in `ingest.py`.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.assets.errors import NameUnfit

FILE_BYTES_MAX = 4 * 1024**3
"""Of one file, also in the largest tier: one copy within S3 takes 5 GB. Error: `FileTooLarge`."""
UPLOADS_OPEN_MAX = 20
"""Of one user. Error: `TooManyUploads`."""
UPLOAD_TTL_S = 24 * 3600
"""Without a byte; then it is gone. Error: `UploadGone`."""
NAME_CHARS_MAX = 255
ASSETS_PAGE_MAX = 100


class Kind(StrEnum):
    """What an asset is used as."""

    PICTURE = "picture"
    SOUND = "sound"
    FILM = "film"
    SUBTITLE = "subtitle"
    LUT = "lut"
    DOCUMENT = "document"


class State(StrEnum):
    """Where an asset stands. What is `failed` may be deleted, and nothing else."""

    WAITING = "waiting"
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Tier:
    """What a project's owner has paid for. `quota_bytes`: over all their projects; what is there twice counts once."""

    quota_bytes: int
    file_bytes_max: int


TIERS: Mapping[str, Tier] = {
    "free": Tier(quota_bytes=2 * 1024**3, file_bytes_max=512 * 1024**2),
    "pro": Tier(quota_bytes=200 * 1024**3, file_bytes_max=FILE_BYTES_MAX),
    "studio": Tier(quota_bytes=2 * 1024**4, file_bytes_max=FILE_BYTES_MAX),
}
"""By the name in `users.tier`. Errors: `QuotaFull`, `FileTooLarge`."""


def checked_name(name: str) -> str:
    """The last piece of what may be a path, in NFC. Raises `NameUnfit`."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2].strip()
    if not 1 <= len(last) <= NAME_CHARS_MAX or any(unicodedata.category(char) in ("Cc", "Cs") for char in last):
        raise NameUnfit(field="filename", limit=NAME_CHARS_MAX)
    return last
