"""Roles and actors: who somebody is and what a role may do.

Pure rules; membership itself is read in `access.py`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal
from uuid import UUID

ActorKind = Literal["person", "service"]


class Need(StrEnum):
    """What a request wants to do to a project or a document."""

    VIEW = "view"
    COMMENT = "comment"
    EDIT = "edit"
    ADMIN = "admin"


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


_RANK = {Role.VIEWER: 0, Role.COMMENTER: 1, Role.EDITOR: 2, Role.OWNER: 3}
_NEEDED = {Need.VIEW: 0, Need.COMMENT: 1, Need.EDIT: 2, Need.ADMIN: 3}


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts, as the server knows them (P8). `session` is the id of the token or ticket that proved it."""

    user_id: UUID
    name: str
    colour: str
    kind: ActorKind
    session: str
