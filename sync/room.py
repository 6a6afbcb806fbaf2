"""One document and the sessions that edit it, as a state machine: messages and facts go in, effects come out.

No sockets, SQL, clocks or tasks: `realtime` performs the effects and reports back (`committed`, `rows_read`, `remote`).

Invariants, in the words of consistency.md:
- nothing is applied that was not judged (C1 to C3), and nothing dangling (C2);
- local sessions hear an edit at once, other nodes only after its commit, with its sequence (C10);
- rows of other nodes are applied strictly in sequence (C10), a gap is read from the log;
- a session is told `SyncStatus(True)` once per message, when all that the message rests on is committed (C11).
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import assert_never
from uuid import UUID

from sync import ids, relay
from sync.admission import Admission, Admitted, AwaitOwner, Bringer, Incomplete, Nothing, Testimony
from sync.announcer import Announcer
from sync.content import Content, loaded_here
from sync.effects import Batch, Broken, Commit, Effect, End, Keep, Publish, ReadLog, Relay, Send
from sync.errors import (
    ContentLost,
    DanglingUpdate,
    ForeignClient,
    MalformedFrame,
    Quarantined,
    Refused,
    SceneLocked,
    ServerOnly,
    ServersClient,
)
from sync.limits import Limits
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
from sync.names import DocumentName
from sync.order import Order
from sync.presence import Change, Presence
from sync.refusals import close_code
from sync.session import Attendance, Awaited, Parked, Session
from sync.state_vector import decode_state_vector

EMPTY_UPDATE = b"\0\0"
COMMITTED = SyncStatus(True)
REFUSALS_WITHIN_S = 60.0
OWNER_MARGIN_S = 5.0
READ_ONLY = "permission"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A document as the log has it: `states` are the snapshot and then the rows up to `seq`, in order.

    `rests`: the snapshot is all of it.
    """

    name: DocumentName
    server_client: int
    seq: int
    states: Sequence[bytes]
    owners: dict[int, UUID]
    quarantined: frozenset[bytes] = frozenset()
    rests: bool = False


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
        self._node = node
        self._new_id = new_id
        if content is None:
            content = loaded_here(
                loaded.name.kind, loaded.server_client, limits, announcer, loaded.states, rests=loaded.rests
            )
        self.content = content
        self._replica = content.holder
        self._announcer = content.holder.announcer
        self._quarantined = loaded.quarantined
        is_live = Attendance(self.presence, self.sessions).is_live
        self._admission = Admission(content.judge, loaded.server_client, loaded.owners, is_live)
        self._waiting: set[int] = set()
        """Sessions with parked updates."""
        self._spoke_s = now_s
        self._refusals: dict[UUID, deque[float]] = {}
        """When each actor was refused last."""

    def move(self, content: Content) -> None:
        """The content goes on elsewhere, as it is now."""
        self.content = content
        self._replica = content.holder
        self._announcer = content.holder.announcer
        self._admission.content = content.judge

    # Joining and leaving -----------------------------------------------------------------------------

    def join(self, session: Session) -> list[Effect]:
        assert session.id not in self.sessions, "a session joins once"
        self.sessions[session.id] = session
        return [
            Send(session.id, Step1(self._replica.state_vector())),
            Send(session.id, Awareness(self.presence.everybody())),
        ]

    def leave(self, session_id: int, now_s: float) -> list[Effect]:
        """The socket is gone or done with this document. Its edits stay and are committed."""
        session = self.sessions.pop(session_id, None)
        if session is None:
            return []
        self.presence.leave(session_id, now_s)
        self._waiting.discard(session_id)
        self.order.forget(session_id)
        if session.refusal is None:
            return []
        lost = tuple(item.update for item in session.parked)
        return [Keep(session.person.user_id, session.refusal.code, lost, str(session.refusal))]

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
            Send(session_id, Awareness(self.presence.everybody())),
        ]

    @property
    def parked_count(self) -> int:
        """Updates that wait, of all sessions."""
        return sum(len(self.sessions[session].parked) for session in self._waiting)

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
                return self._ask_for_the_rest(session, refusal, message.update, now_s)
            updates = [message.update] if isinstance(message, Update | Step2 | Edit) else []
            return self._refuse(session, refusal, now_s, updates, message.batch if isinstance(message, Edit) else None)
        except MalformedFrame as error:
            return self._end(session, Close.MALFORMED, error.code, now_s)

    def _receive(self, session: Session, message: DocumentMessage, now_s: float) -> list[Effect]:
        match message:
            case Step1(state_vector):
                return self._answer(session, state_vector)
            case Step2(update):
                name: bytes | None = b""
                if session.unasked_step2s > 0:  # the server asked of its own accord: the client waits for no answer
                    session.unasked_step2s -= 1
                    name = None
                return self._step2(session, update, name, now_s)
            case Edit(batch, update, is_answer):
                if is_answer:
                    session.unasked_step2s = 0
                    return self._step2(session, update, batch, now_s)
                return self._live(session, update, batch, now_s)
            case Update(update):
                return self._live(session, update, b"", now_s)
            case Awareness(update):
                self.presence.receive(session.id, session.person, update, now_s)
                return []
            case AwarenessQuery():
                return [Send(session.id, Awareness(self.presence.everybody()))]
            case Ephemeral(_, payload):
                return self._show(session, payload)
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

    def _show(self, session: Session, payload: bytes) -> list[Effect]:
        if len(payload) > self.limits.ephemeral_bytes_max:
            raise MalformedFrame(f"what is only shown has at most {self.limits.ephemeral_bytes_max} bytes")
        user = ids.to_text("usr", session.person.user_id)
        told = relay.encode_ephemeral(self._node, self.name.epoch, user, payload)
        return [Relay(Ephemeral(user, payload), session.id), Publish(told)]

    def _ask_for_the_rest(self, session: Session, refusal: SceneLocked, update: bytes, now_s: float) -> list[Effect]:
        """Whoever types goes on typing until he hears of the lock: all of it belongs into one proposal (C6)."""
        session.refusal = refusal
        self._park(session, Parked(update, b"", False, Awaited.REST), now_s)
        return self._ask(session) if session.synced else []

    def _live(self, session: Session, update: bytes, name: bytes, now_s: float) -> list[Effect]:
        if session.refusal is not None:
            return self._park(session, Parked(update, name, False, Awaited.REST), now_s)
        effects = self._edit(session, update, now_s, name, in_step2=False)
        return effects + self._retry_parked(now_s) if self._waiting else effects

    def _step2(self, session: Session, update: bytes, name: bytes | None, now_s: float) -> list[Effect]:
        effects = self._edit(session, update, now_s, name, in_step2=True)
        session.refusal = None  # the lock has gone meanwhile, or the log is read first
        if session.id not in self.sessions or session.fenced:
            return effects
        effects += self._retry_parked(now_s)
        if session.id in self.sessions and not session.synced:
            session.synced = True
            effects += self._release_held(session)
        if session.id in self.sessions and session.may_be_asked:
            effects += self._refuse(session, DanglingUpdate(), now_s) if session.asked else self._ask(session)
        return effects

    def _ask(self, session: Session) -> list[Effect]:
        session.asked = True
        session.unasked_step2s += 1
        return [Send(session.id, Step1(self._replica.state_vector()))]

    def _edit(
        self, session: Session, update: bytes, now_s: float, name: bytes | None, *, in_step2: bool
    ) -> list[Effect]:
        if session.fenced:
            return []  # it rests on what was refused, and is replayed by whoever starts anew
        if update == EMPTY_UPDATE:
            return self._ack(session, name)
        if self._replica.is_at_rest:
            if self._replica.holds(update):
                return self._ack(session, name)
            unreadable = self._wake()
            if unreadable:
                return unreadable
        self._announcer.begin(update, False)
        try:
            return self._take(session, update, now_s, name, in_step2)
        finally:
            self._announcer.end()

    def _wake(self) -> list[Effect]:
        """Nothing, or that the document cannot be read."""
        try:
            self._replica.wake()
        except ContentLost:
            raise
        except BaseException as error:  # as in `_admit`
            return [Broken(f"at rest: {type(error).__name__}", None)]
        return []

    def _take(self, session: Session, update: bytes, now_s: float, name: bytes | None, in_step2: bool) -> list[Effect]:
        bytes_max = self.limits.update_bytes_max
        if in_step2:
            bytes_max = self.limits.answer_bytes_max if session.resets else self.limits.step2_bytes_max
        if not session.may_write or self._is_muted(session, now_s):
            if self._admission.knows(update, bytes_max):
                return self._ack(session, name)
            return self._deny(session, name)
        if self._is_quarantined(update):
            raise Quarantined("these bytes are quarantined")
        bringer = Bringer(session.person.user_id, self.presence.client_of(session.id), in_step2, bytes_max)
        try:
            verdict = self._admission.judge(update, bringer, document_bytes=self._replica.bytes)
        except (ServerOnly, ServersClient):
            if not in_step2 or session.log_was_read:
                raise
            return self._park(session, Parked(update, name, in_step2, Awaited.LOG), now_s)
        match verdict:
            case Nothing():
                return self._ack(session, name)
            case Incomplete():
                return self._park(session, Parked(update, name, in_step2, Awaited.STRUCTS), now_s)
            case AwaitOwner():
                return self._park(session, Parked(update, name, in_step2, Awaited.OWNER), now_s)
            case Admitted():
                return self._admit(session, update, verdict, name)
            case _:
                assert_never(verdict)

    def _admit(self, session: Session, update: bytes, verdict: Admitted, name: bytes | None) -> list[Effect]:
        try:
            self._replica.apply(verdict.judgement)
        except ContentLost:
            raise  # that says nothing about the update
        except BaseException as error:  # pycrdt's PanicException is no Exception, and leaves the replica half changed
            return [Broken(f"{type(error).__name__}", update)]
        actor = session.person.user_id
        for client in verdict.claims:
            self._admission.owners[client] = actor
        if not session.clients.issuperset(verdict.judgement.authors):
            owners = self._admission.owners
            session.clients |= {client for client in verdict.judgement.authors if owners.get(client) == actor}
        relayed_by = actor if verdict.is_relayed else None
        batch = Batch(self._new_id(), verdict.owner, "edit", update, relayed_by, verdict.claims, self.order.seq)
        self.order.add(batch)
        return [Relay(Update(update), session.id), Commit(batch), *self._ack(session, name)]

    # Parking -------------------------------------------------------------------------------------------

    def _park(self, session: Session, item: Parked, now_s: float) -> list[Effect]:
        """Not applied, logged, relayed or acknowledged, until what it rests on has come."""
        bytes_max = self.limits.parked_bytes_max if item.awaited is Awaited.STRUCTS else self.limits.step2_bytes_max
        if sum(len(parked.update) for parked in session.parked) + len(item.update) > bytes_max:
            raise DanglingUpdate(f"more than {bytes_max} bytes wait")
        if not session.parked:
            session.parked_since_s = now_s
        self._waiting.add(session.id)
        session.parked.append(item)
        if item.awaited is Awaited.LOG:
            return self._read_gap()
        return self._ask(session) if session.synced and not session.asked and session.may_be_asked else []

    def _retry_parked(self, now_s: float) -> list[Effect]:
        """Whatever has come may be what a session's parked updates wait for."""
        effects: list[Effect] = []
        waiting_ids, self._waiting = sorted(self._waiting), set()
        for session in [self.sessions[session_id] for session_id in waiting_ids]:
            if session.refusal is not None:
                self._waiting.add(session.id)
                continue
            waiting, session.parked = session.parked, []
            since_s, asked = session.parked_since_s, session.asked
            session.asked = True  # a retry asks for nothing
            for place, item in enumerate(waiting):
                if session.id in self.sessions:
                    effects += self._retry(session, item, [later.update for later in waiting[place + 1 :]], now_s)
            session.asked = asked and bool(session.parked)
            session.parked_since_s = since_s
            if session.may_be_asked and session.synced and not session.asked:
                effects += self._ask(session)
        return effects + self._admit_together(now_s)

    def _admit_together(self, now_s: float) -> list[Effect]:
        """After a crash peers bring each other's lost edits at once: taken together, what each wrote is complete."""
        waiting = [self.sessions[session_id] for session_id in sorted(self._waiting)]
        waiting = [session for session in waiting if session.waits_for(Awaited.OWNER)]
        if len(waiting) < 2:
            return []
        unreadable = self._wake()
        if unreadable:
            return unreadable
        self._announcer.begin(b"", False)
        try:
            verdict = self._admission.judge_together(
                [self._testimony(session) for session in waiting], waiting[0].person.user_id
            )
            if verdict is None:
                return []
            effects = self._admit(waiting[0], bytes(verdict.judgement.update.data), verdict, None)
        except (Refused, ValueError):
            return []  # each is refused for its own part, when its time is over
        finally:
            self._announcer.end()
        if not any(isinstance(effect, Commit) for effect in effects):
            return effects
        told = Relay(effects[0].message, None) if isinstance(effects[0], Relay) else effects[0]
        return [told, *effects[1:], *self._retry_parked(now_s)]

    def _testimony(self, session: Session) -> Testimony:
        client = self.presence.client_of(session.id)
        own = session.clients if client is None else session.clients | {client}
        updates = [item.update for item in session.parked if item.awaited is Awaited.OWNER]
        return Testimony(session.person.user_id, own, updates)

    def _retry(self, session: Session, item: Parked, later: list[bytes], now_s: float) -> list[Effect]:
        try:
            return self._edit(session, item.update, now_s, item.name, in_step2=item.in_step2)
        except Refused as refusal:
            return self._refuse(session, refusal, now_s, [item.update, *later], item.name)

    def _give_up(self, session: Session, now_s: float) -> list[Effect]:
        """What a session's updates waited for did not come in time."""
        if session.refusal is not None:
            return self._refuse(session, session.refusal, now_s)
        return self._refuse(session, ForeignClient() if session.waits_for(Awaited.OWNER) else DanglingUpdate(), now_s)

    # Acknowledgement --------------------------------------------------------------------------------------

    def _ack(self, session: Session, name: bytes | None) -> list[Effect]:
        if name is None or not session.is_told:
            return []
        if not session.synced:
            session.held_acks.append(name)
            return []
        return [] if self.order.owe(session.id, name) else [self._acknowledgement(session.id, name)]

    def _acknowledgement(self, session_id: int, name: bytes) -> Send:
        if not name:
            return Send(session_id, COMMITTED)
        return Send(session_id, Ack(name, max(self.order.seq, self.order.committed_seq)))

    def _release_held(self, session: Session) -> list[Effect]:
        """The provider re-sends its offline queue and resets its count, so these wait for all that is held now."""
        held, session.held_acks = session.held_acks, []
        return [effect for name in held for effect in self._ack(session, name)]

    def committed(
        self, seqs: dict[UUID, int], now_s: float, rewritten: dict[UUID, bytes] | None = None
    ) -> list[Effect]:
        """Edits of this room are in the log under these sequences, the oldest uncommitted ones first.

        `rewritten`: rows that hold more than the edit, which a lock has overtaken (C17).
        """
        rows = self.order.committed(seqs, rewritten or {})
        effects: list[Effect] = [self._acknowledgement(session, name) for session, name in self.order.due()]
        if rows:
            effects.append(Publish(relay.encode_rows(self.name.epoch, rows)))
        return effects + self._advance(now_s)

    # Other nodes and the log -------------------------------------------------------------------------------

    def remote(self, message: relay.RelayMessage, now_s: float) -> list[Effect]:
        """News of another node, or of a worker."""
        match message:
            case relay.Rows(epoch, rows):
                return self._rows(rows, now_s) if epoch == self.name.epoch else []
            case relay.Presence(node, epoch, update):
                if node == self._node or epoch != self.name.epoch:
                    return []
                return [
                    Relay(Awareness(change.update), change.author)
                    for change in self.presence.remote(node, update, now_s)
                ]
            case relay.PresenceQuery(node):
                mine = self.presence.mine() if node != self._node else None
                return [Publish(relay.encode_presence(self._node, self.name.epoch, mine))] if mine else []
            case relay.Ephemeral(node, epoch, user, payload):
                if node == self._node or epoch != self.name.epoch:
                    return []
                return [Relay(Ephemeral(user, payload), None)]
            case relay.Tick(progress):
                self.presence.tick(progress, now_s)
                return []
            case _:
                assert_never(message)

    def rows_read(self, rows: Sequence[relay.CommittedRow], now_s: float) -> list[Effect]:
        """The answer to `ReadLog`, all rows behind `order.seq` or the first of them."""
        self.order.reading = False
        effects = self._rows(rows, now_s)
        waiting = [session for session in self.sessions.values() if session.waits_for(Awaited.LOG)]
        if not waiting:
            return effects
        if rows:
            return effects + self._read_gap()
        for session in waiting:
            session.log_was_read = True  # whatever it carries is not the server's doing
        effects += self._retry_parked(now_s)
        for session in waiting:
            session.log_was_read = False
        return effects

    def read_failed(self) -> None:
        """The log could not be read; the next news or head asks again."""
        self.order.reading = False

    def head(self, seq: int) -> list[Effect]:
        """The document's head as polled: shows a lost last message (consistency.md C14)."""
        return self._read_gap() if seq > self.order.seq and not self.order.has_uncommitted else []

    def _rows(self, rows: Sequence[relay.CommittedRow], now_s: float) -> list[Effect]:
        self.order.offer(rows)
        return self._advance(now_s)

    def _advance(self, now_s: float) -> list[Effect]:
        """Applies what is next in sequence; asks for what is missing before the rest."""
        effects: list[Effect] = []
        for update in self.order.next_rows():
            if self._is_quarantined(update):
                continue
            try:
                self._replica.load(update)
            except ContentLost:
                raise
            except BaseException as error:
                return [*effects, Broken(f"row {self.order.seq}: {type(error).__name__}", None)]
            effects.append(Relay(Update(update), None))
        if effects and self._waiting:
            effects += self._retry_parked(now_s)
        return effects + (self._read_gap() if self.order.has_gap else [])

    def _is_quarantined(self, update: bytes) -> bool:
        return bool(self._quarantined) and sha256(update).digest() in self._quarantined

    def _read_gap(self) -> list[Effect]:
        if self.order.reading:
            return []
        self.order.reading = True
        return [ReadLog(self.order.seq)]

    # Time ----------------------------------------------------------------------------------------------

    def tick(self, now_s: float) -> list[Effect]:
        """Once a second: expiry, parked updates that waited too long, and a word to keep stock clients connected."""
        effects = _tell(self.presence.expire(now_s))
        effects += self._retry_parked(now_s)  # an owner may have gone
        for session in list(self.sessions.values()):
            if session.parked and now_s - session.parked_since_s > self._parked_timeout_s(session):
                effects += self._give_up(session, now_s)
        if now_s - self._spoke_s >= self.limits.keepalive_interval_s:
            self._spoke_s = now_s
            effects += _tell([self.presence.keepalive()])
        return effects

    def _parked_timeout_s(self, session: Session) -> float:
        """An owner who died on another node is present until that runs out; only then may others bring his edits."""
        if session.waits_for(Awaited.OWNER):
            return max(self.limits.parked_timeout_s, self.limits.awareness_timeout_s + OWNER_MARGIN_S)
        return self.limits.parked_timeout_s

    def flush_presence(self) -> list[Effect]:
        """At most 30 times a second: what has changed in presence, to everybody and to the other nodes."""
        changes, told = self.presence.flush()
        effects = _tell(changes)
        if told is not None:
            effects.append(Publish(relay.encode_presence(self._node, self.name.epoch, told)))
        return effects

    # Ends ----------------------------------------------------------------------------------------------

    def _is_muted(self, session: Session, now_s: float) -> bool:
        """Who was refused too often in a minute is read-only until it is over: stock clients come back at once."""
        times = self._refusals.get(session.person.user_id)
        return times is not None and len(times) == times.maxlen and now_s - times[0] < REFUSALS_WITHIN_S

    def _refuse(
        self,
        session: Session,
        refusal: Refused,
        now_s: float,
        updates: Sequence[bytes] = (),
        name: bytes | None = None,
    ) -> list[Effect]:
        """`updates`: what it is refused for, besides what is parked; people may still look at all of it (C6)."""
        times = self._refusals.setdefault(session.person.user_id, deque(maxlen=self.limits.refusals_per_minute_max))
        times.append(now_s)
        if session.refusal is not None and refusal.is_kept:
            refusal, session.refusal = session.refusal, None
        lost = (*(item.update for item in session.parked), *updates)
        code, reason = close_code(refusal), refusal.code
        if session.resets:
            gone = self._fence(session, code, reason, name)
        else:
            gone = self._end(session, code, reason, now_s)
        if not refusal.is_kept or not lost:
            return gone
        return [Keep(session.person.user_id, reason, lost, str(refusal)), *gone]

    def _deny(self, session: Session, name: bytes | None) -> list[Effect]:
        """Who may not write has tried to."""
        if session.resets:
            return self._fence(session, Close.FORBIDDEN, READ_ONLY, name)
        return [] if name is None else [Send(session.id, SyncStatus(False))]

    def _fence(self, session: Session, code: Close, reason: str, name: bytes | None) -> list[Effect]:
        """Until its next Step1 nothing of the session is taken: all that it sends rests on what was refused (C7)."""
        names = [name, *(item.name for item in session.parked)]
        session.fenced = True
        session.parked, session.held_acks, session.asked = [], [], False
        self._waiting.discard(session.id)
        refused: list[Effect] = [Send(session.id, Nack(each, code, reason)) for each in names if each]
        return [*refused, Send(session.id, Reset(reason))]

    def _end(self, session: Session, code: Close, reason: str, now_s: float) -> list[Effect]:
        return [*self.leave(session.id, now_s), End(session.id, code, reason)]

    def end_all(self, code: Close, reason: str, now_s: float) -> list[Effect]:
        """Everybody leaves: the epoch has changed, the store is away for too long, the replica is broken."""
        effects: list[Effect] = []
        for session in list(self.sessions.values()):
            effects += self._end(session, code, reason, now_s)
        return effects

    def encode(self) -> bytes:
        """The replica as one update; only while `order.is_quiet` it is the document at `order.seq`."""
        return self._replica.encode()


def _tell(changes: Sequence[Change]) -> list[Effect]:
    return [Relay(Awareness(change.update), change.author) for change in changes]
