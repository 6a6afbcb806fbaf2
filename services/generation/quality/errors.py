"""What goes wrong when a clip is looked at.

QualityError
├── ClipUnreadable   it does not decode, or is not what it should be
├── ClipTooCostly    looking at it takes more time, memory or disk than it may
└── ScorerFailed     a model that was asked for its opinion gave none; never the clip's fault
"""


class QualityError(Exception):
    """Base of everything that this package raises."""

    code = "quality"

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or (type(self).__doc__ or "").strip())


class ClipUnreadable(QualityError):
    """The clip does not decode: it is damaged, or not a film."""

    code = "quality.unreadable"


class ClipTooCostly(QualityError):
    """Looking at the clip takes more time, memory or disk than it may."""

    code = "quality.too_costly"


class ScorerFailed(QualityError):
    """The model that was asked for its opinion gave none."""

    code = "quality.scorer"
