"""Replicate's predictions: a version and its input, signed callbacks, a wait that is told only in words."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from deploy.stubs import callbacks
from deploy.stubs.callbacks import Callback
from deploy.stubs.fal import made_of
from deploy.stubs.provider import Order, Provider, Spoken, need, only
from deploy.stubs.stage import Phase, Scenario, Task

CENTS = 3.0
STATUS = {
    Phase.QUEUED: "starting",
    Phase.RUNNING: "processing",
    Phase.SUCCEEDED: "succeeded",
    Phase.FAILED: "failed",
    Phase.CANCELLED: "canceled",
}


class Replicate(Provider):
    name = "replicate"

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/v1/predictions", self.create, methods=["POST"]),
            Route("/v1/predictions/{id}", self.prediction, methods=["GET"]),
            Route("/v1/predictions/{id}/cancel", self.cancel, methods=["POST"]),
        ]

    def refusals(self) -> Mapping[Scenario, Spoken]:
        throttled = "Request was throttled. Your rate limit resets in ~30s."
        return {
            Scenario.THROTTLED: Spoken(429, {"detail": throttled}),
            Scenario.BUSY: Spoken(503, {"detail": "Service unavailable."}),
            Scenario.BROKEN: Spoken(500, {"detail": "Internal server error."}),
            Scenario.OUT_OF_CREDIT: Spoken(402, {"title": "Insufficient credit", "detail": "You have no credit."}),
        }

    def no_key(self) -> Spoken:
        return Spoken(401, {"title": "Unauthenticated", "detail": "You did not pass a valid token."})

    def malformed(self, sentence: str) -> Spoken:
        return Spoken(422, {"title": "Input validation failed", "detail": sentence})

    def callback(self, task: Task) -> Iterable[Callback]:
        return callbacks.standard(self.stage, task, json.dumps(self._told(task)).encode())

    async def create(self, request: Request) -> Response:
        return await self.paid(request, _read, self._created)

    async def prediction(self, request: Request) -> Response:
        if (refused := self.asked(request)) is not None:
            return refused
        task = self.stage.task(self.name, request.path_params["id"])
        if task is None:
            return JSONResponse({"detail": "The requested resource could not be found."}, 404)
        return JSONResponse(self._told(task) | self._output(request, task))

    async def cancel(self, request: Request) -> Response:
        if (refused := self.stranger(request)) is not None:
            return refused
        task = self.stage.task(self.name, request.path_params["id"])
        if task is None:
            return JSONResponse({"detail": "The requested resource could not be found."}, 404)
        if self.stage.phase(task) in (Phase.QUEUED, Phase.RUNNING):
            task.cancelled_at = self.stage.clock.now()
        return JSONResponse(self._told(task))

    async def _created(self, request: Request, task: Task) -> Response:
        return JSONResponse(self._told(task), 201)

    def _told(self, task: Task) -> dict[str, Any]:
        phase, error = self.stage.phase(task), None
        if phase is Phase.FAILED:
            error = "NSFW content detected." if task.scenario is Scenario.MODERATED else "The model ended."
        return {"id": task.id, "version": task.model, "status": STATUS[phase], "error": error, "output": None}

    def _output(self, request: Request, task: Task) -> dict[str, Any]:
        if self.stage.phase(task) is not Phase.SUCCEEDED:
            return {}
        return {"output": [self.file_url(request, task)], "metrics": {"predict_time": 7.5}}


def _read(request: Request, body: Any) -> Order:
    only(body, "version", "input", "webhook", "webhook_events_filter")
    into = need(body, "input", dict)
    need(into, "prompt", str)
    return Order(made_of(into), need(body, "version", str), CENTS, body.get("webhook"))
