"""What a reviewer says has its form before it is looked at whether they may."""

import pytest

from services.review.errors import NoteMissing, NoteUnfit
from services.review.model import NOTE_CHARS_MAX, Verdict, Word, checked


def test_a_note_is_what_was_written_without_the_space_round_it() -> None:
    assert checked(Word(Verdict.CHANGES, "  Louder.\n", 7)) == Word(Verdict.CHANGES, "Louder.", 7)
    assert checked(Word(Verdict.APPROVED, "x" * NOTE_CHARS_MAX, None)).note == "x" * NOTE_CHARS_MAX


@pytest.mark.parametrize("note", ["x" * (NOTE_CHARS_MAX + 1), "a\0b"])
def test_a_note_that_cannot_be_kept_is_refused(note: str) -> None:
    with pytest.raises(NoteUnfit):
        checked(Word(Verdict.APPROVED, note, None))


def test_whoever_asks_for_changes_says_which() -> None:
    assert checked(Word(Verdict.APPROVED, " ", None)).note == ""
    with pytest.raises(NoteMissing):
        checked(Word(Verdict.CHANGES, " ", None))
