"""Invitations as values, and their rules; pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from services.invitations.errors import EmailUnfit, RoleUnfit
from services.users.model import EpisodeRole, Role, TeamRole
from storage.mail import Mail
from storage.tables.invitations import InvitationRow

INVITATION_PREFIX = "inv"
TOKEN_PREFIX = "join_"
TTL_S = 14 * 24 * 3600
RESEND_AFTER_S = 60
OPEN_MAX = 100
LISTED_MAX = 200
EMAIL_CHARS_MAX = 254
_EMAIL = re.compile(r"[^\s@<>\",;:\\()\[\]]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+")

Entropy = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Target:
    """To what somebody is invited: to a project, to one episode of it, or to a team."""

    project_id: UUID | None = None
    team_id: UUID | None = None
    episode_id: UUID | None = None


def checked_email(email: str) -> str:
    """In lower case. Raises `EmailUnfit`."""
    found = email.strip().lower()
    if len(found) > EMAIL_CHARS_MAX or not found.isprintable() or not _EMAIL.fullmatch(found):
        raise EmailUnfit(EmailUnfit.__doc__)
    return found


def checked_role(target: Target, role: str) -> str:
    """Raises `RoleUnfit`."""
    of_project = Role if target.episode_id is None else EpisodeRole
    known = [each.value for each in (of_project if target.team_id is None else TeamRole)]
    if role not in known:
        raise RoleUnfit(f"The role is one of {', '.join(known)}.")
    return role


def mail_of(invitation: InvitationRow, token: str, public_url: str) -> Mail:
    """What is sent. The token is behind the `#`, so that no server's log has it."""
    inviter, to = _line(invitation.inviter), _line(invitation.to)
    thing = "project" if invitation.team_id is None else "team"
    thing = thing if invitation.episode is None else f'episode "{_line(invitation.episode)}" of the {thing}'
    article = "an" if invitation.role[0] in "aeo" else "a"
    text = (
        f'{inviter} invites you to the {thing} "{to}" on StoryForge, as {article} {invitation.role}.\n\n'
        f"Accept or decline here:\n{public_url}/join#{token}\n\n"
        f"The invitation is for {invitation.email} and good until {invitation.expires_at:%-d %B %Y, %H:%M} UTC. "
        "If you did not expect it, you need not do anything.\n"
    )
    return Mail(invitation.email, f"{inviter} invites you to {to}", text)


def _line(text: str) -> str:
    """One line, whatever somebody is called."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
