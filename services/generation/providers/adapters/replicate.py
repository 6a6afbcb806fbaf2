"""Replicate: predictions of a version, with signed callbacks. What it made is gone after an hour."""

from collections.abc import Collection
from typing import Any

from services.generation.providers.adapters.base import Calling, in_path, nonsense, task_of
from services.generation.providers.adapters.dialects import at, said_at
from services.generation.providers.adapters.finetunes import FineTune
from services.generation.providers.adapters.line import PAY_TIMEOUT_S, Answer, Call, Line
from services.generation.providers.capabilities import Terms
from services.generation.providers.port import (
    Accepted,
    Cancellation,
    Cancelled,
    Ended,
    Failed,
    Failure,
    FailureKind,
    Intent,
    Linked,
    NotStopped,
    Queued,
    Refund,
    Running,
    Stopped,
    Succeeded,
    TaskState,
)

NAME = "replicate"
TERMS = Terms(result_ttl_s=3600, poll_floor_s=2.0, callbacks=True, cancels=True)


class Replicate(Calling):
    """Implements `RemoteProvider`."""

    name = NAME

    def __init__(self, line: Line, tunes: Collection[FineTune], webhook_secrets: Collection[str] = ()) -> None:
        self._tunes = {tune.name: tune for tune in tunes if tune.provider == NAME}
        super().__init__(line, [tune.model(TERMS) for tune in self._tunes.values()], webhook_secrets)

    def spelled(self, intent: Intent) -> Call:
        tune = self._tunes[intent.fit.model.name]
        body: dict[str, Any] = {"version": tune.path, "input": tune.input_of(intent)}
        if intent.callback_url:
            body |= {"webhook": intent.callback_url, "webhook_events_filter": ["completed"]}
        return Call("POST", "/v1/predictions", json=body, timeout_s=PAY_TIMEOUT_S)

    def accepted(self, intent: Intent, answer: Answer) -> Accepted | None:
        task = task_of(answer.json, "id")
        return None if task is None else Accepted(task, intent.fit.most_microcredits)

    async def state(self, task: str) -> TaskState:
        answer = await self.asked(Call("GET", f"/v1/predictions/{in_path(task)}"))
        return self._read(task, answer.json) if isinstance(answer, Answer) else answer

    def _read(self, task: str, body: Any) -> TaskState:
        match at(body, "status"):
            case "starting":
                return Queued()
            case "processing":
                return Running()
            case "succeeded":
                made = at(body, "output")
                urls = made if isinstance(made, list) else [made]
                facts = {"predict_time_s": at(body, "metrics", "predict_time")}
                return Succeeded(tuple(Linked(url) for url in urls if isinstance(url, str)), facts=facts)
            case "failed":
                return Failed(self._line.failure("failed", said_at(body, "error")))
            case "canceled":
                return Cancelled()
        return nonsense(task)

    async def cancel(self, task: str) -> Cancellation:
        """The answer is the prediction as it is then."""
        answer = await self._line.ask(Call("POST", f"/v1/predictions/{in_path(task)}/cancel"))
        if not isinstance(answer, Answer):
            return NotStopped(answer)
        state = self._read(task, answer.json)
        if isinstance(state, Ended) and not isinstance(state, Cancelled):
            return NotStopped(Failure(FailureKind.GONE, "ended", "The task has ended."))
        return Stopped(Refund.UNSAID)

    def named(self, said: Any) -> str | None:
        return task_of(said, "id")
