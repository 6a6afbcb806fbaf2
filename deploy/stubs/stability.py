"""Stability's stills: forms in, JSON with the picture out. Who is too fast is out for a minute; a failure is free."""

import base64
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from deploy.stubs.media import spoiled
from deploy.stubs.provider import Malformed, Order, Provider, Spoken, need, one_of, only
from deploy.stubs.stage import Made, Scenario, Task

RATIOS = {
    "16:9": (1344, 768),
    "9:16": (768, 1344),
    "1:1": (1024, 1024),
    "21:9": (1536, 640),
    "9:21": (640, 1536),
    "3:2": (1216, 832),
    "2:3": (832, 1216),
    "5:4": (1088, 896),
    "4:5": (896, 1088),
}
CREDITS = {"core": 3.0, "ultra": 8.0, "sd3.5-large": 6.5, "sd3.5-large-turbo": 4.0, "sd3.5-medium": 3.5}
CREDITS["sd3.5-flash"] = 2.5


class Stability(Provider):
    name = "stability"
    charges_broken = False

    def routes(self) -> list[BaseRoute]:
        return [Route("/v2beta/stable-image/generate/{engine}", self.generate, methods=["POST"])]

    def refusals(self) -> Mapping[Scenario, Spoken]:
        return {
            Scenario.THROTTLED: _error(429, "rate_limit_exceeded", "You have exceeded the rate limit."),
            Scenario.BUSY: _error(500, "internal_error", "An unexpected error occurred."),
            Scenario.BROKEN: _error(500, "internal_error", "An unexpected error occurred."),
            Scenario.OUT_OF_CREDIT: _error(402, "payment_required", "You lack sufficient credits."),
            Scenario.MODERATED: _error(403, "content_moderation", "Your request was flagged."),
        }

    def no_key(self) -> Spoken:
        return _error(401, "unauthorized", "authorization: invalid or missing")

    def malformed(self, sentence: str) -> Spoken:
        return _error(400, "bad_request", sentence)

    async def generate(self, request: Request) -> Response:
        return await self.paid(request, _read, self._made)

    async def _made(self, request: Request, task: Task) -> Response:
        """FAILED is the picture that the filter has blurred, which is free."""
        data = await self.media.of(task.made)
        reason = "SUCCESS"
        if task.scenario is Scenario.FAILED:
            reason = "CONTENT_FILTERED"
            self.stage.refund(task)
        if task.scenario is Scenario.CORRUPT:
            data = spoiled(data)
        body = {"image": base64.b64encode(data).decode(), "finish_reason": reason, "seed": 343940597}
        return JSONResponse(body, headers={"x-request-id": task.id})


def _read(request: Request, body: Any) -> Order:
    engine = one_of(request.path_params["engine"], "core", "ultra", "sd3")
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Malformed("content-type: must be multipart/form-data")
    one_of(request.headers.get("accept"), "application/json")
    only(body, "prompt", "aspect_ratio", "seed", "output_format", "model", "mode", "image", "strength")
    if not 1 <= len(need(body, "prompt", str)) <= 10_000:
        raise Malformed("prompt")
    if ("image" in body) is not ("strength" in body):
        raise Malformed("image and strength go together")
    model = one_of(need(body, "model", str), *CREDITS) if engine == "sd3" else engine
    one_of(need(body, "output_format", str), "png", "jpeg", "webp")
    ratio = one_of(body.get("aspect_ratio", "1:1"), *RATIOS)
    if not 0 <= int(body.get("seed", "0")) < 2**32:
        raise Malformed("seed")
    return Order(Made("png", *RATIOS[ratio]), model, CREDITS[model])


def _error(status: int, name: str, sentence: str) -> Spoken:
    return Spoken(status, {"id": "stub", "name": name, "errors": [sentence]})
