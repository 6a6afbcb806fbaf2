"""What goes wrong when a clip is judged; what is wrong with the clip itself is said in `services.generation.errors`.

QualityError
└── ScorerFailed     a model that was asked for its opinion gave none; never the clip's fault
"""


class QualityError(Exception):
    """Base of everything that this package raises."""

    code = "quality"

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or (type(self).__doc__ or "").strip())


class ScorerFailed(QualityError):
    """The model that was asked for its opinion gave none."""

    code = "quality.scorer"
