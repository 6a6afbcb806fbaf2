"""What people see of the cache: why a take was offered or not, what was saved, and what the owner wants."""

from dataclasses import dataclass
from uuid import UUID

import asyncpg

from services.cache.errors import NoSuchDecision
from services.cache.model import FalseHits, Mode, Policy, false_hits
from services.users.access import access_project
from services.users.model import Actor, Need
from storage.tables import cached
from storage.tables.cached import DecisionRow, FigureRow

FIGURES_DAYS = 30
DECISIONS_PAGE_MAX = 100


@dataclass(frozen=True, slots=True)
class Report:
    """Of the last `FIGURES_DAYS` days; offers as long as they are kept. Money in micro-credits."""

    policy: Policy
    figures: tuple[FigureRow, ...]
    offered: int
    accepted: int
    declined: int
    false_hits: FalseHits


class Reports:
    """Every call asks for the actor's rights in the project, and raises `NoSuchProject` or `Forbidden`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def report(self, actor: Actor, project_id: UUID) -> Report:
        await access_project(self._pool, actor, project_id, Need.VIEW)
        found = await cached.policy(self._pool, project_id)
        counted = await cached.shadows(self._pool, project_id)
        return Report(
            policy=Policy() if found is None else Policy(Mode(found[0]), found[1]),
            figures=tuple(await cached.figures(self._pool, project_id, FIGURES_DAYS)),
            offered=counted.offered,
            accepted=counted.accepted,
            declined=counted.declined,
            false_hits=false_hits(counted.same, counted.different),
        )

    async def decisions(self, actor: Actor, project_id: UUID, before: UUID | None, limit: int) -> list[DecisionRow]:
        """The newest first."""
        await access_project(self._pool, actor, project_id, Need.VIEW)
        return await cached.decisions(self._pool, project_id, before, min(limit, DECISIONS_PAGE_MAX))

    async def decision(self, actor: Actor, project_id: UUID, decision_id: UUID) -> DecisionRow:
        """Raises `NoSuchDecision`."""
        await access_project(self._pool, actor, project_id, Need.VIEW)
        row = await cached.decision(self._pool, project_id, decision_id)
        if row is None:
            raise NoSuchDecision(NoSuchDecision.__doc__)
        return row

    async def set_policy(self, actor: Actor, project_id: UUID, policy: Policy) -> Policy:
        """An owner's to say: it spends his money."""
        await access_project(self._pool, actor, project_id, Need.ADMIN)
        await cached.set_policy(self._pool, project_id, policy.mode, policy.prepares_ahead)
        return policy
