"""`up`: the whole studio on one machine: stores, a hub with API and pages, a worker, the demo project; until Ctrl-C.

Puts the pieces together and shows what happens; keeping them alive is `supervisor.py`.
"""

import asyncio
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.errors import PortTaken, ServerFailed
from deploy.local import children, demo_project, environment
from deploy.local.household import Household, household
from deploy.local.issuer import provider_file
from deploy.local.ports import port_free
from deploy.local.screen import Screen, write_json
from deploy.local.supervisor import STOP_TIMEOUT_S, Keeper, Kept
from services.users.openid.settings import FILE as PROVIDERS
from storage.tasks import beside

READY_TIMEOUT_S = 30.0
READY_POLL_S = 0.05
DOORS = ("hub", "worker", "issuer")
"""Our own processes beside the stores."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asked for."""

    data: Path
    host: str
    port: int
    json: Path | None = None

    @property
    def here(self) -> str:
        """The studio's address on this machine."""
        return f"http://{'127.0.0.1' if self.host in ('0.0.0.0', '') else self.host}:{self.port}"


def run(wanted: Wanted, environ: Mapping[str, str]) -> int:
    """Returns after Ctrl-C or SIGTERM. Raises `DeployError`."""
    screen = Screen()
    if not port_free(wanted.port, wanted.host):
        raise PortTaken(f"Port {wanted.port} is used by another program. Stop it, or choose another with --port.")
    environ = {environment.PUBLIC_URL: wanted.here, **environ}
    with household(wanted.data, environ, screen.say) as house:
        asyncio.run(_Studio(wanted, house, environ, screen).run())
        screen.say("stopping")
    return 0


class _Studio:
    """One run of `up`, after the stores are there."""

    def __init__(self, wanted: Wanted, house: Household, environ: Mapping[str, str], screen: Screen) -> None:
        self._wanted = wanted
        self._house = house
        self._environ = {environment.PAGES_DIR: str(environment.PAGES), **environ, **house.variables}
        self._screen = screen
        kept = (*self._doors(), *house.kept)
        self._keepers = {one.name: Keeper(one, screen.say) for one in kept}

    async def run(self) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        try:
            async with beside(self._keep()), beside(self._welcome()):
                await stop.wait()
        finally:
            self._stop_children()

    async def _keep(self) -> None:
        async with asyncio.TaskGroup() as group:
            for keeper in self._keepers.values():
                group.create_task(keeper.run())

    async def _welcome(self) -> None:
        """Makes the demo project while the hub starts, then shows the way in."""
        self._screen.say("starting the hub and a worker")
        links = await demo_project.prepare(self._environ)
        await self._ready()
        self._screen.say(f"ready in {self._screen.elapsed_s:.1f} s")
        self._show(links)
        write_json(
            self._wanted.json,
            {"ready_s": round(self._screen.elapsed_s, 2), "url": self._wanted.here, **links.as_json()},
        )

    async def _ready(self) -> None:
        until = asyncio.get_running_loop().time() + READY_TIMEOUT_S
        async with httpx.AsyncClient(timeout=2.0, trust_env=False) as client:
            while not await _answers(client, f"{self._wanted.here}/readyz"):
                if asyncio.get_running_loop().time() > until:
                    raise ServerFailed(
                        f"The hub did not become ready. Its log says:\n{children.tail(self._log('hub'))}"
                    )
                await asyncio.sleep(READY_POLL_S)

    def _show(self, links: demo_project.Links) -> None:
        console = self._screen.console
        console.print()
        for who, link in links.people.items():
            console.print(f"  [bold]{who}[/]", link, sep="\n    ", soft_wrap=True)
        console.print("  [bold]TV[/] (it shows a code to enter at /device)", links.tv, sep="\n    ", soft_wrap=True)
        if not self._environ.get(environment.MAIL):
            console.print(f"\n  Mail (invitations) is written to {self._house.folder / 'mail'}.", soft_wrap=True)
        console.print(f"\n  Logs are in {self._house.folder / 'logs'}. Ctrl-C stops everything.\n", soft_wrap=True)

    # Children --------------------------------------------------------------------------------------

    def _doors(self) -> list[Kept]:
        """People sign in through the demo's provider, unless the environment names others."""
        if self._environ.get(PROVIDERS):
            return [self._hub(), self._worker()]
        file, port = provider_file(self._house.folder)
        self._environ = {**self._environ, PROVIDERS: str(file)}
        return [self._hub(), self._worker(), self._issuer(port)]

    def _issuer(self, port: int) -> Kept:
        program = self._program("issuer", ("--port", str(port)), {}, signal.SIGKILL)
        return Kept("issuer", lambda: children.start(program))

    def _hub(self) -> Kept:
        arguments = ("--host", self._wanted.host, "--port", str(self._wanted.port))
        return self._serve("hub", arguments, signal.SIGKILL)  # it may be frozen when we die, and has no children

    def _worker(self) -> Kept:
        return self._serve("worker", ("--port", "0"), signal.SIGTERM)  # it ends its ffmpeg first

    def _serve(self, name: str, arguments: tuple[str, ...], death_signal: signal.Signals) -> Kept:
        heartbeat = self._house.folder / f"{name}.heartbeat"
        program = self._program(name, arguments, {"STORYFORGE_HEARTBEAT_FILE": str(heartbeat)}, death_signal)
        return Kept(name, lambda: children.start(program), heartbeat)

    def _program(
        self, name: str, arguments: tuple[str, ...], environ: Mapping[str, str], death_signal: signal.Signals
    ) -> children.Program:
        ours = {
            environment.ANNOUNCEMENTS: str(self._house.folder / "announcements"),
            environment.MAIL: environment.mail_url(self._house.folder),
            environment.CASHIER: "1",
        }
        return children.Program(
            name,
            (sys.executable, "-P", "-m", "deploy.local", "serve", name, *arguments),
            {**ours, **self._environ, **environ},
            Path.cwd(),
            self._log(name),
            death_signal,
        )

    def _log(self, name: str) -> Path:
        return self._house.folder / "logs" / f"{name}.log"

    def _stop_children(self) -> None:
        """Doors first, all at once; the stores are stopped by `household`."""
        doors = [keeper.process for name, keeper in self._keepers.items() if name in DOORS]
        running = [process for process in doors if process is not None]
        for process in running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        until = asyncio.get_running_loop().time() + STOP_TIMEOUT_S
        for process in running:
            children.stop(process, signal.SIGTERM, max(0.0, until - asyncio.get_running_loop().time()))


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == 200
    except httpx.HTTPError:
        return False
