"""The strongest of all that gives a role: the rule of the schema and every door, beside the same rule in Python."""

import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from services.projects.model import Project, ProjectKind
from services.projects.service import Projects
from services.users.access import access_document, access_project, standing_of
from services.users.errors import Forbidden, NoSuchDocument, NoSuchProject
from services.users.model import Actor, Need, Role, Scope, Standing
from storage.log import DocumentLog
from storage.objects import Objects
from storage.tables import users
from storage.tables.projects import StandingRow
from storage.tables.standings import Question, standings
from storage.tables.users import UserRow

LATER = datetime.now(UTC) + timedelta(hours=1)
BEFORE = datetime.now(UTC) - timedelta(seconds=1)


@dataclass(frozen=True)
class Link:
    """A share link by which somebody came."""

    comment: bool
    download: bool
    approve: bool
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


EITHER = (False, True)
ROLES = (None, *Role)
LINKS = (
    None,
    *(Link(*each) for each in product(EITHER, EITHER, EITHER, (None, LATER))),
    Link(True, True, True, expires_at=BEFORE),
    Link(True, True, True, revoked_at=BEFORE),
)


@dataclass(frozen=True)
class Case:
    """Somebody, and what gives them a role."""

    user: UserRow
    direct: Role | None
    team: Role | None
    link: Link | None

    @property
    def actor(self) -> Actor:
        return Actor(self.user.id, self.user.name, self.user.colour, "person", str(uuid4()))

    def standing(self) -> Standing | None:
        """What somebody reads in the specification."""
        grants = [Standing(role, True, role.may(Need.COMMENT)) for role in (self.direct, self.team) if role is not None]
        link = self.link
        if link is not None and link.revoked_at is None and link.expires_at != BEFORE:
            role = Role.COMMENTER if link.comment else Role.VIEWER
            grants.append(Standing(role, link.download, link.approve, link.expires_at))
        if not grants:
            return None
        return Standing(
            min((grant.role for grant in grants), key=list(Role).index),
            any(grant.can_download for grant in grants),
            any(grant.can_approve for grant in grants),
            min((grant.until for grant in grants if grant.until is not None), default=None),
        )


def new_user() -> UserRow:
    return UserRow(uuid4(), f"{secrets.token_hex(8)}@studio.test", "Ada", "#aa33bb")


@dataclass(frozen=True)
class House:
    """A project, and one person for each combination."""

    pool: asyncpg.Pool
    projects: Projects
    owner: Actor
    project: Project
    cases: tuple[Case, ...]


@pytest_asyncio.fixture(scope="module")
async def house(pool: asyncpg.Pool, objects: Objects) -> House:
    projects = Projects(pool, DocumentLog(pool, objects))
    founder = Case(new_user(), Role.OWNER, None, None)
    await users.add_user(pool, founder.user)
    project = await projects.create(founder.actor, "Night train", ProjectKind.SHORT, time.time())
    cases = tuple(Case(new_user(), *grants) for grants in product(ROLES, ROLES, LINKS))
    for case in cases:
        await users.add_user(pool, case.user)
        await _grant(pool, project.id, founder.user.id, case)
    return House(pool, projects, founder.actor, project, cases)


async def _grant(pool: asyncpg.Pool, project: UUID, owner: UUID, case: Case) -> None:
    user = case.user.id
    if case.direct is not None:
        await pool.execute("insert into project_members values ($1, $2, $3)", project, user, case.direct.value)
    if case.team is not None:
        team = uuid4()
        await pool.execute("insert into teams (id, name, created_by) values ($1, 'Cut', $2)", team, owner)
        await pool.execute("insert into team_members (team_id, user_id, role) values ($1, $2, 'member')", team, user)
        await pool.execute("insert into project_teams values ($1, $2, $3)", project, team, case.team.value)
    link = case.link
    if link is not None:
        await pool.execute(
            """
            with link as (
                insert into share_links (id, project_id, label, token_hash, can_comment, can_download, can_approve,
                                         created_by, expires_at, revoked_at)
                values ($1, $2, '', sha256(uuid_send($1)), $3, $4, $5, $6, $7, $8) returning id
            )
            insert into share_guests (link_id, user_id) select id, $9 from link
            """,
            *(uuid4(), project, link.comment, link.download, link.approve, owner, link.expires_at, link.revoked_at),
            user,
        )


async def test_every_door_gives_the_strongest(house: House) -> None:
    for case in house.cases:
        expected = case.standing()
        if expected is None:
            with pytest.raises(NoSuchProject):
                await access_project(house.pool, case.actor, house.project.id, Need.VIEW)
            with pytest.raises(NoSuchDocument):
                await access_document(house.pool, case.actor, house.project.timeline.id)
        else:
            project = await access_project(house.pool, case.actor, house.project.id, Need.VIEW)
            document = await access_document(house.pool, case.actor, house.project.timeline.id)
            assert (project.standing, document.standing) == (expected, expected), case
        listed = [project.standing for project in await house.projects.of_actor(case.actor)]
        assert listed == ([] if expected is None else [expected]), case


async def test_sockets_ask_by_the_same_rule(house: House) -> None:
    questions = [Question(case.user.id, uuid4(), house.project.storyboard.id) for case in house.cases]
    found = await standings(house.pool, questions)
    for case, answer in zip(house.cases, found, strict=True):
        expected = case.standing()
        row = None
        if expected is not None:
            row = StandingRow(expected.role.value, expected.can_download, expected.can_approve, expected.until)
        assert (answer.access and answer.access.standing) == row, case


@pytest.mark.parametrize("role_max", list(Role))
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("need", list(Need))
def test_a_credential_carries_no_more_than_its_scope(role: Role, role_max: Role, need: Need) -> None:
    project_id = uuid4()
    row = StandingRow(role.value, True, role.may(Need.APPROVE), None)
    whole = standing_of(row, project_id, Scope())
    carried = standing_of(row, project_id, Scope(role_max, project_id))
    assert whole is not None and carried is not None
    assert carried.may(need) is (whole.may(need) and role_max.may(need))
    assert standing_of(row, project_id, Scope(role_max, uuid4())) is None


async def test_a_key_for_another_project_finds_nothing(house: House) -> None:
    owner = house.owner
    inside = Actor(owner.user_id, "Bot", "#aa33bb", "service", str(uuid4()), Scope(Role.EDITOR, house.project.id))
    outside = Actor(owner.user_id, "Bot", "#aa33bb", "service", str(uuid4()), Scope(Role.OWNER, uuid4()))
    assert (await access_project(house.pool, inside, house.project.id, Need.EDIT)).role is Role.EDITOR
    with pytest.raises(Forbidden):
        await house.projects.delete(inside, house.project.id)
    with pytest.raises(Forbidden):
        await house.projects.create(inside, "Mine", ProjectKind.SHORT, time.time())
    with pytest.raises(NoSuchProject):
        await access_project(house.pool, outside, house.project.id, Need.VIEW)
    with pytest.raises(NoSuchDocument):
        await access_document(house.pool, outside, house.project.storyboard.id)
    assert await house.projects.of_actor(outside) == []
