"""Share links as values, and their rules; pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from services.shares.errors import ExpiryUnfit, LabelUnfit

LINK_PREFIX = "lnk"
TOKEN_PREFIX = "shr_"
LABEL_CHARS_MAX = 80
LINKS_MAX = 100
LISTED_MAX = 200
GUESTS_MAX = 1_000
TTL_MAX = timedelta(days=366)
TRIES_MAX = 10
TRIES_WITHIN = timedelta(minutes=10)
"""Over which wrong passwords of one link are counted, whoever tries."""

Entropy = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class NewShare:
    """What somebody wants to share. `password`, `expires_at`: None for none."""

    label: str
    password: str | None
    can_comment: bool
    can_download: bool
    can_approve: bool
    expires_at: datetime | None


class Same:
    """The mark of what a change leaves alone: None would mean none."""


SAME: Final = Same()


@dataclass(frozen=True, slots=True)
class ShareChange:
    """What becomes of a link; None and `SAME` leave it as it is, a `password` or `expires_at` of None takes it away."""

    label: str | None = None
    password: str | Same | None = SAME
    can_comment: bool | None = None
    can_download: bool | None = None
    can_approve: bool | None = None
    expires_at: datetime | Same | None = SAME


def checked_label(label: str) -> str:
    """Raises `LabelUnfit`."""
    stripped = label.strip()
    if len(stripped) > LABEL_CHARS_MAX or "\0" in stripped:
        raise LabelUnfit(LabelUnfit.__doc__)
    return stripped


def checked_expiry(expires_at: datetime | None, now: float) -> datetime | None:
    """Raises `ExpiryUnfit`."""
    if expires_at is None:
        return None
    at = expires_at if expires_at.tzinfo is not None else expires_at.replace(tzinfo=UTC)
    if not timedelta() < at - datetime.fromtimestamp(now, UTC) <= TTL_MAX:
        raise ExpiryUnfit(ExpiryUnfit.__doc__)
    return at
