"""Roles, standings and actors: who somebody is, and what that may do.

Pure rules; the standing itself is read in `access.py`.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from services.users.errors import NameUnfit
from storage.tables.users import UserKind

ActorKind = UserKind
NAME_CHARS_MAX = 80
COLOURS = ("#d9480f", "#1971c2", "#2f9e44", "#9c36b5", "#c2255c", "#0c8599", "#e8590c", "#5f3dc4")


class Need(StrEnum):
    """What a request wants to do to a project or a document."""

    VIEW = "view"
    COMMENT = "comment"
    EDIT = "edit"
    ADMIN = "admin"
    DOWNLOAD = "download"
    APPROVE = "approve"


class Role(StrEnum):
    """What a member is; each may do all that the next one may."""

    OWNER = "owner"
    EDITOR = "editor"
    COMMENTER = "commenter"
    VIEWER = "viewer"

    def may(self, need: Need) -> bool:
        """Whether this role is enough."""
        return _RANK[self] >= _NEEDED[need]

    def capped(self, limit: "Role") -> "Role":
        """The weaker of the two: a document token never gives more than its holder has."""
        return min(self, limit, key=_RANK.__getitem__)


class EpisodeRole(StrEnum):
    """What somebody is in one episode: nobody owns one apart from its project."""

    EDITOR = "editor"
    COMMENTER = "commenter"
    VIEWER = "viewer"


_RANK = {Role.VIEWER: 0, Role.COMMENTER: 1, Role.EDITOR: 2, Role.OWNER: 3}
_NEEDED = {Need.VIEW: 0, Need.DOWNLOAD: 0, Need.COMMENT: 1, Need.APPROVE: 1, Need.EDIT: 2, Need.ADMIN: 3}


class TeamRole(StrEnum):
    """What somebody is in a team; each may do all that the next one may. An admin chooses members, an owner admins."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"

    def covers(self, needed: "TeamRole") -> bool:
        """Whether this role is enough."""
        ranks = list(TeamRole)
        return ranks.index(self) <= ranks.index(needed)


def checked_name(name: str) -> str:
    """What somebody calls themselves: one line. Raises `NameUnfit`."""
    stripped = " ".join(name.split())
    if not 1 <= len(stripped) <= NAME_CHARS_MAX or not stripped.isprintable():
        raise NameUnfit(f"A name has between 1 and {NAME_CHARS_MAX} characters, and no control characters.")
    return stripped


def colour_of(seed: bytes) -> str:
    """The same for the same seed: the colour of somebody new."""
    return COLOURS[sha256(seed).digest()[0] % len(COLOURS)]


def stronger(one: Role, other: Role) -> Role:
    """Of two that somebody has, the one that counts."""
    return max(one, other, key=_RANK.__getitem__)


@dataclass(frozen=True, slots=True)
class Scope:
    """How much of its holder's rights a credential carries: at most `role_max`; in `project_id` alone, unless None."""

    role_max: Role = Role.OWNER
    project_id: UUID | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it carries everything."""
        return self.role_max is Role.OWNER and self.project_id is None


WHOLE = Scope()


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is in a project, or in an episode of it. A role says it but for those who came by a link: that has
    flags of its own.

    `until`: when a part of it ends by itself; None for never. `episodes`: of a project, the only ones that they see,
    where they have no role in all of it; None for all.
    """

    role: Role
    can_download: bool = True
    can_approve: bool = True
    until: datetime | None = None
    episodes: frozenset[UUID] | None = None

    def sees(self, episode_id: UUID) -> bool:
        """Of the project: whether there is anything of this episode for them."""
        return self.episodes is None or episode_id in self.episodes

    def may(self, need: Need) -> bool:
        """Whether this is enough."""
        if need is Need.DOWNLOAD:
            return self.can_download
        if need is Need.APPROVE:
            return self.can_approve
        return self.role.may(need)

    def within(self, scope: Scope) -> "Standing":
        """As far as the credential carries it; the project was looked at before."""
        if scope.role_max is Role.OWNER:
            return self
        role = self.role.capped(scope.role_max)
        return replace(self, role=role, can_approve=self.can_approve and scope.role_max.may(Need.APPROVE))


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts, as the server knows them (P8). `session` is the id of the token or ticket that proved it."""

    user_id: UUID
    name: str
    colour: str
    kind: ActorKind
    session: str
    scope: Scope = WHOLE
