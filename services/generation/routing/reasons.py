"""Why a model was taken or passed over: codes that stay, and the stages in which they are given.

The sentences that go with them are in `sentences.py`.
"""

from enum import StrEnum


class Stage(StrEnum):
    """What a candidate passes, in this order."""

    CAPABILITY = "capability"
    POLICY = "policy"
    PRICE = "price"
    BUDGET = "budget"
    HEALTH = "health"
    CAPACITY = "capacity"
    RANK = "rank"

    @property
    def depth(self) -> int:
        return list(Stage).index(self)


class Reason(StrEnum):
    """Never renamed: tables and clients keep them."""

    UNFIT = "capability.unfit"
    RETIRED = "policy.retired"
    TRIED = "policy.tried"
    NOT_PINNED = "policy.not_pinned"
    NOT_NAMED = "policy.not_named"
    DENIED = "policy.denied"
    NOT_ALLOWED = "policy.not_allowed"
    REGION = "policy.region"
    SAFETY = "policy.safety"
    OVER_CAP = "price.over_cap"
    BUDGET_SHORT = "budget.short"
    OPEN = "health.open"
    PROBING = "health.probing"
    FULL = "capacity.full"
    HELD = "capacity.held"
    LOWER = "rank.lower"
    ONLY_ONE = "chosen.only_one"
    PINNED = "chosen.pinned"
    CHEAPEST = "chosen.cheapest"
    FASTEST = "chosen.fastest"
    BEST_LIKED = "chosen.best_liked"
    BEST_OVERALL = "chosen.best_overall"
    EXPLORED = "chosen.explored"
    NOBODY = "none.left"
