"""One document and the sessions that edit it, as a state machine: messages and facts go in, effects come out.

No sockets, SQL, clocks or tasks: `realtime` performs the effects and reports back (`committed`, `rows_read`, `remote`).

Invariants, in the words of consistency.md:
- nothing is applied that was not judged (C1 to C3), and nothing dangling (C2);
- local sessions hear an edit at once, other nodes only after its commit, with its sequence (C10);
- rows of other nodes are applied strictly in sequence (C10), a gap is read from the log;
- a session is told `SyncStatus(True)` once per message, when all that the message rests on is committed (C11).
"""

from collections.abc import Callable, Sequence
from typing import assert_never
from uuid import UUID

from sync import relay
from sync.announcer import Announcer
from sync.content import Content, loaded_here
from sync.effects import Broken, Effect, Publish, Send
from sync.errors import (
    MalformedFrame,
    Refused,
    SceneLocked,
)
from sync.intake import Intake
from sync.limits import Limits
from sync.loaded import Loaded
from sync.messages import (
    Ack,
    Awareness,
    AwarenessQuery,
    Close,
    DocumentMessage,
    Edit,
    Ephemeral,
    Event,
    Follow,
    Nack,
    Reset,
    Stateless,
    Step1,
    Step2,
    SyncStatus,
    Update,
)
from sync.order import Order
from sync.presence import Presence
from sync.session import Awaited, Session
from sync.showing import Showing
from sync.state_vector import decode_state_vector


class Room:
    """`node`: this process among those that share documents. `new_id`: where batch ids come from."""

    def __init__(
        self,
        loaded: Loaded,
        *,
        limits: Limits,
        node: UUID,
        new_id: Callable[[], UUID],
        server_clock: int,
        now_s: float,
        announcer: Announcer | None = None,
        content: Content | None = None,
    ) -> None:
        """`content`: where that lives already; without it, it is loaded here from the states."""
        self.name = loaded.name
        self.limits = limits
        self.order = Order(loaded.seq)
        self.presence = Presence(loaded.server_client, server_clock, limits)
        self.sessions: dict[int, Session] = {}
        self._showing = Showing(self.presence, node, loaded.name.epoch, limits, now_s)
        if content is None:
            content = loaded_here(
                loaded.name.kind, loaded.server_client, limits, announcer, loaded.states, rests=loaded.rests
            )
        self.content = content
        self._replica = content.holder
        self._intake = Intake(loaded, self.sessions, self.presence, self.order, content, limits, new_id)

    def move(self, content: Content) -> None:
        """The content goes on elsewhere, as it is now."""
        self.content = content
        self._replica = content.holder
        self._intake.move(content)

    # Joining and leaving -----------------------------------------------------------------------------

    def join(self, session: Session) -> list[Effect]:
        assert session.id not in self.sessions, "a session joins once"
        self.sessions[session.id] = session
        return [
            Send(session.id, Step1(self._replica.state_vector())),
            self._showing.everybody(session.id),
        ]

    def leave(self, session_id: int, now_s: float) -> list[Effect]:
        """The socket is gone or done with this document. Its edits stay and are committed."""
        return self._intake.dismissal.leave(session_id, now_s)

    def set_may_write(self, session_id: int, may_write: bool) -> list[Effect]:
        """A role has changed. Who may write from now on is asked for what it has."""
        session = self.sessions[session_id]
        gained, session.may_write = may_write and not session.may_write, may_write
        if not gained:
            return []
        session.unasked_step2s += 1
        return [Send(session_id, Step1(self._replica.state_vector()))]

    @property
    def is_at_rest(self) -> bool:
        """Of the content only the bytes are here; the next edit wakes it."""
        return self._replica.is_at_rest

    def rest(self) -> None:
        """Nobody has edited for a while."""
        self._replica.rest()

    @property
    def document_bytes(self) -> int:
        """About how large the document is when encoded."""
        return self._replica.bytes

    def state_vector(self) -> bytes:
        """What the replica holds now."""
        return self._replica.state_vector()

    def resynchronise(self, session_id: int, since: bytes) -> list[Effect]:
        """All that a session lacks behind the state vector `since`, and everybody's presence."""
        if session_id not in self.sessions:
            return []
        return [
            Send(session_id, Step2(self._replica.difference(since))),
            self._showing.everybody(session_id),
        ]

    @property
    def parked_count(self) -> int:
        """Updates that wait, of all sessions."""
        return self._intake.parking.count

    # Messages of sessions ------------------------------------------------------------------------------

    def receive(self, session_id: int, message: DocumentMessage, now_s: float) -> list[Effect]:
        """What a message of a session leads to. Messages of a session that has ended are ignored."""
        session = self.sessions.get(session_id)
        if session is None:
            return []
        try:
            return self._receive(session, message, now_s)
        except Refused as refusal:
            if isinstance(message, Update) and isinstance(refusal, SceneLocked) and session.refusal is None:
                return self._intake.ask_for_the_rest(session, refusal, message.update, now_s)
            name = message.batch if isinstance(message, Edit) else None
            updates = [message.update] if isinstance(message, Update | Step2 | Edit) else []
            return self._intake.dismissal.refuse(session, refusal, now_s, updates, name)
        except MalformedFrame as error:
            return self._intake.dismissal.end(session, Close.MALFORMED, error.code, now_s)

    def _receive(self, session: Session, message: DocumentMessage, now_s: float) -> list[Effect]:
        match message:
            case Step1(state_vector):
                return self._answer(session, state_vector)
            case Step2(update):
                name: bytes | None = b""
                if session.unasked_step2s > 0:  # the server asked of its own accord: the client waits for no answer
                    session.unasked_step2s -= 1
                    name = None
                return self._intake.step2(session, update, name, now_s)
            case Edit(batch, update, is_answer):
                if is_answer:
                    session.unasked_step2s = 0
                    return self._intake.step2(session, update, batch, now_s)
                return self._intake.live(session, update, batch, now_s)
            case Update(update):
                return self._intake.live(session, update, b"", now_s)
            case Awareness(update):
                self.presence.receive(session.id, session.person, update, now_s)
                return []
            case AwarenessQuery():
                return [self._showing.everybody(session.id)]
            case Ephemeral(_, payload):
                return self._showing.show(session, payload)
            case SyncStatus() | Stateless() | Ack() | Nack() | Reset() | Follow() | Event():
                return []
            case _:
                assert_never(message)

    def _answer(self, session: Session, state_vector: bytes) -> list[Effect]:
        """The difference, never the whole document to one who has most of it. A repeated question is asked back too."""
        clocks = decode_state_vector(state_vector)
        if session.fenced:  # it starts anew
            session.fenced = session.synced = False
        session.step1s += 1
        lacking = self._replica.difference(state_vector) if clocks else self._replica.encode()
        effects: list[Effect] = [Send(session.id, Step2(lacking))]
        if session.step1s > 1:
            effects.append(Send(session.id, Step1(self._replica.state_vector())))
        return effects

    # Other nodes and the log -------------------------------------------------------------------------------

    def committed(
        self, seqs: dict[UUID, int], now_s: float, rewritten: dict[UUID, bytes] | None = None
    ) -> list[Effect]:
        """Edits of this room are in the log under these sequences, the oldest uncommitted ones first.

        `rewritten`: rows that hold more than the edit, which a lock has overtaken (C17).
        """
        rows = self.order.committed(seqs, rewritten or {})
        effects = self._intake.acknowledgements.due()
        if rows:
            effects.append(Publish(relay.encode_rows(self.name.epoch, rows)))
        return effects + self._advance(now_s)

    def remote(self, message: relay.RelayMessage, now_s: float) -> list[Effect]:
        """News of another node, or of a worker."""
        match message:
            case relay.Rows(epoch, rows):
                return self._rows(rows, now_s) if epoch == self.name.epoch else []
            case _:
                return self._showing.remote(message, now_s)

    def rows_read(self, rows: Sequence[relay.CommittedRow], now_s: float) -> list[Effect]:
        """The answer to `ReadLog`, all rows behind `order.seq` or the first of them."""
        self.order.reading = False
        effects = self._rows(rows, now_s)
        waiting = [session for session in self.sessions.values() if session.waits_for(Awaited.LOG)]
        if not waiting:
            return effects
        if rows:
            return effects + self._intake.catching_up.read_on()
        for session in waiting:
            session.log_was_read = True  # whatever it carries is not the server's doing
        effects += self._intake.retry_parked(now_s)
        for session in waiting:
            session.log_was_read = False
        return effects

    def read_failed(self) -> None:
        """The log could not be read; the next news or head asks again."""
        self.order.reading = False

    def head(self, seq: int) -> list[Effect]:
        """The document's head as polled: shows a lost last message (consistency.md C14)."""
        return self._intake.catching_up.read_on() if seq > self.order.seq and not self.order.has_uncommitted else []

    def _rows(self, rows: Sequence[relay.CommittedRow], now_s: float) -> list[Effect]:
        self._intake.catching_up.offer(rows)
        return self._advance(now_s)

    def _advance(self, now_s: float) -> list[Effect]:
        """Applies what is next in sequence; asks for what is missing before the rest."""
        effects = self._intake.catching_up.apply()
        if effects and isinstance(effects[-1], Broken):
            return effects
        if effects and self._intake.parking.is_used:
            effects += self._intake.retry_parked(now_s)
        return effects + (self._intake.catching_up.read_on() if self.order.has_gap else [])

    # Time ----------------------------------------------------------------------------------------------

    def tick(self, now_s: float) -> list[Effect]:
        """Once a second: expiry, parked updates that waited too long, and a word to keep stock clients connected."""
        effects = self._showing.expire(now_s)
        effects += self._intake.retry_parked(now_s)  # an owner may have gone
        for session, refusal in self._intake.parking.overdue(now_s):
            effects += self._intake.dismissal.refuse(session, refusal, now_s)
        return effects + self._showing.keep_alive(now_s)

    def flush_presence(self) -> list[Effect]:
        """At most 30 times a second: what has changed in presence, to everybody and to the other nodes."""
        return self._showing.flush()

    def end_all(self, code: Close, reason: str, now_s: float) -> list[Effect]:
        """Everybody leaves: the epoch has changed, the store is away for too long, the replica is broken."""
        effects: list[Effect] = []
        for session in list(self.sessions.values()):
            effects += self._intake.dismissal.end(session, code, reason, now_s)
        return effects

    def encode(self) -> bytes:
        """The replica as one update; only while `order.is_quiet` it is the document at `order.seq`."""
        return self._replica.encode()
