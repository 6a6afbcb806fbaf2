"""What goes wrong with brains.

BrainError
├── UnknownBrain
├── NoSuchBrain
├── BadColourDecision
├── BadLut
├── BrainUnfit         `field`, `limit`
└── TooManyBrains      `limit`
"""


class BrainError(Exception):
    """Base of everything that this package raises."""

    code = "brain"
    field: str | None = None
    limit: int | str | None = None


class UnknownBrain(BrainError):
    """There is no brain of this name and version."""

    code = "brain.unknown"


class NoSuchBrain(BrainError):
    """There is no such brain, or not in this version."""

    code = "brain.missing"


class BadColourDecision(BrainError):
    """Slope and saturation are at least 0, power is above 0."""

    code = "brain.cdl"


class BadLut(BrainError):
    """The table of colours is not a .cube file that is understood here."""

    code = "brain.lut"


class BrainUnfit(BrainError):
    """A field of the brain does not have the form that it must have."""

    code = "brain.field"

    def __init__(self, field: str, limit: int | str | None, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.limit = limit


class TooManyBrains(BrainError):
    """A team has at most 100 brains, and a brain at most 1,000 versions."""

    code = "brain.count"
    limit = "100 brains, 1000 versions"
