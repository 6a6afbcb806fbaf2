"""What a room tells its sessions in one loop tick: encoded once a dialect, joined once for all who hear the same.

Whoever made one of the messages does not hear it back, so each author gets a selection of his own. Compiled where a
compiler is (decision 40), so it knows of an outlet only what it needs.
"""

from collections.abc import Mapping
from typing import Protocol

from realtime.frames import Frames, joined
from sync.messages import DocumentMessage, Update


class Listener(Protocol):
    """An outlet, as far as a fan-out is concerned."""

    @property
    def dialect(self) -> str: ...

    def encode(self, message: DocumentMessage) -> Frames | None: ...

    def relay(self, frames: Frames) -> None: ...


class Fanout:
    """Collects until it is asked to put all of it on the wires; that never waits."""

    __slots__ = ("_authors", "_relays")

    def __init__(self) -> None:
        self._relays: list[tuple[DocumentMessage, int | None]] = []
        self._authors: set[int] = set()

    def __bool__(self) -> bool:
        return bool(self._relays)

    def add(self, message: DocumentMessage, author: int | None) -> None:
        self._relays.append((message, author))
        if author is not None:
            self._authors.add(author)

    def deliver(self, outlets: Mapping[int, Listener], told: Mapping[int, Listener]) -> None:
        """`told`: those who hear edits, not only presence."""
        tick = _Tick(self._relays)
        authors = self._authors
        self._relays, self._authors = [], set()
        shared: dict[str, Frames | None] = {}
        for session, outlet in outlets.items():
            if session in authors or session not in told:
                frames = tick.selection(session, outlet, session in told)
            else:
                dialect = outlet.dialect
                if dialect not in shared:
                    shared[dialect] = tick.selection(session, outlet, True)
                frames = shared[dialect]
            if frames is not None:
                outlet.relay(frames)


class _Tick:
    """The messages of one tick, each encoded when the first of a dialect hears it."""

    __slots__ = ("_encoded", "_relays")

    def __init__(self, relays: list[tuple[DocumentMessage, int | None]]) -> None:
        self._relays = relays
        self._encoded: dict[str, list[Frames | None]] = {}
        """In each dialect; None: not yet, or the dialect has no word for it."""

    def selection(self, session: int, outlet: Listener, hears_edits: bool) -> Frames | None:
        """What of the tick is for this session."""
        encoded = self._encoded.get(outlet.dialect)
        if encoded is None:
            encoded = self._encoded[outlet.dialect] = [None] * len(self._relays)
        parts: list[Frames] = []
        for place, (message, author) in enumerate(self._relays):
            if author == session or not (hears_edits or not isinstance(message, Update)):
                continue
            frames = encoded[place]
            if frames is None:
                frames = encoded[place] = outlet.encode(message)
            if frames is not None:
                parts.append(frames)
        return joined(parts) if parts else None
