"""What a room tells its sessions in one loop tick: encoded once a dialect, joined once for all who hear the same.

Whoever made one of the messages does not hear it back, so each author gets a selection of his own.
"""

from collections.abc import Iterator, Mapping, MutableMapping

from realtime.frames import Frames
from realtime.outlet import Outlet
from sync.messages import DocumentMessage, Update


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

    def deliver(self, outlets: Mapping[int, Outlet], told: Mapping[int, Outlet]) -> None:
        """`told`: those who hear edits, not only presence."""
        relays, self._relays = self._relays, []
        authors, self._authors = self._authors, set()
        encoded: list[dict[str, Frames | None]] = [{} for _ in relays]
        shared: dict[str, Frames | None] = {}
        for session, outlet in outlets.items():
            dialect = outlet.dialect
            if session in authors or session not in told:
                frames = _select(relays, encoded, session, outlet, session in told)
            elif dialect in shared:
                frames = shared[dialect]
            else:
                frames = shared[dialect] = _select(relays, encoded, session, outlet, True)
            if frames is not None:
                outlet.relay(frames)


def _select(
    relays: list[tuple[DocumentMessage, int | None]],
    encoded: list[dict[str, Frames | None]],
    session: int,
    outlet: Outlet,
    hears_edits: bool,
) -> Frames | None:
    """What of the tick is for this session."""
    parts = [
        frames
        for (message, author), known in zip(relays, encoded, strict=True)
        if author != session and (hears_edits or not isinstance(message, Update))
        for frames in _encoded(message, outlet, known)
    ]
    return Frames.joined(parts) if parts else None


def _encoded(message: DocumentMessage, outlet: Outlet, known: MutableMapping[str, Frames | None]) -> Iterator[Frames]:
    """The message in the outlet's dialect, or nothing where the dialect has no word for it."""
    dialect = outlet.dialect
    if dialect not in known:
        known[dialect] = outlet.encode(message)
    frames = known[dialect]
    if frames is not None:
        yield frames
