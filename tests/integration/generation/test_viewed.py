"""Frames are judged before anybody is paid to film them, takes before they are told; an appeal lets them through."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import pytest_asyncio

from services.projects.settings import Safety
from services.safety.errors import VERDICT_PREFIX
from services.safety.judges import NO_PICTURE_JUDGE
from services.safety.model import Finding
from services.safety.policy import Policy
from storage.tables import takes, verdicts
from storage.tables.runs import RunRow
from storage.tables.verdicts import VerdictRow
from sync import ids
from tests.contract.remote import Door, open_door
from tests.simulation.sketchbook import PICTURE, QuickEye, Sketchbook

from .backlot import Backlot, open_backlot
from .studio import Studio


@dataclass
class Prude:
    """A judge of pictures who objects to drawings, or to films, or to nothing."""

    name = "prude"
    version = "1"
    drawings: bool = False
    films: bool = False

    async def judge(self, frames: Sequence[bytes], safety: Safety, policy: Policy) -> tuple[Finding, ...]:
        is_drawn = frames[0].startswith(PICTURE)
        objects = self.drawings if is_drawn else self.films
        return (policy.of_category("sexual", "frame 0", safety),) if objects else ()


@pytest_asyncio.fixture(scope="module")
async def door() -> AsyncIterator[Door]:
    async with open_door() as opened:
        yield opened


async def judged(lot: Backlot, run: RunRow) -> list[VerdictRow]:
    """Of the run's pictures, the oldest first."""
    found = await verdicts.verdicts_of_project(lot.studio.stores.pool, lot.studio.project_id, None, None, 100)
    return [row for row in reversed(found) if row.verdict.run_id == run.id and row.verdict.subject == "output"]


async def test_refused_frames_are_not_filmed_until_an_appeal_is_granted(studio: Studio, door: Door) -> None:
    prude = Prude(drawings=True)
    async with open_backlot(studio, door, "runway", local=Sketchbook(), examiner=QuickEye(), pictures=[prude]) as lot:
        run = await lot.over((await lot.final(frames=24)).id)
        assert run.state == "failed" and run.error is not None and run.error["code"] == "safety.refused"
        assert lot.paid() == {} and "These frames are not filmed." in run.error["msg"]
        (row,) = await judged(lot, run)
        assert row.verdict.outcome == "refused" and ids.to_text(VERDICT_PREFIX, row.verdict.id) in run.error["msg"]
        assert await verdicts.is_refused(studio.stores.pool, studio.project_id, row.verdict.media or "")

        await overturned(studio, row)
        assert not await verdicts.is_refused(studio.stores.pool, studio.project_id, row.verdict.media or "")
        again = await studio.generation.replay(run.id, studio.user_id)
        assert (await lot.over(again.id)).state == "complete"
        await lot.balanced()


async def test_a_refused_take_stays_with_its_verdict(studio: Studio, door: Door) -> None:
    prude = Prude(films=True)
    async with open_backlot(studio, door, "runway", local=Sketchbook(), examiner=QuickEye(), pictures=[prude]) as lot:
        run = await lot.over((await lot.final(frames=24)).id)
        assert run.state == "complete", run.error
        frames, film = await judged(lot, run)
        (take,) = await takes.takes_of_scene(studio.stores.pool, studio.document_id, run.scene_id)
        assert (frames.verdict.outcome, film.verdict.outcome, film.verdict.media) == ("allowed", "refused", take.media)
        told = take.provenance["safety"]
        assert (told["outcome"], told["verdict"]) == ("refused", ids.to_text(VERDICT_PREFIX, film.verdict.id))
        for hash in (take.media, take.thumb):
            assert await verdicts.is_refused(studio.stores.pool, studio.project_id, hash)


async def test_where_nobody_looks_the_verdict_says_so(studio: Studio, door: Door) -> None:
    async with open_backlot(studio, door, "runway", local=Sketchbook(), examiner=QuickEye()) as lot:
        run = await lot.over((await lot.final(frames=24)).id)
        assert run.state == "complete", run.error
        assert {row.verdict.opinions[0]["failed"] for row in await judged(lot, run)} == {NO_PICTURE_JUDGE}


async def overturned(studio: Studio, row: VerdictRow) -> None:
    """By an operator, whom its owner has asked."""
    pool, verdict_id = studio.stores.pool, row.verdict.id
    assert await verdicts.add_appeal(pool, verdict_id, studio.project_id, studio.user_id, "It is a lighthouse.")
    assert await verdicts.decide(pool, verdict_id, "overturned", studio.user_id, "It is.")
