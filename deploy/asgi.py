"""Composition of the web doors: a hub, an API, or both, on one port and one set of stores.

One lifespan with one `AsyncExitStack`; nothing is opened at import. The server round it is `deploy/local/serve.py`.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from starlette.applications import Starlette

import api.main
import realtime.main
from api.settings import ApiSettings
from deploy import health, process, replicas
from deploy.health import Readiness
from deploy.process import Make, open_process
from deploy.settings import ProcessSettings
from realtime.settings import HubSettings
from realtime.upgrade import STATE_KEY
from services.users.keys import load_keys
from services.users.tickets import Tickets
from services.users.tokens import Tokens


def of_web(environ: Mapping[str, str], with_hub: bool, with_api: bool) -> Make:
    """A hub, an API or both. Reads the settings now: what is missing is said before anything starts."""
    settings = ProcessSettings.from_env(environ)
    hub_settings = HubSettings.from_env(environ) if with_hub else None
    api_settings = ApiSettings.from_env(environ) if with_api else None
    return lambda readiness: build_app(settings, hub_settings, api_settings, readiness)


def build_app(
    settings: ProcessSettings, hub_settings: HubSettings | None, api_settings: ApiSettings | None, readiness: Readiness
) -> Starlette:
    """The doors that have settings, on one port and one set of stores."""
    registry = health.new_registry()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        async with AsyncExitStack() as stack:
            state_of_server: dict[str, Any] = {}
            opened = await stack.enter_async_context(open_process(settings, registry, readiness))
            keys = load_keys(settings.signing_keys_file)
            tokens = Tokens(keys, settings.public_url)
            tickets = Tickets(opened.cache)
            inquest = process.inquest(opened, registry)
            if hub_settings is not None:
                hub = await stack.enter_async_context(
                    realtime.main.open_hub(hub_settings, opened, inquest, tokens, tickets, registry, replicas.PROGRAM)
                )
                readiness.on_drain.append(hub.drain)
                state_of_server[STATE_KEY] = hub  # where the hub's own transport finds it
                app.router.routes.extend(realtime.main.routes(hub))
            else:
                await inquest.hold()  # what the API opens does not wait for each document
            if api_settings is not None:
                state = await stack.enter_async_context(
                    api.main.open_api(api_settings, opened, keys, tokens, tickets, registry=registry)
                )
                readiness.on_drain.append(state.audience.close)
                app.router.routes.extend(api.main.routes(state))
            yield state_of_server

    if api_settings is None:
        return Starlette(routes=health.routes(readiness, registry), lifespan=lifespan)
    return Starlette(
        routes=health.routes(readiness, registry),
        middleware=api.main.middleware(api_settings),
        exception_handlers=dict(api.main.EXCEPTION_HANDLERS),
        lifespan=lifespan,
    )
