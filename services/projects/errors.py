"""What cannot be done to a project.

ProjectError
├── UnknownBrain        `field`
├── TitleUnfit          `field`, `limit`
├── NoSuchMember
├── NoSuchPerson        nobody signed up with that address
├── LastOwner
├── NotAPerson
├── TooManyMembers      `limit`
├── TooManyTeams        `limit`
├── SettingUnfit        `field`, `limit`
├── SettingsChanged     somebody was faster
├── SettingsUnread      `field`
├── NotASeries
├── NoSuchEpisode
├── NoSuchSeason
├── LastEpisode
├── SeasonInUse
├── TooManyEpisodes     `limit`
├── RoleWider           `field`
├── NoSuchDuplication
├── TooManyDuplications `limit`
└── CopyLost            for its worker: cancelled, or another has it
"""


class ProjectError(Exception):
    """Base of everything this package refuses."""

    code = "project"
    field: str | None = None
    limit: int | str | None = None


class TitleUnfit(ProjectError):
    """A title has between 1 and 255 characters, not only spaces."""

    code = "project.title"
    field = "title"
    limit = 255


class UnknownBrain(ProjectError):
    """There is no such brain."""

    code = "brain.unknown"
    field = "brain"

    def __init__(self, brain: str, known: tuple[str, ...]) -> None:
        super().__init__(f"There is no brain {brain[:40]!r}; known: {', '.join(known)}.")
        self.limit = ", ".join(known)


class NoSuchMember(ProjectError):
    """That user is not a member of this project."""

    code = "member.missing"


class NoSuchPerson(ProjectError):
    """Nobody has signed up with this address."""

    code = "user.missing"
    field = "email"


class LastOwner(ProjectError):
    """A project keeps at least one owner; make somebody else an owner first."""

    code = "project.last_owner"


class TooManyMembers(ProjectError):
    """A project has at most 200 members."""

    code = "project.members"
    limit = 200


class SettingUnfit(ProjectError):
    """A setting does not have one of the values that it may have."""

    code = "settings.value"

    def __init__(self, field: str, limit: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.limit = limit


class SettingsChanged(ProjectError):
    """Somebody has changed the settings meanwhile; read them again."""

    code = "settings.changed"


class SettingsUnread(ProjectError):
    """Say with If-Match which settings you have read, so that nobody's change is lost."""

    code = "settings.unread"
    field = "If-Match"


class NotASeries(ProjectError):
    """A movie or a short is one episode; only a series has more, and seasons."""

    code = "project.not_a_series"


class NoSuchEpisode(ProjectError):
    """There is no such episode in this project."""

    code = "episode.missing"


class NoSuchSeason(ProjectError):
    """There is no such season in this project."""

    code = "season.missing"


class LastEpisode(ProjectError):
    """A project keeps at least one episode; delete the project instead."""

    code = "episode.last"


class SeasonInUse(ProjectError):
    """The season has episodes, or deleted ones that may come back; move them first."""

    code = "season.in_use"


class TooManyEpisodes(ProjectError):
    """A project has at most 500 episodes and 100 seasons, what was deleted included."""

    code = "episode.count"
    limit = 500


class RoleWider(ProjectError):
    """A role in an episode is never more than that in the whole project."""

    code = "episode.role_wider"
    field = "role"


class NotAPerson(ProjectError):
    """Only people can own a project."""

    code = "member.not_a_person"


class TooManyTeams(ProjectError):
    """At most 20 teams have a role in a project."""

    code = "project.teams"
    limit = 20


class NoSuchDuplication(ProjectError):
    """There is no such copy under way, or you do not see its original."""

    code = "duplication.missing"


class TooManyDuplications(ProjectError):
    """You have 4 copies under way; wait for one to end, or cancel it."""

    code = "duplication.count"
    limit = 4


class CopyLost(ProjectError):
    """The copy was cancelled, or another worker makes it."""

    code = "duplication.lost"
