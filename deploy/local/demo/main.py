"""`./dev demo`: puts the play on, prints its table, leaves a page with pictures, ends with one JSON line.

The composition root of the demo; what happens is in `play.py`.
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx

from deploy.errors import SettingMissing
from deploy.local import environment
from deploy.local.demo import play, proof, report
from deploy.local.demo.errors import DemoFailed
from deploy.local.demo.nodes import Nodes, open_nodes
from deploy.local.demo.screen import Screen, open_screen
from deploy.local.household import Household, household
from deploy.local.ports import free_port
from storage.settings import StoreSettings
from storage.stores import open_stores

STOPPED = 2


def run(options: argparse.Namespace) -> int:
    """0 when every line of the table is as it must be, else 1; 2 when it was stopped. `options`: json, report."""
    node = shutil.which("node")
    if node is None:
        raise SettingMissing("Node.js is not on PATH: start this as ./dev demo, which brings it.")
    folder = Path(tempfile.mkdtemp(prefix="storyforge-demo-"))
    try:
        result = _show(folder, options.report.resolve(), node)
    except KeyboardInterrupt:
        print("storyforge: the demo was stopped before its end; nothing is proved.", file=sys.stderr)
        return STOPPED
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    line = json.dumps(result)
    if options.json is not None:
        options.json.write_text(line + "\n")
    print(line, flush=True)
    return 0 if result["ok"] else 1


def _show(folder: Path, target: Path, node: str) -> dict[str, Any]:
    with open_screen() as screen:
        port = free_port()
        house = household(folder / "data", {environment.PUBLIC_URL: f"http://127.0.0.1:{port}"}, screen.say)
        with house as home, open_nodes(home.variables, folder, port) as nodes:
            try:
                return asyncio.run(_perform(home, nodes, target, node, screen))
            except* DemoFailed as failed:
                error = "; ".join(_leaves(failed))
            except* httpx.HTTPError as failed:
                error = "; ".join(_leaves(failed))
            except* TimeoutError:
                error = "something that was waited for did not happen in time"
            _keep_logs(folder / "logs", target)
    print(f"storyforge: {error}. Logs are in {target / 'logs'}.", file=sys.stderr)
    return {"ok": False, "error": error}


async def _perform(home: Household, nodes: Nodes, target: Path, node: str, screen: Screen) -> dict[str, Any]:
    screen.say("starting two hubs and a worker")
    await nodes.ready()
    _clear(target)
    async with (
        open_stores(StoreSettings.from_env(home.variables)) as stores,
        play.assemble(nodes, stores, Path(home.variables[environment.KEYS]), node, screen) as company,
    ):
        seen, previews, take = await play.perform(company, target)
    table = proof.lines(seen)
    page = report.write(target, table, seen, previews, take)
    screen.table(table)
    screen.say(f"pictures: {page}")
    return proof.result(table) | {"report": str(page)}


def _clear(target: Path) -> None:
    """Pictures of an earlier run must not be taken for this one's."""
    shutil.rmtree(target / "media", ignore_errors=True)
    (target / "media").mkdir(parents=True)
    (target / "index.html").unlink(missing_ok=True)


def _keep_logs(logs: Path, target: Path) -> None:
    shutil.copytree(logs, target / "logs", dirs_exist_ok=True)


def _leaves(group: BaseExceptionGroup[Any]) -> list[str]:
    return [
        text
        for error in group.exceptions
        for text in (_leaves(error) if isinstance(error, BaseExceptionGroup) else [str(error)])
    ]
