"""Judging over real rows: verdicts are kept, refusals name theirs, an overturned one holds for the same thing only."""

import secrets
import time
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from services.projects.model import Project, ProjectKind
from services.projects.service import Projects
from services.projects.settings import ProjectSettings, Safety, to_json
from services.safety.errors import AppealDecided, AppealMade, NothingToAppeal, PromptRefused
from services.safety.model import Outcome, Passage
from services.safety.pictures import OpenNsfw
from services.safety.policy import newest
from services.safety.service import Asked, Moderation
from services.users.errors import NotAnOperator
from services.users.model import Actor
from storage.log import DocumentLog
from storage.objects import Objects
from storage.tables import projects as project_rows
from storage.tables import users, verdicts
from storage.tables.media import MediaRow, add_media
from storage.tables.users import UserRow
from tests.unit.safety.test_judges import FRAMES

PLAIN = [Passage("prompt", "A train at night.")]
BAD = [Passage("prompt", "hardcore sex in the dining car")]


@dataclass(frozen=True)
class House:
    pool: asyncpg.Pool
    moderation: Moderation
    project: Project
    owner: Actor

    @property
    def asked(self) -> Asked:
        return Asked(self.project.id, self.owner.user_id, time.time())

    async def newest(self) -> verdicts.VerdictRow:
        (row,) = await verdicts.verdicts_of_project(self.pool, self.project.id, None, None, 1)
        return row

    async def set_safety(self, safety: Safety) -> None:
        stored = to_json(ProjectSettings(safety=safety))
        _, version = await project_rows.settings(self.pool, self.project.id)
        await project_rows.put_settings(self.pool, self.project.id, version, stored, "1280x720@24")


@pytest_asyncio.fixture
async def house(pool: asyncpg.Pool, objects: Objects) -> House:
    user = UserRow(uuid4(), f"{secrets.token_hex(6)}@studio.test", "Ada", "#aa33bb")
    await users.add_user(pool, user)
    owner = Actor(user.id, user.name, user.colour, "person", str(uuid4()))
    project = await Projects(pool, DocumentLog(pool, objects)).create(owner, "Night", ProjectKind.SHORT, time.time())
    return House(pool, Moderation(pool, newest()), project, owner)


async def refused(house: House) -> UUID:
    with pytest.raises(PromptRefused) as told:
        await house.moderation.prompt(house.asked, BAD)
    return told.value.verdict_id


async def test_what_is_allowed_is_recorded_too(house: House) -> None:
    verdict = await house.moderation.prompt(house.asked, PLAIN)
    row = await house.newest()
    assert (row.verdict.id, row.verdict.outcome, row.verdict.subject) == (verdict.id, "allowed", "prompt")
    assert (row.verdict.policy, row.verdict.safety) == (newest().version, "standard")
    assert row.verdict.opinions[0]["judge"] == "policy" and row.appeal is None


async def test_a_refusal_is_recorded_before_it_is_told(house: House) -> None:
    verdict_id = await refused(house)
    row = await house.newest()
    assert (row.verdict.id, row.verdict.outcome) == (verdict_id, "refused")
    (finding,) = row.verdict.opinions[0]["findings"]
    assert (finding["category"], finding["where"], finding["words"]) == ("sexual", "prompt", "hardcore sex")


async def test_a_project_that_is_strict_refuses_what_others_flag(house: House) -> None:
    topless = [Passage("prompt", "she stands topless at the window")]
    assert (await house.moderation.prompt(house.asked, topless)).outcome is Outcome.FLAGGED
    await house.set_safety(Safety.STRICT)
    with pytest.raises(PromptRefused, match="Nudity"):
        await house.moderation.prompt(house.asked, topless)


async def test_an_overturned_verdict_holds_for_the_same_words_in_the_same_project(house: House) -> None:
    verdict_id = await refused(house)
    operators = frozenset({house.owner.user_id})
    await house.moderation.appeal(house.owner, verdict_id, "It is a title of a book.")
    with pytest.raises(AppealMade):
        await house.moderation.appeal(house.owner, verdict_id, "Again.")
    with pytest.raises(NotAnOperator):
        await house.moderation.decide(frozenset(), house.owner, verdict_id, "overturned", "So it is.")
    await house.moderation.decide(operators, house.owner, verdict_id, "overturned", "So it is.")
    with pytest.raises(AppealDecided):
        await house.moderation.decide(operators, house.owner, verdict_id, "upheld", "Or not.")
    verdict = await house.moderation.prompt(house.asked, BAD)
    assert verdict.outcome is Outcome.ALLOWED and verdict.judgement.opinions[0].version == str(verdict_id)
    with pytest.raises(PromptRefused):
        await house.moderation.prompt(house.asked, [*BAD, Passage("title", "More")])
    other = await Projects(house.pool, DocumentLog(house.pool, None)).create(  # type: ignore[arg-type]  # no objects here
        house.owner, "Day", ProjectKind.SHORT, time.time()
    )
    with pytest.raises(PromptRefused):
        await house.moderation.prompt(Asked(other.id, house.owner.user_id, time.time()), BAD)


async def test_an_upheld_verdict_stays(house: House) -> None:
    verdict_id = await refused(house)
    await house.moderation.appeal(house.owner, verdict_id, "Please.")
    await house.moderation.decide(frozenset({house.owner.user_id}), house.owner, verdict_id, "upheld", "No.")
    await refused(house)


async def test_there_is_nothing_to_say_against_what_is_allowed(house: House) -> None:
    verdict = await house.moderation.prompt(house.asked, PLAIN)
    with pytest.raises(NothingToAppeal):
        await house.moderation.appeal(house.owner, verdict.id, "But why?")


async def test_a_refused_output_is_kept_and_its_media_is_not_collected(house: House) -> None:
    media = secrets.token_hex(32)
    await add_media(house.pool, house.project.id, MediaRow(media, "video/mp4", 1))
    judging = Moderation(house.pool, newest(), pictures=[OpenNsfw(lambda picture: 0.95)])
    verdict = await judging.output(house.asked, media, FRAMES)
    assert verdict.outcome is Outcome.REFUSED
    assert (await house.newest()).verdict.media == media
    assert await house.pool.fetchval("select count(*) from media_uses where hash = $1", media) == 1
    unjudged = await house.moderation.output(house.asked, media, FRAMES)
    assert unjudged.outcome is Outcome.ALLOWED and unjudged.judgement.opinions[0].failed


async def test_verdicts_go_with_their_project(house: House) -> None:
    verdict_id = await refused(house)
    await house.moderation.appeal(house.owner, verdict_id, "Please.")
    await house.pool.execute("delete from project_members where project_id = $1", house.project.id)
    async with house.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("delete from safety_verdicts where project_id = $1", house.project.id)
        assert await connection.fetchval("select count(*) from safety_appeals where verdict_id = $1", verdict_id) == 0
        await transaction.rollback()
