"""What each process of ours has round its own work: stores, health checks on them, a heartbeat; and the stores' app.

No door is imported here.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

from prometheus_client import CollectorRegistry, Counter
from starlette.applications import Starlette

from deploy import health
from deploy.health import Readiness
from deploy.heartbeat import beating
from deploy.settings import ProcessSettings
from deploy.standstill import ended_by_standstill
from deploy.trial import PROGRAM
from services.inquest.service import Inquest, InquestParts
from services.inquest.trial import try_in_child
from storage.log import DocumentLog
from storage.quarantine import Quarantine
from storage.redis import open_redis
from storage.snapshots import Snapshots
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
    """What every process has: stores, health checks on them, a heartbeat, an end if it stands still."""
    async with (
        open_stores(settings.stores) as opened,
        ended_by_standstill(settings.standstill_cpu_s, opened.announcements),
        open_redis(settings.stores.redis_url) as redis,
        beating(settings.heartbeat_file, registry),
    ):
        readiness.checks = {"postgres": health.of_postgres(opened.pool), "redis": health.of_redis(redis)}
        yield opened


def inquest(stores: Stores, registry: CollectorRegistry) -> Inquest:
    """Into the deaths of the processes that announced their work where this one does. Somebody has to hold it."""
    verdicts = Counter(
        "storyforge_inquest_verdicts_total",
        "What became of that on which a process had died: innocent, quarantined, unreadable, unclear",
        ["verdict"],
        registry=registry,
    )
    parts = InquestParts(
        log=DocumentLog(stores.pool, stores.objects),
        snapshots=Snapshots(stores.pool, stores.objects),
        quarantine=Quarantine(stores.pool),
        trial=partial(try_in_child, PROGRAM),
        verdict=lambda verdict: verdicts.labels(verdict).inc(),
    )
    return Inquest(stores.deaths, parts)
