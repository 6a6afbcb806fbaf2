"""What cannot be done to a team.

TeamError
├── NameUnfit           `field`, `limit`
├── NoSuchTeamMember
├── LastTeamOwner
├── TooManyTeamMembers  `limit`
└── TooManyTeams        `limit`
"""


class TeamError(Exception):
    """Base of everything this package refuses."""

    code = "team"
    field: str | None = None
    limit: int | str | None = None


class NameUnfit(TeamError):
    """A name has between 1 and 80 characters, not only spaces."""

    code = "team.name"
    field = "name"
    limit = 80


class NoSuchTeamMember(TeamError):
    """That user is not in this team."""

    code = "team.member_missing"


class LastTeamOwner(TeamError):
    """A team keeps at least one owner; make somebody else an owner first."""

    code = "team.last_owner"


class TooManyTeamMembers(TeamError):
    """A team has at most 200 members."""

    code = "team.members"
    limit = 200


class TooManyTeams(TeamError):
    """One person makes at most 50 teams."""

    code = "team.count"
    limit = 50
