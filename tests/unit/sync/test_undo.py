"""C20: undo takes back one's own work, all of it, and nothing of anybody else's."""

from random import Random
from typing import Any

import pytest
from pycrdt import Doc, Map

from sync.errors import NoSuchEntity
from sync.repair import write
from sync.storyboard import resolve as story
from sync.storyboard.content import ROOTS as STORYBOARD_ROOTS
from sync.storyboard.content import TEXTS
from sync.storyboard.content import content_of as story_content
from sync.storyboard.gestures import Storyboard
from sync.timeline.content import MAIN_TRACK
from sync.timeline.hand import ROOTS, UNMADE, content_of
from sync.timeline.resolve import canonical, resolve
from sync.undo import STEPS_MAX, Undo
from tests.simulation.documents import some_gesture
from tests.unit.sync.film import Film

MARK = {"by": "usr_ana", "at": 7}


def undo_of(film: Film) -> Undo:
    return Undo(film.doc, ROOTS, lambda: MARK, unmade=UNMADE)


def view(film: Film) -> str:
    return canonical(film.hand.seen().view)


@pytest.mark.parametrize("seed", range(25))
def test_undo_of_everything_is_the_film_before_and_redo_the_film_behind(seed: int) -> None:
    film, rng = Film(), Random(seed)
    for place in range(3):
        film.hand.insert(MAIN_TRACK, place, 20)
    undo, films = undo_of(film), [view(film)]
    for _ in range(25):
        before = canonical(content_of(film.doc))
        undo.do(lambda: some_gesture(film.doc, rng))
        if canonical(content_of(film.doc)) != before:
            films.append(view(film))
    for expected in reversed(films[:-1]):
        assert undo.undo()
        assert view(film) == expected
    assert not undo.undo() and not undo.can_undo
    for expected in films[1:]:
        assert undo.redo()
        assert view(film) == expected
    assert not undo.redo()


def test_undo_of_an_insertion_removes_nothing() -> None:
    film = Film()
    undo = undo_of(film)
    clip = undo.do(lambda: film.hand.insert(MAIN_TRACK, 0, 40))
    assert undo.undo() and clip not in film.hand.seen().placed
    assert content_of(film.doc)["clips"][clip]["del"] == MARK
    assert undo.redo() and film.hand.seen().placed[clip].frames == 40


def test_what_others_did_stays() -> None:
    film = Film()
    clip = film.hand.insert(MAIN_TRACK, 0, 40)
    undo, other = undo_of(film), film.fork(6)
    undo.do(lambda: film.hand.slip(clip, 7))
    film.meet(other)
    other.hand.trim_tail(clip, -10)
    film.meet(other)
    undo.undo()
    assert film.of(clip)[1] == 30 and film.hand.seen().placed[clip].clip.slip == 0


def test_undo_survives_a_repair_of_what_it_takes_back() -> None:
    film = Film()
    clip = film.hand.insert(MAIN_TRACK, 0, 40)
    undo, other = undo_of(film), film.fork(6)
    undo.do(lambda: film.hand.trim_tail(clip, -30))
    other.hand.trim_head(clip, 30)
    film.meet(other)
    write(other.doc, other.hand.seen().repairs)  # as the server does
    film.meet(other)
    assert film.of(clip)[1] == 1
    undo.undo()
    assert film.of(clip)[1] == 10, "its tail is back, the other's trimmed head stays"
    assert resolve(content_of(film.doc)).repairs == ()


def test_what_cannot_be_done_is_no_step_and_what_is_done_anew_ends_redo() -> None:
    film = Film()
    undo = undo_of(film)
    with pytest.raises(NoSuchEntity):
        undo.do(lambda: film.hand.slip("clp_gone", 1))
    assert not undo.can_undo
    undo.do(lambda: film.hand.insert(MAIN_TRACK, 0, 40))
    undo.undo()
    assert undo.can_redo
    undo.do(lambda: film.hand.insert(MAIN_TRACK, 0, 20))
    assert not undo.can_redo


def test_steps_are_bounded() -> None:
    film = Film()
    clip = film.hand.insert(MAIN_TRACK, 0, 40)
    undo = undo_of(film)
    for number in range(STEPS_MAX + 5):
        undo.do(lambda number=number: film.hand.slip(clip, number + 1))  # type: ignore[misc]
    steps = 0
    while undo.undo():
        steps += 1
    assert steps == STEPS_MAX


def test_a_prompt_gets_its_words_back_unless_somebody_else_has_changed_them() -> None:
    doc: Doc[Any] = Doc(client_id=5)
    hand = Storyboard(doc, Random(1).randbytes, "usr_ana", 7)
    scene = hand.add_scene({"prompt": "A lamp."})
    undo = Undo(doc, ("scenes",), lambda: MARK, TEXTS)

    def prompt() -> str:
        return str(doc.get("scenes", type=Map)[scene]["prompt"])

    undo.do(lambda: hand.edit_scene(scene, {"prompt": "A lamp goes out."}))
    assert undo.undo() and prompt() == "A lamp."
    assert undo.redo() and prompt() == "A lamp goes out."
    hand.edit_scene(scene, {"prompt": "A lamp goes out. Rain."})
    assert undo.undo() and prompt() == "A lamp goes out. Rain."


def test_undo_of_a_move_survives_the_repair_of_its_place() -> None:
    doc: Doc[Any] = Doc(client_id=5)
    hand = Storyboard(doc, bytes)
    act = hand.add_act({"title": "One"})
    first, moved, last = (hand.add_scene({"title": title}, id=f"scn_{title}") for title in "abc")
    other: Doc[Any] = Doc(client_id=6)
    other.apply_update(doc.get_update())
    undo = Undo(doc, STORYBOARD_ROOTS, lambda: MARK, TEXTS)
    undo.do(lambda: hand.move_scene(moved, act))
    Storyboard(other, bytes).move_scene(first, act)
    doc.apply_update(other.get_update())
    repairs = story.resolve(story_content(doc)).repairs
    assert [(repair.id, repair.name) for repair in repairs] == [(moved, "order")], "both went to one place"
    write(doc, repairs)  # as the server does
    assert undo.undo()
    seen = story.resolve(story_content(doc))
    assert [node.id for node in seen.scenes()] == [first, moved, last] and seen.repairs == ()
    assert [node.id for node in seen.within("scenes", None)] == [act, moved, last]
    assert undo.redo() and [node.id for node in story.resolve(story_content(doc)).scenes()] == [first, moved, last]
