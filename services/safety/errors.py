"""What goes wrong when something is judged, and what is refused.

SafetyError
├── PolicyUnusable      the policy's data are not what they should be; a programmer's or an operator's error
├── JudgeFailed         a judge gave no answer; never a verdict by itself
├── PromptRefused       `verdict_id`, `categories`; told to who asked
├── NoSuchVerdict
├── NothingToAppeal     the verdict refuses and flags nothing
├── AppealMade          there is one already
└── AppealDecided
"""

from collections.abc import Sequence
from uuid import UUID

from sync import ids

VERDICT_PREFIX = "vdt"


class SafetyError(Exception):
    """Base of everything that this package raises."""

    code = "safety"

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or (type(self).__doc__ or "").strip())


class PolicyUnusable(SafetyError):
    """The policy cannot be used."""

    code = "safety.policy"


class JudgeFailed(SafetyError):
    """Whoever was asked to judge gave no answer."""

    code = "safety.judge"


class PromptRefused(SafetyError):
    """What is asked for is against the policy."""

    code = "safety.refused"

    def __init__(self, verdict_id: UUID, categories: Sequence[str], reasons: Sequence[str]) -> None:
        named = ids.to_text(VERDICT_PREFIX, verdict_id)
        super().__init__(" ".join([*reasons, f"Change the words, or appeal against the verdict {named}."]))
        self.verdict_id = verdict_id
        self.categories = tuple(categories)


class NoSuchVerdict(SafetyError):
    """There is no such verdict, or you may not see it."""

    code = "verdict.missing"


class NothingToAppeal(SafetyError):
    """The verdict refuses and flags nothing."""

    code = "verdict.allowed"


class AppealMade(SafetyError):
    """Somebody has appealed against this verdict already."""

    code = "appeal.made"


class AppealDecided(SafetyError):
    """There is no open appeal against this verdict."""

    code = "appeal.decided"
