"""The other end of the native dialect: one document, as a state machine without sockets or clocks.

Frames go in, frames come out. An edit is a function of the document, kept until the hub has acknowledged it: whoever is
refused starts anew with what the hub holds and makes his other edits again (consistency.md C7), and whoever comes back
after days brings all that is missing as one answer. Nothing that was edited is ever lost without being in `refused`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, assert_never

from pycrdt import Doc, TransactionEvent

from sync import awareness
from sync.dialects import native
from sync.dialects.hocuspocus import Authenticated, Closed, PermissionDenied, Token, TokenRequest
from sync.dialects.native import Fragments
from sync.limits import Limits
from sync.messages import (
    Ack,
    Awareness,
    AwarenessQuery,
    Close,
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
from sync.state_vector import decode_state_vector

Change = Callable[[Doc[Any]], None]
"""An edit. It may run again on another replica, so it only looks at the document it is given."""


class Status(StrEnum):
    """What a person wants to know."""

    OFFLINE = "offline"
    CONNECTING = "connecting"
    SYNCING = "syncing"
    SAVED = "saved"
    UNSAVED = "unsaved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RefusedEdit:
    """It is not in the document; where people may still take it in, the hub has kept it as a proposal."""

    change: Change
    status: Close | None
    reason: str


@dataclass(slots=True)
class _Pending:
    """`clock`: the next of our client id after it; None: it inserted nothing, so no clock tells whether it is known."""

    name: bytes
    change: Change
    clock: int | None


@dataclass(slots=True)
class Client:
    """`new_client_id`, `new_name` (16 bytes): from a source of chance. `state`: our presence, JSON.

    `refused`: edits that did not get in. `shown`: called with (user, payload) of what others only show. `happened`:
    called with every event of the project, after `follow`.
    """

    document: str
    token: str
    new_client_id: Callable[[], int]
    new_name: Callable[[], bytes]
    limits: Limits = field(default_factory=Limits)
    state: str = "{}"
    shown: Callable[[str, bytes], None] = field(default=lambda user, payload: None)
    happened: Callable[[Event], None] = field(default=lambda event: None)
    doc: Doc[Any] = field(init=False)
    refused: list[RefusedEdit] = field(init=False, default_factory=list)
    denied: str | None = field(init=False, default=None)
    """Why the hub does not let us in."""
    wants_token: bool = field(init=False, default=False)
    """The hub asks for a fresh one: `renew`."""
    read_only: bool = field(init=False, default=False)
    saved_seq: int = field(init=False, default=0)
    """All that was acknowledged is in the document at this sequence."""
    cursor: int | None = field(init=False, default=None)
    """Of the last event; the next socket goes on behind it."""
    presence: dict[int, str | None] = field(init=False, default_factory=dict)
    """Others' by client id, as JSON."""
    _follows: bool = field(init=False, default=False)
    _is_let_in: bool = field(init=False, default=False)
    _is_connected: bool = field(init=False, default=False)
    _is_whole: bool = field(init=False, default=False)
    """The hub's document has come: before that there is nothing to edit."""
    _is_answered: bool = field(init=False, default=False)
    """What we have is with the hub: edits may follow."""
    _queued: list[Change] = field(init=False, default_factory=list)
    _pending: list[_Pending] = field(init=False, default_factory=list)
    _taken: list[_Pending] = field(init=False, default_factory=list)
    """In the hub's room, not acknowledged yet, and no more ours to repeat."""
    _carried: list[_Pending] = field(init=False, default_factory=list)
    """As `_taken`, but acknowledged with the next answer: their own names are of an earlier one."""
    _answer: bytes = field(init=False, default=b"")
    _covered: int = field(init=False, default=0)
    """So many of the first pending edits are in the answer."""
    _known_clock: int = field(init=False, default=0)
    _presence_clock: int = field(init=False, default=0)
    _fragments: Fragments = field(init=False)

    def __post_init__(self) -> None:
        self.doc = Doc(client_id=self.new_client_id())
        self._fragments = Fragments(self.limits)

    @property
    def unsaved(self) -> int:
        """Edits that the hub has not acknowledged."""
        return len(self._pending) + len(self._taken) + len(self._carried) + len(self._queued)

    @property
    def status(self) -> Status:
        if self.denied is not None:
            return Status.REFUSED
        if not self._is_connected:
            return Status.OFFLINE
        if not self._is_answered:
            return Status.SYNCING if self._is_whole else Status.CONNECTING
        return Status.UNSAVED if self.unsaved or self._answer else Status.SAVED

    # The connection ------------------------------------------------------------------------------------

    def connected(self) -> list[bytes]:
        """The first frames of a new socket."""
        self._is_connected, self._is_let_in, self._is_answered, self.denied = True, False, False, None
        self._fragments = Fragments(self.limits)
        return self._say(Token(self.token))

    def disconnected(self) -> None:
        """What was on its way is brought again by the next answer: the document holds it."""
        self._is_connected = self._is_let_in = self._is_answered = False
        self._answer, self._covered = b"", 0
        self._taken.clear()
        self._carried.clear()
        self.presence.clear()

    def renew(self, token: str) -> list[bytes]:
        self.token, self.wants_token, self.denied = token, False, None
        return self._say(Token(token)) if self._is_connected else []

    def moved(self, document: str, token: str) -> list[bytes]:
        """The document has begun again under another name (`denied` was `epoch`): on its content, our edits again."""
        self._begin_again()
        self.document, self.saved_seq = document, 0
        return self.renew(token)

    def receive(self, frame: bytes) -> list[bytes]:
        """What to send now. Raises `MalformedFrame` for what no hub says."""
        whole = self._fragments.take(frame)
        if whole is None or whole == b"\x09":
            return []
        key, message = native.decode_server(whole)
        if key != self.document:
            return []
        match message:
            case Authenticated(read_only):
                return self._let_in(read_only)
            case Step1(state_vector):
                return self._answer_to(state_vector)
            case Step2(update):
                self.doc.apply_update(update)
                self._is_whole = True
                return self._make_queued()
            case Update(update):
                self.doc.apply_update(update)
            case Ack(name, seq):
                self._acknowledged(name, seq)
            case Nack(name, status, reason):
                self._nacked(name, status, reason)
            case Reset():
                return self._start_anew()
            case Awareness(update):
                self._hear(update)
            case Ephemeral(user, payload):
                self.shown(user, payload)
            case Event(cursor):
                self.cursor = self.cursor if cursor is None else cursor
                self.happened(message)
            case TokenRequest():
                self.wants_token = True
            case PermissionDenied(reason) | Closed(reason):
                self.denied, self._is_let_in, self._is_answered = reason, False, False
            case AwarenessQuery():
                return self._tell_presence()
            case SyncStatus() | Stateless() | Edit() | Follow():
                pass
            case _:
                assert_never(message)
        return []

    def _let_in(self, read_only: bool) -> list[bytes]:
        self.read_only = read_only
        if self._is_answered:  # only the scope has changed
            return []
        self._is_let_in = True
        following = self._say(Follow(self.cursor)) if self._follows else []
        return [*self._tell_presence(), *self._say(Step1(self.doc.get_state())), *following]

    # Edits ---------------------------------------------------------------------------------------------

    def edit(self, change: Change) -> list[bytes]:
        """Applied at once where there is a document, else as soon as there is. What `change` raises comes out."""
        if not self._is_whole:
            self._queued.append(change)
            return []
        update = self._apply(change)
        if update is None or not self._is_answered:
            return []
        return self._say(Edit(self._pending[-1].name, update, False))

    def show(self, payload: bytes) -> list[bytes]:
        """To who is here now; nobody keeps it."""
        return self._say(Ephemeral("", payload)) if self._is_answered else []

    def follow(self, cursor: int | None = None) -> list[bytes]:
        """The project's events, those after `cursor` first; None: from now on. Also on every later socket."""
        self._follows, self.cursor = True, cursor
        return self._say(Follow(cursor)) if self._is_let_in else []

    def tell(self, state: str) -> list[bytes]:
        """Our presence, JSON."""
        self.state = state
        return self._tell_presence() if self._is_connected else []

    def _apply(self, change: Change) -> bytes | None:
        updates: list[bytes] = []

        def note(event: TransactionEvent) -> None:
            updates.append(event.update)

        before = self._own_clock()
        subscription = self.doc.observe(note)
        try:
            with self.doc.transaction():
                change(self.doc)
        finally:
            self.doc.unobserve(subscription)
        if not updates or updates[0] == b"\0\0":
            return None
        after = self._own_clock()
        self._pending.append(_Pending(self.new_name(), change, after if after > before else None))
        return updates[0]

    def _own_clock(self) -> int:
        return decode_state_vector(self.doc.get_state()).get(self.doc.client_id, 0)

    def _answer_to(self, state_vector: bytes) -> list[bytes]:
        """All that the hub lacks, and then what has to be made again."""
        self._known_clock = decode_state_vector(state_vector).get(self.doc.client_id, 0)
        self._answer, self._covered = self.new_name(), len(self._pending)
        frames = self._say(Edit(self._answer, self.doc.get_update(state_vector), True))
        self._is_answered = True
        return frames + self._make_queued()

    def _make_queued(self) -> list[bytes]:
        """What waited for the hub's document; on it, and named one by one."""
        if not self._is_whole or not self._is_answered:
            return []
        frames: list[bytes] = []
        queued, self._queued = self._queued, []
        for change in queued:
            try:
                frames += self.edit(change)
            except Exception as error:  # what it was made for is not there any more
                self.refused.append(RefusedEdit(change, None, f"cannot be made again: {error!r}"))
        return frames

    def _acknowledged(self, name: bytes, seq: int) -> None:
        self.saved_seq = max(self.saved_seq, seq)
        if name == self._answer:
            del self._pending[: self._covered]
            self._carried.clear()
            self._answer, self._covered = b"", 0
            return
        self._taken = [pending for pending in self._taken if pending.name != name]
        for place, pending in enumerate(self._pending):
            if pending.name == name:
                del self._pending[place]
                self._covered -= int(place < self._covered)
                return

    def _nacked(self, name: bytes, status: Close, reason: str) -> None:
        """What was sent before it is with the hub, nothing after it; of an answer nothing that its Step1 lacked."""
        if name == self._answer:
            known = [edit for edit in self._pending if edit.clock is not None and edit.clock <= self._known_clock]
            again = [edit.change for edit in self._pending if edit not in known]
            self._carried += known
            if len(again) == 1:
                self.refused.append(RefusedEdit(again.pop(), status, reason))
        else:
            place = next((at for at, edit in enumerate(self._pending) if edit.name == name), None)
            if place is None:
                return
            covered = min(place, self._covered)
            self._carried += self._pending[:covered]
            self._taken += self._pending[covered:place]
            self.refused.append(RefusedEdit(self._pending[place].change, status, reason))
            again = [edit.change for edit in self._pending[place + 1 :]]
        self._pending.clear()
        self._queued = again + self._queued
        self._is_answered = False  # the Reset follows; what we hold is not the document any more

    def _start_anew(self) -> list[bytes]:
        """The hub's document under a new client id. What is pending is not in it."""
        gone = self._say(Awareness(self._entry(None)))
        self._begin_again()
        return [*gone, *self._tell_presence(), *self._say(Step1(b"\0"))]

    def _begin_again(self) -> None:
        self._queued = [edit.change for edit in self._pending] + self._queued
        self._pending.clear()
        self._answer, self._covered = b"", 0
        self._is_whole = self._is_answered = False
        self.doc = Doc(client_id=self.new_client_id())
        self._presence_clock = 0

    # Presence ------------------------------------------------------------------------------------------

    def _tell_presence(self) -> list[bytes]:
        return self._say(Awareness(self._entry(self.state)))

    def _entry(self, state: str | None) -> bytes:
        self._presence_clock += 1
        return awareness.encode([awareness.AwarenessState(self.doc.client_id, self._presence_clock, state)])

    def _hear(self, update: bytes) -> None:
        for entry in awareness.decode(update, state_bytes_max=self.limits.frame_bytes_max):
            if entry.state is None:
                self.presence.pop(entry.client, None)
            elif entry.client != self.doc.client_id:
                self.presence[entry.client] = entry.state

    def _say(self, message: native.Message) -> list[bytes]:
        return native.in_fragments(native.encode(self.document, message), self.limits.fragment_bytes_max)
