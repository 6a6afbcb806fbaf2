"""How a room takes updates in: judged, applied, relayed, committed, or parked until what they rest on has come.

Nothing is applied that was not judged (consistency.md C1 to C3), and nothing dangling (C2).
"""

from collections.abc import Callable
from typing import assert_never
from uuid import UUID

from sync.acknowledgements import Acknowledgements
from sync.admission import Admission, Admitted, AwaitOwner, Bringer, Incomplete, Nothing
from sync.catching_up import CatchingUp
from sync.content import Content
from sync.dismissal import Dismissal
from sync.effects import Batch, Broken, Commit, Effect, Relay, Send
from sync.errors import ContentLost, DanglingUpdate, Quarantined, Refused, SceneLocked, ServerOnly, ServersClient
from sync.limits import Limits
from sync.loaded import Loaded
from sync.messages import Step1, Update
from sync.order import Order
from sync.parking import Parking
from sync.presence import Presence
from sync.session import Attendance, Awaited, Parked, Session

EMPTY_UPDATE = b"\0\0"


class Intake:
    """Of one room. `new_id`: where batch ids come from."""

    def __init__(
        self,
        loaded: Loaded,
        sessions: dict[int, Session],
        presence: Presence,
        order: Order,
        content: Content,
        limits: Limits,
        new_id: Callable[[], UUID],
    ) -> None:
        self._sessions = sessions
        self._presence = presence
        self._order = order
        self._replica = content.holder
        self._announcer = content.holder.announcer
        self._limits = limits
        self._new_id = new_id
        is_live = Attendance(presence, sessions).is_live
        self._admission = Admission(content.judge, loaded.server_client, loaded.owners, is_live)
        self.acknowledgements = Acknowledgements(order)
        self.parking = Parking(sessions, presence, limits)
        self.dismissal = Dismissal(sessions, presence, order, self.parking, limits)
        self.catching_up = CatchingUp(order, content.holder, loaded.quarantined)

    def move(self, content: Content) -> None:
        """The content goes on elsewhere, as it is now."""
        self._replica = content.holder
        self._announcer = content.holder.announcer
        self._admission.content = content.judge
        self.catching_up.move(content.holder)

    def ask_for_the_rest(self, session: Session, refusal: SceneLocked, update: bytes, now_s: float) -> list[Effect]:
        """Whoever types goes on typing until he hears of the lock: all of it belongs into one proposal (C6)."""
        session.refusal = refusal
        self._park(session, Parked(update, b"", False, Awaited.REST), now_s)
        return self.ask(session) if session.synced else []

    def live(self, session: Session, update: bytes, name: bytes, now_s: float) -> list[Effect]:
        if session.refusal is not None:
            return self._park(session, Parked(update, name, False, Awaited.REST), now_s)
        effects = self._edit(session, update, now_s, name, in_step2=False)
        return effects + self.retry_parked(now_s) if self.parking.is_used else effects

    def step2(self, session: Session, update: bytes, name: bytes | None, now_s: float) -> list[Effect]:
        effects = self._edit(session, update, now_s, name, in_step2=True)
        session.refusal = None  # the lock has gone meanwhile, or the log is read first
        if session.id not in self._sessions or session.fenced:
            return effects
        effects += self.retry_parked(now_s)
        if session.id in self._sessions and not session.synced:
            session.synced = True
            effects += self.acknowledgements.release_held(session)
        if session.id in self._sessions and session.may_be_asked:
            effects += self.dismissal.refuse(session, DanglingUpdate(), now_s) if session.asked else self.ask(session)
        return effects

    def ask(self, session: Session) -> list[Effect]:
        session.asked = True
        session.unasked_step2s += 1
        return [Send(session.id, Step1(self._replica.state_vector()))]

    def _edit(
        self, session: Session, update: bytes, now_s: float, name: bytes | None, *, in_step2: bool
    ) -> list[Effect]:
        if session.fenced:
            return []  # it rests on what was refused, and is replayed by whoever starts anew
        if update == EMPTY_UPDATE:
            return self.acknowledgements.owe(session, name)
        if self._replica.is_at_rest:
            if self._replica.holds(update):
                return self.acknowledgements.owe(session, name)
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
        bytes_max = self._limits.update_bytes_max
        if in_step2:
            bytes_max = self._limits.answer_bytes_max if session.resets else self._limits.step2_bytes_max
        if not session.may_write or self.dismissal.is_muted(session, now_s):
            if self._admission.knows(update, bytes_max):
                return self.acknowledgements.owe(session, name)
            return self.dismissal.deny(session, name)
        if self.catching_up.is_quarantined(update):
            raise Quarantined("these bytes are quarantined")
        bringer = Bringer(session.person.user_id, self._presence.client_of(session.id), in_step2, bytes_max)
        try:
            verdict = self._admission.judge(update, bringer, document_bytes=self._replica.bytes)
        except (ServerOnly, ServersClient):
            if not in_step2 or session.log_was_read:
                raise
            return self._park(session, Parked(update, name, in_step2, Awaited.LOG), now_s)
        match verdict:
            case Nothing():
                return self.acknowledgements.owe(session, name)
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
        batch = Batch(self._new_id(), verdict.owner, "edit", update, relayed_by, verdict.claims, self._order.seq)
        self._order.add(batch)
        return [Relay(Update(update), session.id), Commit(batch), *self.acknowledgements.owe(session, name)]

    # Parking -------------------------------------------------------------------------------------------

    def _park(self, session: Session, item: Parked, now_s: float) -> list[Effect]:
        """Until what it rests on has come; its bringer is asked for that once."""
        self.parking.put(session, item, now_s)
        if item.awaited is Awaited.LOG:
            return self.catching_up.read_on()
        return self.ask(session) if session.synced and not session.asked and session.may_be_asked else []

    def retry_parked(self, now_s: float) -> list[Effect]:
        """Whatever has come may be what a session's parked updates wait for."""
        effects: list[Effect] = []
        for session in self.parking.take_up():
            waiting, session.parked = session.parked, []
            since_s, asked = session.parked_since_s, session.asked
            session.asked = True  # a retry asks for nothing
            for place, item in enumerate(waiting):
                if session.id in self._sessions:
                    effects += self._retry(session, item, [later.update for later in waiting[place + 1 :]], now_s)
            session.asked = asked and bool(session.parked)
            session.parked_since_s = since_s
            if session.may_be_asked and session.synced and not session.asked:
                effects += self.ask(session)
        return effects + self._admit_together(now_s)

    def _admit_together(self, now_s: float) -> list[Effect]:
        """After a crash peers bring each other's lost edits at once: taken together, what each wrote is complete."""
        found = self.parking.testimonies()
        if found is None:
            return []
        first, testimonies = found
        unreadable = self._wake()
        if unreadable:
            return unreadable
        self._announcer.begin(b"", False)
        try:
            verdict = self._admission.judge_together(testimonies, first.person.user_id)
            if verdict is None:
                return []
            effects = self._admit(first, bytes(verdict.judgement.update.data), verdict, None)
        except (Refused, ValueError):
            return []  # each is refused for its own part, when its time is over
        finally:
            self._announcer.end()
        if not any(isinstance(effect, Commit) for effect in effects):
            return effects
        told = Relay(effects[0].message, None) if isinstance(effects[0], Relay) else effects[0]
        return [told, *effects[1:], *self.retry_parked(now_s)]

    def _retry(self, session: Session, item: Parked, later: list[bytes], now_s: float) -> list[Effect]:
        try:
            return self._edit(session, item.update, now_s, item.name, in_step2=item.in_step2)
        except Refused as refusal:
            return self.dismissal.refuse(session, refusal, now_s, [item.update, *later], item.name)
