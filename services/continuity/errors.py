"""What cannot be done to a character.

ContinuityError
├── NoSuchCharacter
├── CharacterUnfit       `field`, `limit`
├── NotOfThisProject     `field`: media that the project does not have, or of another kind
└── TooManyCharacters    `limit`
"""


class ContinuityError(Exception):
    """Base of everything this package refuses."""

    code = "continuity"
    field: str | None = None
    limit: int | None = None


class NoSuchCharacter(ContinuityError):
    """There is no such character in this project."""

    code = "character.missing"


class CharacterUnfit(ContinuityError):
    """A field of the character does not have the form that it must have."""

    code = "character.field"

    def __init__(self, field: str, limit: int, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.limit = limit


class NotOfThisProject(ContinuityError):
    """The project has no such picture or sound; upload it first."""

    code = "character.media"

    def __init__(self, field: str) -> None:
        super().__init__(NotOfThisProject.__doc__)
        self.field = field


class TooManyCharacters(ContinuityError):
    """A project has at most 1,000 characters, deleted ones included."""

    code = "character.count"
    limit = 1_000
