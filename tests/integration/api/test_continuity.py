"""Continuity over HTTP: the sheet of a scene out of what people write, with the characters of the project."""

from services.projects.model import ProjectKind
from services.users.model import Role
from tests.integration.api.studio import Person, Studio, path
from tests.integration.api.test_characters import given
from tests.integration.api.test_stories import Board, add


async def test_a_sheet_follows_what_people_write(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, ProjectKind.SHORT, **{Role.VIEWER.value: bob})
    picture = await given(studio, project, "image/jpeg")
    body = {"name": "Mara Voss", "appearance": {"hair": "red"}, "images": [picture]}
    mara = (await ada.http.post(f"{path(project)}/characters", json=body)).json()
    board = Board(ada, project)
    done = await board.edits(
        add("environment", registers={"name": "Pier", "txt": "Wet planks."}),
        add("prop", registers={"name": "letter", "txt": "Sealed with wax."}),
        add(
            "scene", "scn_1", registers={"slug": {"ie": "EXT", "loc": "PIER", "tod": "NIGHT"}, "prompt": "Mara leaves."}
        ),
        add(
            "scene",
            "scn_2",
            registers={"slug": {"ie": "EXT", "loc": "PIER", "tod": "DAY"}, "prompt": "Mara. A letter."},
        ),
        {"gesture": "edit_scene", "id": "scn_2", "registers": {"cont": {"from": "take_last_frame"}}},
    )
    answer = await bob.http.get(f"{path(project)}/scenes/scn_2/continuity")
    assert answer.status_code == 200, answer.text
    sheet = answer.json()
    [person] = sheet["people"]
    assert (person["name"], person["character"], person["images"]) == ("Mara Voss", mara["id"], [picture])
    assert person["appearance"] == {"hair": "red"} and person["seen_in"] == "scn_1"
    assert person["facts"] == [{"value": "Mara", "scene": "scn_2", "source": "prompt", "quote": ""}]
    assert sheet["place_described"]["text"] == "Wet planks." and sheet["seq"] == done["seq"]
    assert [prop["prop"]["text"] for prop in sheet["props"]] == ["Sealed with wax."]
    assert (sheet["before"]["scene"], sheet["before"]["last_frame"], sheet["before"]["time"]["value"]) == (
        "scn_1",
        True,
        "night",
    )
    assert [(each["code"], each["severity"]) for each in sheet["conflicts"]] == [
        ("time.backwards", "error"),
        ("person.left", "error"),
    ]
    same = await bob.http.get(
        f"{path(project)}/scenes/scn_2/continuity", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert same.status_code == 304
    whole = (await bob.http.get(f"{path(project)}/continuity")).json()
    assert [(line["scene"], line["day"], line["time"]) for line in whole["scenes"]] == [
        ("scn_1", 1, "night"),
        ("scn_2", 1, "day"),
    ]
    assert whole["conflicts"] == sheet["conflicts"]
    await board.edits(
        {"gesture": "edit_scene", "id": "scn_2", "registers": {"cont": None, "prompt": "Mara returns. A letter."}}
    )
    assert (await bob.http.get(f"{path(project)}/continuity")).json()["conflicts"] == []
    await ada.http.delete(f"{path(project)}/characters/{mara['id']}")
    gone = (await bob.http.get(f"{path(project)}/scenes/scn_2/continuity")).json()
    assert gone["people"] == [], "a character that was deleted is nobody's reference"
    missing = await bob.http.get(f"{path(project)}/scenes/scn_9/continuity")
    assert (missing.status_code, missing.json()["code"]) == (404, "scene.missing")
