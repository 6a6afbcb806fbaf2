"""How long a scene is before anybody filmed it, and which beats people gave it."""

from typing import Any

import pytest

from services.formats.pieces import pieces_of, seconds_of
from services.formats.presets import HALF_HOUR, THREE_ACT
from tests.unit.scenes.make import story


def seconds(scene: dict[str, Any], shots: dict[str, Any] | None = None, format: Any = THREE_ACT) -> float:
    told = story({"a": scene}, shots=shots or {})
    return seconds_of(told.scenes[0], format, 24)


def test_what_people_say_is_the_length() -> None:
    assert seconds({"est_f": 240.0, "prompt": "x"}) == 10
    shots = {"s1": {"par": "a", "ord": "a", "dur_f": 48.0}, "s2": {"par": "a", "ord": "b", "dur_f": 24}}
    assert seconds({}, shots) == 3
    assert seconds({"est_f": 240}, shots) == 10


def test_what_is_only_written_is_measured_by_pages() -> None:
    page = {"prompt": "word " * 200}
    assert seconds(page) == pytest.approx(60) and seconds(page, format=HALF_HOUR) == pytest.approx(45)
    assert seconds({}) == 3.0
    spoken = {"dlg": [{"c": "ANA", "txt": "a" * 120}]}
    assert seconds(spoken) == pytest.approx(10.45), "speech takes longer than its one word on paper"
    partly = {"s1": {"par": "a", "ord": "a", "dur_f": 480}, "s2": {"par": "a", "ord": "b"}}
    assert seconds({}, partly) == 20


def test_beats_are_found_by_name_id_parent_and_sequence() -> None:
    told = story(
        {
            "a": {"beat": "b1"},
            "b": {"beat": "inciting_incident"},
            "c": {},
            "d": {"par": "q1"},
            "e": {"beat": "b4"},
            "f": {"beat": "nonsense"},
        },
        seqs={"q1": {"ord": "a9"}},
        beats={
            "b1": {"name": "First Turn", "at": 250},
            "b2": {"name": "midpoint", "par": "c"},
            "b3": {"name": "Climax", "par": "q1"},
            "b4": {"name": "The knock", "at": 400.0},
            "b5": {"name": "Nowhere in particular"},
            "b6": {"name": "Midpoint", "par": "a", "del": {"by": "x", "at": 1}},
        },
    )
    pieces, own = pieces_of([told], THREE_ACT, 24)
    assert {piece.scene: piece.beats for piece in pieces} == {
        "a": ("first_turn",),
        "b": ("inciting_incident",),
        "c": ("midpoint",),
        "d": ("climax",),
        "e": ("b4",),
        "f": (),
    }
    assert [(beat.id, beat.name, beat.start, beat.required) for beat in own] == [("b4", "The knock", 0.4, False)]


def test_whatever_a_client_wrote_is_read() -> None:
    told = story(
        {
            "a": {
                "cast": {"chr_1": "x", "chr_2": {"look": 7, "pos": "left\0"}},
                "pin": ["prompt"],
                "cont": 4,
                "own": 3.5,
            }
        },
        looks={"l1": {"char": "chr_2", "name": 5}},
        takes={"t1": {"scn": "a", "n": 1.0, "thumb": "x"}, "t2": {"scn": "a", "n": 2.0}, "t3": 4},
    )
    scene = told.scenes[0]
    assert [(member.character, member.look, member.position) for member in scene.cast] == [
        ("chr_1", "", ""),
        ("chr_2", "", "left\ufffd"),
    ]
    assert (scene.pins, scene.continues, scene.own) == (frozenset(), "", "")
    assert scene.takes == (("t2", ""), ("t1", "x")) and scene.called == "scene 1"
    assert told.looks["l1"].character == "chr_2" and told.looks["l1"].name == ""
