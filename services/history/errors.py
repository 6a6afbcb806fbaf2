"""What history refuses.

HistoryError
├── NoSuchVersion
├── NoSuchPoint         the document was never at that sequence, or the text names no point
├── LabelUnfit          `field`, `limit`
├── TooManyVersions     `limit`
├── HistoryTooLong      `limit` rows or bytes of the log
├── ContentTooBig       `limit` bytes
└── DiffTooBig          `limit` bytes
"""


class HistoryError(Exception):
    """Base of everything this package refuses."""

    code = "history"
    field: str | None = None
    limit: int | None = None


class NoSuchVersion(HistoryError):
    """This document has no such version."""

    code = "version.missing"


class NoSuchPoint(HistoryError):
    """The document was never there: a point is a sequence up to the head, a version, or a time with its offset."""

    code = "history.point"

    def __init__(self, detail: str, limit: int | None = None) -> None:
        super().__init__(detail)
        self.limit = limit


class LabelUnfit(HistoryError):
    """A version's label has between 1 and 120 characters, not only spaces."""

    code = "version.label"
    field = "label"
    limit = 120


class TooManyVersions(HistoryError):
    """A document has at most 1,000 named versions."""

    code = "version.count"
    limit = 1_000


class HistoryTooLong(HistoryError):
    """More of the log would have to be read than one request may; how far it came is kept, so ask again."""

    code = "history.too_long"

    def __init__(self, detail: str, limit: int) -> None:
        super().__init__(detail)
        self.limit = limit


class ContentTooBig(HistoryError):
    """The content is more than one answer holds."""

    code = "history.content_too_big"

    def __init__(self, limit: int) -> None:
        super().__init__(f"the content has more than {limit} bytes as JSON")
        self.limit = limit


class DiffTooBig(HistoryError):
    """The two points differ in more than one answer holds; compare points that are closer together."""

    code = "history.diff_too_big"

    def __init__(self, limit: int) -> None:
        super().__init__(f"the difference has more than {limit} bytes")
        self.limit = limit
