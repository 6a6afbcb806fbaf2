"""A few seeds of the simulation of finals: `./dev sim generation` plays thousands."""

from pathlib import Path

from deploy.local.embedded import Endpoints
from tests.simulation.run_generation import played

SEEDS = 6


async def test_finals_are_paid_once_and_end(stores: Endpoints, tmp_path: Path) -> None:
    done = await played(stores.database_url, stores.redis_url, range(SEEDS), tmp_path)
    assert done.failures == {} and done.seeds == SEEDS
    assert sum(times for name, times in done.counts.items() if name.startswith("run ")) == SEEDS
