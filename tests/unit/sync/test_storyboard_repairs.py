"""What several people did to a storyboard at once, what is seen of it, and what is repaired."""

from typing import Any

import pytest
from pycrdt import Map, Text

from sync.repair import Repair, write
from sync.storyboard.content import content_of
from sync.storyboard.resolve import resolve, view
from sync.storyboard.server import TakeEntry, write_take
from tests.unit.sync.story import Story


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def three(story: Story) -> list[str]:
    return [story.hand.add_scene({"title": title}) for title in "ABC"]


def repaired(story: Story) -> list[tuple[str, str, str | None, Any]]:
    """What is repaired, after which nothing is left to repair and the story is the same."""
    content = content_of(story.doc)
    resolved = resolve(content)
    write(story.doc, resolved.repairs)
    after = content_of(story.doc)
    assert resolve(after).repairs == ()
    assert view(after, resolve(after)) == view(content, resolved)
    return [(repair.name, repair.id, repair.key, repair.value) for repair in resolved.repairs]


# At once, and nothing to repair --------------------------------------------------------------------------


def test_reorder_of_one_scene_by_two_people_leaves_one_scene(story: Story, three: list[str]) -> None:
    other = story.fork(6)
    story.hand.move_scene(three[0])
    other.hand.move_scene(three[0], before=three[2])
    story.meet(other)
    assert sorted(story.scenes()) == ["A", "B", "C"] and story.scenes() in (["B", "C", "A"], ["B", "A", "C"])
    assert repaired(story) == []


def test_two_who_add_at_one_place_get_two_keys(story: Story, three: list[str]) -> None:
    other = story.fork(6)
    for one, title in ((story, "mine"), (other, "theirs")):
        one.hand.add_scene({"title": title}, before=three[1])
    story.meet(other)
    assert sorted(story.scenes()[1:3]) == ["mine", "theirs"] and repaired(story) == []


def test_what_is_added_to_a_sequence_that_is_deleted_meanwhile_is_seen(story: Story, three: list[str]) -> None:
    sequence = story.hand.add_sequence(before=three[1])
    other = story.fork(6)
    story.hand.delete_sequence(sequence)
    other.hand.add_scene({"title": "D"}, sequence)
    story.meet(other)
    assert story.scenes() == ["A", "D", "B", "C"] and repaired(story) == []


def test_what_is_done_to_a_scene_that_is_merged_meanwhile_is_seen_where_it_went(story: Story, three: list[str]) -> None:
    story.hand.add_shot({"desc": "one"}, three[0])
    other = story.fork(6)
    story.hand.merge_scenes(three[0], three[1])
    other.hand.add_shot({"desc": "two"}, three[1])
    story.meet(other)
    assert story.shots(three[0]) == ["one", "two"] and repaired(story) == []


def test_two_who_split_at_one_shot_make_one_scene(story: Story, three: list[str]) -> None:
    shots = [story.hand.add_shot({"desc": str(n)}, three[0]) for n in range(3)]
    other = story.fork(6)
    assert story.hand.split_scene(three[0], shots[1]) == other.hand.split_scene(three[0], shots[1])
    story.meet(other)
    assert len(story.scenes()) == 4 and repaired(story) == []


def test_a_shot_that_is_moved_while_its_scene_is_split_is_where_one_of_both_put_it(
    story: Story, three: list[str]
) -> None:
    shots = [story.hand.add_shot({"desc": str(n)}, three[0]) for n in range(3)]
    other = story.fork(6)
    later = story.hand.split_scene(three[0], shots[1])
    other.hand.move_shot(shots[2], before=shots[1])
    story.meet(other)
    assert story.shots(three[0]) == ["0"] and sorted(story.shots(later)) == ["1", "2"]


def test_a_deleted_scene_hides_its_shots_until_it_is_back(story: Story, three: list[str]) -> None:
    story.hand.add_shot({"desc": "hands"}, three[0])
    story.hand.add_beat({"name": "turn"}, three[0])
    story.hand.delete_scene(three[0])
    assert story.view()["shots"] == [] and story.view()["beats"] == [] and repaired(story) == []
    story.hand.restore_scene(three[0])
    assert story.shots(three[0]) == ["hands"]


# Repairs -------------------------------------------------------------------------------------------------


def test_equal_keys_are_told_apart_and_the_order_stays(story: Story, three: list[str]) -> None:
    scenes = story.doc.get("scenes", type=Map)
    key = story.of("scenes", three[1])["ord"]
    scenes[three[0]]["ord"] = key
    scenes[three[2]]["ord"] = f"{key}0"
    first, second = sorted(three[:2])
    before = story.scenes()
    assert [each[:3] for each in repaired(story)] == sorted((("order", second, "ord"), ("order", three[2], "ord")))
    assert story.scenes() == before
    story.hand.add_scene({"title": "D"}, before=three[2])
    assert story.scenes() == [*before[:2], "D", *before[2:]]
    assert first not in {each[1] for each in repaired(story)}


def test_between_equal_keys_a_gesture_makes_room_by_itself(story: Story, three: list[str]) -> None:
    scenes = story.doc.get("scenes", type=Map)
    for scene in three:
        scenes[scene]["ord"] = "V"
    before = story.scenes()
    story.hand.add_scene({"title": "D"}, before=sorted(three)[1])
    assert story.scenes() == [before[0], "D", *before[1:]]


def test_a_parent_that_is_nowhere_is_none(story: Story, three: list[str]) -> None:
    shot = story.hand.add_shot({"desc": "hands"}, three[0])
    story.doc.get("scenes", type=Map)[three[0]]["par"] = three[1]
    story.doc.get("shots", type=Map)[shot]["par"] = "scn_nowhere"
    assert [each["desc"] for each in story.view()["shots"]] == ["hands"]
    assert repaired(story) == [("parent", three[0], "par", ""), ("parent", shot, "par", "")]
    assert story.scenes() == ["A", "B", "C"]


def test_scenes_that_are_merged_into_each_other_at_once_leave_one(story: Story, three: list[str]) -> None:
    for scene in three:
        story.hand.add_shot({"desc": f"of {scene}"}, scene)
    other, third = story.fork(6), story.fork(7)
    story.hand.merge_scenes(three[0], three[1])
    other.hand.merge_scenes(three[1], three[2])
    third.hand.merge_scenes(three[2], three[0])
    story.meet(other)
    story.meet(third)
    kept = min(three)
    assert len(story.scenes()) == 1 and len(story.shots(kept)) == 3
    assert repaired(story) == [("merge", kept, "del", None), ("merge", kept, "into", None)]


def take(scene: str, number: int) -> TakeEntry:
    return TakeEntry(f"tak_{number}", scene, "run", number, "a" * 64, "b" * 64, (24, 1), 48, 1280, 720)


def test_the_take_that_editors_want_is_shown_and_else_the_newest(story: Story, three: list[str]) -> None:
    for number in (1, 2):
        with story.doc.transaction():
            write_take(story.doc, take(three[0], number))
    story.hand.choose_take(three[0], "tak_1")
    assert repaired(story) == [("take", three[0], "cur", "tak_1")]
    story.hand.choose_take(three[0], None)
    assert repaired(story) == [], "it stays what it is until another comes"
    del story.doc.get("takes", type=Map)["tak_1"]
    assert repaired(story) == [("take", three[0], "cur", "tak_2")]
    story.doc.get("scenes", type=Map)[three[1]]["cur"] = "tak_2"
    assert repaired(story) == [("take", three[1], "cur", None)]
    story.doc.get("scenes", type=Map)[three[1]]["lock"] = {"by": "usr_x"}
    story.doc.get("scenes", type=Map)[three[1]]["cur"] = "tak_2"
    assert repaired(story) == [], "what is locked stays as it is"


def test_a_locked_scene_and_its_shots_are_repaired_when_they_are_not_locked_any_more(
    story: Story, three: list[str]
) -> None:
    shots = [story.hand.add_shot({"desc": desc}, three[2]) for desc in ("one", "two")]
    scenes, parts = story.doc.get("scenes", type=Map), story.doc.get("shots", type=Map)
    for scene in three:
        scenes[scene]["ord"] = "V"
    for shot in shots:
        parts[shot]["ord"] = "V"
    first, second, third = sorted(three)
    scenes[second]["lock"] = {"by": "usr_x", "at": 1}
    scenes[three[2]]["lock"] = {"by": "usr_x", "at": 1}
    assert repaired(story) == []
    scenes[second]["lock"] = scenes[three[2]]["lock"] = None
    assert {each[1] for each in repaired(story)} == {second, third, max(shots)}
    assert story.scenes() == [story.of("scenes", scene)["title"] for scene in (first, second, third)]


def test_what_has_gone_meanwhile_is_not_repaired(story: Story, three: list[str]) -> None:
    write(story.doc, [Repair("scenes", "scn_gone", "ord", "V", "order")])
    assert "scn_gone" not in content_of(story.doc)["scenes"]


def test_what_nobody_should_have_written_is_read_alike_everywhere(story: Story) -> None:
    story.doc.get("scenes", type=Map)["scn_odd"] = Map(
        {"title": Text("old"), "est_f": 2.5, "num": 7, "dlg": {"a b": 1}}
    )
    (shown,) = story.view()["outline"]
    assert shown == {"id": "scn_odd", "k": "scene", "title": "old", "num": 7, "dlg": {}}
