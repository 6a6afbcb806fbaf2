"""The JSON of people's rights: members, teams, invitations, share links, service accounts and their keys.

Shapes only: what may be done is decided in the services.
"""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas import EpisodeText, In, Out, ProjectText
from services.shares.model import LABEL_CHARS_MAX
from services.shares.passwords import PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN
from services.teams.model import NAME_CHARS_MAX
from services.users.model import NAME_CHARS_MAX as USER_NAME_CHARS_MAX
from services.users.model import ActorKind, EpisodeRole, Role, TeamRole

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


# Members of an episode -----------------------------------------------------------------------------


class EpisodeMemberOut(Out):
    """`project_role`: what it narrows; null: they see this episode alone."""

    id: str
    name: str
    email: str | None
    colour: str
    kind: ActorKind
    role: EpisodeRole
    project_role: Role | None


class EpisodeMembersOut(Out):
    """By name."""

    members: list[EpisodeMemberOut]


class NewEpisodeMember(In):
    email: str = Field(min_length=3, max_length=EMAIL_CHARS_MAX)
    role: EpisodeRole


class EpisodeMemberChange(In):
    role: EpisodeRole


class EpisodeTeamOut(Out):
    """`project_role`: what it narrows; null: its members see this episode alone. `members`: how many."""

    id: str
    name: str
    members: int
    role: EpisodeRole
    project_role: Role | None


class EpisodeTeamsOut(Out):
    """By name."""

    teams: list[EpisodeTeamOut]


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


class NewProjectInvitation(NewInvitation):
    """`episode`: to this one alone; left out: to the whole project."""

    episode: EpisodeText | None = None


class InvitationOut(Out):
    """`state`: open, accepted, declined or revoked. `sent_at`: null where no mail was taken; send it again."""

    id: str
    project: str | None
    episode: str | None
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
    episode: str | None
    team: str | None
    role: str
    invited_by_name: str
    email: str
    expires_at: datetime
    has_account: bool


class AcceptedOut(Out):
    """Where one is now. `episode`: null: in all of the project."""

    project: str | None
    episode: str | None
    team: str | None


# Share links -------------------------------------------------------------------------------------------


class NewShareLink(In):
    """`expires_at`: left out: until it is revoked. A password has 8 to 128 characters."""

    label: str = Field("", max_length=LABEL_CHARS_MAX)
    password: str | None = Field(None, min_length=PASSWORD_CHARS_MIN, max_length=PASSWORD_CHARS_MAX)
    comment: bool = False
    download: bool = False
    approve: bool = False
    expires_at: datetime | None = None


class ShareLinkChange(In):
    """What is left out stays as it is. `password`, `expires_at`: null takes them away."""

    label: str | None = Field(None, max_length=LABEL_CHARS_MAX)
    password: str | None = Field(None, min_length=PASSWORD_CHARS_MIN, max_length=PASSWORD_CHARS_MAX)
    comment: bool | None = None
    download: bool | None = None
    approve: bool | None = None
    expires_at: datetime | None = None


class ShareLinkOut(Out):
    """`guests`: how many came by it. `url`: only in the first answer to its making; nobody can read it again."""

    id: str
    label: str
    has_password: bool
    comment: bool
    download: bool
    approve: bool
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    guests: int
    url: str | None = None


class ShareLinksOut(Out):
    """Newest first."""

    links: list[ShareLinkOut]


class GuestOut(Out):
    """`kind`: guest, or person who was signed in."""

    id: str
    name: str
    kind: ActorKind
    joined_at: datetime


class GuestsOut(Out):
    """Newest first."""

    guests: list[GuestOut]


class ShareToken(In):
    """`token`: what stands behind the `#` of the link's address."""

    token: str = Field(min_length=1, max_length=TOKEN_CHARS_MAX)


class OpenShareLink(ShareToken):
    """`name`: what a guest is called; not needed by who is signed in."""

    password: str | None = Field(None, max_length=PASSWORD_CHARS_MAX)
    name: str | None = Field(None, max_length=USER_NAME_CHARS_MAX)


class SharedOut(Out):
    """What a link leads to, before it is opened."""

    title: str
    label: str
    needs_password: bool
    comment: bool
    download: bool
    approve: bool
    expires_at: datetime | None


class ShareOpenedOut(Out):
    """Where one is now."""

    project: str


# Service accounts --------------------------------------------------------------------------------------


class NewServiceAccount(In):
    name: str = Field(min_length=1, max_length=USER_NAME_CHARS_MAX)


class ServiceAccountOut(Out):
    """`id`: a user's."""

    id: str
    team: str
    name: str
    created_at: datetime


class ServiceAccountsOut(Out):
    """By name."""

    accounts: list[ServiceAccountOut]


class NewApiKey(In):
    """`role`: at most this in any project. `project`: only there. `expires_at`: left out: in 90 days."""

    name: str = Field(min_length=1, max_length=USER_NAME_CHARS_MAX)
    role: Role = Role.VIEWER
    project: ProjectText | None = None
    expires_at: datetime | None = None


class ApiKeyOut(Out):
    """`shown`: how the key begins. `key`: only in the first answer to its making; nobody can read it again."""

    id: str
    name: str
    shown: str
    role: Role
    project: str | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None
    key: str | None = None


class ApiKeysOut(Out):
    """Newest first."""

    keys: list[ApiKeyOut]
