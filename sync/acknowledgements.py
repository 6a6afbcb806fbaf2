"""When a session hears that what it has sent is committed (consistency.md C11): once per message, and in order."""

from sync.effects import Effect, Send
from sync.messages import Ack, SyncStatus
from sync.order import Order
from sync.session import Session

COMMITTED = SyncStatus(True)


class Acknowledgements:
    """Of one room. `order` knows what is owed."""

    def __init__(self, order: Order) -> None:
        self._order = order

    def owe(self, session: Session, name: bytes | None) -> list[Effect]:
        """Now, if all that the replica holds is committed; otherwise with `due`. `name`: as of `Parked`."""
        if name is None or not session.is_told:
            return []
        if not session.synced:
            session.held_acks.append(name)
            return []
        return [] if self._order.owe(session.id, name) else [self._of(session.id, name)]

    def release_held(self, session: Session) -> list[Effect]:
        """The provider re-sends its offline queue and resets its count, so these wait for all that is held now."""
        held, session.held_acks = session.held_acks, []
        return [effect for name in held for effect in self.owe(session, name)]

    def due(self) -> list[Effect]:
        """After a commit."""
        return [self._of(session_id, name) for session_id, name in self._order.due()]

    def _of(self, session_id: int, name: bytes) -> Send:
        if not name:
            return Send(session_id, COMMITTED)
        return Send(session_id, Ack(name, max(self._order.seq, self._order.committed_seq)))
