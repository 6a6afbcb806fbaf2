"""Composition of the worker: its stores, its task, and its health on a port of its own."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from starlette.applications import Starlette

import jobs.main
from deploy import health
from deploy.health import Readiness
from deploy.process import Make, inquest, open_process
from deploy.settings import ProcessSettings
from jobs.settings import WorkerSettings
from storage.tasks import beside


def of_worker(environ: Mapping[str, str]) -> Make:
    """The worker with its health."""
    settings = ProcessSettings.from_env(environ)
    worker_settings = WorkerSettings.from_env(environ)
    registry = health.new_registry()

    def make(readiness: Readiness) -> Starlette:
        @asynccontextmanager
        async def lifespan(app: Starlette) -> AsyncIterator[None]:
            async with open_process(settings, registry, readiness) as opened:
                await inquest(opened, registry).hold()
                async with beside(jobs.main.run_worker(worker_settings, opened, registry)):
                    yield

        return Starlette(routes=health.routes(readiness, registry), lifespan=lifespan)

    return make
