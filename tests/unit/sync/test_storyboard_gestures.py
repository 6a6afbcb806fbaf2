"""Gestures of a storyboard one by one: what a person sees before and after, and which registers were written."""

from typing import Any

import pytest
from pycrdt import Map

from sync.errors import GestureImpossible, NoSuchEntity, Refused
from sync.storyboard.numbers import lettered, next_number
from sync.storyboard.server import TakeEntry, write_take
from tests.unit.sync.story import Story

MARK = {"by": "usr_ana", "at": 7}
KINDS = {
    "act": "acts", "sequence": "seqs", "scene": "scenes", "shot": "shots", "beat": "beats", "environment": "env",
    "prop": "props", "look": "looks",
}  # fmt: skip


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def three(story: Story) -> list[str]:
    return [story.hand.add_scene({"title": title, "prompt": f"Scene {title}."}) for title in "ABC"]


def take(scene: str, number: int) -> TakeEntry:
    return TakeEntry(f"tak_{number}", scene, "run", number, "a" * 64, "b" * 64, (24, 1), 48, 1280, 720)


# Every kind ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_added_can_be_edited_moved_deleted_and_restored(story: Story, kind: str) -> None:
    hand: Any = story.hand
    scene = story.hand.add_scene()
    where = {"parent": scene} if kind == "shot" else {}
    name = {"shot": "audio", "act": "title", "sequence": "title", "scene": "title"}.get(kind, "name")
    one = getattr(hand, f"add_{kind}")({name: "one"}, **where)
    made = story.written(lambda: getattr(hand, f"add_{kind}")({name: "two"}, before=one, id=f"my_{kind}"))
    two = f"my_{kind}"
    assert made == {(two, "")}, "an entity comes with all that it has"
    nodes = story.hand.seen().within(KINDS[kind], story.hand.seen().tree.nodes["scenes", scene] if where else None)
    assert [node.id for node in nodes if node.id != scene] == [two, one]
    assert story.written(lambda: getattr(hand, f"edit_{kind}")(two, {name: "three"})) == {(two, name)}
    assert story.written(lambda: getattr(hand, f"edit_{kind}")(two, {name: "three"})) == set()
    assert story.written(lambda: getattr(hand, f"move_{kind}")(two, **where)) == {(two, "ord")}
    assert story.written(lambda: getattr(hand, f"move_{kind}")(two, **where)) == set(), "it stands there already"
    assert story.written(lambda: getattr(hand, f"delete_{kind}")(two)) == {(two, "del")}
    assert story.of(KINDS[kind], two)["del"] == MARK
    with pytest.raises(NoSuchEntity):
        getattr(hand, f"edit_{kind}")(two, {name: "four"})
    assert story.written(lambda: getattr(hand, f"restore_{kind}")(two)) == {(two, "del")}
    with pytest.raises(GestureImpossible):
        getattr(hand, f"add_{kind}")(id=two, **where)
    with pytest.raises(NoSuchEntity):
        getattr(hand, f"restore_{kind}")("none")


@pytest.mark.parametrize(
    ("registers", "code"),
    [
        ({"st": "complete"}, "schema.server_only"),
        ({"ord": "V"}, "schema.key"),
        ({"del": None}, "schema.key"),
        ({"colour": "red"}, "schema.key"),
        ({"title": 5}, "schema.type"),
        ({"title": "x" * 201}, "schema.too_long"),
        ({"prompt": "🎬" * 4_001}, "schema.too_long"),
        ({"prompt": None}, "schema.type"),
        ({"est_f": -1}, "schema.range"),
        ({"own": "cat"}, "schema.choice"),
        ({"beat": "no id"}, "schema.form"),
    ],
)
def test_what_the_schema_does_not_allow_is_refused_by_its_name(
    story: Story, three: list[str], registers: dict[str, Any], code: str
) -> None:
    before = story.doc.get_state()
    for gesture in (lambda: story.hand.edit_scene(three[0], registers), lambda: story.hand.add_scene(registers)):
        with pytest.raises(Refused) as refused:
            gesture()
        assert refused.value.code == code
    assert story.doc.get_state() == before


def test_of_a_text_only_what_differs_is_written(story: Story, three: list[str]) -> None:
    other = story.fork(6)
    story.hand.edit_scene(three[0], {"prompt": "Scene A, at night 🎬."})
    other.hand.edit_scene(three[0], {"prompt": "The scene A."})
    story.meet(other)
    assert story.of("scenes", three[0])["prompt"] == "The scene A, at night 🎬."


# Where ---------------------------------------------------------------------------------------------------


def test_a_scene_is_put_before_another_or_at_the_end_of_a_parent(story: Story, three: list[str]) -> None:
    act = story.hand.add_act(before=three[1])
    sequence = story.hand.add_sequence(parent=act)
    assert story.scenes() == ["A", "B", "C"]
    assert story.written(lambda: story.hand.move_scene(three[2], sequence)) == {(three[2], "par"), (three[2], "ord")}
    assert story.scenes() == ["A", "C", "B"]
    story.hand.add_scene({"title": "D"}, before=three[2])
    assert story.scenes() == ["A", "D", "C", "B"]
    story.hand.move_act(act)
    assert story.scenes() == ["A", "B", "D", "C"]
    assert [node["k"] for node in story.view()["outline"]] == ["scene", "scene", "act"]


def test_nothing_stands_where_the_levels_do_not_allow_it(story: Story, three: list[str]) -> None:
    shot = story.hand.add_shot(parent=three[0])
    act = story.hand.add_act()
    for gesture in (
        lambda: story.hand.move_scene(three[0], three[1]),
        lambda: story.hand.add_sequence(parent=three[0]),
        lambda: story.hand.move_shot(shot, act),
        lambda: story.hand.add_shot(parent="none"),
        lambda: story.hand.add_scene(before=shot),
    ):
        with pytest.raises(NoSuchEntity):
            gesture()
    with pytest.raises(GestureImpossible):
        story.hand.move_shot(shot)


def test_an_act_before_a_scene_of_another_act_stands_before_that_act(story: Story) -> None:
    one, two = story.hand.add_act({"title": "one"}), story.hand.add_act({"title": "two"})
    scene = story.hand.add_scene(parent=story.hand.add_sequence(parent=one))
    story.hand.move_act(two, before=scene)
    assert [act["title"] for act in story.view()["outline"]] == ["two", "one"]
    assert story.written(lambda: story.hand.move_act(one, before=scene)) == set(), "it is in front of its own already"


def test_a_thousand_are_added_behind_each_other_with_short_keys(story: Story) -> None:
    story.hand._alone = True
    for number in range(1_000):
        story.hand.add_prop({"name": str(number)})
    assert [each["name"] for each in story.view()["props"]] == [str(number) for number in range(1_000)]
    assert max(len(each["ord"]) for each in story.hand._content["props"].values()) <= 5


def test_what_stands_in_a_deleted_sequence_is_seen_in_its_place(story: Story, three: list[str]) -> None:
    sequence = story.hand.add_sequence(before=three[1])
    story.hand.move_scene(three[2], sequence)
    assert story.written(lambda: story.hand.delete_sequence(sequence)) == {(sequence, "del")}
    assert story.scenes() == ["A", "C", "B"] and story.hand.seen().repairs == ()
    story.hand.add_scene({"title": "D"}, before=three[2])
    assert story.scenes() == ["A", "D", "C", "B"]
    story.hand.restore_sequence(sequence)
    assert [len(node.get("in", ())) for node in story.view()["outline"]] == [0, 2, 0]


# Scenes --------------------------------------------------------------------------------------------------


def test_numbers_go_on_and_moving_renumbers_nothing(story: Story, three: list[str]) -> None:
    assert [story.of("scenes", scene)["num"] for scene in three] == ["1", "2", "3"]
    story.hand.move_scene(three[2], before=three[0])
    copy = story.hand.duplicate_scene(three[0])
    assert story.of("scenes", copy)["num"] == "1A"
    assert story.of("scenes", three[2])["num"] == "3"


@pytest.mark.parametrize(
    ("number", "taken", "made"),
    [
        ("12", ["12"], "12A"),
        ("12A", ["12", "12A", "12B"], "12C"),
        ("9Z", ["9Z"], "9AA"),
        ("Prologue", ["7"], "8"),
        ("", [], "1"),
    ],
)
def test_a_scene_that_comes_between_gets_a_letter(number: str, taken: list[str], made: str) -> None:
    assert lettered(number, taken) == made


def test_the_next_number_is_above_the_highest() -> None:
    assert next_number(["3", "12B", "x9", ""]) == "13"


def test_a_copy_has_what_people_wrote_and_no_takes(story: Story, three: list[str]) -> None:
    for number in (1, 2):
        with story.doc.transaction():
            write_take(story.doc, take(three[0], number))
    story.hand.edit_scene(three[0], {"pin": {"prompt": True}, "cast": {"chr_ana": {"emo": "calm"}}})
    story.hand.pin_take(three[0], "tak_1")
    story.hand.choose_take(three[0], "tak_1")
    story.hand.add_shot({"desc": "hands", "lens_mm": 50}, three[0])
    story.hand.add_beat({"name": "turn"}, three[0])
    copy = story.hand.duplicate_scene(three[0], "scn_copy")
    made = story.of("scenes", copy)
    assert (made["prompt"], made["pin"], made["cast"]) == ("Scene A.", {"prompt": True}, {"chr_ana": {"emo": "calm"}})
    assert "want" not in made and "cur" not in made
    assert story.scenes() == ["A", "A", "B", "C"] and story.shots(copy) == ["hands"]
    assert story.view()["outline"][1]["beats"][0]["name"] == "turn"


def test_a_split_gives_the_later_shots_their_dialogue_and_their_frames(story: Story, three: list[str]) -> None:
    lines = [{"c": "ANA", "txt": str(number)} for number in range(3)]
    story.hand.edit_scene(three[0], {"dlg": lines, "est_f": 100})
    shots = [story.hand.add_shot({"desc": str(n), "dlg_ref": n, "dur_f": 20}, three[0]) for n in range(3)]
    later = story.hand.split_scene(three[0], shots[1])
    assert story.shots(three[0]) == ["0"] and story.shots(later) == ["1", "2"]
    one, two = story.of("scenes", three[0]), story.of("scenes", later)
    assert (one["dlg"], one["est_f"]) == (lines[:1], 60)
    assert (two["dlg"], two["est_f"], two["num"], two["prompt"]) == (lines[1:], 40, "1A", "Scene A.")
    assert [story.of("shots", shot)["dlg_ref"] for shot in shots] == [0, 0, 1]
    assert [node.id for node in story.hand.seen().scenes()] == [three[0], later, *three[1:]]
    with pytest.raises(GestureImpossible):
        story.hand.split_scene(later, shots[1])
    with pytest.raises(NoSuchEntity):
        story.hand.split_scene(three[1], shots[1])


def test_a_split_without_dialogue_and_lengths_writes_where_the_shots_are(story: Story, three: list[str]) -> None:
    shots = [story.hand.add_shot({"desc": str(n)}, three[0]) for n in range(3)]
    written = story.written(lambda: story.hand.split_scene(three[0], shots[1]))
    (later,) = {entity for entity, _ in written} - set(shots)
    assert written == {(later, ""), (shots[1], "par"), (shots[2], "par")}


def test_a_merge_shows_the_shots_of_the_other_and_moves_none(story: Story, three: list[str]) -> None:
    one, two = story.hand.add_shot({"desc": "one"}, three[0]), story.hand.add_shot({"desc": "two"}, three[1])
    story.hand.edit_scene(three[0], {"dlg": [{"txt": "a"}], "est_f": 10})
    story.hand.edit_scene(three[1], {"dlg": [{"txt": "b"}], "est_f": 20})
    story.hand.edit_shot(two, {"dlg_ref": 0})
    written = story.written(lambda: story.hand.merge_scenes(three[0], three[1]))
    scene = {(three[0], key) for key in ("prompt", "dlg", "est_f")}
    assert written == scene | {(three[1], "into"), (three[1], "del"), (two, "dlg_ref")}
    assert story.scenes() == ["A", "C"] and story.shots(three[0]) == ["one", "two"]
    merged = story.of("scenes", three[0])
    assert (merged["prompt"], merged["est_f"], len(merged["dlg"])) == ("Scene A.\n\nScene B.", 30, 2)
    assert story.of("shots", two)["dlg_ref"] == 1
    story.hand.move_shot(one, before=two)
    assert story.shots(three[0]) == ["one", "two"]
    story.hand.restore_scene(three[1])
    assert story.scenes() == ["A", "B", "C"] and story.shots(three[1]) == ["one", "two"]
    with pytest.raises(GestureImpossible):
        story.hand.merge_scenes(three[0], three[0])


def test_what_was_split_and_merged_is_split_again(story: Story, three: list[str]) -> None:
    shots = [story.hand.add_shot({"desc": str(n)}, three[0]) for n in range(3)]
    later = story.hand.split_scene(three[0], shots[1])
    story.hand.merge_scenes(three[0], later)
    assert story.of("scenes", three[0])["prompt"] == "Scene A.", "the same prompt is not repeated"
    story.hand.add_shot({"desc": "between"}, before=shots[1])
    assert story.shots(three[0]) == ["0", "between", "1", "2"]
    assert story.hand.split_scene(three[0], shots[1]) == later
    assert story.shots(three[0]) == ["0", "between"] and story.shots(later) == ["1", "2"]
    story.hand.move_shot(shots[1], before=None, parent=three[0])
    assert story.hand.split_scene(three[0], shots[1]) != later, "that one is in use"


def test_takes_are_chosen_and_pinned_among_the_scenes_own(story: Story, three: list[str]) -> None:
    for number in range(1, 3):
        with story.doc.transaction():
            write_take(story.doc, take(three[0], number))
    assert story.written(lambda: story.hand.choose_take(three[0], "tak_1")) == {(three[0], "want")}
    assert story.written(lambda: story.hand.pin_take(three[0], "tak_2")) == {(three[0], "pin")}
    for number in range(3, 7):
        with story.doc.transaction():
            write_take(story.doc, take(three[0], number))
    assert sorted(story.doc.get("takes", type=Map)) == ["tak_1", "tak_2", "tak_6"]
    story.hand.unpin_take(three[0], "tak_2")
    assert story.of("scenes", three[0])["pin"] == {}
    story.hand.choose_take(three[0], None)
    for gesture in (story.hand.choose_take, story.hand.pin_take, story.hand.unpin_take):
        with pytest.raises(NoSuchEntity):
            gesture(three[1], "tak_2")
