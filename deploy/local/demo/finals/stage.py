"""The processes of this demo, and the bad luck that the stubs are told to have."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.local.demo.nodes import Node
from deploy.stubs.serving import exports

SLOTS = "2"
FAILURES: Mapping[str, tuple[str, ...]] = {
    "kling": ("broken", "throttled", "corrupt", "dropped", "out_of_credit"),
    "runway": ("failed", "expired", "throttled", "broken"),
}
"""Both fail, each in ways of its own; the scenarios are those of `deploy/stubs/stage.py`."""


@dataclass(frozen=True)
class Players:
    """`hub` has the API; `stubs` are all providers."""

    hub: Node
    worker: Node
    stubs: Node

    async def ready(self) -> None:
        for node in (self.stubs, self.hub, self.worker):
            await node.ready()


@contextmanager
def open_players(variables: Mapping[str, str], folder: Path, port: int) -> Iterator[Players]:
    """`variables`: how to reach the stores; `port`: of the hub. All that was started ends."""
    logs = folder / "logs"
    ours = {name: value for name, value in os.environ.items() if not name.startswith("STORYFORGE_")}
    stubs = Node("stubs", ("stubs",), ours, logs)
    environ = {**ours, **variables, **accounts(stubs.http), "STORYFORGE_WORKER_SLOTS": SLOTS}
    players = Players(Node("hub", ("hub",), environ, logs, port), Node("worker", ("worker",), environ, logs), stubs)
    every = (players.stubs, players.hub, players.worker)
    try:
        for node in every:
            node.start()
        yield players
    finally:
        for node in every:
            node.ask_to_stop()
        for node in every:
            node.stop()


def accounts(url: str) -> dict[str, str]:
    """Of the providers that make films and are told to fail; the others have no account here."""
    found = dict(line.removeprefix("export ").split("=", 1) for line in exports(url).splitlines())
    kept = {f"STORYFORGE_{name.upper()}_{part}" for name in FAILURES for part in ("KEY", "URL", "WEBHOOK_SECRET")}
    return {name: value for name, value in found.items() if name in kept | {"STORYFORGE_PROVIDER_ORIGINS"}}


async def bring_bad_luck(http: httpx.AsyncClient) -> None:
    """`http`: of the stubs."""
    for provider, scenarios in FAILURES.items():
        body = {"provider": provider, "scenarios": list(scenarios)}
        (await http.post("/control/plan", json=body)).raise_for_status()


async def charges(http: httpx.AsyncClient) -> list[dict[str, object]]:
    """Every paid call that was taken."""
    answer = (await http.get("/control/charges")).raise_for_status().json()
    found: list[dict[str, object]] = answer["charges"]
    return found
