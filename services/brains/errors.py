"""What goes wrong with brains.

BrainError
├── UnknownBrain
└── BadColourDecision
"""


class BrainError(Exception):
    """Base of everything that this package raises."""

    code = "brain"


class UnknownBrain(BrainError):
    """There is no brain of this name and version."""

    code = "brain.unknown"


class BadColourDecision(BrainError):
    """Slope and saturation are at least 0, power is above 0."""

    code = "brain.cdl"
