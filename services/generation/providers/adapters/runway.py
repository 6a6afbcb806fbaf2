"""Runway: pictures and clips as tasks, asked about by polling. API version 2024-11-06.

No webhooks and no list of tasks: a submission whose answer was lost cannot be found again. Cancelling what runs gives
nothing back, and what is moderated costs like what is not.
"""

from collections.abc import Collection, Mapping
from typing import Any

from services.generation.providers.adapters.base import Adapter, data_uri, in_path, nonsense, of_role, share_of, task_of
from services.generation.providers.adapters.dialects import at, listed_at, number_of, said_at
from services.generation.providers.adapters.line import PAY_TIMEOUT_S, Answer, Call
from services.generation.providers.capabilities import Kind, Model, PromptUnit, Reference, Role, Shape, Terms
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
    Throttled,
)
from services.generation.providers.prices import MICRO, Flat, PerSecond

NAME = "runway"
VERSION = "2024-11-06"
DATA_URI_BYTES_MAX = 5 * 1024 * 1024 * 3 // 4 - 64
_TERMS = Terms(result_ttl_s=24 * 3600, poll_floor_s=5.0, tiers=(1, 3, 5, 10, 20), cancels=True, charges_moderated=True)


def _shapes(*spelled: str) -> tuple[Shape, ...]:
    pairs = [tuple(map(int, text.split(":"))) for text in spelled]
    return tuple(Shape(width, height, text) for (width, height), text in zip(pairs, spelled, strict=True))


_GEN4 = _shapes("1280:720", "720:1280", "1104:832", "960:960", "832:1104", "1584:672")
_VEO = _shapes("1280:720", "720:1280", "1920:1080", "1080:1920")
_STILL = _shapes("1280:720", "720:1280", "1920:1080", "1080:1920", "1024:1024")
_BOTH_ENDS = {Role.FIRST_FRAME: 1, Role.LAST_FRAME: 1}


def _video(name: str, **more: Any) -> Model:
    known: dict[str, Any] = {
        "prompt_max": 1_000,
        "prompt_unit": PromptUnit.UTF16,
        "takes_seed": True,
        "reference_bytes_max": DATA_URI_BYTES_MAX,
    }
    return Model(NAME, name, Kind.VIDEO, terms=_TERMS, **(known | more))


MODELS = (
    _video(
        "gen4.5",
        price=PerSecond({720: 12 * MICRO}),
        shapes=_GEN4,
        durations_s=tuple(range(2, 11)),
        references={Role.FIRST_FRAME: 1},
    ),
    _video(
        "gen4_turbo",
        price=PerSecond({720: 5 * MICRO}),
        shapes=_GEN4,
        durations_s=tuple(range(2, 11)),
        references={Role.FIRST_FRAME: 1},
        required=frozenset({Role.FIRST_FRAME}),
    ),
    _video(
        "veo3.1",
        price=PerSecond({1080: 20 * MICRO}, {1080: 40 * MICRO}),
        shapes=_VEO,
        durations_s=(4, 6, 8),
        sounding=True,
        references=_BOTH_ENDS,
    ),
    _video(
        "veo3.1_fast",
        price=PerSecond({1080: 10 * MICRO}, {1080: 15 * MICRO}),
        shapes=_VEO,
        durations_s=(4, 6, 8),
        sounding=True,
        references=_BOTH_ENDS,
    ),
    Model(
        NAME,
        "gen4_image",
        Kind.IMAGE,
        price=Flat(8 * MICRO),
        terms=_TERMS,
        prompt_max=1_000,
        prompt_unit=PromptUnit.UTF16,
        shapes=_STILL,
        takes_seed=True,
        references={Role.SUBJECT: 3},
        reference_bytes_max=DATA_URI_BYTES_MAX,
    ),
)


class Runway(Adapter):
    """Implements `RemoteProvider`."""

    name = NAME

    def spelled(self, intent: Intent) -> Call:
        fit, want = intent.fit, intent.want
        assert fit.shape is not None
        body: dict[str, Any] = {"model": fit.model.name, "promptText": want.prompt, "ratio": fit.shape.spelled}
        if fit.seed is not None:
            body["seed"] = fit.seed
        if fit.model.kind is Kind.IMAGE:
            subjects = of_role(want.references, Role.SUBJECT)
            if subjects:
                body["referenceImages"] = [{"uri": data_uri(one)} for one in subjects]
            return Call("POST", "/v1/text_to_image", json=body, timeout_s=PAY_TIMEOUT_S)
        body["duration"] = fit.duration_s
        if fit.model.sounding:
            body["audio"] = fit.audio
        frames = _frames(want.references)
        if not frames:
            return Call("POST", "/v1/text_to_video", json=body, timeout_s=PAY_TIMEOUT_S)
        return Call("POST", "/v1/image_to_video", json={**body, "promptImage": frames}, timeout_s=PAY_TIMEOUT_S)

    def accepted(self, intent: Intent, answer: Answer) -> Accepted | None:
        task = task_of(answer.json, "id")
        if task is None:
            return None
        most = _credits(at(answer.json, "estimatedCost"))
        return Accepted(task, intent.fit.most_microcredits if most is None else most)

    async def state(self, task: str) -> TaskState:
        answer = await self.asked(Call("GET", f"/v1/tasks/{in_path(task)}"))
        if not isinstance(answer, Answer):
            return answer
        body = answer.json
        cost = _credits(at(body, "cost"))
        match at(body, "status"):
            case "PENDING":
                return Queued()
            case "THROTTLED":
                return Throttled()
            case "RUNNING":
                return Running(share_of(at(body, "progress")))
            case "SUCCEEDED":
                return Succeeded(tuple(Linked(str(url)) for url in listed_at(body, "output")), cost)
            case "FAILED":
                return Failed(self._line.failure(said_at(body, "failureCode"), said_at(body, "failure")), cost)
            case "CANCELLED":
                return Cancelled(cost)
        return nonsense(task)

    async def cancel(self, task: str) -> Cancellation:
        """What has ended is left alone: there the same request would delete the result."""
        before = await self.state(task)
        if isinstance(before, Ended):
            return NotStopped(Failure(FailureKind.GONE, "ended", "The task has ended."))
        answer = await self._line.ask(Call("DELETE", f"/v1/tasks/{in_path(task)}"))
        if not isinstance(answer, Answer):
            return NotStopped(answer)
        return Stopped(Refund.UNSAID if isinstance(before, (Queued, Throttled)) else Refund.NONE)


def _frames(references: Collection[Reference]) -> list[dict[str, str]]:
    placed = ((Role.FIRST_FRAME, "first"), (Role.LAST_FRAME, "last"))
    return [
        {"uri": data_uri(one), "position": position} for role, position in placed for one in of_role(references, role)
    ]


def _credits(cost: Mapping[str, Any] | None) -> int | None:
    """One of theirs is one of ours."""
    amount = number_of(said_at(cost, "credits"))
    return None if amount is None else round(amount * MICRO)
