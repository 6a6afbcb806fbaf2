"""What goes wrong with formats.

FormatError
├── NoSuchFormat
└── TooManyEpisodes  `limit`
"""


class FormatError(Exception):
    """Base of everything that this package raises."""

    code = "format"
    field: str | None = None
    limit: int | None = None


class NoSuchFormat(FormatError):
    """There is no such format, or not in this version."""

    code = "format.missing"


class TooManyEpisodes(FormatError):
    """A season is fitted into a format up to 60 episodes."""

    code = "format.episodes"
    limit = 60
