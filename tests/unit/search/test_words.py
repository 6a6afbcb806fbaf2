"""Words in any script: told apart, asked for, and shown where they stand."""

import pytest

from services.search.words import FRAGMENTS_MAX, Asked, Piece, asked_for, highlighted, snippet, spaced


def shown(pieces: tuple[Piece, ...]) -> str:
    """With what was asked for in brackets."""
    return "".join(f"[{piece.text}]" if piece.is_match else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("He said \u201ctrain\u201d\u2014night\u2014TRAIN\u2026", "he said train night train"),
        ("l\u2019\u00c9cole \u00abgare\u00bb x-ray a_b 3.5", "l \u00e9cole gare x ray a b 3 5"),
        ("\u591c\u306e\u5217\u8eca\u3001Tokyo\u99c5", "\u591c \u306e \u5217 \u8eca tokyo \u99c5"),
        ("\u0939\u093f\u0928\u094d\u0926\u0940, \u043f", "\u0939\u093f\u0928\u094d\u0926\u0940 \u043f"),
        ("\uff34\uff32\uff21\uff29\uff2e \ufb01lm \u00bd Stra\u00dfe", "train film 1 2 strasse"),
        ("\x00\x01\U0001f3ac \u200b", ""),
    ],
)
def test_words_of_every_script(text: str, words: str) -> None:
    assert spaced(text) == words


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("Night train", Asked("night train", ("night", "train"))),
        ('"night train" rain', Asked('"night train" rain', ("night", "train", "rain"))),
        ("\u201cnight train\u201d", Asked('"night train"', ("night", "train"))),
        ("night -train -x-ray", Asked('night -train -"x ray"', ("night",))),
        ('night -"a train" b', Asked('night -"a train" b', ("night", "b"))),
        ("night OR train", Asked("night or train", ("night", "train"))),
        ("it\u2019s", Asked('"it s"', ("it", "s"))),
        ("\u5217\u8eca", Asked('"\u5217 \u8eca"', ("\u5217", "\u8eca"))),
        ('- "" " :* & ! <-> \\ \'', Asked("", ())),
        ('"open night', Asked('"open night"', ("open", "night"))),
    ],
)
def test_what_people_type(typed: str, asked: Asked) -> None:
    assert asked_for(typed) == asked


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("The Train, the trains", "The [Train], the [trains]"),
        ("\u201ctrain\u201d", "\u201c[train]\u201d"),
        ("a restrained strain", "a restrained strain"),
        ("<b>train</b>", "<b>[train]</b>"),
        ("", ""),
    ],
)
def test_a_title_is_shown_whole(text: str, marked: str) -> None:
    assert shown(highlighted(text, ("train",))) == marked


def test_a_character_of_an_unspaced_script_is_marked_by_itself() -> None:
    assert shown(highlighted("\u591c\u306e\u5217\u8eca", ("\u5217", "\u8eca"))) == "\u591c\u306e[\u5217][\u8eca]"


def test_a_snippet_is_round_the_words_that_were_asked_for() -> None:
    rain = " ".join(f"rain{number}" for number in range(100))
    text = f"{rain} A train, at dawn. {rain} Another train; {rain} The last train."
    found = shown(snippet(text, ("train",)))
    assert found.startswith("\u2026 rain93 ") and "A [train], at dawn. rain0" in found
    assert found.count("[train]") == FRAGMENTS_MAX and found.count(" \u2026 ") == FRAGMENTS_MAX - 1
    assert found.endswith(" \u2026") and len(found) < 400


def test_fragments_do_not_overlap_and_lose_nothing_between_them() -> None:
    text = " ".join(f"w{number}" if number not in (5, 22, 30) else "train" for number in range(60))
    found = snippet(text, ("train",))
    assert shown(found).count("[train]") == 3
    assert "".join(piece.text for piece in found[:-1]) == text[: text.index(" w38")]


@pytest.mark.parametrize("text", ["", "Nothing of it.", " \u2014 "])
def test_without_a_word_of_it_a_snippet_is_the_beginning(text: str) -> None:
    assert shown(snippet(text, ("train",))) == text


def test_the_beginning_of_a_long_text_says_that_it_goes_on() -> None:
    found = shown(snippet("word " * 100, ("train",)))
    assert found == " ".join(["word"] * 16) + " \u2026"
