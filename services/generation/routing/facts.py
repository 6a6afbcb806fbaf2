"""What is known at this moment of those who may be asked: how well and how full they are, how quick and how liked.

Read for a decision that counts (`router.py`) and for one that only shows what would be decided. Nothing is written.
"""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from services.generation.routing.health import unwell
from services.generation.routing.journal import Journal
from services.generation.routing.lanes import loads
from services.generation.routing.model import Ask, Budget, Candidate, Facts, Policy
from storage.breakers import Breakers


async def facts_of(
    pool: asyncpg.Pool,
    breakers: Breakers,
    ask: Ask,
    candidates: Sequence[Candidate],
    *,
    tenant: UUID,
    policy: Policy,
    budget: Budget,
) -> Facts:
    """Raises `StoreAway` where PostgreSQL is away; without Redis every model is taken for well."""
    models = [each.id for each in candidates]
    journal = Journal(pool)
    return Facts(
        policy=policy,
        budget=budget,
        health=await unwell(breakers, models),
        load=await loads(pool, models, tenant),
        speeds=await journal.speeds(candidates),
        records=await journal.records(ask, candidates),
    )
