"""OpenAI's Videos API as it was, and as it is since 24 September 2026: nothing there."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from deploy.stubs import callbacks
from deploy.stubs.callbacks import Callback
from deploy.stubs.media import CONTENT_TYPES
from deploy.stubs.provider import Order, Provider, Spoken, need, one_of, only
from deploy.stubs.stage import Made, Phase, Scenario, Task

SHUT_DOWN = datetime(2026, 9, 24, tzinfo=UTC).timestamp()
CENTS_A_SECOND = {"sora-2": 10, "sora-2-pro": 30}
RESULT_TTL_S = 3600


class Sora(Provider):
    name = "sora"

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/v1/videos", self.create, methods=["POST"]),
            Route("/v1/videos/{id}", self.video, methods=["GET"]),
            Route("/v1/videos/{id}/content", self.content, methods=["GET"]),
        ]

    def refusals(self) -> Mapping[Scenario, Spoken]:
        return {
            Scenario.THROTTLED: _error(429, "rate_limit_exceeded", "Rate limit reached.", {"retry-after": "20"}),
            Scenario.BUSY: _error(503, "server_overloaded", "The server is overloaded."),
            Scenario.BROKEN: _error(500, "server_error", "The server had an error."),
            Scenario.OUT_OF_CREDIT: _error(429, "insufficient_quota", "You exceeded your current quota."),
        }

    def no_key(self) -> Spoken:
        wanted = self.stage.keys.get(self.name, "")
        return _error(401, "invalid_api_key", f"Incorrect API key provided: {wanted[:2]}***.")

    def malformed(self, sentence: str) -> Spoken:
        return _error(400, "invalid_value", sentence)

    def callback(self, task: Task) -> Iterable[Callback]:
        done = self.stage.phase(task) is Phase.SUCCEEDED
        event = {"object": "event", "type": "video.completed" if done else "video.failed", "data": {"id": task.id}}
        return callbacks.standard(self.stage, task, json.dumps(event).encode())

    async def create(self, request: Request) -> Response:
        return self._closed() or await self.paid(request, _read, self._created)

    async def video(self, request: Request) -> Response:
        refused = self._closed() or self.asked(request)
        task = self.stage.task(self.name, request.path_params["id"])
        return refused or (JSONResponse(self._told(task)) if task else _missing().response())

    async def content(self, request: Request) -> Response:
        refused = self._closed() or self.asked(request)
        task = self.stage.task(self.name, request.path_params["id"])
        if refused is not None:
            return refused
        if task is None or self.stage.phase(task) is not Phase.SUCCEEDED:
            return _missing().response()
        return Response(await self.media.of(task.made), media_type=CONTENT_TYPES[task.made.kind])

    async def _created(self, request: Request, task: Task) -> Response:
        return JSONResponse(self._told(task))

    def _told(self, task: Task) -> dict[str, Any]:
        phase = self.stage.phase(task)
        names = {Phase.QUEUED: "queued", Phase.RUNNING: "in_progress", Phase.SUCCEEDED: "completed"}
        told = {
            "id": task.id,
            "object": "video",
            "model": task.model,
            "status": names.get(phase, "failed"),
            "progress": round(100 * self.stage.share(task)),
            "created_at": int(task.created_at),
            "expires_at": int(task.created_at) + RESULT_TTL_S,
            "error": None,
        }
        if phase is Phase.FAILED:
            code = "moderation_blocked" if task.scenario is Scenario.MODERATED else "video_generation_failed"
            told["error"] = {"code": code, "message": "The video could not be made."}
        return told

    def _closed(self) -> Response | None:
        if self.stage.clock.now() < SHUT_DOWN:
            return None
        return _error(404, "model_not_found", "The Videos API was shut down on September 24, 2026.").response()


def _read(request: Request, body: Any) -> Order:
    only(body, "model", "prompt", "seconds", "size", "input_reference")
    model = one_of(need(body, "model", str), *CENTS_A_SECOND)
    need(body, "prompt", str)
    seconds = int(one_of(need(body, "seconds", str), "4", "8", "12"))
    size = one_of(need(body, "size", str), "720x1280", "1280x720", "1024x1792", "1792x1024")
    width, height = map(int, size.split("x"))
    return Order(Made("mp4", width, height, seconds, True), model, CENTS_A_SECOND[model] * seconds)


def _missing() -> Spoken:
    return _error(404, "not_found", "Video not found.")


def _error(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Spoken:
    body = {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}
    return Spoken(status, body, headers or {})
