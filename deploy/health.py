"""`/livez`, `/readyz` and `/metrics`, the same on every process.

`/livez` asks nobody: a process that answers is alive. `/readyz` asks the stores: may traffic be sent here?
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import asyncpg
import redis.asyncio
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

CHECK_TIMEOUT_S = 2.0

Check = Callable[[], Awaitable[object]]


@dataclass(slots=True)
class Readiness:
    """`draining` is set when the process was asked to stop: it still serves whom it has, and wants nobody new."""

    checks: Mapping[str, Check] = field(default_factory=dict)
    draining: bool = False
    on_drain: list[Callable[[], None]] = field(default_factory=list)

    def drain(self) -> None:
        """Called once, in the event loop, when the process is asked to stop."""
        self.draining = True
        for told in self.on_drain:
            told()

    async def report(self) -> dict[str, str]:
        """ "ok", or the kind of failure, for each store."""
        answers = await asyncio.gather(*(self._ask(check) for check in self.checks.values()))
        return dict(zip(self.checks, answers, strict=True))

    async def _ask(self, check: Check) -> str:
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                await check()
        except Exception as error:  # whatever a driver raises means: not now
            return type(error).__name__
        return "ok"


def of_postgres(pool: asyncpg.Pool) -> Check:
    return lambda: pool.fetchval("select 1")


def of_redis(client: redis.asyncio.Redis) -> Check:
    return lambda: client.ping()


def new_registry() -> CollectorRegistry:
    """One per process, never the library's global one."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


def routes(readiness: Readiness, registry: CollectorRegistry) -> list[BaseRoute]:
    async def livez(request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(request: Request) -> Response:
        stores = await readiness.report()
        ready = not readiness.draining and all(answer == "ok" for answer in stores.values())
        body = {"ready": ready, "draining": readiness.draining, "stores": stores}
        return JSONResponse(body, status_code=200 if ready else 503)

    async def metrics(request: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return [Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics)]
