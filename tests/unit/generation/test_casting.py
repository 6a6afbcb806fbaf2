"""Voices of characters: the same in every scene, as many as there are, and who was asked for."""

from services.generation.casting import cast
from services.generation.request import Line

VOICES = ("ada", "bob", "cyd")


def lines(*names: str) -> list[Line]:
    return [Line(name, "It rains.") for name in names]


def test_a_character_has_one_voice_however_it_is_spelled_and_wherever() -> None:
    first = cast(lines("MARA", "Mara ", "JON"), VOICES, {})
    assert first[0] == first[1] != first[2]
    assert cast(lines("MARA"), VOICES, {})[0] == first[0], "also where she is alone"


def test_voices_are_not_shared_as_long_as_there_are_enough() -> None:
    assert len(set(cast(lines("A", "B", "C"), VOICES, {}))) == 3
    assert set(cast(lines("A", "B", "C", "D"), VOICES, {})) == set(VOICES)


def test_who_was_asked_for_speaks_and_nobody_else_has_that_voice() -> None:
    found = cast(lines("MARA", "JON"), VOICES[:2], {"mara": "bob"})
    assert found == ("bob", "ada")


def test_nobody_speaks_where_nothing_is_said() -> None:
    assert cast([], VOICES, {}) == ()
