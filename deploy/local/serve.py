"""`serve`: one of stores, hub, api, worker, issuer, stubs in the foreground, until SIGTERM or Ctrl-C.

The doors are composed in `deploy/asgi.py`; this is the process round them: socket, uvicorn, logs, limits.
"""

import asyncio
import resource
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, cast

import uvicorn
import uvloop
from starlette.applications import Starlette

from deploy import health, logs, schema
from deploy.collector import rare_collections
from deploy.errors import PortTaken
from deploy.health import Readiness
from deploy.local import compiled, environment
from deploy.local.embedded import run_apart
from deploy.local.household import household
from deploy.local.screen import Screen
from deploy.local.supervisor import Keeper
from deploy.process import of_stores
from storage.tasks import beside
from sync.limits import Limits

PORT = 8420
ISSUER_PORT = 8421
BACKLOG = 4096
PING_EVERY_S = 25.0
CONNECTIONS_CLOSE_TIMEOUT_S = 2
"""How long requests and sockets may finish after SIGTERM; with the lifespan's end it stays under 4 s."""
END_TIMEOUT_S = 4
"""After that the kernel ends a process that was asked to stop."""


class Server(uvicorn.Server):
    """uvicorn with three changes: `/readyz` says that we are going before the first connection is closed, a lifespan
    that fails ends the process, and signals are handled in the loop and not raised again afterwards."""

    def __init__(self, config: uvicorn.Config, readiness: Readiness) -> None:
        super().__init__(config)
        self._readiness = readiness

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(END_TIMEOUT_S)
        self._readiness.drain()
        super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        return bool(await super().on_tick(counter) or self.lifespan.shutdown_event.is_set())

    @property
    def failed(self) -> bool:
        """Whether the lifespan ended by itself, which only an error makes it do."""
        return bool(self.lifespan.error_occurred or self.lifespan.shutdown_failed)


Http = Callable[..., asyncio.BaseProtocol] | str
"""What makes a protocol for each connection: uvicorn's own by its name, or a hub's entrance."""
H11 = "h11"


def server(app: Starlette, readiness: Readiness, http: Http = H11) -> Server:
    """The same server for every process."""
    config = uvicorn.Config(
        app,
        http=cast(Any, http),
        ws="websockets-sansio",
        ws_max_size=Limits().frame_bytes_max,
        ws_per_message_deflate=False,
        ws_ping_interval=PING_EVERY_S,
        backlog=BACKLOG,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="on",
        timeout_graceful_shutdown=CONNECTIONS_CLOSE_TIMEOUT_S,
    )
    return Server(config, readiness)


def listening(host: str, port: int) -> socket.socket:
    """`port` 0: a free one. Raises `PortTaken`."""
    taken = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError as error:
        taken.close()
        raise PortTaken(f"{host}:{port} cannot be used ({error.strerror}). Choose another port with --port.") from error
    return taken


# One each ---------------------------------------------------------------------------------------------


def web(environ: Mapping[str, str], host: str, port: int | None, *, with_hub: bool, with_api: bool) -> int:
    """A hub, an API, or both on one port."""
    from deploy import asgi  # each process imports only its own libraries
    from realtime.upgrade import Entrance

    name = "hub" if with_hub else "api"
    run_apart(schema.bring(environ.get(environment.STORES[0], ""), _say))
    make = asgi.of_web(environment.of_role(environ, name, compiled.is_in_use()), with_hub, with_api)
    return _process(name, host, PORT if port is None else port, make, Entrance())


def worker(environ: Mapping[str, str], host: str, port: int | None) -> int:
    """The generation worker, with its health on a port."""
    from deploy.worker import of_worker

    run_apart(schema.bring(environ.get(environment.STORES[0], ""), _say))
    return _process("worker", host, port or 0, of_worker(environment.of_role(environ, "worker", compiled.is_in_use())))


def stores(folder: Path, host: str, port: int | None, environ: Mapping[str, str]) -> int:
    """PostgreSQL, Valkey and objects, kept running."""
    screen = Screen()
    with household(folder, environ, screen.say) as house:

        @asynccontextmanager
        async def kept() -> AsyncIterator[None]:
            async with beside(_all(*(Keeper(one, screen.say) for one in house.kept))):
                yield

        return _process("stores", host, port or 0, of_stores(house.variables, kept))


def issuer(environ: Mapping[str, str], port: int | None) -> int:
    """The sign-in provider of one machine, on a loopback address whatever the others listen on."""
    from deploy.local.demo_people import PEOPLE
    from deploy.local.issuer import HOST, Issuer, IssuerPerson, issuer_app, issuer_url

    chosen = port or ISSUER_PORT
    people = [IssuerPerson(person.name, person.email) for person in PEOPLE]
    provider = Issuer(issuer_url(chosen), people, frozenset({environ.get(environment.PUBLIC_URL, "")}))
    registry = health.new_registry()
    return _process("issuer", HOST, chosen, lambda ready: issuer_app(provider, health.routes(ready, registry)))


def stubs(port: int | None) -> int:
    """Providers that are not, on a loopback address; standard output says how a studio finds them."""
    from deploy.stubs.serving import HOST, PORT, exports, stubs_app

    registry = health.new_registry()
    chosen = PORT if port is None else port
    sys.stdout.write(exports(f"http://{HOST}:{chosen}"))
    sys.stdout.flush()
    return _process("stubs", HOST, chosen, lambda ready: stubs_app(health.routes(ready, registry)))


async def _all(*keepers: Keeper) -> None:
    async with asyncio.TaskGroup() as group:
        for keeper in keepers:
            group.create_task(keeper.run())


def _process(
    name: str,
    host: str,
    port: int,
    make: Callable[[Readiness], Starlette],
    http: Http = H11,
) -> int:
    """Serves until it is asked to stop; 0, or 1 when it ended by an error."""
    logs.to_stderr("INFO")
    _raise_open_files()
    rare_collections()
    readiness = Readiness()
    serving = server(make(readiness), readiness, http)
    with listening(host, port) as taken:
        _say(f"{name}: http://{host}:{taken.getsockname()[1]}/readyz")
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serving.serve(sockets=[taken]))
    signal.alarm(0)  # what is left is ours to stop
    return 1 if serving.failed else 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _raise_open_files() -> None:
    """A hub has one file a connection; shells often allow 1,024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
