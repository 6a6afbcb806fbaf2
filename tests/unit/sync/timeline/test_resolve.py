"""Every invariant of a timeline and its repair (docs/timeline.md)."""

from typing import Any

import pytest

from sync import ids
from sync.timeline import model
from sync.timeline.resolve import ANCHOR_LOST, MAIN_DELETED, MEDIA_TWICE, NO_TRACK, TRIMMED_TO_NOTHING
from tests.unit.sync.timeline.stage import DELETED, Content, content, free, main, rules, settled, starts


def test_positions_on_the_main_track_follow_from_order_and_length() -> None:
    found = settled(content(b=main("B", 20), a=main("A", 10), c=main("C", 5)))
    assert starts(found) == {"a": (0, 0, 10), "b": (10, 0, 20), "c": (30, 0, 5)}
    assert found.view.frames == 35


def test_equal_order_keys_are_broken_by_root_then_window_then_id() -> None:
    found = settled(content(b=main("A", root="r"), a=main("A", 20, root="r", **{"in": 10}), c=main("A", root="q")))
    assert [clip.id for clip in found.view.tracks[0].clips] == ["c", "b", "a"]


def test_two_ripple_deletes_leave_no_hole() -> None:
    clips = {key: main(key.upper()) for key in "abcde"}
    for key in "bc":
        clips[key].update(DELETED)
    assert starts(settled(content(**clips))) == {"a": (0, 0, 10), "d": (10, 0, 10), "e": (20, 0, 10)}


def test_overlap_on_a_free_track_makes_a_lane() -> None:
    found = settled(content(a=free(0), b=free(5), c=free(10)))
    assert [(clip.id, clip.lane) for clip in found.view.tracks[1].clips] == [("a", 0), ("b", 1), ("c", 0)]
    assert found.view.tracks[1].lanes == 2


def test_nothing_starts_before_the_film() -> None:
    assert starts(settled(content(a=free(-30)))) == {"a": (0, 0, 10)}


@pytest.mark.parametrize("track", [None, "gone", "deleted"])
def test_a_clip_without_a_track_is_recovered(track: str | None) -> None:
    given = content(a=free(7, t=track))
    given["tracks"]["deleted"] = {"mode": "free", "ord": "D", **DELETED}
    found = settled(given)
    assert rules(found) == [(NO_TRACK, "a", {"t": "rec"})]
    assert [(track.id, [clip.start for clip in track.clips]) for track in found.view.tracks][-1] == ("rec", [7])


def test_the_main_track_cannot_be_deleted() -> None:
    given = content(a=main("A"))
    given["tracks"]["trk_main"].update(DELETED)
    found = settled(given)
    assert rules(found) == [(MAIN_DELETED, "trk_main", {"del": None})]
    assert starts(found) == {"a": (0, 0, 10)}


def test_a_clip_trimmed_to_nothing_keeps_a_frame_and_is_marked() -> None:
    found = settled(content(a=main("A", 4, **{"in": 9})))
    marker = ids.derived("mrk", "trimmed", "a", "9")
    assert [(rule, key) for rule, key, _ in rules(found)] == [(TRIMMED_TO_NOTHING, "a"), (TRIMMED_TO_NOTHING, marker)]
    assert starts(found) == {"a": (0, 9, 10)}
    assert [(each.id, each.at, each.kind) for each in found.view.markers] == [(marker, 0, "todo")]


FAMILIES = [
    ("the earlier ends where the later begins", {"a": (0, 30), "b": (20, 50)}, {"a": (0, 20), "b": (20, 50)}),
    ("also where it would end later", {"a": (0, 90), "b": (20, 50)}, {"a": (0, 20), "b": (20, 50)}),
    ("the longer begins where the shorter ends", {"a": (0, 30), "b": (0, 20)}, {"a": (20, 30), "b": (0, 20)}),
    ("of twins the larger id goes", {"a": (0, 30), "b": (0, 30)}, {"a": (0, 30)}),
    ("a chain", {"a": (0, 9), "b": (0, 9), "c": (0, 5), "d": (5, 7)}, {"a": (7, 9), "c": (0, 5), "d": (5, 7)}),
]


@pytest.mark.parametrize(("name", "given", "expected"), FAMILIES, ids=[name for name, *_ in FAMILIES])
def test_no_media_of_one_root_is_shown_twice(
    name: str, given: dict[str, tuple[int, int]], expected: dict[str, tuple[int, int]]
) -> None:
    clips = {key: free(0, tail, root="r", **{"in": head}) for key, (head, tail) in given.items()}
    found = settled(content(**clips))
    assert {key: (head, tail) for key, (_, head, tail) in starts(found).items()} == expected
    assert {rule for rule, *_ in rules(found)} == {MEDIA_TWICE}


def test_clips_of_different_roots_may_show_the_same() -> None:
    assert rules(settled(content(a=free(0, root="a"), b=free(0, root="b")))) == []


# Parts ---------------------------------------------------------------------------------------------


def split(of: str, cut: int, **registers: Any) -> dict[str, Any]:
    return {"of": of, "cut": cut, **registers}


def test_a_part_inherits_what_it_does_not_have() -> None:
    found = settled(content(a=free(100, 48, slip=3, spd=[2, 1], scn="scn_1"), b=split("a", 20)))
    assert starts(found) == {"a": (100, 0, 20), "b": (120, 20, 48)}
    part = found.view.clips()["b"]
    assert (part.slip, part.speed, part.scene, part.root) == (3, (2, 1), "scn_1", "a")


def test_cuts_of_one_clip_and_of_its_parts() -> None:
    given = content(a=free(0, 48), b=split("a", 20), c=split("a", 10), d=split("b", 30), e=split("b", 40, **DELETED))
    assert starts(settled(given)) == {"a": (0, 0, 10), "b": (20, 20, 30), "c": (10, 10, 20), "d": (30, 30, 40)}


def test_what_is_deleted_with_its_parts_is_gone_and_a_part_may_stay() -> None:
    assert starts(settled(content(a=main("A", **DELETED), b=split("a", 4)))) == {}
    assert starts(settled(content(a=main("A", **DELETED), b=split("a", 4, **{"del": None})))) == {"b": (0, 4, 10)}


def test_a_part_that_was_trimmed_away_is_not_shown_and_not_repaired() -> None:
    found = settled(content(a=main("A", 3), b=split("a", 4), c=main("C", 20, **{"in": 8}), d=split("c", 6)))
    assert rules(found) == []
    assert starts(found) == {"a": (0, 0, 3), "d": (3, 8, 20)}


def test_parts_made_twice_at_one_cut_are_one() -> None:
    found = settled(content(a=main("A"), b=split("a", 4), c=split("a", 4)))
    assert rules(found) == [(MEDIA_TWICE, "c", {"del": {"by": "repair", "at": 0}})]


def test_parts_of_each_other_in_a_circle_are_readable() -> None:
    given = content(a=free(0, of="c", cut=1), b=split("a", 4), c=split("b", 6))
    assert starts(settled(given)) == {"a": (0, 0, 4), "b": (4, 4, 6), "c": (6, 6, 10)}


def test_a_repair_of_the_whole_leaves_its_parts_as_they_were() -> None:
    given = content(a=free(0, 30), b=split("a", 20), x=free(100, 9, root="a", **{"in": 5}))
    found = settled(given)
    assert starts(found) == {"a": (0, 0, 5), "b": (20, 20, 30), "x": (105, 5, 9)}
    assert rules(found) == [(MEDIA_TWICE, "a", {"out": 5}), (MEDIA_TWICE, "b", {"out": 30})]


# Anchors -------------------------------------------------------------------------------------------


def anchored(clip: str, d: int = 3, z: int = 0, h: int = 0, **registers: Any) -> dict[str, Any]:
    return free(z, anc={"c": clip, "d": d, "h": h}, **registers)


def test_an_anchored_clip_follows_the_picture() -> None:
    given = content(a=main("A"), b=main("B"), m=anchored("b"))
    assert starts(settled(given))["m"] == (13, 0, 10)
    given["clips"]["a"]["out"] = 25
    assert starts(settled(given))["m"] == (28, 0, 10)
    given["clips"]["b"]["in"] = 2
    assert starts(settled(given))["m"] == (26, 0, 10)  # the same picture is two frames earlier


def test_a_move_counts_from_where_it_was_attached() -> None:
    assert starts(settled(content(a=main("A"), m=anchored("a", d=3, h=100, z=104))))["m"] == (7, 0, 10)


def test_an_anchor_follows_the_part_that_shows_its_frame() -> None:
    given = content(a=main("A"), b=split("a", 2, ord="Z"), c=main("C"), m=anchored("a"))
    assert starts(settled(given))["m"] == (13, 0, 10)
    assert settled(given).view.clips()["m"].anchored == "b"


@pytest.mark.parametrize(
    ("target", "z"),
    [(main("B", **DELETED), 13), (free(50), 40), (None, 40)],
    ids=["deleted: where it stood", "on another track", "never there"],
)
def test_a_lost_anchor_lets_go(target: dict[str, Any] | None, z: int) -> None:
    given = content(a=main("A"), m=anchored("b", z=40, h=40))
    if target is not None:
        given["clips"]["b"] = target
    found = settled(given)
    assert rules(found) == [(ANCHOR_LOST, "m", {"anc": None, "z": z})]
    assert starts(found)["m"] == (z, 0, 10)


# Transitions, markers, links, locks ---------------------------------------------------------------------


def transition(d: int, a: int) -> dict[str, Any]:
    return {"k": "dissolve", "d": d, "a": a}


def shown(given: Content, clip: str) -> tuple[int, int] | None:
    found = settled(given).view.clips()[clip].transition
    return None if found is None else (found.d, found.a)


def test_a_transition_takes_at_most_half_of_each_clip() -> None:
    assert shown(content(a=main("A", 10, xo=transition(12, 6)), b=main("B", 6)), "a") == (8, 5)
    assert shown(content(a=main("A", 10, xo=transition(4, 2)), b=main("B", 6)), "a") == (4, 2)
    assert shown(content(a=main("A", 1, xo=transition(4, 2)), b=main("B", 1)), "a") is None


def test_a_transition_without_a_neighbour_is_not_shown() -> None:
    assert shown(content(a=main("A", xo=transition(4, 2))), "a") is None
    assert shown(content(a=free(0, xo=transition(4, 2)), b=free(11)), "a") is None
    assert shown(content(a=free(0, xo=transition(4, 2)), b=free(10)), "a") == (4, 2)


def test_a_split_leaves_the_transition_with_the_last_part() -> None:
    given = content(a=main("A", xo=transition(4, 2)), b=split("a", 5), c=main("C"))
    assert (shown(given, "a"), shown(given, "b")) == (None, (4, 2))


def test_markers_of_the_timeline_and_of_clips() -> None:
    given = content(a=main("A"), b=main("B", 20, **{"in": 5}))
    given["markers"] = {
        "m1": {"on": "tl", "f": 3, "d": 2, "k": "chapter"},
        "m2": {"on": "clip", "c": "b", "f": 6, "d": 0, "k": "beat"},
        "m3": {"on": "clip", "c": "b", "f": 4, "d": 0},
        "m4": {"on": "clip", "c": "gone", "f": 4, "d": 0},
        "m5": {"on": "tl", "f": 3, **DELETED},
    }
    markers = settled(given).view.markers
    assert [(marker.id, marker.at, marker.d, marker.kind) for marker in markers] == [
        ("m1", 3, 2, "chapter"),
        ("m2", 11, 0, "beat"),
    ]


def test_linked_clips_say_by_how_much_they_are_out_of_step() -> None:
    given = content(a=main("A", lnk="l"), b=free(4, slip=1, lnk="l"), c=free(50, lnk="alone"))
    assert [(link.id, link.clips) for link in settled(given).view.links] == [("l", (("a", 0), ("b", 3)))]


def test_locks_of_clips_and_tracks() -> None:
    given = content(a=main("A", lock=True), b=main("B"), c=free(0))
    given["tracks"]["v2"]["lock"] = True
    assert {key: clip.is_locked for key, clip in settled(given).view.clips().items()} == {
        "a": True,
        "b": False,
        "c": True,
    }


# Hostile content --------------------------------------------------------------------------------------

NONSENSE: list[Any] = [None, True, 1.5, -1e300, float("nan"), "", "\n", "a" * 999, [], [1], {}, {"c": 1}, 2**70]


def test_numbers_are_read_as_whole_numbers() -> None:
    assert starts(settled(content(a=free(7, 10, **{"in": 2.0, "out": 9.0})))) == {"a": (9, 2, 9)}
    assert all(type(number) is int for number in starts(settled(content(a=free(7.0))))["a"])  # type: ignore[arg-type]


@pytest.mark.parametrize("key", [*model.CLIP_READERS, "of", "cut"])
@pytest.mark.parametrize("value", NONSENSE, ids=repr)
def test_no_value_of_a_register_breaks_it(key: str, value: Any) -> None:
    settled(content(a={**main("A"), key: value}, b=free(3, of="a", cut=4), c={key: value}))


@pytest.mark.parametrize("value", NONSENSE, ids=repr)
def test_no_value_of_an_entity_or_root_breaks_it(value: Any) -> None:
    given = content(a=main("A"))
    for root in given:
        settled({**given, root: {**given[root], "x": value, "trk_main": value}})
        settled({**given, root: value} if isinstance(value, dict) else given)
    settled({**given, "tracks": {}})


def test_the_end_of_time_is_no_exception() -> None:
    settled(
        content(
            a=free(model.FRAMES_MAX, model.FRAMES_MAX, **{"in": model.FRAMES_MAX - 1}), b=free(0, -model.FRAMES_MAX)
        )
    )
