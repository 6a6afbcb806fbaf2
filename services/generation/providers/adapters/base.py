"""What all adapters share: a retired model is refused, an answer without a task is an unknown outcome, tasks are asked.

An adapter says how a call is spelled and what an answer means; this is the order in which that happens.
"""

import asyncio
import base64
import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote
from uuid import UUID

from services.generation.providers.adapters import webhooks
from services.generation.providers.adapters.dialects import said_at
from services.generation.providers.adapters.line import Answer, Call, Line
from services.generation.providers.capabilities import Model, Reference, Role, Standing
from services.generation.providers.errors import HintRefused
from services.generation.providers.port import (
    Accepted,
    Cancellation,
    Failed,
    Failure,
    FailureKind,
    Found,
    Hint,
    Intent,
    NotStopped,
    Refused,
    Submission,
    TaskState,
    Unanswered,
    Unknown,
)

_TASK = re.compile(r"[A-Za-z0-9_.:-]{1,200}")


class Adapter(ABC):
    """Implements `RemoteProvider` for whoever has tasks that are asked about one by one."""

    name: str

    def __init__(self, line: Line, models: Collection[Model]) -> None:
        self._line = line
        self._models = tuple(models)

    @property
    def models(self) -> Collection[Model]:
        return self._models

    async def submit(self, intent: Intent) -> Submission:
        model = intent.fit.model
        if model.standing is Standing.RETIRED:
            return Refused(Failure(FailureKind.GONE, "retired", f"{model.name} is retired since {model.since}."))
        answer = await self._line.pay(self.spelled(intent))
        if not isinstance(answer, Answer):
            return answer
        return self.accepted(intent, answer) or Unknown("it answered without naming a task")

    @abstractmethod
    def spelled(self, intent: Intent) -> Call:
        """The paid call."""

    @abstractmethod
    def accepted(self, intent: Intent, answer: Answer) -> Accepted | None:
        """From an answer that says success; None: it names no task."""

    async def poll(self, tasks: Collection[str]) -> Mapping[str, TaskState]:
        wanted = tuple(tasks)
        return dict(zip(wanted, await asyncio.gather(*(self.state(task) for task in wanted)), strict=True))

    @abstractmethod
    async def state(self, task: str) -> TaskState:
        """Of one."""

    async def asked(self, call: Call) -> Answer | TaskState:
        """What a question about a task brings. One that they do not know has failed; other failures say nothing."""
        answer = await self._line.ask(call)
        if isinstance(answer, Answer):
            return answer
        return Failed(answer) if answer.kind is FailureKind.GONE else Unanswered(answer)

    async def cancel(self, task: str) -> Cancellation:
        return NotStopped(Failure(FailureKind.GONE, "cancel", "This provider cannot cancel."))

    async def find(self, intent: UUID) -> Found:
        return Unknown("this provider cannot be asked about a call by our name for it")

    async def hint(self, headers: Mapping[str, str], body: bytes, now: float) -> Hint:
        raise HintRefused("unasked")


class Calling(Adapter):
    """Whoever signs callbacks by Standard Webhooks. `webhook_secrets`: none: no callback is believed."""

    def __init__(self, line: Line, models: Collection[Model], webhook_secrets: Collection[str] = ()) -> None:
        super().__init__(line, models)
        self._webhook_secrets = tuple(webhook_secrets)

    @abstractmethod
    def named(self, said: Any) -> str | None:
        """The task that the body of a callback is about."""

    async def hint(self, headers: Mapping[str, str], body: bytes, now: float) -> Hint:
        delivery = webhooks.standard(self._webhook_secrets, headers, body, now)
        task = self.named(webhooks.json_of(body))
        if task is None:
            raise HintRefused("malformed")
        return Hint(task, delivery)


class Immediate(Adapter):
    """Whoever answers a paid call with its result: there is no task to ask about afterwards."""

    async def state(self, task: str) -> TaskState:
        return Failed(Failure(FailureKind.GONE, "no_task", "Results of this provider come only with the answer."))


def task_of(body: Any, *path: str | int) -> str | None:
    """A task's id as it can stand in a path; None: none, or not one."""
    found = said_at(body, *path)
    return found if _TASK.fullmatch(found) and not found.startswith(".") else None


def in_path(text: str) -> str:
    """As one segment."""
    return quote(text, safe="")


def nonsense(task: str) -> Unanswered:
    """An answer that says nothing about a task."""
    return Unanswered(Failure(FailureKind.RETRYABLE, "malformed", f"The answer about {task} makes no sense."))


def of_role(references: Collection[Reference], role: Role) -> list[Reference]:
    """In order."""
    return [reference for reference in references if reference.role is role]


def base64_of(reference: Reference) -> str:
    """Without a prefix."""
    return base64.b64encode(reference.data).decode()


def data_uri(reference: Reference) -> str:
    """As a URI that holds the picture itself, so that ours needs no address in the world."""
    return f"data:{reference.content_type};base64,{base64_of(reference)}"


def decoded(text: str) -> bytes | None:
    """From base64; None: empty, or something else."""
    try:
        return base64.b64decode(text, validate=True) or None
    except ValueError:
        return None


def share_of(value: Any) -> float | None:
    """0..1, None where it is not said."""
    return min(1.0, max(0.0, float(value))) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
