"""The JSON of review: what somebody decides, and what was decided."""

from datetime import datetime

from pydantic import Field

from api.schemas import In, Out, Page, PageQuery
from services.review.model import NOTE_CHARS_MAX, PAGE_MAX, Verdict
from services.users.model import ActorKind, Role


class NewDecision(In):
    """`seq`: of the document as you looked at it, as its rows and its content say it; left out: as it is now.

    Whoever asks for changes says in `note` which.
    """

    verdict: Verdict
    note: str = Field("", max_length=NOTE_CHARS_MAX)
    seq: int | None = Field(None, ge=0, le=2**53 - 1)


class DecisionOut(Out):
    """`subject`: take, scene or cut. `epoch`, `seq`: of the document, as it was looked at. `role`: what `by` was then.

    `current`: that is still what is there: the take is shown; the scene and its shots, or the cut, have not changed.
    """

    id: str
    document: str
    subject: str
    scene: str | None
    take: str | None
    verdict: Verdict
    note: str
    epoch: int
    seq: int
    current: bool
    by: str
    by_name: str
    by_kind: ActorKind
    role: Role
    at: datetime


class DecisionsOut(Page):
    """Newest first."""

    decisions: list[DecisionOut]


class DecisionsQuery(PageQuery):
    limit: int = Field(PAGE_MAX, ge=1, le=PAGE_MAX)
