"""All stubs as one application: each under its name, what they made under /files, and the control under /control.

`POST /control/plan {"provider", "scenarios": [...], "questions": false}`, `POST /control/advance {"seconds"}`,
`GET /control/charges`, `POST /control/reset`.
"""

from collections.abc import Callable, Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from deploy.stubs.claude import Claude
from deploy.stubs.elevenlabs import ElevenLabs
from deploy.stubs.fal import Fal
from deploy.stubs.kling import Kling
from deploy.stubs.kling_legacy import KlingLegacy
from deploy.stubs.media import CONTENT_TYPES, Media, spoiled
from deploy.stubs.provider import Provider
from deploy.stubs.replicate import Replicate
from deploy.stubs.runway import Runway
from deploy.stubs.sora import Sora
from deploy.stubs.stability import Stability
from deploy.stubs.stage import Phase, Scenario, Stage

STUBS: tuple[Callable[[Stage, Media], Provider], ...] = (
    Runway,
    Sora,
    Kling,
    KlingLegacy,
    Stability,
    Claude,
    ElevenLabs,
    Fal,
    Replicate,
)


class Stubs:
    """The application, and the delivery of callbacks that are due."""

    def __init__(self, stage: Stage, media: Media | None = None) -> None:
        self.stage = stage
        self._media = media or Media()
        self._providers: Mapping[str, Provider] = {
            made.name: made for made in (stub(stage, self._media) for stub in STUBS)
        }

    @property
    def routes(self) -> list[BaseRoute]:
        """For whoever serves them."""
        return [
            *(Mount(f"/{name}", routes=one.routes()) for name, one in self._providers.items()),
            Route("/files/{provider}/{id}/{name}", self._file, methods=["GET"]),
            Route("/control/plan", self._plan, methods=["POST"]),
            Route("/control/advance", self._advance, methods=["POST"]),
            Route("/control/charges", self._charges, methods=["GET"]),
            Route("/control/reset", self._reset, methods=["POST"]),
        ]

    def app(self) -> Starlette:
        return Starlette(routes=self.routes)

    async def tell(self) -> None:
        """Sends the callbacks that are due."""
        for task in self.stage.due():
            for callback in self._providers[task.provider].callback(task):
                await self.stage.deliver(callback.url, callback.headers, callback.body)

    async def _file(self, request: Request) -> Response:
        """EXPIRED: the first address of a result is dead, the next one lives."""
        params = request.path_params
        task = self.stage.task(params["provider"], params["id"])
        if task is None or self.stage.phase(task) is not Phase.SUCCEEDED:
            return Response("no such file", 404)
        if task.scenario is Scenario.EXPIRED and params["name"].startswith("1."):
            return Response("<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>", 403)
        data = await self._media.of(task.made)
        if task.scenario is Scenario.CORRUPT:
            data = spoiled(data)
        return Response(data, media_type=CONTENT_TYPES[task.made.kind])

    async def _plan(self, request: Request) -> Response:
        body = await request.json()
        known = body["provider"] in self._providers and set(body["scenarios"]) <= set(Scenario)
        if not known:
            said = {"providers": sorted(self._providers), "scenarios": sorted(Scenario)}
            return JSONResponse(said, 400)
        scenarios = [Scenario(name) for name in body["scenarios"]]
        self.stage.plan(body["provider"], *scenarios, questions=bool(body.get("questions")))
        return Response(status_code=204)

    async def _advance(self, request: Request) -> Response:
        self.stage.clock.advance(float((await request.json())["seconds"]))
        await self.tell()
        return JSONResponse({"now": self.stage.clock.now()})

    async def _charges(self, request: Request) -> Response:
        charges = [
            {"provider": one.provider, "model": one.model, "task": one.task, "cost": one.cost}
            for one in self.stage.charges
        ]
        return JSONResponse({"charges": charges})

    async def _reset(self, request: Request) -> Response:
        self.stage.reset()
        return Response(status_code=204)
