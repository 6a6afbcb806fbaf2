"""`./dev demo generation`: puts the play on, prints its table, leaves a page with pictures, ends with one JSON line."""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx

from deploy.local import environment
from deploy.local.demo import proof as lines_of
from deploy.local.demo.errors import DemoFailed
from deploy.local.demo.finals import play, proof, report
from deploy.local.demo.finals.stage import Players, open_players
from deploy.local.demo.screen import Screen, open_screen
from deploy.local.household import Household, household
from deploy.local.ports import free_port
from storage.settings import StoreSettings
from storage.stores import open_stores

STOPPED = 2


def run(options: argparse.Namespace) -> int:
    """0 when every line of the table is as it must be, else 1; 2 when it was stopped. `options`: json, report."""
    folder = Path(tempfile.mkdtemp(prefix="storyforge-demo-"))
    try:
        result = _show(folder, options.report.resolve())
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


def _show(folder: Path, target: Path) -> dict[str, Any]:
    with open_screen() as screen:
        port = free_port()
        house = household(folder / "data", {environment.PUBLIC_URL: f"http://127.0.0.1:{port}"}, screen.say)
        with house as home, open_players(home.variables, folder, port) as players:
            try:
                return asyncio.run(_perform(home, players, target, screen))
            except (DemoFailed, httpx.HTTPError) as failed:
                error = str(failed)
            except TimeoutError:
                error = "something that was waited for did not happen in time"
            shutil.copytree(folder / "logs", target / "logs", dirs_exist_ok=True)
    print(f"storyforge: {error}. Logs are in {target / 'logs'}.", file=sys.stderr)
    return {"ok": False, "error": error}


async def _perform(home: Household, players: Players, target: Path, screen: Screen) -> dict[str, Any]:
    screen.say("starting a hub, a worker and the stubs of the providers")
    await players.ready()
    shutil.rmtree(target / "media", ignore_errors=True)
    (target / "media").mkdir(parents=True)
    async with open_stores(StoreSettings.from_env(home.variables)) as stores:
        keys = Path(home.variables[environment.KEYS])
        seen = await play.perform(players, stores, keys, target / "media", screen)
    table = proof.lines(seen)
    page = report.write(target, table, seen.scenes)
    screen.table(table)
    screen.say(f"pictures: {page}")
    return lines_of.result(table) | {"report": str(page)}
