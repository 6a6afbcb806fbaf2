"""Rows of `model_policies`: which models a project allows. A project without a row allows all of them.

No rules: what they mean is decided in `services.generation.routing`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from storage.postgres import Executor
from storage.sql import load

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """Names are `provider` or `provider/model`; None: all."""

    allow: Sequence[str] | None
    deny: Sequence[str]
    regions: Sequence[str] | None


async def of_project(executor: Executor, project_id: UUID) -> PolicyRow | None:
    """None where nothing was ever said."""
    row = await executor.fetchrow(_QUERIES["of_project"], project_id)
    return None if row is None else PolicyRow(**row)


async def put(executor: Executor, project_id: UUID, policy: PolicyRow) -> None:
    await executor.execute(_QUERIES["put"], project_id, policy.allow, policy.deny, policy.regions)
