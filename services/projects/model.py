"""Projects as values, and their rules; pure.

Ids rise with time, so that a list by id is a list by age.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.projects.errors import TitleUnfit, UnknownBrain
from services.users.model import ActorKind, Role, Standing
from sync.names import DocumentName

TITLE_CHARS_MAX = 255
MEMBERS_MAX = 200
PROJECTS_PAGE_MAX = 100
FORMAT = "1280x720@24"
"""Raster and frames per second of every take and timeline of today."""
RATE = (24, 1)
SERVER_CLIENT_MAX = 2**32 - 1

Entropy = Callable[[int], bytes]


class ProjectKind(StrEnum):
    """What is being made."""

    SERIES = "series"
    MOVIE = "movie"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class Project:
    """A project as one who has a standing in it sees it."""

    id: UUID
    title: str
    kind: ProjectKind
    brain: str
    format: str
    standing: Standing
    created_at: datetime
    updated_at: datetime
    storyboard: DocumentName
    timeline: DocumentName

    @property
    def role(self) -> Role:
        return self.standing.role


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who belongs to a project. Only people have an address, and guests are not shown it."""

    user_id: UUID
    name: str
    email: str | None
    colour: str
    role: Role
    kind: ActorKind


def checked_title(title: str) -> str:
    """Raises `TitleUnfit`."""
    stripped = title.strip()
    if not 1 <= len(stripped) <= TITLE_CHARS_MAX or "\0" in stripped:
        raise TitleUnfit(f"The title has {len(stripped)} characters; it needs between 1 and {TITLE_CHARS_MAX}.")
    return stripped


def checked_brain(brain: str, known: tuple[str, ...]) -> str:
    """Raises `UnknownBrain`."""
    if brain not in known:
        raise UnknownBrain(brain, known)
    return brain


def time_ordered(now: float, entropy: Entropy) -> UUID:
    """RFC 9562 version 7: 48 bits of milliseconds since 1970, then randomness."""
    value = int(now * 1000) << 80 | int.from_bytes(entropy(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def server_client(entropy: Entropy) -> int:
    """The client id of the server in one document: 1..2^32-1, because y-py cuts longer ones (consistency.md C12)."""
    return int.from_bytes(entropy(8), "big") % SERVER_CLIENT_MAX + 1
