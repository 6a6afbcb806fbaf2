"""Sora, which was shut down on 24 September 2026: in the registry as retired, so that nothing is sent there any more.

The adapter is kept whole: old runs name its tasks, and the registry's word is the only thing that closes it.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from services.generation.providers.adapters.base import Calling, in_path, nonsense, of_role, share_of, task_of
from services.generation.providers.adapters.dialects import at, said_at
from services.generation.providers.adapters.line import PAY_TIMEOUT_S, Answer, Call, Part
from services.generation.providers.capabilities import Kind, Model, Role, Shape, Standing, Terms
from services.generation.providers.port import (
    Accepted,
    Failed,
    Inline,
    Intent,
    Queued,
    Running,
    Succeeded,
    TaskState,
)
from services.generation.providers.prices import MICRO, PerSecond

NAME = "sora"
SHUT_DOWN = date(2026, 9, 24)
_SHAPES = (Shape(720, 1280, "720x1280"), Shape(1280, 720, "1280x720"))
_SORA_2 = Model(
    NAME,
    "sora-2",
    Kind.VIDEO,
    PerSecond({720: 10 * MICRO}),
    Terms(result_ttl_s=3600, callbacks=True),
    prompt_max=5_000,
    shapes=_SHAPES,
    durations_s=(4, 8, 12),
    silent=False,
    sounding=True,
    references={Role.FIRST_FRAME: 1},
    standing=Standing.RETIRED,
    since=SHUT_DOWN,
)
MODELS = (_SORA_2, replace(_SORA_2, name="sora-2-pro", price=PerSecond({720: 30 * MICRO})))


class Sora(Calling):
    """Implements `RemoteProvider`."""

    name = NAME

    def spelled(self, intent: Intent) -> Call:
        fit = intent.fit
        assert fit.shape is not None
        fields = {"model": fit.model.name, "prompt": intent.want.prompt, "seconds": str(fit.duration_s)}
        parts: dict[str, Part] = {name: (None, text.encode(), None) for name, text in fields.items()}
        parts["size"] = (None, fit.shape.spelled.encode(), None)
        for one in of_role(intent.want.references, Role.FIRST_FRAME):
            parts["input_reference"] = ("frame", one.data, one.content_type)
        return Call("POST", "/v1/videos", parts=parts, timeout_s=PAY_TIMEOUT_S)

    def accepted(self, intent: Intent, answer: Answer) -> Accepted | None:
        task = task_of(answer.json, "id")
        return None if task is None else Accepted(task, intent.fit.most_microcredits)

    async def state(self, task: str) -> TaskState:
        answer = await self.asked(Call("GET", f"/v1/videos/{in_path(task)}"))
        if not isinstance(answer, Answer):
            return answer
        body = answer.json
        match at(body, "status"):
            case "queued":
                return Queued()
            case "in_progress":
                progress = at(body, "progress")
                return Running(share_of(progress / 100 if isinstance(progress, (int, float)) else None))
            case "completed":
                return await self._content(task, body)
            case "failed":
                failure = self._line.failure(said_at(body, "error", "code"), said_at(body, "error", "message"))
                return Failed(failure)
        return nonsense(task)

    async def _content(self, task: str, body: object) -> TaskState:
        """The film is behind the same key as everything else, so it is fetched here and not by its address."""
        answer = await self.asked(Call("GET", f"/v1/videos/{in_path(task)}/content", timeout_s=PAY_TIMEOUT_S))
        if not isinstance(answer, Answer):
            return answer
        until = at(body, "expires_at")
        facts = (
            {"expires_at": datetime.fromtimestamp(until, UTC).isoformat()}
            if isinstance(until, int) and 0 <= until < 2**33
            else {}
        )
        return Succeeded((Inline(answer.body, "video/mp4"),), facts=facts)

    def named(self, said: Any) -> str | None:
        return task_of(said, "data", "id")
