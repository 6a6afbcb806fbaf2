"""The stores of one data folder, ready to be used: locked, copied and migrated when older, with keys and addresses.

Starts no hub, no API and no worker.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from deploy import schema
from deploy.local import data, environment
from deploy.local.embedded import EmbeddedStores, Endpoints, run_apart
from deploy.local.supervisor import Kept
from storage.migrate import FOLDER, known

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Household:
    """`variables`: what processes need to reach the stores. `kept`: servers of ours that must be kept running."""

    folder: Path
    endpoints: Endpoints
    variables: Mapping[str, str]
    kept: tuple[Kept, ...]


@contextmanager
def household(folder: Path, environ: Mapping[str, str], say: Say, migrations: Path = FOLDER) -> Iterator[Household]:
    """`migrations`: this build's. Raises `DeployError`."""
    folder = folder.resolve()
    with data.in_use(folder):
        keys = environ.get(environment.KEYS)
        keys_file = Path(keys) if keys else data.signing_keys(folder)
        public_url = environ.get(environment.PUBLIC_URL) or environment.PUBLIC_URL_DEFAULT
        outside = environment.outside_stores(environ)
        if outside is not None:
            say("using the servers that the environment names")
            run_apart(schema.bring(outside.database_url, say, migrations))
            yield _remembered(folder, outside, keys_file, public_url)
            return
        if data.check_version(folder, known(migrations)):
            say(f"the data are older: copied to {data.back_up(folder)}")
        say("starting PostgreSQL and Valkey")
        with EmbeddedStores(folder, say=say) as stores:
            run_apart(schema.bring(stores.endpoints.database_url, say, migrations))
            data.write_version(folder, known(migrations))
            kept = tuple(Kept(name, partial(stores.running, name)) for name in ("postgres", "valkey"))
            yield _remembered(folder, stores.endpoints, keys_file, public_url, kept)


def _remembered(
    folder: Path, endpoints: Endpoints, keys: Path, public_url: str, kept: tuple[Kept, ...] = ()
) -> Household:
    variables = environment.to_reach(endpoints, keys, public_url)
    environment.remember(folder, variables)
    return Household(folder, endpoints, variables, kept)
