"""Kling's old API: a token signed for half an hour, the model in the body, text for numbers, `succeed` for done."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from deploy.stubs import callbacks
from deploy.stubs.callbacks import Callback
from deploy.stubs.kling import MODERATED, RASTERS, REFUSALS, error
from deploy.stubs.provider import Malformed, Order, Provider, Spoken, need, one_of
from deploy.stubs.stage import Made, Phase, Scenario, Task

UNITS_A_SECOND = {"std": 0.3, "pro": 0.5}
STATUS = {Phase.QUEUED: "submitted", Phase.RUNNING: "processing", Phase.SUCCEEDED: "succeed", Phase.FAILED: "failed"}


class KlingLegacy(Provider):
    name = "kling-legacy"

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/v1/videos/{kind:str}", self.create, methods=["POST"]),
            Route("/v1/videos/{kind:str}/{id:str}", self.task, methods=["GET"]),
        ]

    def refusals(self) -> Mapping[Scenario, Spoken]:
        return REFUSALS

    def no_key(self) -> Spoken:
        return error(401, 1002, "Authentication is invalid")

    def malformed(self, sentence: str) -> Spoken:
        return error(400, 1201, sentence)

    def key_of(self, request: Request) -> str:
        """`access:secret`, if that is what the token was signed with; its times are the world's."""
        access, _, secret = self.stage.keys.get(self.name, "access:secret").partition(":")
        head, _, rest = super().key_of(request).partition(".")
        claims, _, signature = rest.partition(".")
        expected = hmac.new(secret.encode(), f"{head}.{claims}".encode(), hashlib.sha256).digest()
        if signature != base64.urlsafe_b64encode(expected).rstrip(b"=").decode():
            return ""
        said, typed = _decoded(claims), _decoded(head)
        good = said.get("iss") == access and said.get("exp", 0) - said.get("nbf", 0) <= 1_805 and "iat" not in said
        return f"{access}:{secret}" if good and typed == {"alg": "HS256", "typ": "JWT"} else ""

    def callback(self, task: Task) -> Iterable[Callback]:
        told = self._told(task) | {"final_unit_deduction": str(task.cost)}
        return callbacks.standard(self.stage, task, json.dumps(told).encode())

    async def create(self, request: Request) -> Response:
        return await self.paid(request, _read, self._created)

    async def task(self, request: Request) -> Response:
        if (refused := self.asked(request)) is not None:
            return refused
        task = self.stage.task(self.name, request.path_params["id"])
        if task is None or _kind(task) != request.path_params["kind"]:
            return error(404, 1203, "Task not found").response()
        data = self._told(task)
        if self.stage.phase(task) is Phase.SUCCEEDED:
            video = {"id": task.id, "url": self.file_url(request, task), "duration": f"{task.made.duration_s:g}"}
            data |= {"task_result": {"videos": [video]}, "final_unit_deduction": str(task.cost)}
        return JSONResponse({"code": 0, "message": "SUCCEED", "request_id": "stub", "data": data})

    async def _created(self, request: Request, task: Task) -> Response:
        return JSONResponse({"code": 0, "message": "SUCCEED", "request_id": "stub", "data": self._told(task)})

    def _told(self, task: Task) -> dict[str, Any]:
        phase = self.stage.phase(task)
        words = MODERATED if task.scenario is Scenario.MODERATED else "Generation failed"
        return {
            "task_id": task.id,
            "task_status": STATUS[phase],
            "task_status_msg": words if phase is Phase.FAILED else "",
            "task_info": {"external_task_id": task.external_id or ""},
            "created_at": int(task.created_at * 1_000),
            "updated_at": int(self.stage.clock.now() * 1_000),
        }


def _kind(task: Task) -> str:
    return "image2video" if "image" in task.body or "image_tail" in task.body else "text2video"


def _read(request: Request, body: Any) -> Order:
    kind = one_of(request.path_params["kind"], "text2video", "image2video")
    model = one_of(need(body, "model_name", str), "kling-v2-5-turbo", "kling-v2-6")
    need(body, "prompt", str)
    mode = one_of(need(body, "mode", str), "std", "pro")
    seconds = int(one_of(need(body, "duration", str), "5", "10"))
    if (kind == "image2video") is not ("image" in body or "image_tail" in body):
        raise Malformed("image")
    ratio = one_of(body.get("aspect_ratio", "16:9"), "16:9", "9:16", "1:1")
    raster = RASTERS["720p" if mode == "std" else "1080p", ratio]
    cost = round(UNITS_A_SECOND[mode] * seconds, 3)
    return Order(Made("mp4", *raster, seconds), model, cost, body.get("callback_url"), body.get("external_task_id"))


def _decoded(segment: str) -> dict[str, Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
