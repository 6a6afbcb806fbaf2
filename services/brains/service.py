"""Brains as people use them: the presets of every studio, those that teams make, their versions and mixtures.

A version is never changed; whoever changes a brain adds one, and scenes keep the version that they name.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import asyncpg

from services.brains.blend import blended
from services.brains.checks import checked
from services.brains.errors import NoSuchBrain, TooManyBrains, UnknownBrain
from services.brains.model import Brain
from services.brains.presets import BRAINS, brain
from services.brains.stored import from_json, to_json
from services.brains.vector import similarity, vector_of
from services.projects.model import Entropy, time_ordered
from services.users.access import access_team
from services.users.errors import NoSuchTeam
from services.users.model import Actor, TeamRole
from storage.postgres import Connection, Executor, Within
from storage.tables import brains as rows
from storage.tables import teams
from storage.tables.brains import BrainRow
from sync import ids
from sync.errors import MalformedId

BRAIN_PREFIX = "brn"
BRAINS_MAX = 100
"""Of a team, deleted ones included."""
VERSIONS_MAX = 1_000
VERSIONS_PAGE_MAX = 100
BRAINS_LISTED_MAX = 1_000
"""Of all teams of one person."""


@dataclass(frozen=True, slots=True)
class Known:
    """A version of a brain, and whose it is. `team_id` None: a preset."""

    brain: Brain
    team_id: UUID | None = None


class Brains:
    """Every method takes the actor and checks their role itself. `entropy(n)` gives n random bytes."""

    def __init__(self, pool: asyncpg.Pool, entropy: Entropy = secrets.token_bytes) -> None:
        self._pool = pool
        self._entropy = entropy

    async def listed(self, actor: Actor) -> list[Known]:
        """The presets, then the newest version of each brain of the actor's teams."""
        found = await rows.brains_of_user(self._pool, actor.user_id, None, BRAINS_LISTED_MAX)
        return [Known(preset) for preset in BRAINS.values()] + [_known(row) for row in found]

    async def of_team(self, actor: Actor, team_id: UUID) -> list[Known]:
        """Raises `NoSuchTeam`."""
        await access_team(self._pool, actor, team_id, TeamRole.MEMBER)
        return [_known(row) for row in await rows.brains_of_user(self._pool, actor.user_id, team_id, BRAINS_MAX)]

    async def get(self, actor: Actor, name: str, version: int | None = None) -> Known:
        """A preset by its name or a team's brain by its id: the newest, or exactly `version`. Raises `NoSuchBrain`."""
        if name in BRAINS:
            try:
                return Known(brain(name, version))
            except UnknownBrain as error:
                raise NoSuchBrain(NoSuchBrain.__doc__) from error
        return _known(await _row(self._pool, actor, name, version))

    async def versions(self, actor: Actor, name: str, below: int | None, limit: int) -> list[tuple[Known, BrainRow]]:
        """Of a team's brain, the newest first. Raises `NoSuchBrain`; a preset has one, and no history."""
        row = await _row(self._pool, actor, name)
        found = await rows.versions(self._pool, row.id, below, min(limit, VERSIONS_PAGE_MAX))
        return [(_known(each), each) for each in found]

    async def similar(self, actor: Actor, name: str, limit: int) -> list[tuple[Known, float]]:
        """The looks most like this one among those that the actor sees, the most similar first, itself left out."""
        asked = await self.get(actor, name)
        vector = vector_of(asked.brain)
        others = [known for known in await self.listed(actor) if known.brain.id != asked.brain.id]
        rated = [(known, similarity(vector, vector_of(known.brain))) for known in others]
        return sorted(rated, key=lambda pair: (-pair[1], pair[0].brain.id))[:limit]

    async def blend(self, actor: Actor, parts: Sequence[tuple[str, int | None, float]]) -> Brain:
        """`parts`: (brain, version or newest, weight above 0), two or more; nothing is stored. Raises `NoSuchBrain`."""
        (name, version, weight), *others = parts
        mixed = (await self.get(actor, name, version)).brain
        for name, version, more in others:
            weight += more
            mixed = blended(mixed, (await self.get(actor, name, version)).brain, more / weight)
        return mixed

    async def create(
        self, actor: Actor, team_id: UUID, brain: Brain, now: float, within: Within[Known] | None = None
    ) -> Known:
        """Version 1, under an id of its own. `now`: seconds since 1970; `within` runs in the transaction that makes it.

        Raises `NoSuchTeam`, `Forbidden`, `BrainUnfit`, `TooManyBrains`.
        """
        brain_id = time_ordered(now, self._entropy)
        first = checked(replace(brain, id=ids.to_text(BRAIN_PREFIX, brain_id), version=1))
        async with self._pool.acquire() as connection, connection.transaction():
            await teams.lock_team(connection, team_id)
            await access_team(connection, actor, team_id, TeamRole.ADMIN)
            if await rows.count_of_team(connection, team_id) >= BRAINS_MAX:
                raise TooManyBrains(TooManyBrains.__doc__)
            await rows.add_brain(connection, brain_id, team_id, actor.user_id)
            await rows.add_version(connection, brain_id, 1, to_json(first), actor.user_id)
            made = Known(first, team_id)
            if within is not None:
                await within(connection, made)
            return made

    async def change(self, actor: Actor, name: str, brain: Brain) -> Known:
        """Adds a version; one that says what the newest says adds none.

        Raises `NoSuchBrain`, `Forbidden`, `BrainUnfit`, `TooManyBrains`.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            newest = await _locked(connection, actor, name)
            same = checked(replace(brain, id=name, version=newest.version))
            if to_json(same) == newest.record:
                return Known(same, newest.team_id)
            if newest.version >= VERSIONS_MAX:
                raise TooManyBrains(TooManyBrains.__doc__)
            following = replace(same, version=newest.version + 1)
            await rows.add_version(connection, newest.id, following.version, to_json(following), actor.user_id)
            return Known(following, newest.team_id)

    async def delete(self, actor: Actor, name: str) -> None:
        """Out of the lists; scenes that name a version of it keep it. Raises `NoSuchBrain`, `Forbidden`."""
        async with self._pool.acquire() as connection, connection.transaction():
            await rows.delete_brain(connection, (await _locked(connection, actor, name)).id)


async def brain_of_project(executor: Executor, project_id: UUID, name: str, version: int | None) -> Brain:
    """A preset, or a brain of a team that has a role in the project. Raises `UnknownBrain`."""
    if name in BRAINS:
        return brain(name, version)
    is_possible = version is None or 1 <= version <= VERSIONS_MAX  # clients write any number into a document
    row = await rows.brain_of_project(executor, project_id, _id(name), version) if is_possible else None
    if row is None:
        raise UnknownBrain(f"no brain {name!r} in version {version}")
    return from_json(row.record)


async def _row(executor: Executor, actor: Actor, name: str, version: int | None = None) -> BrainRow:
    """What a member of its team sees; for others there is none. Raises `NoSuchBrain`."""
    try:
        row = await rows.brain_of_id(executor, _id(name), version)
        if row is not None:
            await access_team(executor, actor, row.team_id, TeamRole.MEMBER)
            return row
    except (UnknownBrain, NoSuchTeam) as error:
        raise NoSuchBrain(NoSuchBrain.__doc__) from error
    raise NoSuchBrain(NoSuchBrain.__doc__)


async def _locked(connection: Connection, actor: Actor, name: str) -> BrainRow:
    """Two who change a brain at once make two versions. Raises `NoSuchBrain`, `Forbidden`."""
    row = await _row(connection, actor, name)
    await rows.lock_brain(connection, row.id)
    await access_team(connection, actor, row.team_id, TeamRole.ADMIN)
    return await _row(connection, actor, name)


def _id(name: str) -> UUID:
    """Raises `UnknownBrain`: what cannot be an id is none."""
    try:
        return ids.from_text(BRAIN_PREFIX, name)
    except MalformedId as error:
        raise UnknownBrain(f"no brain {name!r}") from error


def _known(row: BrainRow) -> Known:
    return Known(from_json(row.record), row.team_id)
