"""What each process of ours has round its own work: stores, health checks on them, a heartbeat; and the stores' app.

No door is imported here.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette

from deploy import health
from deploy.health import Readiness
from deploy.heartbeat import beating
from deploy.settings import ProcessSettings
from storage.redis import open_redis
from storage.stores import Stores, open_stores

Make = Callable[[Readiness], Starlette]
"""An app is made with the readiness that its server changes when it is asked to stop."""


def of_stores(environ: Mapping[str, str], kept: Callable[[], AbstractAsyncContextManager[None]]) -> Make:
    """Only health, beside whoever keeps the servers running."""
    settings = ProcessSettings.from_env(environ)
    registry = health.new_registry()

    def make(readiness: Readiness) -> Starlette:
        @asynccontextmanager
        async def lifespan(app: Starlette) -> AsyncIterator[None]:
            async with kept(), open_process(settings, registry, readiness):
                yield

        return Starlette(routes=health.routes(readiness, registry), lifespan=lifespan)

    return make


@asynccontextmanager
async def open_process(
    settings: ProcessSettings, registry: CollectorRegistry, readiness: Readiness
) -> AsyncIterator[Stores]:
    """What every process has: stores, health checks on them, a heartbeat."""
    async with (
        open_stores(settings.stores) as opened,
        open_redis(settings.stores.redis_url) as redis,
        beating(settings.heartbeat_file, registry),
    ):
        readiness.checks = {"postgres": health.of_postgres(opened.pool), "redis": health.of_redis(redis)}
        yield opened
