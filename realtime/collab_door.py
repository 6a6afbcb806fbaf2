"""`/collab`: the Hocuspocus dialect, many documents a socket, each let in by a token of its own."""

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from realtime.budget import DEBT_S_MAX, Budget
from realtime.collab_dialects import CollabDialect, offered
from realtime.frames import Frames
from realtime.host import RoomHost
from realtime.hub import Hub
from realtime.project_events import Follower
from realtime.refusals import EXPECTED, FOREIGN_TOKEN, NO_TOKEN, RATE, TOO_MANY_DOCUMENTS, Refusal, refusal_of
from realtime.sync_door import MALFORMED, NOTHING, mismatch
from realtime.wire import Handshake, Wire
from services.users.model import Need
from services.users.sockets import SocketIdentity
from sync.dialects import hocuspocus
from sync.dialects.hocuspocus import Authenticated, Closed, Incoming, Leave, PermissionDenied, Pong, Token, TokenRequest
from sync.dialects.native import Fragments
from sync.errors import MalformedFrame
from sync.messages import (
    Awareness,
    Close,
    DocumentMessage,
    Edit,
    Ephemeral,
    Event,
    Follow,
    NativeMessage,
    Step1,
    Step2,
    Update,
)
from sync.names import parse

COLLAB_PATH = "/collab"
SHOWN = (Awareness, Ephemeral)
SPENT = (Update, Edit, Step1, Step2, Follow)
"""What the budgets of presence and of edits are spent on. Tuples: to write a union makes it anew each time."""
PASSING = frozenset({Close.RESTART, Close.TRY_LATER, Close.GOING_AWAY, Close.RATE, Close.TOO_BIG})
"""Ends that concern the whole socket: its provider shall come back, with all documents."""


class CollabOutlet:
    """One document of one provider. `dialect`: with its routing key, with which all its frames begin."""

    __slots__ = (
        "_asked_at_s",
        "_key",
        "_speech",
        "_token_refresh_timeout_s",
        "_wire",
        "dialect",
        "identity",
        "is_over",
        "resets",
    )

    acknowledges = True

    def __init__(
        self, wire: Wire, speech: CollabDialect, key: str, identity: SocketIdentity, token_refresh_timeout_s: float
    ) -> None:
        self.identity = identity
        self.is_over = False
        self._wire = wire
        self._key = key
        self._speech = speech
        self.dialect = key + speech.mark
        self.resets = speech.resets
        self._token_refresh_timeout_s = token_refresh_timeout_s
        self._asked_at_s: float | None = None

    def encode(self, message: DocumentMessage) -> Frames | None:
        return self._speech.encode(self._key, message)

    @property
    def waiting_bytes(self) -> int:
        return self._wire.waiting_bytes

    def send(self, message: DocumentMessage, shared: dict[str, Frames]) -> None:
        frames = shared.get(self.dialect)
        if frames is None:
            frames = self.encode(message)
            if frames is None:
                return
            shared[self.dialect] = frames
        self._wire.put(frames, unbounded=isinstance(message, Step2))

    def relay(self, frames: Frames) -> None:
        self._wire.put(frames, repeatable=True)

    def end(self, code: Close, reason: str) -> None:
        self.is_over = True
        if code in PASSING:
            self._wire.close(Refusal(code, reason))
        else:
            self._wire.put(Frames([hocuspocus.encode(self._key, PermissionDenied(reason))]))

    def tell_event(self, event: Event) -> None:
        if not self.is_over:
            self.send(event, {})

    def tell_scope(self, read_only: bool) -> None:
        self._wire.put(Frames([hocuspocus.encode(self._key, Authenticated(read_only))]))

    def ask_token(self, now_s: float) -> bool:
        if self._asked_at_s is None:
            self._asked_at_s = now_s
            self._wire.put(Frames([hocuspocus.encode(self._key, TokenRequest())]))
        return now_s - self._asked_at_s < self._token_refresh_timeout_s

    def renew(self, identity: SocketIdentity) -> None:
        self.identity = identity
        self._asked_at_s = None


@dataclass(slots=True)
class Seat:
    """One routing key of the socket. `since`: the room's state vector when the peer last had read everything."""

    session_id: int
    host: RoomHost
    outlet: CollabOutlet
    since: bytes = NOTHING
    follower: Follower | None = None


@dataclass(slots=True)
class Waiting:
    """Frames that came before their document's token was answered."""

    frames: dict[str, deque[tuple[Incoming | NativeMessage, int]]] = field(default_factory=dict)

    def add(self, key: str, message: Incoming | NativeMessage, frame_bytes: int) -> None:
        self.frames.setdefault(key, deque()).append((message, frame_bytes))

    def next(self, key: str) -> Incoming | NativeMessage | None:
        """The oldest that waits for this document."""
        frames = self.frames.get(key)
        if not frames:
            self.frames.pop(key, None)
            return None
        return frames.popleft()[0]

    def drop(self, key: str) -> None:
        self.frames.pop(key, None)

    def size(self, keys: Iterable[str]) -> tuple[int, int]:
        """Frames and bytes that wait for these documents."""
        sizes = [frame_bytes for key in keys for _, frame_bytes in self.frames.get(key, ())]
        return len(sizes), sum(sizes)


class CollabDoor:
    """One connection, many documents."""

    def __init__(self, hub: Hub, handshake: Handshake, wire: Wire) -> None:
        self._hub = hub
        self._limits = hub.settings.limits
        self._wire = wire
        self._speech = offered(handshake.subprotocols)
        self._fragments = Fragments(self._limits) if self._speech.resets else None
        self._budget = Budget(self._limits, hub.now_s())
        self._seats: dict[str, Seat] = {}
        self._asking: set[str] = set()
        """Keys whose token is being looked at."""
        self._waiting = Waiting()
        self._denied: set[str] = set()
        self._is_gone = False
        self._deadline: asyncio.TimerHandle | None = None
        self._whole_by: asyncio.TimerHandle | None = None

    async def enter(self) -> None:
        """A connection on which nobody shows a token in time is closed."""
        timeout_s = self._limits.authentication_timeout_s
        self._deadline = asyncio.get_running_loop().call_later(timeout_s, self._close, NO_TOKEN)

    def receive(self, frame: bytes | None) -> float:
        read_bytes = 0
        try:
            if self._fragments is not None and frame:
                whole = self._fragments.take(frame)
                if whole is None:
                    if not self._seats:
                        raise MalformedFrame("fragments before anybody is let in")
                    return self._spend(len(frame))
                self._wait_for_fragments(False)
                read_bytes, frame = len(whole) - len(frame), whole  # what came before was accounted for
            key, message = self._speech.decode(frame or b"")
        except MalformedFrame:
            self._close(MALFORMED)
            return 0.0
        return 0.0 if isinstance(message, Pong) else self._handle(key, message, len(frame or b"") - read_bytes)

    def _spend(self, frame_bytes: int) -> float:
        """A fragment: its message may take a while, but not for ever."""
        self._wait_for_fragments(True)
        ahead_s = self._budget.bytes(frame_bytes, self._hub.now_s())
        if ahead_s > DEBT_S_MAX:
            self._close(RATE)
        return ahead_s

    def _wait_for_fragments(self, is_waiting: bool) -> None:
        if is_waiting and self._whole_by is None:
            timeout_s = self._limits.fragments_timeout_s
            self._whole_by = asyncio.get_running_loop().call_later(timeout_s, self._close, MALFORMED)
        elif not is_waiting and self._whole_by is not None:
            self._whole_by.cancel()
            self._whole_by = None

    def _close(self, refusal: Refusal) -> None:
        """For what concerns the whole socket."""
        self._hub.refused(refusal)
        self._wire.close(refusal)

    def fall_behind(self) -> None:
        for seat in self._seats.values():
            seat.since = seat.host.said_so_far()

    def resynchronise(self) -> None:
        for seat in self._seats.values():
            since, seat.since = seat.since, NOTHING
            seat.host.resynchronise(seat.session_id, since)

    def leave(self) -> None:
        self._is_gone = True
        self._in_time()
        self._wait_for_fragments(False)
        for seat in self._seats.values():
            self._unfollow(seat)
            seat.host.leave(seat.session_id)

    def _in_time(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _handle(self, key: str, message: Incoming | NativeMessage, frame_bytes: int) -> float:
        match message:
            case Token(token) if key not in self._asking:
                self._asking.add(key)
                self._hub.spawn(self._authenticate(key, token))
            case Leave() if key not in self._asking:
                self._leave(key)
            case Pong():
                pass
            case _ if key in self._asking or key not in self._seats:
                self._wait(key, message, frame_bytes)
            case Token() | Leave():
                raise AssertionError("handled above")
            case _:
                return self._document_message(self._seats[key], message, frame_bytes)
        return 0.0

    # Letting in ------------------------------------------------------------------------------------------

    async def _authenticate(self, key: str, token: str) -> None:
        try:
            with self._hub.entering():
                await self._let_in(key, token)
        except EXPECTED as error:
            self._deny(key, refusal_of(error))
        finally:
            self._asking.discard(key)
            self._in_time()
        if self._is_gone:
            self._drop_seat(key)
        else:
            self._catch_up(key)

    async def _let_in(self, key: str, token: str) -> None:
        seat = self._seats.get(key)
        joined = seat is not None and not seat.outlet.is_over
        if not joined and len(self._seats) + len(self._asking) > self._limits.documents_per_socket_max:
            self._deny(key, TOO_MANY_DOCUMENTS)
            return
        name = parse(hocuspocus.document_name(key))
        identity = await self._hub.authenticate(token, name.id, time.time())
        refusal = mismatch(name, identity)
        if refusal is not None:
            self._deny(key, refusal)
        elif seat is not None and joined:
            self._renew(key, seat, identity)
        else:
            host = await self._hub.open(name, identity.access.access_version)
            if not self._is_gone:
                self._sit(key, host, identity)

    def _catch_up(self, key: str) -> None:
        """What came while its token was looked at."""
        while key not in self._asking and (message := self._waiting.next(key)) is not None:
            if key in self._seats or isinstance(message, Token | Leave):
                self._handle(key, message, 0)

    def _deny(self, key: str, refusal: Refusal) -> None:
        """Later frames of this document are ignored, until a new token for it."""
        self._hub.refused(refusal, hocuspocus.document_name(key))
        self._drop_seat(key)
        self._denied.add(key)
        if len(self._denied) > self._limits.documents_per_socket_max:
            self._close(TOO_MANY_DOCUMENTS)
        if refusal.code in PASSING:
            self._wire.put(Frames([hocuspocus.encode(key, Closed(refusal.reason))]))
            self._wire.close(refusal)
        else:
            self._wire.put(Frames([hocuspocus.encode(key, PermissionDenied(refusal.reason))]))

    def _renew(self, key: str, seat: Seat, identity: SocketIdentity) -> None:
        if identity.actor.user_id != seat.outlet.identity.actor.user_id:
            self._deny(key, FOREIGN_TOKEN)  # a seat belongs to one person; another joins anew
            return
        seat.outlet.renew(identity)
        seat.outlet.tell_scope(read_only=not identity.role.may(Need.EDIT))
        seat.host.rights_changed(seat.session_id)

    def _sit(self, key: str, host: RoomHost, identity: SocketIdentity) -> None:
        outlet = CollabOutlet(self._wire, self._speech, key, identity, self._limits.token_refresh_timeout_s)
        seat = Seat(self._hub.new_session_id(), host, outlet)
        self._seats[key] = seat
        self._denied.discard(key)
        outlet.tell_scope(read_only=not identity.role.may(Need.EDIT))
        host.join(seat.session_id, outlet)

    def _drop_seat(self, key: str) -> bool:
        seat = self._seats.pop(key, None)
        if seat is not None:
            self._unfollow(seat)
            seat.host.leave(seat.session_id)
        return seat is not None

    # Document messages -------------------------------------------------------------------------------------

    def _document_message(self, seat: Seat, message: DocumentMessage, frame_bytes: int) -> float:
        if seat.outlet.is_over:
            return 0.0
        now_s = self._hub.now_s()
        if isinstance(message, SHOWN) and not self._budget.presence(now_s):
            return 0.0
        if isinstance(message, Follow):
            self._follow(seat, message.cursor)
        else:
            seat.host.receive(seat.session_id, message)
        if not isinstance(message, SPENT):
            return 0.0
        ahead_s = self._budget.edit(frame_bytes, now_s)
        if ahead_s > DEBT_S_MAX:
            self._close(RATE)
        return ahead_s

    def _follow(self, seat: Seat, cursor: int | None) -> None:
        """Anew, if it does already."""
        outlet = seat.outlet
        self._unfollow(seat)
        seat.follower = Follower(cursor, lambda: outlet.identity, lambda: outlet.waiting_bytes, outlet.tell_event)
        self._hub.events.follow(outlet.identity.access.project_id, seat.follower)

    def _unfollow(self, seat: Seat) -> None:
        if seat.follower is not None:
            self._hub.events.leave(seat.outlet.identity.access.project_id, seat.follower)
            seat.follower = None

    def _wait(self, key: str, message: Incoming | NativeMessage, frame_bytes: int) -> None:
        """Providers send edits while their token is still being fetched."""
        if key in self._denied and key not in self._asking:
            return
        self._waiting.add(key, message, frame_bytes)
        if key in self._asking:  # a provider sends its whole offline queue in the breath of its token
            if self._waiting.size([key])[1] > self._limits.frame_bytes_max:
                self._close(MALFORMED)
            return
        frames, waiting_bytes = self._waiting.size(other for other in self._waiting.frames if other not in self._asking)
        limits = self._limits
        if frames > limits.unauthenticated_frames_max or waiting_bytes > limits.unauthenticated_bytes_max:
            self._close(MALFORMED)

    def _leave(self, key: str) -> None:
        self._denied.discard(key)
        self._waiting.drop(key)
        if self._drop_seat(key):
            self._wire.put(Frames([hocuspocus.encode(key, Closed("provider_initiated"))]))
