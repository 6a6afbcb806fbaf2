"""The seam to whoever makes pictures, voices and words for money elsewhere: submit, poll, cancel, find again, be told.

Not the built-in provider's seam (`interface.py`), and no rule about runs: an adapter says what it heard, in these
words, and keeps nothing. What a model can do and costs is data (`capabilities.py`). A paid call is made once: no
adapter repeats a submission, and what it cannot know it calls `Unknown` (P9).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from services.generation.providers.capabilities import Fit, Model, Want


class FailureKind(StrEnum):
    """What a provider's own words come down to; `dialects.py` is the table."""

    RETRYABLE = "retryable"
    """Theirs, and passing: the same again later may work."""
    THROTTLED = "throttled"
    """We ask too often or for too much at once; not an outage."""
    MODERATED = "moderated"
    """Refused for what it shows or says. Never tried again, here or elsewhere, until a person has changed it."""
    INVALID = "invalid"
    """The request itself is wrong; the same again fails again."""
    CREDIT = "credit"
    """Our account there is empty or over its limit."""
    AUTH = "auth"
    """Our key is not taken."""
    GONE = "gone"
    """No such model, task or result, or no longer."""

    @property
    def may_be_tried_again(self) -> bool:
        """With the same request at the same provider."""
        return self in (FailureKind.RETRYABLE, FailureKind.THROTTLED)


@dataclass(frozen=True, slots=True)
class Failure:
    """`code`: the provider's own, for logs and tables. `message`: theirs, without secrets. `retry_after_s`: if said."""

    kind: FailureKind
    code: str
    message: str
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """One paid call that is about to be made, and was written down. `id` goes along where a provider takes one.

    `callback_url`: where a webhook of this call is to arrive; None where nobody outside can reach us.
    """

    id: UUID
    want: Want
    fit: Fit
    callback_url: str | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """A result that lies with the provider, for as long as its terms say."""

    url: str


@dataclass(frozen=True, slots=True)
class Inline:
    """A result that came with the answer. Text is UTF-8."""

    data: bytes = field(repr=False)
    content_type: str


Output = Linked | Inline


@dataclass(frozen=True, slots=True)
class Queued:
    """Not begun. `ahead`: how many stand before it, where that is told."""

    ahead: int | None = None


@dataclass(frozen=True, slots=True)
class Throttled:
    """Taken, but waiting for one of our own earlier tasks: our limit, not their failure."""


@dataclass(frozen=True, slots=True)
class Running:
    """`share` 0..1, where that is told."""

    share: float | None = None


@dataclass(frozen=True, slots=True)
class Succeeded:
    """`cost_microcredits` None: this provider does not say. `facts`: what it told beside (seed, tokens, alignment)."""

    outputs: tuple[Output, ...]
    cost_microcredits: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failed:
    """`cost_microcredits`: failures can cost; None: not said."""

    failure: Failure
    cost_microcredits: int | None = None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Ended because we asked."""

    cost_microcredits: int | None = None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nothing was learnt this time: the task is as it was. Ask again."""

    failure: Failure


TaskState = Queued | Throttled | Running | Succeeded | Failed | Cancelled | Unanswered
Ended = Succeeded | Failed | Cancelled


@dataclass(frozen=True, slots=True)
class Accepted:
    """Taken; it may charge `most_microcredits`. `state`: a provider that answers at once is at its end already."""

    task: str
    most_microcredits: int
    state: TaskState = Queued()


@dataclass(frozen=True, slots=True)
class Refused:
    """Certainly not taken, and not charged."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Unknown:
    """The request may have arrived: it may run, and it may be charged. `why`: one clause for people."""

    why: str


Submission = Accepted | Refused | Unknown


class Refund(StrEnum):
    """What a cancelled task gives back."""

    EXPECTED = "expected"
    NONE = "none"
    UNSAID = "unsaid"


@dataclass(frozen=True, slots=True)
class Stopped:
    """The provider ended it, or takes it off its queue."""

    refund: Refund


@dataclass(frozen=True, slots=True)
class NotStopped:
    """It goes on there; `failure` says why (`GONE`: it has ended already, or this provider cannot)."""

    failure: Failure


Cancellation = Stopped | NotStopped


@dataclass(frozen=True, slots=True)
class Arrived:
    """It is there, under this name."""

    task: str
    state: TaskState


@dataclass(frozen=True, slots=True)
class NeverArrived:
    """The provider knows of no task of this intent, and would: it can be made again."""


Found = Arrived | NeverArrived | Unknown


@dataclass(frozen=True, slots=True)
class Hint:
    """A webhook that was signed by whom it should be: ask about this task now. `delivery`: its id, told once.

    `task`: the whole name, or the last of its segments where a provider says no more.
    """

    task: str
    delivery: str


class RemoteProvider(Protocol):
    """One account at one provider. No method raises for what the other side does; all are bounded in time."""

    @property
    def name(self) -> str:
        """Stable: intents, routes and prices name it."""

    @property
    def models(self) -> Collection[Model]:
        """All, the retired ones too."""

    async def submit(self, intent: Intent) -> Submission:
        """Once. A retired model is refused without a call."""

    async def poll(self, tasks: Collection[str]) -> Mapping[str, TaskState]:
        """The state of each; free of charge, not oftener than the terms' `poll_floor_s`."""

    async def cancel(self, task: str) -> Cancellation:
        """Idempotent."""

    async def find(self, intent: UUID) -> Found:
        """After `Unknown`: whether that call arrived. `Unknown` again where a provider cannot tell."""

    async def hint(self, headers: Mapping[str, str], body: bytes, now: float) -> Hint:
        """A webhook's raw body; `headers` in lower case, `now` in seconds since 1970. Raises `HintRefused`."""
