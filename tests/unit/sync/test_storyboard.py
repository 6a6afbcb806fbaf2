"""The storyboard's readers and the server's edits in it."""

from typing import Any

import pytest
from pycrdt import Doc, Map

from sync.errors import NoSuchEntity
from sync.storyboard import read, server
from sync.storyboard.hand import write_text
from sync.storyboard.server import TakeEntry
from tests import scenery
from tests.scenery import NewScene, NewShot


def document() -> Doc[Any]:
    doc: Doc[Any] = Doc(client_id=7)
    shot = NewShot("sht_a", "V", "CU", "eye", "push-in", 50, 48, "her hands")
    with doc.transaction():
        scenery.add_scene(
            doc, NewScene("scn_b", "W", "2", "Second", "two", {"ie": "EXT"}, est_f=48, brain={"id": "horror"})
        )
        first = NewScene("scn_a", "V", "1", "First", "one", dlg=[{"c": "ANA", "txt": "Hi"}], shots=[shot])
        scenery.add_scene(doc, first)
    return doc


def take(number: int) -> TakeEntry:
    return TakeEntry(f"tak_{number}", "scn_a", "run_x", number, "m" * 64, "t" * 64, (24, 1), 48, 1280, 720)


def test_scenes_come_in_story_order_with_whole_numbers() -> None:
    first, second = read.scenes_in_order(document())
    assert (first.id, first.position, first.st, first.dlg) == ("scn_a", 0, "draft", [{"c": "ANA", "txt": "Hi"}])
    assert (second.est_f, second.brain) == (48, {"id": "horror"})
    assert first.shots[0].lens_mm == 50 and isinstance(first.shots[0].lens_mm, int)


def test_equal_order_keys_are_broken_by_id() -> None:
    doc = document()
    with doc.transaction():
        server.set_keys(doc, "scn_b", {"ord": "V"})
    assert [scene.id for scene in read.scenes_in_order(doc)] == ["scn_a", "scn_b"]


def test_deleted_scenes_are_not_shown() -> None:
    doc = document()
    with doc.transaction():
        server.set_keys(doc, "scn_a", {"del": {"by": "usr_x", "at": 1}})
    assert [scene.id for scene in read.scenes_in_order(doc)] == ["scn_b"]
    with pytest.raises(NoSuchEntity):
        read.scene_view(doc, "scn_a")


@pytest.mark.parametrize(
    ("old", "new"),
    [("", "x"), ("abc", ""), ("naïve 🎬 take", "naïve 🎥 take"), ("aaa", "aa"), ("one two", "one big two")],
)
def test_of_a_text_only_what_differs_is_written(old: str, new: str) -> None:
    doc = document()
    prompt = read.entity(doc, "scenes", "scn_a")["prompt"]
    with doc.transaction():
        write_text(prompt, old)
    before = doc.get_state()
    with doc.transaction():
        write_text(prompt, new)
    assert read.scene_view(doc, "scn_a").prompt == new
    assert len(doc.get_update(before)) < 60


def test_a9_a_register_that_holds_the_value_is_not_written_again() -> None:
    doc = document()
    with doc.transaction():
        server.write_job(doc, "run_x", scn="scn_a", st="running", pct=5)
    before = doc.get_state()
    with doc.transaction():
        server.write_job(doc, "run_x", st="running", pct=5)
    assert doc.get_state() == before


def test_a1_at_most_three_takes_stay_and_the_wanted_one_is_never_evicted() -> None:
    doc = document()
    for number in range(1, 7):
        with doc.transaction():
            server.write_take(doc, take(number))
            if number == 1:
                server.set_keys(doc, "scn_a", {"want": "tak_1"})
    assert {key for key, _ in read.takes_of(doc, "scn_a")} == {"tak_1", "tak_5", "tak_6"}
    scene = read.scene_view(doc, "scn_a")
    assert (scene.cur, scene.st) == ("tak_1", "complete"), "what its editors chose is shown"


def test_what_a_client_has_garbled_is_read_as_absent() -> None:
    doc = document()
    with doc.transaction():
        server.set_keys(doc, "scn_a", {"slug": 5, "est_f": 1.5, "dlg": "no", "title": None, "ord": 3})
    scene = read.scene_view(doc, "scn_a")
    assert (scene.slug, scene.est_f, scene.dlg, scene.title, scene.ord) == ({}, None, [], "", "")


def test_a_scene_that_is_no_map_is_no_scene() -> None:
    doc = document()
    with doc.transaction():
        doc.get("scenes", type=Map)["scn_z"] = 5
    assert len(read.scenes_in_order(doc)) == 2
