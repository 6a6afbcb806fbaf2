"""Runs with steps that make nothing, on the real database, in tables of their own: a claim looks at all that wait."""

import json
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import pytest_asyncio

from services.runs.model import Done, Priority, StepSpec
from services.runs.service import Held, Steps
from storage.log import DocumentLog
from storage.migrate import migrate
from storage.objects import Objects
from storage.postgres import open_pool
from storage.queue import MemoryQueue
from storage.tables import cached, lanes
from storage.tables.steps import Ring, StepRow


@dataclass
class Floor:
    """`queue` keeps the rings that nobody hears."""

    pool: asyncpg.Pool
    log: DocumentLog
    queue: MemoryQueue
    steps: Steps
    lane: str
    made: list[UUID]

    async def run(
        self,
        *specs: StepSpec,
        tenant: UUID | None = None,
        priority: int = Priority.INTERACTIVE,
        is_colleague: bool = True,
        mode: str | None = None,
        replays: UUID | None = None,
    ) -> UUID:
        """In a project of its own. `is_colleague`: who asks sees the tenant's other projects. `mode`: of the cache."""
        user_id, project_id, run_id = uuid4(), uuid4(), uuid4()
        tenant = tenant or user_id
        await self.pool.execute(
            "insert into users (id, email, name, colour) values ($1, $2, 'T', '#000000')", user_id, f"{user_id}@t"
        )
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "insert into projects (id, owner_id, title, kind, brain, format)"
                " values ($1, $2, 'T', 'short', 'b', 'f')",
                project_id,
                user_id,
            )
            await connection.execute(
                "insert into episodes (id, project_id, ord, title) values ($1, $1, 'V', 'T')", project_id
            )
            head = await self.log.create(connection, project_id, "sb", uuid4(), 77, None)
            await connection.execute(
                "insert into runs (id, project_id, document_id, scene_id, requested_by, state, request, replays)"
                " values ($1, $2, $3, 'scn_a', $4, 'queued', $5, $6)",
                run_id,
                project_id,
                head.document_id,
                user_id,
                json.dumps({}),
                replays,
            )
            if is_colleague:
                await connection.execute(
                    "insert into project_members (project_id, user_id, role) select distinct project_id, $1::uuid,"
                    " 'editor'::project_role from steps join runs on runs.id = run_id where tenant = $2",
                    user_id,
                    tenant,
                )
            if mode is not None:
                await cached.set_policy(connection, project_id, mode, False)
            rings = await self.steps.begin(connection, run_id, tenant, priority, specs)
        await self.steps.ring(rings)
        self.made.append(run_id)
        return run_id

    async def claim(self, owner: str = "one") -> Held:
        held = await self.steps.claim(owner)
        assert held is not None
        return held

    async def do(self, output: object = 1, owner: str = "one") -> Held:
        """The next step, at once."""
        held = await self.claim(owner)
        await self.steps.end(held, Done({"made": output}))
        return held

    async def states(self, run_id: UUID) -> dict[str, str]:
        return {step.name: step.state for step in await self.steps.of_run(run_id)}

    async def step(self, run_id: UUID, name: str) -> StepRow:
        (found,) = [step for step in await self.steps.of_run(run_id) if step.name == name]
        return found

    def rings(self) -> list[Ring]:
        found = []
        while (ring := self.queue.take()) is not None:
            found.append(ring)
        return found

    async def silent(self, run_id: UUID) -> None:
        """As if its worker had died long ago."""
        await self.pool.execute("update steps set lease_until = now() - interval '1 s' where run_id = $1", run_id)

    async def places(self, places: int) -> None:
        await lanes.set_places(self.pool, self.lane, places)


@pytest_asyncio.fixture(scope="session")
async def own_pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    name = f"runs_{secrets.token_hex(4)}"
    own = f"{database_url}{'&' if '?' in database_url else '?'}search_path={name},public"
    async with open_pool(database_url, connections_max=1) as pool:
        await pool.execute(f"create schema {name}")
    async with open_pool(own) as pool:
        async with pool.acquire() as connection:
            await migrate(connection)
        yield pool


@pytest_asyncio.fixture
async def floor(own_pool: asyncpg.Pool, objects: Objects) -> AsyncIterator[Floor]:
    pool = own_pool
    queue = MemoryQueue()
    log = DocumentLog(pool, objects)
    floor = Floor(pool, log, queue, Steps(pool, queue), f"lane-{uuid4()}", [])
    yield floor
    await pool.execute("update runs set state = 'cancelled' where id = any($1)", floor.made)
    await pool.execute("update steps set state = 'cancelled' where run_id = any($1) and state <> 'done'", floor.made)


def chain(*names: str, lane: str = "local") -> Sequence[StepSpec]:
    """Each needs the one before it. Params of its own, so that nothing is done already."""
    salt = str(uuid4())
    return [
        StepSpec(name, "toy/1", names[at - 1 : at] if at else (), {"salt": salt, "name": name}, lane)
        for at, name in enumerate(names)
    ]
