"""`forgive`: lets a document be edited again that was made read-only because processes ended at it (C5)."""

import asyncio
import sys
from collections.abc import Mapping

from deploy.errors import DocumentUnnamed
from deploy.settings import ProcessSettings
from storage.postgres import open_pool
from storage.quarantine import Quarantine
from sync import names
from sync.errors import MalformedName


def run(text: str, environ: Mapping[str, str]) -> int:
    """The exit code. Raises `DocumentUnnamed`."""
    try:
        document = names.parse(text)
    except MalformedName as error:
        raise DocumentUnnamed(f"{text} is no name of a document, which looks like sb:...~1.") from error
    forgiven = asyncio.run(_forgive(document, ProcessSettings.from_env(environ).stores.database_url))
    print(f"{document}: {forgiven} faults forgiven; it can be edited.", file=sys.stderr)
    return 0


async def _forgive(document: names.DocumentName, database_url: str) -> int:
    async with open_pool(database_url, connections_max=1) as pool:
        return await Quarantine(pool).forgive(document.id)
