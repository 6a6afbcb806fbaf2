"""Work on bytes that may end the process is announced before it and struck out after it (consistency.md C5).

Whoever is left afterwards learns what was worked on. Where that is written, `storage.announcements` decides.
"""

from typing import Protocol


class Announcer(Protocol):
    """Of one document. One piece of work at a time, and nothing is awaited within it."""

    def begin(self, data: bytes, is_logged: bool) -> None:
        """`data`: what is worked on, empty for the document as it is. `is_logged`: the log has it, so it was judged."""

    def end(self) -> None:
        """The process has survived it."""

    def alive(self) -> None:
        """It takes long, and gets on: called every few milliseconds, so that it is not taken for a standstill."""


class Unwatched:
    """Nobody is told; for rooms that end with their process, as in tests."""

    def begin(self, data: bytes, is_logged: bool) -> None: ...

    def end(self) -> None: ...

    def alive(self) -> None: ...
