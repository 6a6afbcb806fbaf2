"""What cannot be done to a project.

ProjectError
├── UnknownBrain        `field`
├── TitleUnfit          `field`, `limit`
├── NoSuchMember
├── NoSuchPerson        nobody signed up with that address
├── LastOwner
└── TooManyMembers      `limit`
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
