"""`documents`: fresh storyboards with tokens, for load tools from outside, and their content from one Yjs update.

The update is stored as it is, unchecked: whoever imports a file vouches for it.
"""

import asyncio
import secrets
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from deploy import schema
from deploy.local.embedded import run_apart
from deploy.local.screen import Screen, write_json
from deploy.settings import ProcessSettings
from services.projects.model import Project, ProjectKind
from services.projects.service import Projects
from services.users.keys import load_keys
from services.users.model import Actor, Role
from services.users.tokens import Tokens
from storage.errors import StorageError
from storage.log import Batch, DocumentKey, DocumentLog
from storage.stores import open_stores
from storage.tables import users

ORIGIN = "import"
AT_ONCE_MAX = 8


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asked for."""

    count: int
    role: str
    out: Path
    update: Path | None = None
    json: Path | None = None


def run(wanted: Wanted, environ: Mapping[str, str]) -> int:
    """The exit code."""
    begun = time.monotonic()
    run_apart(schema.bring(ProcessSettings.from_env(environ).stores.database_url, Screen().say))
    lines = asyncio.run(_make(wanted, environ))
    wanted.out.touch(mode=0o600)
    wanted.out.write_text("".join(lines))
    seconds = round(time.monotonic() - begun, 2)
    print(f"{len(lines)} storyboards in {seconds} s: {wanted.out}", file=sys.stderr)
    write_json(wanted.json, {"count": len(lines), "seconds": seconds})
    return 0


async def _make(wanted: Wanted, environ: Mapping[str, str]) -> list[str]:
    settings = ProcessSettings.from_env(environ)
    tokens = Tokens(load_keys(settings.signing_keys_file), settings.public_url)
    content = wanted.update.read_bytes() if wanted.update else None
    role = Role(wanted.role)
    async with open_stores(settings.stores) as stores:
        row = users.UserRow(uuid4(), f"load-{secrets.token_hex(8)}@example.com", "Load tool", "#5f6673")
        await users.add_user(stores.pool, row)
        owner = Actor(row.id, row.name, row.colour, "service", ORIGIN)
        log = DocumentLog(stores.pool, stores.objects)
        projects = Projects(stores.pool, log)
        gate = asyncio.Semaphore(AT_ONCE_MAX)

        async def one(number: int) -> str:
            async with gate:
                project = await projects.create(owner, f"Load {number}", ProjectKind.SHORT, time.time())
                if content is not None:
                    await _fill(log, project, content)
                token = tokens.issue_document(owner, project.storyboard.id, role, time.time()).text
                return f"{project.storyboard}\t{token}\n"

        async with asyncio.TaskGroup() as group:
            made = [group.create_task(one(number)) for number in range(1, wanted.count + 1)]
        return [task.result() for task in made]


async def _fill(log: DocumentLog, project: Project, content: bytes) -> None:
    key = DocumentKey(project.storyboard.id, project.storyboard.epoch)
    batch = Batch(uuid4(), None, ORIGIN, content)
    result = await log.append({key: [batch]})
    for error in result.rejected.values():
        raise error
    if not result.committed:
        raise StorageError(f"{project.storyboard} is locked by another process")
