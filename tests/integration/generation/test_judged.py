"""What is made for a final is measured, told to people and to the router; what is no film is turned away unpaid."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.stubs.stage import Made, Scenario
from services.brains.model import Move
from services.generation.quality.examiner import Examiner
from services.generation.quality.model import Wanted, WantedShot
from services.generation.quality.scorer import NOBODY, OPINIONS
from storage.tables import outputs, routes, takes
from tests.contract.remote import MEDIA, Door, open_door

from .backlot import Backlot, open_backlot
from .studio import Studio


@pytest_asyncio.fixture(scope="module")
async def door() -> AsyncIterator[Door]:
    async with open_door() as opened:
        yield opened


@pytest_asyncio.fixture
async def lot(studio: Studio, door: Door) -> AsyncIterator[Backlot]:
    async with open_backlot(studio, door, "runway", "kling") as opened:
        yield opened


async def test_a_final_is_measured_shot_by_shot_and_whole(lot: Backlot) -> None:
    run = await lot.over((await lot.final(frames=24)).id)
    assert run.state == "complete", run.error
    pool = lot.studio.stores.pool
    found = {row.output.step: row.output for row in await outputs.outputs_of_run(pool, run.id)}
    shots = [name.partition(".")[2] for name in found if name != "measure"]
    assert shots == ["1", "2"] and "measure" in found and all(each.accepted for each in found.values())
    shot = {measure["name"]: measure for measure in found["judge.1"].report["measures"]}
    assert shot["decodes"]["verdict"] == shot["frames"]["verdict"] == shot["constant_rate"]["verdict"] == "pass"
    assert shot["board"]["verdict"] == "fail", "a test picture is not the frame that was chosen"
    assert shot["palette"]["value"] is not None, "it is in the look of its brain"
    whole = {measure["name"]: measure for measure in found["measure"].report["measures"]}
    assert whole["skew"]["verdict"] == whole["heard"]["verdict"] == "pass"
    assert {name: whole[name]["sentence"] for name in OPINIONS} == dict.fromkeys(OPINIONS, NOBODY)

    (take,) = await takes.takes_of_scene(pool, lot.studio.document_id, run.scene_id)
    assert found["measure"].media == take.media
    told = take.provenance["quality"]
    assert {name: told[name]["score"] for name in told} == {name: each.score for name, each in found.items()}
    assert shot["board"]["sentence"] in told["judge.1"]["wrong"]
    assert told["measure"]["unmeasured"]["aesthetic"] == NOBODY
    learnt = {each.step: each.came["scored"]["value"] for each in await routes.of_run(pool, run.id)}
    assert learnt == {f"shot.{number}": found[f"judge.{number}"].score for number in shots}


@pytest.mark.parametrize(
    ("shows", "move", "faults"),
    [
        ("moving", Move.PAN, []),
        ("black", Move.PAN, ["black", "frozen"]),
        ("black", Move.STATIC, ["black"]),
        ("frozen", Move.PAN, ["frozen"]),
        ("frozen", Move.STATIC, []),
    ],
)
@pytest.mark.parametrize("frames", [12, 48])
async def test_a_film_that_shows_nothing_is_found_out(
    tmp_path: Path, shows: str, move: Move, faults: list[str], frames: int
) -> None:
    (tmp_path / "sent.mp4").write_bytes(await MEDIA.of(Made("mp4", shows=shows)))
    wanted = Wanted((WantedShot(frames, move),), 1280, 720)
    assert [fault.name for fault in await Examiner().faults(tmp_path, "sent.mp4", wanted)] == faults


async def test_what_shows_nothing_is_turned_away_and_another_makes_it(lot: Backlot) -> None:
    for provider in ("kling", "runway"):
        lot.stage.plan(provider, Scenario.BLACK)
    asked = await lot.final(frames=24)
    run = await lot.over(asked.id)
    assert run.state == "complete", run.error
    refused = [row for row in await lot.intents(run.id) if row.state == "failed"]
    assert {row.failure["code"] for row in refused if row.failure} == {"output.black"}
    pool = lot.studio.stores.pool
    turned_away = [row.output for row in await outputs.outputs_of_run(pool, run.id) if not row.output.accepted]
    assert {each.step for each in turned_away} == {row.step for row in refused}
    assert {each.verdict for each in turned_away} == {"fail"}
    assert await lot.studio.stores.objects.size(turned_away[0].media) > 0, "it can still be looked at"
    paid = "select actual from credit_holds where key = $1"
    assert [await pool.fetchval(paid, f"intent:{row.id}") for row in refused] == [0] * len(refused), (
        "who got nothing pays nothing"
    )
    await lot.balanced()
