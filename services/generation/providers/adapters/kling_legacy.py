"""Kling, old generation: the model in the body, a signed token of half an hour, numbers as text, `succeed` for done.

Kept because its models are still to be had. Tasks are named with their path (`text2video/...`), which a question needs.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from services.generation.providers.adapters.base import Calling, base64_of, in_path, nonsense, of_role, task_of
from services.generation.providers.adapters.dialects import at, listed_at, number_of, said_at
from services.generation.providers.adapters.kling import (
    IMAGE_BYTES_MAX,
    SHAPES,
    SIDE_720P,
    SIDE_1080P,
    UNIT_MICROCREDITS,
)
from services.generation.providers.adapters.line import PAY_TIMEOUT_S, Answer, Call
from services.generation.providers.capabilities import Kind, Model, Role, Terms
from services.generation.providers.port import (
    Accepted,
    Failed,
    Intent,
    Linked,
    Queued,
    Running,
    Succeeded,
    TaskState,
)
from services.generation.providers.prices import MICRO, PerSecond

NAME = "kling-legacy"
TOKEN_TTL_S = 1_800
TOKEN_SKEW_S = 5
_TERMS = Terms(result_ttl_s=30 * 86_400, poll_floor_s=5.0, callbacks=True)
_MODES = {"720p": "std", "1080p": "pro"}


def _model(name: str, price: PerSecond) -> Model:
    return Model(
        NAME,
        name,
        Kind.VIDEO,
        price,
        _TERMS,
        prompt_max=2_500,
        shapes=SHAPES,
        durations_s=(5, 10),
        references={Role.FIRST_FRAME: 1, Role.LAST_FRAME: 1},
        reference_bytes_max=IMAGE_BYTES_MAX,
    )


_BY_MODE = PerSecond({SIDE_720P: 4_200_000, SIDE_1080P: 7 * MICRO})
MODELS = (_model("kling-v2-5-turbo", _BY_MODE), _model("kling-v2-6", _BY_MODE))


class KlingLegacy(Calling):
    """Implements `RemoteProvider`."""

    name = NAME

    def spelled(self, intent: Intent) -> Call:
        fit, want = intent.fit, intent.want
        assert fit.shape is not None
        resolution, _, ratio = fit.shape.spelled.partition(" ")
        first, last = (of_role(want.references, role) for role in (Role.FIRST_FRAME, Role.LAST_FRAME))
        kind = "image2video" if first or last else "text2video"
        body: dict[str, Any] = {
            "model_name": fit.model.name,
            "prompt": want.prompt,
            "mode": _MODES[resolution],
            "duration": str(fit.duration_s),
            "external_task_id": f"{kind}:{intent.id}",
        }
        if intent.callback_url:
            body["callback_url"] = intent.callback_url
        if kind == "text2video":
            body["aspect_ratio"] = ratio
        for name, frames in (("image", first), ("image_tail", last)):
            if frames:
                body[name] = base64_of(frames[0])
        return Call("POST", f"/v1/videos/{kind}", json=body, timeout_s=PAY_TIMEOUT_S)

    def accepted(self, intent: Intent, answer: Answer) -> Accepted | None:
        task = task_of(answer.json, "data", "task_id")
        if task is None:
            return None
        frames = {Role.FIRST_FRAME, Role.LAST_FRAME}
        kind = "image2video" if any(one.role in frames for one in intent.want.references) else "text2video"
        return Accepted(f"{kind}/{task}", intent.fit.most_microcredits)

    async def state(self, task: str) -> TaskState:
        kind, _, id = task.partition("/")
        answer = await self.asked(Call("GET", f"/v1/videos/{in_path(kind)}/{in_path(id)}"))
        if not isinstance(answer, Answer):
            return answer
        data = at(answer.json, "data")
        match at(data, "task_status"):
            case "submitted":
                return Queued()
            case "processing":
                return Running()
            case "succeed":
                urls = [said_at(video, "url") for video in listed_at(data, "task_result", "videos")]
                return Succeeded(tuple(Linked(url) for url in urls if url), _deducted(data))
            case "failed":
                return Failed(self._line.failure("failed", said_at(data, "task_status_msg")), _deducted(data))
        return nonsense(task)

    def named(self, said: Any) -> str | None:
        """With the path, which our own name for the call begins with."""
        task, ours = task_of(said, "task_id"), task_of(said, "task_info", "external_task_id")
        return None if task is None or ours is None else f"{ours.partition(':')[0]}/{task}"


def _deducted(data: Any) -> int | None:
    """Told in units, where it is told."""
    units = number_of(said_at(data, "final_unit_deduction"))
    return None if units is None else round(units * UNIT_MICROCREDITS)


def token(key: str, clock: Callable[[], float] = time.time) -> str:
    """A JSON Web Token (HS256) of `access:secret`."""
    access, _, secret = key.partition(":")
    now = int(clock())
    head = _segment({"alg": "HS256", "typ": "JWT"})
    claims = _segment({"iss": access, "exp": now + TOKEN_TTL_S, "nbf": now - TOKEN_SKEW_S})
    signature = hmac.new(secret.encode(), f"{head}.{claims}".encode(), hashlib.sha256).digest()
    return f"{head}.{claims}.{_base64url(signature)}"


def _segment(claims: Mapping[str, Any]) -> str:
    return _base64url(json.dumps(claims, separators=(",", ":")).encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
