"""What people see of the cache: why a take was offered or not, what was saved, and what the owner wants."""

from dataclasses import dataclass
from uuid import UUID

import asyncpg

from services.cache.errors import NoSuchDecision
from services.cache.model import FalseHits, Mode, Policy, false_hits
from services.users import audit
from services.users.access import access_project, access_whole_project
from services.users.audit import Action
from services.users.model import Actor, Need
from storage.tables import cached
from storage.tables.cached import DecisionRow, FigureRow, TakeRow

FIGURES_DAYS = 30
DECISIONS_PAGE_MAX = 100


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of the last `FIGURES_DAYS` days, offers as long as they are kept. Money in micro-credits."""

    figures: tuple[FigureRow, ...]
    offered: int
    accepted: int
    declined: int
    false_hits: FalseHits


@dataclass(frozen=True, slots=True)
class Explained:
    """`take`: the one that was offered or came nearest, as long as it is kept."""

    decision: DecisionRow
    take: TakeRow | None


class Reports:
    """Every call asks for the actor's rights in the whole project; raises `NoSuchProject` or `Forbidden`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def report(self, actor: Actor, project_id: UUID) -> Report:
        """What was spent is told to those who may spend."""
        access = await access_whole_project(self._pool, actor, project_id, Need.VIEW)
        counted = await cached.shadows(self._pool, project_id)
        may_spend = access.standing.may(Need.EDIT)
        return Report(
            figures=tuple(await cached.figures(self._pool, project_id, FIGURES_DAYS)) if may_spend else (),
            offered=counted.offered,
            accepted=counted.accepted,
            declined=counted.declined,
            false_hits=false_hits(counted.same, counted.different),
        )

    async def decisions(self, actor: Actor, project_id: UUID, before: UUID | None, limit: int) -> list[DecisionRow]:
        """The newest first."""
        await access_whole_project(self._pool, actor, project_id, Need.VIEW)
        return await cached.decisions(self._pool, project_id, before, min(limit, DECISIONS_PAGE_MAX))

    async def decision(self, actor: Actor, project_id: UUID, decision_id: UUID) -> Explained:
        """Raises `NoSuchDecision`."""
        await access_whole_project(self._pool, actor, project_id, Need.VIEW)
        row = await cached.decision(self._pool, project_id, decision_id)
        if row is None:
            raise NoSuchDecision(NoSuchDecision.__doc__)
        take = None if row.take_id is None else await cached.take(self._pool, project_id, row.partition, row.take_id)
        return Explained(row, take)

    async def policy(self, actor: Actor, project_id: UUID) -> Policy:
        """What nobody has set is the default."""
        await access_project(self._pool, actor, project_id, Need.VIEW)
        found = await cached.policy(self._pool, project_id)
        return Policy() if found is None else Policy(Mode(found[0]), found[1])

    async def set_policy(self, actor: Actor, project_id: UUID, policy: Policy) -> Policy:
        """An owner's to say: preparing spends his money."""
        async with self._pool.acquire() as connection, connection.transaction():
            await access_project(connection, actor, project_id, Need.ADMIN)
            await cached.set_policy(connection, project_id, policy.mode, policy.prepares_ahead)
            await audit.record(
                connection,
                Action.CACHE_SET,
                actor_id=actor.user_id,
                project_id=project_id,
                mode=policy.mode,
                prepares_ahead=policy.prepares_ahead,
            )
        return policy
