"""What a reviewer cannot decide.

ReviewError
├── NoteUnfit           `field`, `limit`
├── NoSuchVersion       `field`, `limit`
├── NothingToDecide     the scene or take is not there
├── NotAFilm            `field`
└── NoteMissing         `field`
"""


class ReviewError(Exception):
    """Base of everything this package refuses."""

    code = "decision"
    field: str | None = None
    limit: int | None = None


class NoteUnfit(ReviewError):
    """A note has at most 2,000 characters."""

    code = "decision.note"
    field = "note"
    limit = 2_000


class NoteMissing(ReviewError):
    """Whoever asks for changes says which."""

    code = "decision.note_missing"
    field = "note"


class NoSuchVersion(ReviewError):
    """The document has never been at this sequence."""

    code = "decision.seq"
    field = "seq"

    def __init__(self, seq: int) -> None:
        super().__init__(f"the document is at sequence {seq}")
        self.limit = seq


class NothingToDecide(ReviewError):
    """There is no such scene or take."""

    code = "decision.subject"


class NotAFilm(ReviewError):
    """Only a timeline is a cut; of a storyboard, scenes and takes are decided one by one."""

    code = "decision.kind"
    field = "document"
