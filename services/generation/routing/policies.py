"""The owner's rules of a project: which models may be asked, which never, and where they may compute."""

from uuid import UUID

import asyncpg

from services.generation.routing.model import Policy
from services.users import audit
from services.users.access import access_project
from services.users.audit import Action
from services.users.model import Actor, Need
from storage.postgres import Executor, store_away
from storage.tables import model_policies
from storage.tables.model_policies import PolicyRow


async def of_project(executor: Executor, project_id: UUID) -> Policy:
    """For who works for the project. All models where its owner has said nothing. Raises `StoreAway`."""
    with store_away():
        row = await model_policies.of_project(executor, project_id)
    if row is None:
        return Policy()
    allow = None if row.allow is None else frozenset(row.allow)
    return Policy(allow, frozenset(row.deny), None if row.regions is None else frozenset(row.regions))


async def read(pool: asyncpg.Pool, actor: Actor, project_id: UUID) -> Policy:
    """Raises `NoSuchProject`."""
    await access_project(pool, actor, project_id, Need.VIEW)
    return await of_project(pool, project_id)


async def put(pool: asyncpg.Pool, actor: Actor, project_id: UUID, policy: Policy) -> Policy:
    """In place of what held before; runs that are under way heed it from their next step on.

    Raises `NoSuchProject`, `Forbidden`, `ProjectArchived`.
    """
    allow = None if policy.allow is None else sorted(policy.allow)
    regions = None if policy.regions is None else sorted(policy.regions)
    row = PolicyRow(allow, sorted(policy.deny), regions)
    with store_away():
        async with pool.acquire() as connection, connection.transaction():
            await access_project(connection, actor, project_id, Need.ADMIN)
            await model_policies.put(connection, project_id, row)
            await audit.record(
                connection,
                Action.MODELS_SET,
                actor_id=actor.user_id,
                project_id=project_id,
                allow=None if allow is None else " ".join(allow),
                deny=" ".join(row.deny),
                regions=None if regions is None else " ".join(regions),
            )
    return policy
