"""How a session is told that it may not: refused, denied, made to start anew, or sent away (consistency.md C6, C7)."""

from collections import deque
from collections.abc import Sequence
from uuid import UUID

from sync.effects import Effect, End, Keep, Send
from sync.errors import Refused
from sync.limits import Limits
from sync.messages import Close, Nack, Reset, SyncStatus
from sync.order import Order
from sync.parking import Parking
from sync.presence import Presence
from sync.refusals import close_code
from sync.session import Session

REFUSALS_WITHIN_S = 60.0
READ_ONLY = "permission"


class Dismissal:
    """Of one room: takes sessions out of all that keeps something of theirs."""

    def __init__(
        self, sessions: dict[int, Session], presence: Presence, order: Order, parking: Parking, limits: Limits
    ) -> None:
        self._sessions = sessions
        self._presence = presence
        self._order = order
        self._parking = parking
        self._limits = limits
        self._refusals: dict[UUID, deque[float]] = {}
        """When each actor was refused last."""

    def leave(self, session_id: int, now_s: float) -> list[Effect]:
        """The socket is gone or done with this document. Its edits stay and are committed."""
        session = self._sessions.pop(session_id, None)
        if session is None:
            return []
        self._presence.leave(session_id, now_s)
        self._parking.forget(session_id)
        self._order.forget(session_id)
        if session.refusal is None:
            return []
        lost = tuple(item.update for item in session.parked)
        return [Keep(session.person.user_id, session.refusal.code, lost, str(session.refusal))]

    def end(self, session: Session, code: Close, reason: str, now_s: float) -> list[Effect]:
        return [*self.leave(session.id, now_s), End(session.id, code, reason)]

    def is_muted(self, session: Session, now_s: float) -> bool:
        """Who was refused too often in a minute is read-only until it is over: stock clients come back at once."""
        if not self._refusals:
            return False
        times = self._refusals.get(session.person.user_id)
        return times is not None and len(times) == times.maxlen and now_s - times[0] < REFUSALS_WITHIN_S

    def refuse(
        self,
        session: Session,
        refusal: Refused,
        now_s: float,
        updates: Sequence[bytes] = (),
        name: bytes | None = None,
    ) -> list[Effect]:
        """`updates`: what it is refused for, besides what is parked; people may still look at all of it (C6)."""
        times = self._refusals.setdefault(session.person.user_id, deque(maxlen=self._limits.refusals_per_minute_max))
        times.append(now_s)
        if session.refusal is not None and refusal.is_kept:
            refusal, session.refusal = session.refusal, None
        lost = (*[item.update for item in session.parked], *updates)
        code, reason = close_code(refusal), refusal.code
        if session.resets:
            gone = self._fence(session, code, reason, name)
        else:
            gone = self.end(session, code, reason, now_s)
        if not refusal.is_kept or not lost:
            return gone
        return [Keep(session.person.user_id, reason, lost, str(refusal)), *gone]

    def deny(self, session: Session, name: bytes | None) -> list[Effect]:
        """Who may not write has tried to."""
        if session.resets:
            return self._fence(session, Close.FORBIDDEN, READ_ONLY, name)
        return [] if name is None else [Send(session.id, SyncStatus(False))]

    def _fence(self, session: Session, code: Close, reason: str, name: bytes | None) -> list[Effect]:
        """Until its next Step1 nothing of the session is taken: all that it sends rests on what was refused (C7)."""
        names = [name, *[item.name for item in session.parked]]
        session.fenced = True
        session.parked, session.held_acks, session.asked = [], [], False
        self._parking.forget(session.id)
        refused: list[Effect] = [Send(session.id, Nack(each, code, reason)) for each in names if each]
        return [*refused, Send(session.id, Reset(reason))]
