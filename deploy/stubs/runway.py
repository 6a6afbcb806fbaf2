"""Runway's API of 2024-11-06: tasks, polled. A task that is deleted is forgotten."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from deploy.stubs.provider import Malformed, Order, Provider, Spoken, need, one_of, only
from deploy.stubs.stage import Made, Phase, Scenario, Task

CREDITS_A_SECOND = {"gen4.5": 12, "gen4_turbo": 5, "veo3.1": 20, "veo3.1_fast": 10}
CREDITS_A_SECOND_SOUNDING = {"veo3.1": 40, "veo3.1_fast": 15}
RATIOS = {
    "gen4.5": ("1280:720", "720:1280", "1104:832", "960:960", "832:1104", "1584:672"),
    "gen4_turbo": ("1280:720", "720:1280", "1104:832", "960:960", "832:1104", "1584:672"),
    "veo3.1": ("1280:720", "720:1280", "1080:1920", "1920:1080"),
    "veo3.1_fast": ("1280:720", "720:1280", "1080:1920", "1920:1080"),
}
STILL_CREDITS = 8


class Runway(Provider):
    name = "runway"

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/v1/image_to_video", self.from_image, methods=["POST"]),
            Route("/v1/text_to_video", self.from_text, methods=["POST"]),
            Route("/v1/text_to_image", self.still, methods=["POST"]),
            Route("/v1/tasks/{id}", self.task, methods=["GET"]),
            Route("/v1/tasks/{id}", self.delete, methods=["DELETE"]),
        ]

    def refusals(self) -> Mapping[Scenario, Spoken]:
        return {
            Scenario.THROTTLED: Spoken(429, {"error": "You have exceeded your rate limit."}),
            Scenario.BUSY: Spoken(503, {"error": "Service unavailable."}),
            Scenario.BROKEN: Spoken(502, "<html><h1>502 Bad Gateway</h1></html>"),
            Scenario.OUT_OF_CREDIT: Spoken(400, {"error": "You do not have enough credits to run this task."}),
        }

    def no_key(self) -> Spoken:
        return Spoken(401, {"error": "The provided API key is invalid."})

    def malformed(self, sentence: str) -> Spoken:
        return Spoken(400, {"error": f"Validation of body failed: {sentence}"})

    async def from_image(self, request: Request) -> Response:
        return await self.paid(request, lambda request, body: _film(request, body, with_image=True), self._created)

    async def from_text(self, request: Request) -> Response:
        return await self.paid(request, lambda request, body: _film(request, body, with_image=False), self._created)

    async def still(self, request: Request) -> Response:
        return await self.paid(request, _still, self._created)

    async def task(self, request: Request) -> Response:
        if (refused := self.asked(request)) is not None:
            return refused
        task = self.stage.task(self.name, request.path_params["id"])
        if task is None:
            return JSONResponse({"error": "An API task with that ID was not found."}, 404)
        return JSONResponse(self._told(request, task))

    async def delete(self, request: Request) -> Response:
        if (refused := self.stranger(request)) is not None:
            return refused
        task = self.stage.task(self.name, request.path_params["id"])
        if task is not None:
            if self.stage.phase(task) is Phase.QUEUED:
                self.stage.refund(task)
            self.stage.forget(task)
        return Response(status_code=204)

    async def _created(self, request: Request, task: Task) -> Response:
        return JSONResponse({"id": task.id, "estimatedCost": {"credits": float(task.cost)}})

    def _told(self, request: Request, task: Task) -> dict[str, Any]:
        made_at = datetime.fromtimestamp(task.created_at, UTC).isoformat()
        told: dict[str, Any] = {"id": task.id, "createdAt": made_at}
        estimated, cost = {"estimatedCost": {"credits": task.cost}}, {"cost": {"credits": task.cost}}
        match self.stage.phase(task):
            case Phase.QUEUED:
                return told | {"status": "PENDING"} | estimated
            case Phase.RUNNING:
                return told | {"status": "RUNNING", "progress": round(self.stage.share(task), 2)} | estimated
            case Phase.SUCCEEDED:
                return told | {"status": "SUCCEEDED", "output": [self.file_url(request, task)]} | cost
        if task.scenario is Scenario.MODERATED:
            code, words = "SAFETY.OUTPUT.IMAGE", "The output was flagged by our content moderation."
        else:
            code, words = "INTERNAL.BAD_OUTPUT.CODE01", "The generation failed."
        return told | {"status": "FAILED", "failureCode": code, "failure": words} | cost


def _film(request: Request, body: Any, *, with_image: bool) -> Order:
    _check_version(request)
    only(body, "model", "promptText", "promptImage", "ratio", "duration", "seed", "audio")
    model = one_of(need(body, "model", str), *RATIOS)
    _check_prompt(need(body, "promptText", str))
    ratio = one_of(need(body, "ratio", str), *RATIOS[model])
    seconds = need(body, "duration", int)
    one_of(seconds, *((4, 6, 8) if model.startswith("veo") else range(2, 11)))
    sounding = body.get("audio") is True
    if with_image:
        _check_frames(need(body, "promptImage", list))
    elif "promptImage" in body or model == "gen4_turbo":
        raise Malformed("promptImage")
    if "audio" in body and not model.startswith("veo"):
        raise Malformed("audio")
    width, height = map(int, ratio.split(":"))
    rate = (CREDITS_A_SECOND_SOUNDING if sounding else CREDITS_A_SECOND)[model]
    return Order(Made("mp4", width, height, seconds, sounding), model, rate * seconds)


def _still(request: Request, body: Any) -> Order:
    _check_version(request)
    only(body, "model", "promptText", "ratio", "seed", "referenceImages")
    model = one_of(need(body, "model", str), "gen4_image")
    _check_prompt(need(body, "promptText", str))
    width, height = map(int, need(body, "ratio", str).split(":"))
    return Order(Made("png", width, height), model, STILL_CREDITS)


def _check_version(request: Request) -> None:
    if request.headers.get("x-runway-version") != "2024-11-06":
        raise Malformed("X-Runway-Version")


def _check_prompt(text: str) -> None:
    if not 1 <= len(text.encode("utf-16-le")) // 2 <= 1_000:
        raise Malformed("promptText has 1 to 1000 UTF-16 code units")


def _check_frames(frames: list[Any]) -> None:
    for frame in frames:
        if not need(frame, "uri", str).startswith(("https://", "runway://", "data:image/")):
            raise Malformed("promptImage.uri")
        one_of(need(frame, "position", str), "first", "last")
