"""fal's queue: submit, status, result, cancel, callbacks signed with Ed25519. A gateway stands before the apps."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from deploy.stubs import callbacks
from deploy.stubs.callbacks import Callback
from deploy.stubs.media import CONTENT_TYPES
from deploy.stubs.provider import Order, Provider, Spoken, need
from deploy.stubs.stage import Made, Phase, Scenario, Task

MARK = {"x-fal-request-id": "stub"}
CENTS = 4.0
_APP = "/{owner}/{app}/requests/{id}"


class Fal(Provider):
    name = "fal"

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/.well-known/jwks.json", self.keys, methods=["GET"]),
            Route(f"{_APP}/status", self.status, methods=["GET"]),
            Route(f"{_APP}/cancel", self.cancel, methods=["PUT"]),
            Route(_APP, self.result, methods=["GET"]),
            Route("/{owner}/{app}", self.submit, methods=["POST"]),
            Route("/{owner}/{app}/{more:path}", self.submit, methods=["POST"]),
        ]

    def refusals(self) -> Mapping[Scenario, Spoken]:
        return {
            Scenario.THROTTLED: Spoken(429, {"detail": "Too many requests"}, MARK | {"retry-after": "3"}),
            Scenario.BUSY: Spoken(503, "<html><center>nginx</center></html>"),
            Scenario.BROKEN: Spoken(500, {"detail": "Internal Server Error"}, MARK),
            Scenario.OUT_OF_CREDIT: Spoken(403, {"detail": "User is locked. Reason: Exhausted balance."}, MARK),
        }

    def no_key(self) -> Spoken:
        return Spoken(401, {"detail": "Cannot access application. Authentication is required."}, MARK)

    def malformed(self, sentence: str) -> Spoken:
        return Spoken(422, {"detail": [{"type": "value_error", "loc": ["body"], "msg": sentence}]}, MARK)

    def key_of(self, request: Request) -> str:
        return request.headers.get("authorization", "").removeprefix("Key ")

    def callback(self, task: Task) -> Iterable[Callback]:
        done = self.stage.phase(task) is Phase.SUCCEEDED
        told = {"request_id": task.id, "gateway_request_id": task.id, "status": "OK" if done else "ERROR"}
        return callbacks.fal(self.stage, task, json.dumps(told | {"payload": None}).encode())

    async def keys(self, request: Request) -> Response:
        return JSONResponse(callbacks.jwks())

    async def submit(self, request: Request) -> Response:
        return await self.paid(request, _read, self._submitted)

    async def status(self, request: Request) -> Response:
        refused, task = self._asked(request)
        if task is None:
            return refused
        match self.stage.phase(task):
            case Phase.QUEUED:
                return JSONResponse({"status": "IN_QUEUE", "queue_position": 1}, headers=MARK)
            case Phase.RUNNING:
                return JSONResponse({"status": "IN_PROGRESS", "logs": []}, headers=MARK)
        return JSONResponse({"status": "COMPLETED", "logs": [], "metrics": {"inference_time": 7.5}}, headers=MARK)

    async def result(self, request: Request) -> Response:
        refused, task = self._asked(request)
        if task is None:
            return refused
        match self.stage.phase(task):
            case Phase.SUCCEEDED:
                file = {"url": self.file_url(request, task), "content_type": CONTENT_TYPES[task.made.kind]}
                made = {"images": [file]} if task.made.kind == "png" else {"video": file}
                return JSONResponse({**made, "seed": 7}, headers=MARK)
            case Phase.FAILED if task.scenario is Scenario.MODERATED:
                detail = [{"type": "content_policy_violation", "loc": ["body", "prompt"], "msg": "Flagged."}]
                return JSONResponse({"detail": detail}, 422, MARK)
            case Phase.FAILED:
                return JSONResponse({"detail": "The runner ended."}, 500, MARK)
        return JSONResponse({"detail": "Request is still in progress"}, 400, MARK)

    async def cancel(self, request: Request) -> Response:
        refused, task = self._asked(request)
        if task is None:
            return refused
        if self.stage.phase(task) not in (Phase.QUEUED, Phase.RUNNING):
            return JSONResponse({"status": "ALREADY_COMPLETED"}, 400, MARK)
        task.cancelled_at = self.stage.clock.now()
        return JSONResponse({"status": "CANCELLATION_REQUESTED"}, 202, MARK)

    def _asked(self, request: Request) -> tuple[Response, Task | None]:
        missing = JSONResponse({"detail": "Request not found"}, 404, MARK)
        if (refused := self.asked(request)) is not None:
            return refused, None
        return missing, self.stage.task(self.name, request.path_params["id"])

    async def _submitted(self, request: Request, task: Task) -> Response:
        app = f"{request.path_params['owner']}/{request.path_params['app']}/requests/{task.id}"
        urls = {"response_url": app, "status_url": f"{app}/status", "cancel_url": f"{app}/cancel"}
        return JSONResponse({"request_id": task.id, "queue_position": 1, **urls}, headers=MARK)


def _read(request: Request, body: Any) -> Order:
    need(body, "prompt", str)
    model = request.scope["path"].split("/", 2)[-1]
    callback_url = request.query_params.get("fal_webhook")
    return Order(made_of(body), model, CENTS, callback_url)


def made_of(body: Any) -> Made:
    """A fine-tune makes films when it is told how long, else pictures."""
    seconds = body.get("duration")
    return Made("mp4" if seconds else "png", body.get("width", 640), body.get("height", 360), seconds or 2.0)
