"""What gestures over a door refuse.

GesturesError
├── NotATimeline
├── NotAStoryboard
├── HeadMoved           the document is not at the sequence that the caller expected
└── GestureRefused      one of the gestures cannot be done; none of them was
"""


class GesturesError(Exception):
    """Base of everything this package refuses."""

    code = "gestures"


class NotATimeline(GesturesError):
    """This document is no timeline."""

    code = "timeline.kind"


class NotAStoryboard(GesturesError):
    """This document is no storyboard."""

    code = "storyboard.kind"


class HeadMoved(GesturesError):
    """The document has moved on; read it again."""

    code = "document.moved"

    def __init__(self, seq: int) -> None:
        super().__init__(f"the document is at sequence {seq}")
        self.field = "expected_seq"
        self.limit = seq


class GestureRefused(GesturesError):
    """A gesture cannot be done to what is there; nothing of the list was done. `code` names the rule."""

    def __init__(self, place: int, code: str, why: str) -> None:
        super().__init__(f"gesture {place}: {why}")
        self.code = code
        self.field = f"gestures.{place}"
