"""Gestures on a storyboard over HTTP: one edit or none, refused by the rule's name; the story that is seen."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.projects.model import Project
from sync import ids
from sync.storyboard.read import Document
from sync.storyboard.server import TakeEntry, set_keys, write_take
from tests.integration.api.studio import Person, Studio, path
from tests.integration.api.test_scenes import editor_of


class Board:
    """One person's storyboard over HTTP."""

    def __init__(self, person: Person, project: Project) -> None:
        self._http = person.http
        self._path = f"/v1/documents/{ids.encode(project.storyboard.id)}"

    async def story(self) -> dict[str, Any]:
        answer = await self._http.get(f"{self._path}/story")
        assert answer.status_code == 200, answer.text
        assert answer.json()["repairs"] == 0
        shown: dict[str, Any] = answer.json()["story"]
        return shown

    async def edits(self, *gestures: dict[str, Any], status: int = 200, key: str | None = None, **body: Any) -> Any:
        headers = {} if key is None else {"Idempotency-Key": key}
        answer = await self._http.post(f"{self._path}/edits", json={"gestures": gestures, **body}, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()


def add(kind: str, id: str | None = None, **more: Any) -> dict[str, Any]:
    named = {} if id is None else {"id": id}
    return {"gesture": f"add_{kind}", **named, **more}


async def test_a_whole_outline_is_one_edit_in_which_later_gestures_name_what_earlier_ones_made(
    studio: Studio, ada: Person
) -> None:
    project = await studio.project(ada)
    board = Board(ada, project)
    done = await board.edits(
        add("act", "act_1", registers={"title": "One"}),
        add("sequence", "seq_1", parent="act_1"),
        add("scene", "scn_1", parent="seq_1", registers={"title": "Pier", "prompt": "Fog 🎬.", "est_f": 96}),
        add("shot", "sht_1", parent="scn_1", registers={"desc": "Hands.", "dur_f": 24}),
        add("shot", "sht_2", parent="scn_1", registers={"lens_mm": 50}),
        {"gesture": "split_scene", "id": "scn_1", "shot": "sht_2"},
        add("beat", parent="scn_1", registers={"name": "turn"}),
        add("environment", registers={"name": "Harbour"}),
        {"gesture": "edit_scene", "id": "scn_1", "registers": {"slug": {"ie": "EXT"}, "title": None}},
    )
    assert (done["seq"], done["changed"]) == (1, True)
    later, beat = done["made"][5:7]
    assert done["made"][:5] == ["act_1", "seq_1", "scn_1", "sht_1", "sht_2"] and done["made"][8] is None
    (act,) = (await board.story())["outline"]
    (sequence,) = act["in"]
    one, two = sequence["in"]
    assert (act["k"], sequence["k"], one["id"], two["id"]) == ("act", "sequence", "scn_1", later)
    assert (one["prompt"], one["slug"], one.get("title")) == ("Fog 🎬.", {"ie": "EXT"}, None)
    assert [shot["id"] for shot in one["shots"]] == ["sht_1"] and one["beats"] == [{"id": beat, "name": "turn"}]
    await board.edits(
        {"gesture": "merge_scenes", "id": "scn_1", "other": later},
        {"gesture": "duplicate_scene", "id": "scn_1", "new": "scn_2"},
        {"gesture": "move_scene", "id": "scn_2"},
        {"gesture": "choose_take", "id": "scn_2", "take": None},
        {"gesture": "delete_act", "id": "act_1"},
    )
    outline = (await board.story())["outline"]
    assert [node["id"] for node in outline] == ["seq_1", "scn_2"]
    rows = (await ada.http.get(f"{path(project)}/scenes")).json()["scenes"]
    assert [(row["id"], row["position"]) for row in rows] == [("scn_1", 0), ("scn_2", 1)]


@pytest.mark.parametrize(
    ("gesture", "code"),
    [
        ({"gesture": "edit_scene", "id": "scn_1", "registers": {"st": "complete"}}, "schema.server_only"),
        ({"gesture": "edit_scene", "id": "scn_1", "registers": {"est_f": 0.5}}, "schema.type"),
        ({"gesture": "edit_scene", "id": "scn_1", "registers": {"title": "x" * 201}}, "schema.too_long"),
        ({"gesture": "edit_scene", "id": "scn_1", "registers": {"mood": "blue"}}, "schema.key"),
        ({"gesture": "edit_scene", "id": "scn_2", "registers": {"title": "x"}}, "document.no_such_entity"),
        ({"gesture": "choose_take", "id": "scn_1", "take": "tak_1"}, "document.no_such_entity"),
        ({"gesture": "merge_scenes", "id": "scn_1", "other": "scn_1"}, "gesture.impossible"),
        ({"gesture": "add_scene", "id": "scn_1"}, "gesture.impossible"),
        ({"gesture": "move", "clip": "clp_1", "frame": 3}, "gesture.kind"),
    ],
)
async def test_what_cannot_be_done_is_refused_by_its_rule_and_none_is_done(
    studio: Studio, ada: Person, gesture: dict[str, Any], code: str
) -> None:
    board = Board(ada, await studio.project(ada))
    refused = await board.edits(add("scene", "scn_1"), gesture, add("scene"), status=409)
    assert (refused["code"], refused["field"]) == (code, "gestures.1")
    assert (await board.story())["outline"] == []


@pytest.mark.parametrize(
    ("gesture", "field"),
    [
        (add("scene", parent="no id"), "gestures.0.add_scene.parent"),
        (add("act", parent="act_1"), "gestures.0.add_act.parent"),
        ({"gesture": "edit_shot", "id": "sht_1", "registers": {}}, "gestures.0.edit_shot.registers"),
        ({"gesture": "choose_take", "id": "scn_1"}, "gestures.0.choose_take.take"),
        (add("prop", registers={f"k{'x' * n}": 1 for n in range(40)}), "gestures.0.add_prop.registers"),
    ],
)
async def test_bad_input_names_the_field(studio: Studio, ada: Person, gesture: dict[str, Any], field: str) -> None:
    refused = await Board(ada, await studio.project(ada)).edits(gesture, status=422)
    assert refused["field"].startswith(field)


async def test_a_repeated_key_answers_what_was_made_the_first_time(studio: Studio, ada: Person) -> None:
    board = Board(ada, await studio.project(ada))
    asked = (add("scene", "scn_1"), {"gesture": "duplicate_scene", "id": "scn_1"}, add("act"))
    first = await board.edits(*asked, key="once")
    again = await board.edits(*asked, key="once")
    assert again["made"] == first["made"] and again["seq"] == first["seq"]
    assert len((await board.story())["outline"]) == 3


async def test_what_is_wanting_is_written_back_at_once(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    board = Board(ada, project)
    await board.edits(add("scene", "scn_1"))

    def takes(doc: Document) -> None:
        for number in (1, 2):
            name = ids.to_text("tak", UUID(int=number))
            take = TakeEntry(name, "scn_1", "run", number, "a" * 64, "b" * 64, (24, 1), 48, 1280, 720)
            write_take(doc, take)

    await editor_of(studio).edit(project.storyboard.id, takes, origin="test", batch_id=uuid4())
    first = ids.to_text("tak", UUID(int=1))
    await board.edits({"gesture": "choose_take", "id": "scn_1", "take": first})
    (scene,) = (await board.story())["outline"]
    assert (scene["want"], scene["cur"]) == (first, first)
    assert (await ada.http.get(f"{path(project)}/scenes/scn_1")).json()["current_take"] == first
    rows = await studio.log.read(project.storyboard.id, 1, 0)
    assert [row.origin for row in rows] == ["gestures", "test", "gestures", "repair"]


async def test_what_is_locked_is_not_repaired_and_nothing_is_refused_for_it(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    board = Board(ada, project)
    await board.edits(add("scene", "scn_1"), add("scene", "scn_2"))

    def at_one_place(doc: Document) -> None:
        for scene in ("scn_1", "scn_2"):
            set_keys(doc, scene, {"ord": "V", "lock": {"by": "usr_x", "at": 1}})

    await editor_of(studio).edit(
        project.storyboard.id, at_one_place, origin="test", batch_id=uuid4(), keeps_locks=False
    )
    await board.edits(add("act", "act_1"))
    assert [node["id"] for node in (await board.story())["outline"]] == ["scn_1", "scn_2", "act_1"]
    rows = await studio.log.read(project.storyboard.id, 1, 0)
    assert [row.origin for row in rows] == ["gestures", "test", "gestures"]


async def test_a_timeline_is_no_storyboard(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    path_of_timeline = f"/v1/documents/{ids.encode(project.timeline.id)}"
    answer = await ada.http.get(f"{path_of_timeline}/story")
    assert (answer.status_code, answer.json()["code"]) == (409, "storyboard.kind")
    answer = await ada.http.post(f"{path_of_timeline}/edits", json={"gestures": [add("scene")]})
    assert (answer.status_code, answer.json()["code"]) == (409, "gesture.kind")
