"""What a room wants done. The room decides; the hub performs these in their order.

What every edit makes has its constructor written out: that of a dataclass stays interpreted (decision 9).
"""

import builtins
from dataclasses import dataclass
from uuid import UUID

from sync.messages import Close, DocumentMessage


@dataclass(slots=True, init=False)
class Batch:
    """An edit on its way into the log. `claims`: client ids that it uses for the first time in this document.

    `seen`: the row up to which the room had read when it was judged (C17).
    """

    batch_id: UUID
    actor: UUID
    origin: str
    bytes: bytes
    relayed_by: UUID | None
    claims: tuple[int, ...]
    seen: int

    def __init__(
        self,
        batch_id: UUID,
        actor: UUID,
        origin: str,
        bytes: builtins.bytes,
        relayed_by: UUID | None,
        claims: tuple[int, ...],
        seen: int,
    ) -> None:
        self.batch_id = batch_id
        self.actor = actor
        self.origin = origin
        self.bytes = bytes
        self.relayed_by = relayed_by
        self.claims = claims
        self.seen = seen


@dataclass(slots=True, init=False)
class Send:
    """To one session."""

    session: int
    message: DocumentMessage

    def __init__(self, session: int, message: DocumentMessage) -> None:
        self.session = session
        self.message = message


@dataclass(slots=True, init=False)
class Relay:
    """To every session of the room on this node but `author`."""

    message: DocumentMessage
    author: int | None

    def __init__(self, message: DocumentMessage, author: int | None) -> None:
        self.message = message
        self.author = author


@dataclass(slots=True, init=False)
class Commit:
    """Append to the log, in the order in which these effects come."""

    batch: Batch

    def __init__(self, batch: Batch) -> None:
        self.batch = batch


@dataclass(frozen=True, slots=True)
class Publish:
    """Tell the other nodes that host this document."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class ReadLog:
    """Rows behind `after` are missing here; read them and hand them to `Room.rows_read`."""

    after: int


@dataclass(frozen=True, slots=True)
class End:
    """The session has left the room: close its socket, or on a shared socket deny this document."""

    session: int
    code: Close
    reason: str


@dataclass(frozen=True, slots=True)
class Keep:
    """What a session is refused for stays, for people to look at. `reason`: the refusal's code; `detail`: its words."""

    author: UUID
    reason: str
    updates: tuple[bytes, ...]
    detail: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The replica can no longer be trusted: drop the room and load it again without `poison`."""

    reason: str
    poison: bytes | None


Effect = Send | Relay | Commit | Publish | ReadLog | Keep | End | Broken
