"""Decisions as values, and their rules; pure."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.review.errors import NoteMissing, NoteUnfit

DECISION_PREFIX = "dec"
NOTE_CHARS_MAX = 2_000
PAGE_MAX = 100


class Verdict(StrEnum):
    """What a reviewer says. A later word of the same reviewer counts instead; others stay beside it."""

    APPROVED = "approved"
    CHANGES = "changes"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is decided about: a take of a scene, a scene, or with neither the document's film."""

    document_id: UUID
    scene_id: str | None = None
    take_id: UUID | None = None

    @property
    def kind(self) -> str:
        if self.take_id is not None:
            return "take"
        return "cut" if self.scene_id is None else "scene"


@dataclass(frozen=True, slots=True)
class Word:
    """What is said. `seq`: of the document, as it was looked at; None: as it is now."""

    verdict: Verdict
    note: str
    seq: int | None


def checked(word: Word) -> Word:
    """Raises `NoteUnfit`, `NoteMissing`."""
    note = word.note.strip()
    if len(note) > NOTE_CHARS_MAX or "\0" in note:
        raise NoteUnfit(NoteUnfit.__doc__)
    if word.verdict is Verdict.CHANGES and not note:
        raise NoteMissing(NoteMissing.__doc__)
    return Word(word.verdict, note, word.seq)
