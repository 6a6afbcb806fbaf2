"""What timelines refuse.

TimelinesError
├── NotATimeline
├── HeadMoved           the document is not at the sequence that the caller expected
└── GestureRefused      one of the gestures cannot be done; none of them was
"""


class TimelinesError(Exception):
    """Base of everything this package refuses."""

    code = "timelines"


class NotATimeline(TimelinesError):
    """This document is no timeline."""

    code = "timeline.kind"


class HeadMoved(TimelinesError):
    """The document has moved on; read it again."""

    code = "document.moved"

    def __init__(self, seq: int) -> None:
        super().__init__(f"the document is at sequence {seq}")
        self.field = "expected_seq"
        self.limit = seq


class GestureRefused(TimelinesError):
    """A gesture cannot be done to what is there; nothing of the list was done."""

    def __init__(self, place: int, error: Exception) -> None:
        super().__init__(f"gesture {place}: {error}")
        self.code = str(getattr(error, "code", "gesture.impossible"))
        self.field = f"gestures.{place}"
