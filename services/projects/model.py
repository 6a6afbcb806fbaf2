"""Projects as values, and their rules; pure.

Ids rise with time, so that a list by id is a list by age.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.projects.errors import TitleUnfit, UnknownBrain
from services.users.model import ActorKind, Role, Standing
from sync.names import DocumentName
from sync.order_keys import DIGITS, between

TITLE_CHARS_MAX = 255
MEMBERS_MAX = 200
TEAMS_MAX = 20
PROJECTS_PAGE_MAX = 100
EPISODES_MAX = 500
SEASONS_MAX = 100
ORD_CHARS_MAX = 100
"""A longer order key comes from a thousand moves into one gap: then all siblings get fresh ones."""
SERVER_CLIENT_MAX = 2**32 - 1

Entropy = Callable[[int], bytes]


class ProjectKind(StrEnum):
    """What is being made."""

    SERIES = "series"
    MOVIE = "movie"
    SHORT = "short"


class ProjectState(StrEnum):
    """Which list a project is in. An archived one is only read; a deleted one only its owners find, to restore it."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Project:
    """A project as one who has a standing in it sees it. The documents are those of its first episode."""

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
    episodes: int
    state: ProjectState
    is_template: bool
    deleted_at: datetime | None

    @property
    def role(self) -> Role:
        return self.standing.role


@dataclass(frozen=True, slots=True)
class Season:
    """One season of a series."""

    id: UUID
    title: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Episode:
    """One storyboard and one timeline. `number`: from 1 within its season; `season_id` None: of no season."""

    id: UUID
    season_id: UUID | None
    number: int
    title: str
    created_at: datetime
    updated_at: datetime
    storyboard: DocumentName
    timeline: DocumentName


@dataclass(frozen=True, slots=True)
class Outline:
    """What a project consists of, in story order: first the episodes of no season, then season by season."""

    seasons: list[Season]
    episodes: list[Episode]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something goes among its siblings: behind `after`, to the beginning, or, as it stands, to the end."""

    after: UUID | None = None
    first: bool = False


AT_END: Final = Place()


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


def key_at(place: Place, siblings: Sequence[tuple[UUID, str]]) -> str | None:
    """The order key for a place among `siblings`, (id, order key) in order. None: `place.after` is none of them."""
    position = 0 if place.first else len(siblings)
    if place.after is not None:
        found = next((number for number, (sibling, _) in enumerate(siblings, 1) if sibling == place.after), None)
        if found is None:
            return None
        position = found
    low = siblings[position - 1][1] if position else ""
    return between(low, siblings[position][1] if position < len(siblings) else "")


def spread(count: int) -> list[str]:
    """So many short order keys, rising. `count`: at most 3,600."""
    digits = DIGITS[1:]
    return [digits[number // len(digits)] + digits[number % len(digits)] for number in range(count)]


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
