"""A shot plan over HTTP: what a scene would get and what that changes, before anything costs; people's words stay."""

import json
from typing import Any

from services.generation.providers.animatic import enhance
from services.generation.request import SceneRequest, from_json
from services.projects.model import ProjectKind
from services.users.model import Role
from sync import ids
from tests.integration.api.studio import Person, Studio, path
from tests.integration.api.test_brains import record, team_of
from tests.integration.api.test_stories import Board, add

TALK = [{"c": "MARA (V.O.)", "txt": "I was late."}, {"c": "JON", "txt": "You were."}, {"c": "Voss", "txt": "Well."}]


async def asked(person: Person, where: str, **body: Any) -> dict[str, Any]:
    answer = await person.http.post(f"{where}/plan", json=body)
    assert answer.status_code == 200, answer.text
    plan: dict[str, Any] = answer.json()
    return plan


async def test_a_plan_is_shown_written_down_and_then_kept(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, ProjectKind.SHORT, **{Role.VIEWER.value: bob})
    for name in ("Mara Voss", "Jon"):
        await ada.http.post(f"{path(project)}/characters", json={"name": name})
    board = Board(ada, project)
    scene = {"slug": {"ie": "INT", "loc": "BAR", "tod": "NIGHT"}, "prompt": "Jon waits.", "dlg": TALK, "est_f": 360}
    await board.edits(add("scene", "scn_1", registers=scene))
    where = f"{path(project)}/scenes/scn_1"
    plan = await asked(bob, where)
    assert (plan["brain"], plan["strength"], plan["format"], plan["frames"]) == ("thriller", 100, "short_film", 360)
    assert plan["prompt"].startswith("Jon waits. Setting: int, bar, night.") and plan["beat"] == "situation"
    first = plan["shots"][0]
    assert first["setup"] == "master" and set(first["people"]) == {"Jon", "Mara Voss"}
    assert [line for shot in plan["shots"] for line in shot["lines"]] == [0, 1, 2]
    assert {change["kind"] for change in plan["changes"]} == {"added"} and plan["warnings"] == []
    assert all(change["reason"] for change in plan["changes"])
    assert plan == await asked(bob, where), "the same scene, the same plan"
    story = await board.story()
    assert plan["document"] == ids.encode(project.storyboard.id) and plan["seq"] == 1, "nothing was written"
    assert not any("shots" in each and each["shots"] for each in story.get("scenes", []))

    await board.edits(*plan["gestures"])
    written = await asked(bob, where)
    assert {change["kind"] for change in written["changes"]} <= {"kept", "filled"} and written["gestures"] == []
    for before, after in zip(plan["shots"], written["shots"], strict=True):
        for field in ("size", "angle", "move", "lens_mm", "frames", "description"):
            assert before[field] == after[field], field
    run = await studio.state.stores.pool.fetchval("select count(*) from runs where project_id = $1", project.id)
    assert run == 0, "and nothing was paid"


async def test_what_somebody_pins_stays_and_what_is_the_machines_may_change(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    board = Board(ada, project)
    await board.edits(
        add("scene", "scn_1", registers={"prompt": "A train at night.", "own": "ai", "pin": {"sht_1.size": True}}),
        add("shot", "sht_1", parent="scn_1", registers={"size": "ECU", "lens_mm": 300, "desc": "Rails."}),
    )
    plan = await asked(ada, f"{path(project)}/scenes/scn_1", brain="horror", strength=100)
    changes = {change["field"]: change for change in plan["changes"]}
    assert (changes["size"]["kind"], changes["size"]["after"], changes["size"]["origin"]) == ("kept", "ECU", "said")
    lens = changes["lens_mm"]
    assert (lens["kind"], lens["before"], lens["after"], lens["origin"]) == ("changed", 300, 40, "brain")
    assert plan["brain"] == "horror" and [gesture["id"] for gesture in plan["gestures"]] == ["sht_1"]
    assert "size" not in plan["gestures"][0]["registers"]


async def test_a_look_of_a_team_of_the_project_is_used(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    scene = await studio.scene(ada, project, prompt="A train at night.")
    team = await team_of(studio, ada)
    lens = {"min_mm": 200, "typical_mm": 210, "max_mm": 220}
    house = (await ada.http.post(f"/v1/teams/{team}/brains", json=record(lens=lens))).json()["id"]
    where = f"{path(project)}/scenes/{scene}"
    refused = await ada.http.post(f"{where}/plan", json={"brain": house})
    assert (refused.status_code, refused.json()["code"]) == (422, "brain.unknown"), "not a team of this project"
    await ada.http.put(f"{path(project)}/teams/{team}", json={"role": "editor"})
    plan = await asked(ada, where, brain=house, version=1)
    assert all(200 <= shot["lens_mm"] <= 220 for shot in plan["shots"])
    weak = await asked(ada, where, brain=house, strength=0)
    assert all(shot["lens_mm"] <= 85 for shot in weak["shots"]), "at strength 0 it is the plain look"
    named = {"gesture": "edit_scene", "id": scene, "registers": {"brain": {"id": house, "ver": 1, "strength": 50}}}
    await Board(ada, project).edits(named)
    said = await asked(ada, where)
    assert (said["brain"], said["brain_version"], said["strength"]) == (house, 1, 50)
    gone = {"gesture": "edit_scene", "id": scene, "registers": {"brain": {"id": "brn_gone"}}}
    await Board(ada, project).edits(gone)
    assert (await asked(ada, where))["brain"] == "thriller"


async def test_what_cannot_be_planned_is_named(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    scene = await studio.scene(ada, project, dialogue=[{"c": "JON", "txt": "x" * 900}] * 3)
    for body, status, code in (
        ({}, 422, "scene.too_long"),
        ({"format": "four_act"}, 404, "format.missing"),
        ({"brain": "pixar"}, 422, "brain.unknown"),
        ({"strength": 101}, 422, "field.invalid"),
    ):
        refused = await ada.http.post(f"{path(project)}/scenes/{scene}/plan", json=body)
        assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    missing = await ada.http.post(f"{path(project)}/scenes/{ids.to_text('scn', project.id)}/plan", json={})
    assert (missing.status_code, missing.json()["code"]) == (404, "scene.missing")


async def test_a_run_makes_the_plan_that_was_shown(studio: Studio, ada: Person) -> None:
    """Field by field: with the beat of the format, the people and things of the sheet, and a look of a team."""
    project = await studio.project(ada, ProjectKind.SHORT)
    for name in ("Mara Voss", "Jon"):
        await ada.http.post(f"{path(project)}/characters", json={"name": name})
    team = await team_of(studio, ada)
    house = (await ada.http.post(f"/v1/teams/{team}/brains", json=record())).json()["id"]
    await ada.http.put(f"{path(project)}/teams/{team}", json={"role": "editor"})
    talk = {"slug": {"ie": "INT", "loc": "BAR", "tod": "NIGHT"}, "prompt": "Jon waits with a gun.", "dlg": TALK}
    own = {"prompt": "A train at night.", "own": "ai", "pin": {"sht_1.size": True}}
    board = Board(ada, project)
    await board.edits(
        add("scene", "scn_1", registers={**talk, "est_f": 360}),
        add("scene", "scn_2", registers={**talk, "brain": {"id": house, "ver": 1, "strength": 50}}),
        add("scene", "scn_3", registers=own),
        add("shot", "sht_1", parent="scn_3", registers={"size": "ECU", "lens_mm": 300, "desc": "Rails."}),
    )
    for scene in ("scn_1", "scn_2", "scn_3"):
        where = f"{path(project)}/scenes/{scene}"
        shown = await asked(ada, where)
        begun = await ada.http.post(f"{where}/generate", json={})
        assert begun.status_code == 202, begun.text
        query = "select request from runs where project_id = $1 and scene_id = $2"
        request = from_json(SceneRequest, json.loads(await studio.state.stores.pool.fetchval(query, project.id, scene)))
        made = enhance.plan(request, request.brain.look)
        assert request.around is not None and request.around.beat is not None
        assert request.around.beat.id == shown["beat"]
        assert len(made.shots) == len(shown["shots"])
        for before, after in zip(shown["shots"], made.shots, strict=True):
            for field in ("size", "angle", "move", "lens_mm", "frames", "description"):
                assert getattr(after, field) == before[field], (scene, field)
            assert list(after.lines) == before["lines"]
