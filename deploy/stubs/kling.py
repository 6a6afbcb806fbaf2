"""Kling's new API: the model in the path, batches of tasks, one external id for one task, signed callbacks."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from deploy.stubs import callbacks
from deploy.stubs.callbacks import Callback
from deploy.stubs.provider import Malformed, Order, Provider, Spoken, need, one_of
from deploy.stubs.stage import Made, Phase, Scenario, Task

UNITS_A_SECOND = {
    "kling-2.6": (0.3, 0.5),
    "kling-3.0-turbo": (0.8, 1.0),
    "kling-3.0-omni": (0.6, 0.8),
    "kling-o1": (0.6, 0.8),
}
"""(720p, 1080p)."""
SOUNDING_UNITS_A_SECOND = {"kling-3.0-turbo": (0.8, 1.0), "kling-3.0-omni": (0.8, 1.0)}
RASTERS = {
    ("720p", "16:9"): (1280, 720),
    ("720p", "9:16"): (720, 1280),
    ("720p", "1:1"): (960, 960),
    ("1080p", "16:9"): (1920, 1080),
    ("1080p", "9:16"): (1080, 1920),
    ("1080p", "1:1"): (1440, 1440),
}
STATUS = {Phase.QUEUED: "submitted", Phase.RUNNING: "processing", Phase.SUCCEEDED: "succeeded", Phase.FAILED: "failed"}
BATCH_MAX = 20


def error(status: int, code: int, message: str) -> Spoken:
    """As both of Kling's APIs say it."""
    return Spoken(status, {"code": code, "message": message, "request_id": "stub"})


REFUSALS: Mapping[Scenario, Spoken] = {
    Scenario.THROTTLED: error(429, 1303, "parallel task over resource pack limit"),
    Scenario.BUSY: error(503, 5001, "Service temporarily unavailable"),
    Scenario.BROKEN: error(500, 5000, "Internal error"),
    Scenario.OUT_OF_CREDIT: error(429, 1102, "Resource pack depleted"),
}
MODERATED = "Failure to pass the risk control system"


class Kling(Provider):
    name = "kling"

    def routes(self) -> list[BaseRoute]:
        create = [
            Route(f"/{kind}/{{model}}", self.create, methods=["POST"], name=kind)
            for kind in ("text-to-video", "image-to-video", "omni-video")
        ]
        return [*create, Route("/tasks", self.tasks, methods=["GET"])]

    def refusals(self) -> Mapping[Scenario, Spoken]:
        return REFUSALS

    def no_key(self) -> Spoken:
        return error(401, 1002, "Authentication is invalid")

    def malformed(self, sentence: str) -> Spoken:
        return error(400, 1201, sentence)

    def callback(self, task: Task) -> Iterable[Callback]:
        told = self._told(task) | {"outputs": []}
        return callbacks.standard(self.stage, task, json.dumps(told).encode())

    async def create(self, request: Request) -> Response:
        return await self.paid(request, self._read, self._created)

    async def tasks(self, request: Request) -> Response:
        if (refused := self.asked(request)) is not None:
            return refused
        ids, external = (request.query_params.get(name) for name in ("task_ids", "external_task_ids"))
        wanted = (ids or external or "").split(",")
        if bool(ids) is bool(external) or len(wanted) > BATCH_MAX:
            return error(400, 1201, "task_ids or external_task_ids, at most 20").response()
        found = [task for task in self.stage.tasks(self.name) if (task.id if ids else task.external_id) in wanted]
        data = [self._told(task) | self._outputs(request, task) for task in found]
        return JSONResponse({"code": 0, "message": "SUCCEED", "request_id": "stub", "data": data})

    async def _created(self, request: Request, task: Task) -> Response:
        return JSONResponse({"code": 0, "message": "SUCCEED", "request_id": "stub", "data": self._told(task)})

    def _read(self, request: Request, body: Any) -> Order:
        """Unknown fields are ignored there, so here too."""
        model = one_of(request.path_params["model"], *UNITS_A_SECOND)
        kind = request.scope["path"].rsplit("/", 2)[-2]
        settings, options = body.get("settings", {}), body.get("options", {})
        contents = {one.get("type"): one for one in body.get("contents", [])}
        prompt = body.get("prompt") if kind == "text-to-video" else contents.get("prompt", {}).get("text")
        if not prompt or len(prompt) > 2_500:
            raise Malformed("prompt")
        frames = [one for name, one in contents.items() if name in ("first_frame", "last_frame")]
        if kind == "image-to-video" and not frames:
            raise Malformed("first_frame")
        if any(need(one, "url", str).startswith("data:") for one in frames):
            raise Malformed("base64 has no prefix here")
        resolution = one_of(settings.get("resolution", "720p"), "720p", "1080p")
        ratio = one_of(settings.get("aspect_ratio", "16:9"), "16:9", "9:16", "1:1")
        seconds = one_of(settings.get("duration", 5), *((5, 10) if model == "kling-2.6" else range(3, 16)))
        sounding = one_of(settings.get("audio", "off"), "native", "off", "original") == "native"
        external = options.get("external_task_id")
        if external and any(task.external_id == external for task in self.stage.tasks(self.name)):
            raise Malformed("external_task_id is not unique")
        units = (SOUNDING_UNITS_A_SECOND if sounding else UNITS_A_SECOND)[model][resolution == "1080p"]
        made = Made("mp4", *RASTERS[resolution, ratio], seconds, sounding)
        return Order(made, model, round(units * seconds, 3), options.get("callback_url"), external)

    def _told(self, task: Task) -> dict[str, Any]:
        phase = self.stage.phase(task)
        words = ""
        if phase is Phase.FAILED:
            words = MODERATED if task.scenario is Scenario.MODERATED else "Generation failed"
        return {
            "id": task.id,
            "status": STATUS[phase],
            "message": words,
            "create_time": int(task.created_at * 1_000),
            "update_time": int(self.stage.clock.now() * 1_000),
            "external_id": task.external_id or "",
        }

    def _outputs(self, request: Request, task: Task) -> dict[str, Any]:
        if self.stage.phase(task) is not Phase.SUCCEEDED:
            return {}
        url = self.file_url(request, task)
        output = {"type": "video", "id": task.id, "url": url, "duration": f"{task.made.duration_s:g}"}
        return {"outputs": [output], "billing": [{"charge_type": "unit", "amount": str(task.cost)}]}
