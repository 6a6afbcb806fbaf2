"""What somebody is in one episode: the rule of the schema and every door, beside the same rule in Python."""

import secrets
import time
from dataclasses import dataclass, replace
from itertools import product
from random import Random
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from services.projects.episodes import Episodes
from services.projects.model import Episode, Project, ProjectKind
from services.projects.service import Projects
from services.users.access import access_document, access_project, standing_of
from services.users.errors import NoSuchDocument, NoSuchProject
from services.users.model import Actor, Need, Role, Scope, Standing
from storage.bus import MemoryBus
from storage.log import DocumentLog
from storage.objects import Objects
from storage.tables import users
from storage.tables.standings import Question, standings
from storage.tables.users import UserRow

WIDE = (None, *Role)
NARROW = (None, Role.EDITOR, Role.COMMENTER, Role.VIEWER)
LINKS = (None, False, True)
"""By a share link that lets them comment, or not."""


@dataclass(frozen=True)
class Case:
    """Somebody, and what gives them a role: in the project and in its second episode, themselves and by a team."""

    user: UserRow
    direct: Role | None
    direct_there: Role | None
    team: Role | None
    team_there: Role | None
    link: bool | None

    @property
    def actor(self) -> Actor:
        return Actor(self.user.id, self.user.name, self.user.colour, "person", str(uuid4()))

    def there(self) -> Standing | None:
        """In the second episode: of each the weaker, of these the strongest."""
        sources = [weaker(self.direct, self.direct_there), weaker(self.team, self.team_there)]
        return strongest([role for role in sources if role is not None], self.link)

    def elsewhere(self) -> Standing | None:
        """In the first."""
        return strongest([role for role in (self.direct, self.team) if role is not None], self.link)

    def in_project(self, second: UUID) -> Standing | None:
        """Whoever has nothing but the episode looks at what is shared, and sees that episode alone."""
        whole = self.elsewhere()
        if self.direct_there is None and self.team_there is None:
            return whole
        if whole is None:
            return Standing(Role.VIEWER, True, False, None, frozenset({second}))
        return replace(whole, can_download=True)


def weaker(one: Role | None, other: Role | None) -> Role | None:
    return max((role for role in (one, other) if role is not None), key=list(Role).index, default=None)


def strongest(roles: list[Role], link: bool | None) -> Standing | None:
    can_approve = any(role is not Role.VIEWER for role in roles)
    can_download = bool(roles)
    if link is not None:
        roles = [*roles, Role.COMMENTER if link else Role.VIEWER]
    return Standing(min(roles, key=list(Role).index), can_download, can_approve) if roles else None


@dataclass(frozen=True)
class House:
    """A series of two episodes, and one person for each combination."""

    pool: asyncpg.Pool
    projects: Projects
    project: Project
    second: Episode
    cases: tuple[Case, ...]


def new_user() -> UserRow:
    return UserRow(uuid4(), f"{secrets.token_hex(8)}@studio.test", "Ada", "#aa33bb")


@pytest_asyncio.fixture(scope="module")
async def house(pool: asyncpg.Pool, objects: Objects) -> House:
    log = DocumentLog(pool, objects)
    projects, episodes = Projects(pool, log), Episodes(pool, log, MemoryBus())
    founder = Case(new_user(), Role.OWNER, None, None, None, None)
    await users.add_user(pool, founder.user)
    project = await projects.create(founder.actor, "Night train", ProjectKind.SERIES, time.time())
    second = await episodes.add(founder.actor, project.id, "Two", time.time())
    cases = tuple(Case(new_user(), *grants) for grants in product(WIDE, NARROW, WIDE, NARROW, LINKS))
    async with pool.acquire() as connection, connection.transaction():
        await _grant_all(connection, project.id, second.id, founder.user.id, cases)
    return House(pool, projects, project, second, cases)


async def _grant_all(
    connection: asyncpg.pool.PoolConnectionProxy, project: UUID, second: UUID, owner: UUID, cases: tuple[Case, ...]
) -> None:
    await connection.executemany(
        "insert into users (id, email, name, colour) values ($1, $2, $3, $4)",
        [(case.user.id, case.user.email, case.user.name, case.user.colour) for case in cases],
    )
    await connection.executemany(
        "insert into project_members values ($1, $2, $3)",
        [(project, case.user.id, case.direct.value) for case in cases if case.direct is not None],
    )
    await connection.executemany(
        "insert into episode_members values ($1, $2, $3, $4)",
        [(project, second, case.user.id, case.direct_there.value) for case in cases if case.direct_there is not None],
    )
    for team_role, role_there in product(WIDE, NARROW):
        team, theirs = uuid4(), [case for case in cases if (case.team, case.team_there) == (team_role, role_there)]
        await connection.execute("insert into teams (id, name, created_by) values ($1, 'Cut', $2)", team, owner)
        await connection.executemany(
            "insert into team_members (team_id, user_id, role) values ($1, $2, 'member')",
            [(team, case.user.id) for case in theirs],
        )
        if team_role is not None:
            await connection.execute("insert into project_teams values ($1, $2, $3)", project, team, team_role.value)
        if role_there is not None:
            await connection.execute(
                "insert into episode_teams values ($1, $2, $3, $4)", project, second, team, role_there.value
            )
    for can_comment in (False, True):
        link = uuid4()
        await connection.execute(
            "insert into share_links (id, project_id, label, token_hash, can_comment, can_download, can_approve,"
            " created_by) values ($1, $2, '', sha256(uuid_send($1)), $3, false, false, $4)",
            *(link, project, can_comment, owner),
        )
        await connection.executemany(
            "insert into share_guests (link_id, user_id) values ($1, $2)",
            [(link, case.user.id) for case in cases if case.link is can_comment],
        )


async def test_sockets_learn_what_somebody_is_in_the_episode_of_their_document(house: House) -> None:
    for document, expected in (
        (house.second.storyboard.id, [case.there() for case in house.cases]),
        (house.second.timeline.id, [case.there() for case in house.cases]),
        (house.project.storyboard.id, [case.elsewhere() for case in house.cases]),
    ):
        found = await standings(house.pool, [Question(case.user.id, uuid4(), document) for case in house.cases])
        rows = [answer.access for answer in found]
        seen = [None if row is None else standing_of(row.standing, row.project_id, Scope()) for row in rows]
        assert seen == expected


async def test_requests_learn_the_same(house: House) -> None:
    for case in Random(31).sample(house.cases, 120):
        for document, expected in (
            (house.second.storyboard.id, case.there()),
            (house.project.storyboard.id, case.elsewhere()),
        ):
            if expected is None:
                with pytest.raises(NoSuchDocument):
                    await access_document(house.pool, case.actor, document)
            else:
                assert (await access_document(house.pool, case.actor, document)).standing == expected, case


async def test_of_the_project_they_see_what_all_episodes_share(house: House) -> None:
    for case in Random(32).sample(house.cases, 120):
        expected = case.in_project(house.second.id)
        listed = [project.standing for project in await house.projects.of_actor(case.actor)]
        assert listed == ([] if expected is None else [expected]), case
        if expected is None:
            with pytest.raises(NoSuchProject):
                await access_project(house.pool, case.actor, house.project.id, Need.VIEW)
            continue
        found = await access_project(house.pool, case.actor, house.project.id, Need.VIEW)
        assert found.standing == expected, case
        assert found.project.episodes == (1 if expected.episodes else 2)


async def test_a_project_begins_for_them_with_their_first_episode(house: House) -> None:
    alone = next(case for case in house.cases if case.elsewhere() is None and case.there() is not None)
    [project] = await house.projects.of_actor(alone.actor)
    assert (project.storyboard, project.timeline) == (house.second.storyboard, house.second.timeline)
