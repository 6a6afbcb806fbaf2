"""Updates that wait for what they rest on: not applied, logged, relayed or acknowledged until that has come.

Which wait, for how long and how many; what becomes of them is the room's business.
"""

from collections.abc import Mapping

from sync.admission import Testimony
from sync.errors import DanglingUpdate, ForeignClient, Refused
from sync.limits import Limits
from sync.presence import Presence
from sync.session import Awaited, Parked, Session

OWNER_MARGIN_S = 5.0


class Parking:
    """Of one room; the updates themselves are with their sessions."""

    def __init__(self, sessions: Mapping[int, Session], presence: Presence, limits: Limits) -> None:
        self._sessions = sessions
        self._presence = presence
        self._limits = limits
        self._waiting: set[int] = set()
        """Sessions with parked updates."""

    @property
    def is_used(self) -> bool:
        return bool(self._waiting)

    @property
    def count(self) -> int:
        """Updates that wait, of all sessions."""
        return sum([len(self._sessions[session_id].parked) for session_id in self._waiting])

    def put(self, session: Session, item: Parked, now_s: float) -> None:
        """Raises `DanglingUpdate`."""
        bytes_max = self._limits.parked_bytes_max if item.awaited is Awaited.STRUCTS else self._limits.step2_bytes_max
        if sum([len(parked.update) for parked in session.parked]) + len(item.update) > bytes_max:
            raise DanglingUpdate(f"more than {bytes_max} bytes wait")
        if not session.parked:
            session.parked_since_s = now_s
        self._waiting.add(session.id)
        session.parked.append(item)

    def forget(self, session_id: int) -> None:
        """The session has gone, or has nothing any more that waits."""
        self._waiting.discard(session_id)

    def take_up(self) -> list[Session]:
        """Who waits for something that may have come. They are forgotten; what still waits is put anew."""
        waiting = [self._sessions[session_id] for session_id in sorted(self._waiting)]
        self._waiting = {session.id for session in waiting if session.refusal is not None}
        return [session for session in waiting if session.refusal is None]

    def testimonies(self) -> tuple[Session, list[Testimony]] | None:
        """What several who wait for each other have brought, and the first of them; None if they are fewer than two."""
        waiting = [self._sessions[session_id] for session_id in sorted(self._waiting)]
        waiting = [session for session in waiting if session.waits_for(Awaited.OWNER)]
        if len(waiting) < 2:
            return None
        return waiting[0], [self._testimony(session) for session in waiting]

    def _testimony(self, session: Session) -> Testimony:
        client = self._presence.client_of(session.id)
        own = session.clients if client is None else session.clients | {client}
        updates = [item.update for item in session.parked if item.awaited is Awaited.OWNER]
        return Testimony(session.person.user_id, own, updates)

    def overdue(self, now_s: float) -> list[tuple[Session, Refused]]:
        """Whose updates have waited too long, and what they are refused for."""
        found: list[tuple[Session, Refused]] = []
        for session in self._sessions.values():
            if session.parked and now_s - session.parked_since_s > self._timeout_s(session):
                found.append((session, _refusal(session)))
        return found

    def _timeout_s(self, session: Session) -> float:
        """An owner who died on another node is present until that runs out; only then may others bring his edits."""
        if session.waits_for(Awaited.OWNER):
            return max(self._limits.parked_timeout_s, self._limits.awareness_timeout_s + OWNER_MARGIN_S)
        return self._limits.parked_timeout_s


def _refusal(session: Session) -> Refused:
    if session.refusal is not None:
        return session.refusal
    return ForeignClient() if session.waits_for(Awaited.OWNER) else DanglingUpdate()
