"""What several people did at once, what is seen of it, and what is repaired."""

from collections.abc import Iterator
from typing import Any

import pytest
from pycrdt import Map

from sync.repair import Repair, write
from sync.timeline.content import FRAMES_MAX, MAIN_TRACK
from sync.timeline.hand import content_of
from sync.timeline.resolve import resolve
from tests.simulation.documents import with_repairs
from tests.unit.sync.film import FREE, Film


@pytest.fixture
def film() -> Film:
    return Film()


@pytest.fixture
def three(film: Film) -> Iterator[list[str]]:
    """Clips of 10, 20 and 30 frames on the main track."""
    yield [film.hand.insert(MAIN_TRACK, place, 10 * (place + 1)) for place in range(3)]


# At once -----------------------------------------------------------------------------------------------


def test_concurrent_ripple_deletes_leave_no_hole(film: Film) -> None:
    clips = [film.hand.insert(MAIN_TRACK, place, 10) for place in range(5)]
    other = film.fork(6)
    film.hand.ripple_delete(clips[1])
    other.hand.ripple_delete(clips[2])
    film.meet(other)
    assert film.main() == [(0, 10), (10, 10), (20, 10)]


def test_concurrent_splits_at_one_frame_leave_no_duplicate(film: Film, three: list[str]) -> None:
    other = film.fork(6)
    assert film.hand.split(three[2], 40) == other.hand.split(three[2], 40)
    film.meet(other)
    assert film.main() == [(0, 10), (10, 20), (30, 10), (40, 20)]
    assert film.hand.seen().repairs == ()


def test_concurrent_splits_at_two_frames_leave_three_pieces(film: Film, three: list[str]) -> None:
    other = film.fork(6)
    film.hand.split(three[2], 40)
    other.hand.split(three[2], 50)
    film.meet(other)
    assert film.main() == [(0, 10), (10, 20), (30, 10), (40, 10), (50, 10)]


def test_two_who_reorder_one_clip_leave_one(film: Film, three: list[str]) -> None:
    other = film.fork(6)
    film.hand.reorder(three[0], 2)
    other.hand.reorder(three[0], 1)
    film.meet(other)
    assert len(film.main()) == 3


def test_overlap_on_a_free_track_is_a_lane_and_no_loss(film: Film) -> None:
    clip = film.hand.insert(FREE, 0, 20)
    other = film.fork(6)
    film.hand.insert(FREE, 30, 20)
    other.hand.insert(FREE, 40, 20)
    other.hand.move(clip, 5)
    film.meet(other)
    placed = film.hand.seen().placed
    assert sorted((each.start, each.lane) for each in placed.values()) == [(5, 0), (30, 0), (40, 1)]


# Invariants and their repairs ----------------------------------------------------------------------------


def repairs(film: Film) -> dict[str, set[str]]:
    """Name -> registers; they are then written, and nothing is left."""
    found: dict[str, set[str]] = {}
    for repair in film.hand.seen().repairs:
        found.setdefault(repair.name, set()).add(repair.key or repair.root)
    write(film.doc, film.hand.seen().repairs)
    assert film.hand.seen().repairs == ()
    return found


def test_length_trimmed_to_nothing_from_both_ends(film: Film) -> None:
    clip = film.hand.insert(FREE, 0, 20)
    other = film.fork(6)
    film.hand.trim_head(clip, 15)
    other.hand.trim_tail(clip, -15)
    film.meet(other)
    assert repairs(film) == {"length": {"out", "markers"}}
    assert film.of(clip) == (15, 1, 15, 16)
    assert [marker["at"] for marker in film.hand.seen().view["markers"]] == [0]


def test_orphan_of_a_track_removed_meanwhile(film: Film) -> None:
    other = film.fork(6)
    film.hand.remove_track(FREE)
    clip = other.hand.insert(FREE, 10, 20)
    film.meet(other)
    assert repairs(film) == {"orphan": {"t"}}
    assert film.of(clip)[0] == 10


def test_anchor_to_a_clip_deleted_meanwhile(film: Film, three: list[str]) -> None:
    clip = film.hand.insert(FREE, 35, 10)
    other = film.fork(6)
    film.hand.ripple_delete(three[2])
    other.hand.anchor(clip, three[2])
    film.meet(other)
    assert repairs(film) == {"anchor": {"anc"}}
    assert film.of(clip)[0] == 35


def test_empty_piece_whose_clip_was_trimmed_before_the_cut(film: Film) -> None:
    clip = film.hand.insert(FREE, 0, 50)
    other = film.fork(6)
    piece = film.hand.split(clip, 30)
    other.hand.trim_tail(clip, -30)
    film.meet(other)
    assert repairs(film) == {"empty piece": {"del"}}
    assert film.of(clip) == (0, 20, 0, 20)
    assert piece not in film.hand.seen().placed


def test_repeated_media_of_a_piece_restored_after_the_next_was_extended(film: Film) -> None:
    clip = film.hand.insert(FREE, 0, 50)
    piece = film.hand.split(clip, 30)
    film.hand.ripple_delete(clip)
    other = film.fork(6)
    film.hand.restore(clip)
    other.hand.trim_head(piece, -10)
    film.meet(other)
    assert repairs(film) == {"repeated media": {"in"}}
    assert (film.of(clip), film.of(piece)) == ((0, 30, 0, 30), (30, 20, 30, 50))


def test_main_track_cannot_be_deleted_or_freed(film: Film, three: list[str]) -> None:
    film.doc.get("tracks", type=Map)[MAIN_TRACK]["del"] = {"by": "x"}
    film.doc.get("tracks", type=Map)[MAIN_TRACK]["mode"] = "free"
    film.doc.get("tracks", type=Map)[FREE]["mode"] = "mag"
    assert film.main() == [(0, 10), (10, 20), (30, 30)]
    assert repairs(film) == {"main track": {"del", "mode"}}


def test_a_dissolve_is_at_most_half_of_either_clip_and_needs_a_next_one(film: Film, three: list[str]) -> None:
    def dissolves() -> list[Any]:
        return [clip.get("xo") for clip in film.hand.seen().view["tracks"][0]["clips"]]

    for clip in three:
        film.doc.get("clips", type=Map)[clip]["xo"] = {"k": "dissolve", "d": 60, "a": 30}
    assert dissolves() == [{"k": "dissolve", "d": 15, "a": 5}, {"k": "dissolve", "d": 25, "a": 10}, None]
    film.hand.split(three[0], 5)
    assert dissolves()[:2] == [None, {"k": "dissolve", "d": 12, "a": 2}]


def test_repairs_are_of_the_content_alone(film: Film) -> None:
    content = content_of(film.doc)
    content["clips"]["clp_x"] = {"t": "trk_gone", "in": 5.0, "out": 3.0}
    assert resolve(content).repairs == resolve(dict(reversed(content.items()))).repairs
    assert [repair[:3] for repair in resolve(content).repairs] == [
        ("clips", "clp_x", "out"),
        ("clips", "clp_x", "t"),
        ("markers", resolve(content).repairs[2].id, None),
    ]
    assert isinstance(resolve(content).repairs[0], Repair)


@pytest.mark.parametrize("out", [FRAMES_MAX, FRAMES_MAX - 1, -FRAMES_MAX])
def test_a_clip_at_the_last_frame_gets_one_frame_too(out: int) -> None:
    clips = {
        "c": {"t": MAIN_TRACK, "in": FRAMES_MAX, "out": out},
        "p": {"of": "c", "in": FRAMES_MAX, "cut": FRAMES_MAX},
    }
    for held in (clips, {"c": clips["c"]}):
        content = {"clips": held, "tracks": {MAIN_TRACK: {"mode": "mag"}}}
        repaired = with_repairs(content, resolve(content).repairs)
        (shown,) = resolve(repaired).placed.values()
        assert resolve(repaired).repairs == () and (shown.in_, shown.out) == (FRAMES_MAX - 1, FRAMES_MAX)
