"""`./dev sim generation`: finals against the stubs of all providers, by a clock that is moved, with workers that die.

`python -m tests.simulation.run_generation --seeds N [--from SEED] [--json FILE]`; exit code 1 when a seed fails.
"""

import asyncio
import logging
import sys
import tempfile
import traceback
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy.local.embedded import EmbeddedStores
from storage.settings import StoreSettings
from storage.stores import open_stores
from tests.contract.remote import open_door
from tests.integration.generation.studio import Studio
from tests.integration.schemas import own_schema
from tests.simulation import generation
from tests.simulation.mortal import mortality
from tests.simulation.run import Portion, all_seeds, failures, options_of, report
from tests.simulation.sketchbook import QuickEye


def portion(database_url: str, redis_url: str, seeds: Sequence[int]) -> Portion:
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="storyforge-sim-") as name:
        return asyncio.run(played(database_url, redis_url, seeds, Path(name)))


async def played(database_url: str, redis_url: str, seeds: Sequence[int], folder: Path) -> Portion:
    """With tables of their own."""
    done, eye = Portion(), QuickEye()
    settings = StoreSettings(await own_schema(database_url, "sim"), redis_url, f"file://{folder / 'objects'}")
    (folder / "scratch").mkdir()
    with mortality():
        async with open_stores(settings) as stores, open_door() as door:
            for seed in seeds:
                done.seeds += 1
                studio = await Studio.open(stores, redis_url, folder / "scratch")
                try:
                    done.counts.update(await generation.play(studio, door, eye, seed))
                except Exception:
                    done.failures[seed] = traceback.format_exc()
                finally:
                    await studio.settle()
    return done


def main(arguments: Sequence[str] | None = None) -> int:
    options = options_of("./dev sim generation", arguments)
    console = Console(stderr=True, highlight=False)
    with tempfile.TemporaryDirectory(prefix="storyforge-sim-stores-") as name:
        with EmbeddedStores(Path(name), durable=False) as stores:
            ends = stores.endpoints
            play = partial(portion, ends.database_url, ends.redis_url)
            total, seconds = all_seeds(options, play, console)
    _show(total, seconds, console)
    failures(total, "./dev sim generation", console)
    return report(options, total, seconds)


def _show(total: Portion, seconds: float, console: Console) -> None:
    table = Table("what", "times", title=f"{total.seeds} seeds in {seconds} s", title_justify="left")
    table.columns[1].justify = "right"
    for name in sorted(total.counts):
        table.add_row(name, f"{total.counts[name]}")
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
