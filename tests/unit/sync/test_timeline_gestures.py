"""Gestures one by one: what a person sees before and after, and which registers were written."""

from collections.abc import Callable, Iterator

import pytest
from pycrdt import Map

from sync.errors import GestureImpossible, NoSuchEntity
from sync.timeline.content import FRAMES_MAX, MAIN_TRACK, RECOVERED
from tests.unit.sync.film import FREE, OTHER, Film


@pytest.fixture
def film() -> Film:
    return Film()


@pytest.fixture
def three(film: Film) -> Iterator[list[str]]:
    """Clips of 10, 20 and 30 frames on the main track."""
    yield [film.hand.insert(MAIN_TRACK, place, 10 * (place + 1)) for place in range(3)]


def test_the_main_track_is_magnetic(film: Film, three: list[str]) -> None:
    assert film.main() == [(0, 10), (10, 20), (30, 30)]
    film.hand.insert(MAIN_TRACK, 1, 5)
    assert film.main() == [(0, 10), (10, 5), (15, 20), (35, 30)]
    assert film.written(lambda: film.hand.ripple_delete(three[0])) == {(three[0], "del")}
    assert film.main() == [(0, 5), (5, 20), (25, 30)]
    film.hand.restore(three[0])
    assert film.main() == [(0, 10), (10, 5), (15, 20), (35, 30)]


def test_a_lifted_clip_leaves_a_gap_where_it_was(film: Film, three: list[str]) -> None:
    before = film.main()
    assert film.written(lambda: film.hand.lift(three[1])) == {(three[1], "src")}
    assert film.main() == before
    free = film.hand.insert(FREE, 5, 10)
    assert film.written(lambda: film.hand.lift(free)) == {(free, "del")}


def test_reorder_writes_one_register(film: Film, three: list[str]) -> None:
    assert film.written(lambda: film.hand.reorder(three[2], 0)) == {(three[2], "ord")}
    assert film.of(three[2])[0] == 0 and film.of(three[0])[0] == 30


def test_move_trim_and_slip_write_one_register_each(film: Film) -> None:
    clip = film.hand.insert(FREE, 100, 50)
    assert film.written(lambda: film.hand.move(clip, 90)) == {(clip, "z")}
    assert film.of(clip) == (90, 50, 0, 50)
    assert film.written(lambda: film.hand.trim_head(clip, 5)) == {(clip, "in")}
    assert film.of(clip) == (95, 45, 5, 50)
    assert film.written(lambda: film.hand.trim_tail(clip, -7)) == {(clip, "out")}
    assert film.of(clip) == (95, 38, 5, 43)
    assert film.written(lambda: film.hand.slip(clip, 3)) == {(clip, "slip")}
    assert film.hand.seen().view["tracks"][1]["clips"][0]["media"] == 8
    assert film.written(lambda: film.hand.retime(clip, 2, 1)) == {(clip, "spd")}
    assert film.of(clip) == (95, 19, 5, 43)
    assert film.written(lambda: film.hand.change_track(clip, OTHER)) == {(clip, "t")}


def test_one_frame_always_stays(film: Film) -> None:
    clip = film.hand.insert(FREE, 100, 50)
    film.hand.trim_head(clip, 500)
    assert film.of(clip) == (149, 1, 49, 50)
    film.hand.trim_tail(clip, -500)
    assert film.of(clip) == (149, 1, 49, 50)


def test_the_head_of_a_retimed_clip_is_trimmed_and_its_tail_stays(film: Film) -> None:
    clip = film.hand.insert(FREE, 100, 50)
    film.hand.retime(clip, 2, 1)
    film.hand.trim_head(clip, 10)
    assert film.of(clip) == (105, 20, 10, 50)


def test_slide_and_roll_keep_the_length_of_the_film(film: Film, three: list[str]) -> None:
    film.hand.slide(three[1], 4)
    assert film.main() == [(0, 14), (14, 20), (34, 26)]
    film.hand.slide(three[1], -100)
    assert film.main() == [(0, 1), (1, 20), (21, 39)]
    film.hand.roll(three[1], 9)
    assert film.main() == [(0, 1), (1, 29), (30, 30)]
    with pytest.raises(GestureImpossible):
        film.hand.slide(three[0], 1)


def test_a_split_writes_a_piece_and_nothing_else(film: Film) -> None:
    clip = film.hand.insert(FREE, 100, 50)
    assert {key for _, key in film.written(lambda: film.hand.split(clip, 130))} == {""}, "no register of any clip"
    (piece,) = film.hand.seen().placed.keys() - {clip}
    assert film.of(clip) == (100, 30, 0, 30)
    assert film.of(piece) == (130, 20, 30, 50)
    assert dict(film.doc.get("clips", type=Map)[piece].to_py() or {}) == {
        "root": clip,
        "of": clip,
        "in": 30.0,
        "cut": 30.0,
        "del": None,
    }


def test_after_a_split_each_piece_is_a_clip_of_its_own(film: Film) -> None:
    clip = film.hand.insert(FREE, 100, 50)
    piece = film.hand.split(clip, 130)
    assert film.written(lambda: film.hand.move(clip, 10)) == {(clip, "z"), (piece, "z")}
    assert (film.of(clip)[0], film.of(piece)[0]) == (10, 130)
    film.hand.trim_tail(clip, -5)
    assert (film.of(clip), film.of(piece)) == ((10, 25, 0, 25), (130, 20, 30, 50))
    film.hand.trim_tail(clip, 50)
    assert film.of(clip) == (10, 30, 0, 30), "the other piece shows what follows"
    film.hand.trim_head(piece, -50)
    assert film.of(piece) == (130, 20, 30, 50)
    film.hand.trim_head(piece, 4)
    assert (film.of(clip), film.of(piece)) == ((10, 30, 0, 30), (134, 16, 34, 50))
    film.hand.ripple_delete(piece)
    assert film.of(clip) == (10, 30, 0, 30), "what is deleted does not come back in the other"
    film.hand.trim_tail(clip, 12)
    assert film.of(clip) == (10, 42, 0, 42)


def test_a_roll_between_pieces_moves_the_cut(film: Film) -> None:
    clip = film.hand.insert(FREE, 100, 50)
    piece = film.hand.split(clip, 130)
    film.hand.roll(clip, 6)
    assert (film.of(clip), film.of(piece)) == ((100, 36, 0, 36), (136, 14, 36, 50))


def test_a_join_takes_a_split_back_and_it_can_be_made_again(film: Film) -> None:
    clip = film.hand.insert(FREE, 100, 50)
    piece = film.hand.split(clip, 130)
    film.hand.join(clip)
    assert film.of(clip) == (100, 50, 0, 50)
    assert film.hand.split(clip, 130) == piece
    assert (film.of(clip), film.of(piece)) == ((100, 30, 0, 30), (130, 20, 30, 50))


def test_overwrite_trims_splits_and_covers(film: Film) -> None:
    left = film.hand.insert(FREE, 0, 20)
    covered = film.hand.insert(FREE, 25, 5)
    right = film.hand.insert(FREE, 30, 20)
    new = film.hand.overwrite(FREE, 10, 25)
    assert film.of(left) == (0, 10, 0, 10)
    assert covered not in film.hand.seen().placed
    assert film.of(right) == (35, 15, 5, 20)
    assert film.of(new) == (10, 25, 0, 25)
    assert {each.lane for each in film.hand.seen().placed.values()} == {0}


def test_overwrite_within_a_clip_leaves_both_ends(film: Film, three: list[str]) -> None:
    new = film.hand.overwrite(MAIN_TRACK, 35, 10)
    assert film.main() == [(0, 10), (10, 20), (30, 5), (35, 10), (45, 15)]
    assert film.of(new)[0] == 35


def test_an_anchored_clip_goes_where_the_other_goes(film: Film, three: list[str]) -> None:
    clip = film.hand.insert(FREE, 35, 10)
    assert film.written(lambda: film.hand.anchor(clip, three[2])) == {(clip, "anc")}
    assert film.of(clip)[0] == 35
    film.hand.ripple_delete(three[0])
    assert film.of(clip)[0] == 25
    film.hand.trim_head(three[2], 3)
    assert film.of(clip)[0] == 22, "it stays with the picture"
    film.hand.unanchor(clip)
    film.hand.restore(three[0])
    assert film.of(clip)[0] == 22


def test_linked_clips_tell_when_they_are_out_of_step(film: Film) -> None:
    picture, sound = film.hand.insert(FREE, 10, 20), film.hand.insert(OTHER, 10, 20)
    film.hand.link(picture, sound)
    film.hand.move(sound, 13)
    offs = [clip.get("off", 0) for track in film.hand.seen().view["tracks"] for clip in track["clips"]]
    assert sorted(map(abs, offs)) == [0, 3]
    film.hand.unlink(sound)
    assert not any("off" in clip for track in film.hand.seen().view["tracks"] for clip in track["clips"])


def test_tracks_and_markers(film: Film, three: list[str]) -> None:
    track = film.hand.add_track("title", "Titles")
    clip = film.hand.insert(track, 3, 10)
    marker = film.hand.marker(33, "look", three[2])
    film.hand.ripple_delete(three[0])
    assert film.hand.seen().view["markers"] == [{"id": marker, "at": 23, "d": 0}]
    film.hand.remove_track(track)
    assert film.hand.seen().placed[clip].track == RECOVERED
    with pytest.raises(GestureImpossible):
        film.hand.remove_track(MAIN_TRACK)


def test_gestures_of_what_is_not_there_say_so(film: Film, three: list[str]) -> None:
    for gesture in (
        lambda: film.hand.move("clp_none", 1),
        lambda: film.hand.insert("trk_none", 0, 10),
        lambda: film.hand.change_track(three[0], "trk_none"),
        lambda: film.hand.restore("clp_none"),
    ):
        with pytest.raises(NoSuchEntity):
            gesture()
    for impossible in (
        lambda: film.hand.move(three[0], 1),
        lambda: film.hand.split(three[0], 0),
        lambda: film.hand.retime(three[0], 0, 1),
        lambda: film.hand.join(three[0]),
        lambda: film.hand.anchor(three[0], three[1]),
        lambda: film.hand.insert(FREE, 0, 0),
    ):
        with pytest.raises(GestureImpossible):
            impossible()


def test_nothing_of_a_gesture_that_cannot_be_done_is_written() -> None:
    film = Film()
    clip = film.hand.insert(MAIN_TRACK, 0, 40)
    before = film.doc.get_state()
    with pytest.raises(NoSuchEntity):
        film.hand.link(clip, "clp_gone")
    assert film.doc.get_state() == before


def test_no_gesture_goes_beyond_the_last_frame() -> None:
    """The hub would refuse the edit, and everything behind it."""
    film = Film()
    clip = film.hand.insert(FREE, FRAMES_MAX, 40)
    other = film.hand.insert(MAIN_TRACK, 0, FRAMES_MAX)
    before = film.doc.get_state()
    gestures: list[Callable[[], object]] = [
        lambda: film.hand.insert(FREE, FRAMES_MAX + 1, 40),
        lambda: film.hand.insert(MAIN_TRACK, 0, FRAMES_MAX + 1),
        lambda: film.hand.move(clip, FRAMES_MAX + 1),
        lambda: film.hand.slip(clip, -FRAMES_MAX - 1),
        lambda: film.hand.trim_tail(other, 1),
        lambda: film.hand.trim_head(clip, -FRAMES_MAX - 1),
        lambda: film.hand.marker(FRAMES_MAX + 1, "far"),
    ]
    for gesture in gestures:
        with pytest.raises(GestureImpossible):
            gesture()
    assert film.doc.get_state() == before


def test_a_track_and_a_clip_find_a_place_behind_the_longest_key() -> None:
    film = Film()
    clips = [film.hand.insert(MAIN_TRACK, place, 10 + place) for place in range(3)]
    longest = "z" * 256
    film.doc.get("clips", type=Map)[clips[2]]["ord"] = film.doc.get("tracks", type=Map)[OTHER]["ord"] = longest
    track = film.hand.add_track("title", "Titles")
    clips.append(film.hand.insert(MAIN_TRACK, 3, 13))
    view = film.hand.seen().view
    assert [shown["id"] for shown in view["tracks"]] == [MAIN_TRACK, FREE, OTHER, track]
    assert [shown["id"] for shown in view["tracks"][0]["clips"]] == clips
    keys = [film.doc.get("clips", type=Map)[clip]["ord"] for clip in clips]
    assert max(map(len, keys)) < 48, "a repair could not be written, and who comes next would find no place"
