"""The JSON of people's rights: members, teams, invitations, share links, service accounts and their keys.

Shapes only: what may be done is decided in the services.
"""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas import In, Out
from services.teams.model import NAME_CHARS_MAX
from services.users.model import NAME_CHARS_MAX as USER_NAME_CHARS_MAX
from services.users.model import ActorKind, Role, TeamRole

EMAIL_CHARS_MAX = 254
TOKEN_CHARS_MAX = 128
"""Of an invitation or a share link."""

UserText = Annotated[str, StringConstraints(pattern=r"^usr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]

# Members of a project ------------------------------------------------------------------------------


class MemberOut(Out):
    """`kind`: person, service or guest. `email`: of people, and not shown to guests."""

    id: str
    name: str
    email: str | None
    colour: str
    role: Role
    kind: ActorKind


class MembersOut(Out):
    members: list[MemberOut]


class NewMember(In):
    email: str = Field(min_length=3, max_length=EMAIL_CHARS_MAX)
    role: Role


class MemberChange(In):
    role: Role


class Transfer(In):
    """`user`: the member who becomes the owner."""

    user: UserText


class ProjectTeamOut(Out):
    """`members`: how many."""

    id: str
    name: str
    role: Role
    members: int


class ProjectTeamsOut(Out):
    teams: list[ProjectTeamOut]


# Teams -----------------------------------------------------------------------------------------------


class TeamOut(Out):
    """`role`: the asker's. `members`: how many."""

    id: str
    name: str
    role: TeamRole
    members: int
    created_at: datetime


class TeamsOut(Out):
    """By name."""

    teams: list[TeamOut]


class NewTeam(In):
    name: str = Field(min_length=1, max_length=NAME_CHARS_MAX)


class TeamChange(In):
    name: str = Field(min_length=1, max_length=NAME_CHARS_MAX)


class TeamMemberOut(Out):
    """`kind`: person or service; only people have an address."""

    id: str
    name: str
    email: str | None
    colour: str
    role: TeamRole
    kind: ActorKind


class TeamMembersOut(Out):
    members: list[TeamMemberOut]


class TeamMemberChange(In):
    role: TeamRole


# Invitations -------------------------------------------------------------------------------------------


class NewInvitation(In):
    """`role`: one of the project's or of the team's."""

    email: str = Field(min_length=3, max_length=EMAIL_CHARS_MAX)
    role: str = Field(min_length=1, max_length=20)


class InvitationOut(Out):
    """`state`: open, accepted, declined or revoked. `sent_at`: null where no mail was taken; send it again."""

    id: str
    project: str | None
    team: str | None
    email: str
    role: str
    invited_by: str
    invited_by_name: str
    state: str
    created_at: datetime
    expires_at: datetime
    sent_at: datetime | None


class InvitationsOut(Out):
    """Newest first."""

    invitations: list[InvitationOut]


class InvitationToken(In):
    """`token`: what stands behind the `#` of the mail's address."""

    token: str = Field(min_length=1, max_length=TOKEN_CHARS_MAX)


class AcceptInvitation(InvitationToken):
    """`name`: of a new account, where no account has the invited address."""

    name: str | None = Field(None, max_length=USER_NAME_CHARS_MAX)


class OfferOut(Out):
    """An invitation as its holder sees it. `has_account`: sign in with that address to accept."""

    to: str
    project: str | None
    team: str | None
    role: str
    invited_by_name: str
    email: str
    expires_at: datetime
    has_account: bool


class AcceptedOut(Out):
    """Where one is now."""

    project: str | None
    team: str | None
