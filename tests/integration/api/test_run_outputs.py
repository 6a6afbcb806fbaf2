"""What was made in a run over HTTP: measured, and what was turned away only for those who may edit."""

from uuid import UUID

from services.generation.quality import limits
from services.generation.quality.model import Report, measured, report_to_json, unmeasured
from storage.tables import media, outputs
from storage.tables.media import MediaRow
from storage.tables.outputs import NewOutput
from sync import ids
from tests.integration.api.studio import Person, Studio, path


async def test_what_was_turned_away_is_for_those_who_may_edit(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, viewer=bob)
    scene = await studio.scene(ada, project, title="Rain")
    run, _ = await studio.take(ada, project, scene)
    nothing = await ada.http.get(f"/v1/runs/{run}/outputs")
    assert (nothing.status_code, nothing.json()) == (200, {"outputs": []})
    black = measured("black", 2.0, "s", limits.LIMITS["black"], "The picture is black for 2.00 s at a time.")
    beauty = unmeasured("aesthetic", "0..1", "Nobody could say.")
    await added(studio, project.id, ids.from_text("run", run), "shot.1", "ab" * 32, Report((black,), 1), accepted=False)
    await added(studio, project.id, ids.from_text("run", run), "judge.1", "cd" * 32, Report((beauty,), 1))

    told = (await ada.http.get(f"/v1/runs/{run}/outputs")).json()["outputs"]
    by_step = {each["step"]: each for each in told}
    assert not by_step["shot.1"]["accepted"] and by_step["shot.1"]["media"] == "ab" * 32
    assert by_step["shot.1"]["measures"][0] == {
        "name": "black",
        "value": 2.0,
        "unit": "s",
        "warn": 0.25,
        "fail": 0.75,
        "verdict": "fail",
        "sentence": "The picture is black for 2.00 s at a time.",
    }
    assert by_step["judge.1"]["accepted"] and by_step["judge.1"]["measures"][0]["value"] is None
    assert [each["step"] for each in (await bob.http.get(f"/v1/runs/{run}/outputs")).json()["outputs"]] == ["judge.1"]
    assert (await ada.http.get(f"{path(project)}/media/{'ab' * 32}")).status_code == 307


async def added(
    studio: Studio, project_id: UUID, run_id: UUID, step: str, hash: str, report: Report, *, accepted: bool = True
) -> None:
    """As a worker writes it."""
    pool = studio.state.stores.pool
    await media.add_media(pool, project_id, MediaRow(hash, "video/mp4", 1))
    plain = report_to_json(report)
    row = NewOutput(run_id, project_id, step, hash, accepted, report.verdict.value, report.score, plain)
    await outputs.add_output(pool, row)
