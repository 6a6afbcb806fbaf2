"""What proposals refuse.

ProposalsError
├── NoSuchProposal
├── ProposalDecided     somebody has accepted or dismissed it already
├── OtherEpoch          it was made in an epoch of the document that is over
└── Unreadable          its bytes cannot be applied to the document as it is now
"""


class ProposalsError(Exception):
    """Base of everything this package refuses."""

    code = "proposals"


class NoSuchProposal(ProposalsError):
    """This document has no such proposal, or you may not see it."""

    code = "proposal.missing"


class ProposalDecided(ProposalsError):
    """The proposal is accepted or dismissed already."""

    code = "proposal.decided"


class OtherEpoch(ProposalsError):
    """The proposal was made in an earlier epoch of the document."""

    code = "proposal.epoch"


class Unreadable(ProposalsError):
    """The proposal cannot be applied to the document as it is now."""

    code = "proposal.unreadable"
