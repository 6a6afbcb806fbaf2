"""What an inquest cannot do.

InquestError
└── TrialUnclear    the child neither opened the document nor died of it
"""


class InquestError(Exception):
    """Base of everything that this package raises on purpose."""

    code = "inquest"


class TrialUnclear(InquestError):
    """The machine was too busy, or no child could be started; the next start asks again."""

    code = "inquest.unclear"
