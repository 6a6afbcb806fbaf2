"""`/collab`: the Hocuspocus dialect, many documents a socket, each let in by a token of its own."""

import asyncio
import time
from dataclasses import dataclass, field

from starlette.websockets import WebSocket

from realtime.budget import DEBT_S_MAX, Budget
from realtime.host import RoomHost
from realtime.hub import Hub
from realtime.origin import is_allowed
from realtime.refusals import EXPECTED, EXPIRED, NO_TOKEN, RATE, TOO_MANY_DOCUMENTS, Refusal, refusal_of
from realtime.socket import Socket
from realtime.sync_door import MALFORMED, mismatch
from services.users.model import Need
from services.users.sockets import SocketIdentity
from storage.tasks import beside
from sync.dialects import hocuspocus
from sync.dialects.hocuspocus import Authenticated, Closed, Incoming, Leave, PermissionDenied, Pong, Token, TokenRequest
from sync.errors import MalformedFrame
from sync.messages import Awareness, Close, DocumentMessage, Step1, Step2, Update
from sync.names import parse

PASSING = frozenset({Close.RESTART, Close.TRY_LATER, Close.GOING_AWAY, Close.RATE, Close.TOO_BIG})
"""Ends that concern the whole socket: its provider shall come back, with all documents."""


class CollabOutlet:
    """One document of one provider. `key`: its routing key on the shared socket."""

    def __init__(self, socket: Socket, key: str, identity: SocketIdentity, token_refresh_timeout_s: float) -> None:
        self.identity = identity
        self.is_over = False
        self._socket = socket
        self._key = key
        self._token_refresh_timeout_s = token_refresh_timeout_s
        self._asked_at_s: float | None = None

    def send(self, message: DocumentMessage, frames: dict[str, bytes]) -> None:
        frame = frames.get(self._key)
        if frame is None:
            frame = frames[self._key] = hocuspocus.encode(self._key, message)
        self._socket.put(frame, unbounded=isinstance(message, Step2))

    def end(self, code: Close, reason: str) -> None:
        self.is_over = True
        if code in PASSING:
            self._socket.close(Refusal(code, reason))
        else:
            self._socket.put(hocuspocus.encode(self._key, PermissionDenied(reason)))

    def tell_scope(self, read_only: bool) -> None:
        self._socket.put(hocuspocus.encode(self._key, Authenticated(read_only)))

    def ask_token(self, now_s: float) -> bool:
        if self._asked_at_s is None:
            self._asked_at_s = now_s
            self._socket.put(hocuspocus.encode(self._key, TokenRequest()))
        return now_s - self._asked_at_s < self._token_refresh_timeout_s

    def renew(self, identity: SocketIdentity) -> None:
        self.identity = identity
        self._asked_at_s = None


@dataclass(slots=True)
class Seat:
    """One routing key of the socket."""

    session_id: int
    host: RoomHost
    outlet: CollabOutlet


@dataclass(slots=True)
class Waiting:
    """Frames that came before their document's token, over the whole socket."""

    frames: dict[str, list[tuple[DocumentMessage, int]]] = field(default_factory=dict)
    count: int = 0
    bytes: int = 0

    def add(self, key: str, message: DocumentMessage, frame_bytes: int) -> None:
        self.frames.setdefault(key, []).append((message, frame_bytes))
        self.count += 1
        self.bytes += frame_bytes

    def take(self, key: str) -> list[DocumentMessage]:
        """What waited for this document, in order."""
        frames = self.frames.pop(key, [])
        self.count -= len(frames)
        self.bytes -= sum(frame_bytes for _, frame_bytes in frames)
        return [message for message, _ in frames]


class CollabDoor:
    """One socket from its handshake to its end."""

    def __init__(self, hub: Hub, websocket: WebSocket) -> None:
        self._hub = hub
        self._websocket = websocket
        self._limits = hub.settings.limits
        self._socket = Socket(websocket, self._limits)
        self._budget = Budget(self._limits, asyncio.get_running_loop().time())
        self._seats: dict[str, Seat] = {}
        self._waiting = Waiting()
        self._denied: set[str] = set()
        self._let_in = asyncio.Event()

    async def serve(self) -> None:
        if not is_allowed(self._websocket.headers, self._hub.settings.allowed_origins):
            await self._websocket.close()  # before accepting: HTTP 403
            return
        await self._websocket.accept()
        self._hub.metrics.sockets.inc()
        try:
            async with beside(self._expect_token()):
                await self._socket.run(self._receive)
        finally:
            self._hub.metrics.sockets.dec()
            for seat in self._seats.values():
                seat.host.leave(seat.session_id)

    async def _expect_token(self) -> None:
        """A socket that nobody authenticates is closed."""
        try:
            async with asyncio.timeout(self._limits.authentication_timeout_s):
                await self._let_in.wait()
        except TimeoutError:
            self._socket.close(NO_TOKEN)

    async def _receive(self, frame: bytes) -> None:
        try:
            key, message = hocuspocus.decode(frame)
        except MalformedFrame:
            self._socket.close(MALFORMED)
            return
        match message:
            case Pong():
                return
            case Token(token):
                await self._authenticate(key, token)
            case Leave():
                self._leave(key)
            case _:
                await self._document_message(key, message, len(frame))

    # Letting in ------------------------------------------------------------------------------------------

    async def _authenticate(self, key: str, token: str) -> None:
        seat = self._seats.get(key)
        joined = seat is not None and not seat.outlet.is_over
        if not joined and len(self._seats) >= self._limits.documents_per_socket_max:
            self._deny(key, TOO_MANY_DOCUMENTS)
            return
        try:
            name = parse(hocuspocus.document_name(key))
            identity = await self._hub.authenticate(token, name.id, time.time())
            refusal = mismatch(name, identity)
            if refusal is not None:
                self._deny(key, refusal)
            elif seat is not None and joined:
                self._renew(key, seat, identity)
            else:
                host = await self._hub.open(name, identity.access.access_version)
                self._sit(key, host, identity)
        except EXPECTED as error:
            self._deny(key, refusal_of(error))

    def _deny(self, key: str, refusal: Refusal) -> None:
        """Later frames of this document are ignored, until a new token for it."""
        seat = self._seats.pop(key, None)
        if seat is not None:
            seat.host.leave(seat.session_id)
        self._waiting.take(key)
        self._denied.add(key)
        if len(self._denied) > self._limits.documents_per_socket_max:
            self._socket.close(TOO_MANY_DOCUMENTS)
        self._let_in.set()
        if refusal.code in PASSING:
            self._socket.put(hocuspocus.encode(key, Closed(refusal.reason)))
            self._socket.close(refusal)
        else:
            self._socket.put(hocuspocus.encode(key, PermissionDenied(refusal.reason)))

    def _renew(self, key: str, seat: Seat, identity: SocketIdentity) -> None:
        if identity.actor.user_id != seat.outlet.identity.actor.user_id:
            self._deny(key, EXPIRED)  # a seat belongs to one person; another joins anew
            return
        seat.outlet.renew(identity)
        seat.outlet.tell_scope(read_only=not identity.role.may(Need.EDIT))
        seat.host.rights_changed(seat.session_id)

    def _sit(self, key: str, host: RoomHost, identity: SocketIdentity) -> None:
        outlet = CollabOutlet(self._socket, key, identity, self._limits.token_refresh_timeout_s)
        seat = Seat(self._hub.new_session_id(), host, outlet)
        self._seats[key] = seat
        self._denied.discard(key)
        self._let_in.set()
        outlet.tell_scope(read_only=not identity.role.may(Need.EDIT))
        host.join(seat.session_id, outlet)
        for message in self._waiting.take(key):
            host.receive(seat.session_id, message)

    # Document messages -------------------------------------------------------------------------------------

    async def _document_message(self, key: str, message: Incoming, frame_bytes: int) -> None:
        assert not isinstance(message, Token | Leave | Pong)
        seat = self._seats.get(key)
        if seat is None:
            self._wait(key, message, frame_bytes)
            return
        if seat.outlet.is_over:
            return
        now_s = asyncio.get_running_loop().time()
        if isinstance(message, Awareness) and not self._budget.presence(now_s):
            return
        seat.host.receive(seat.session_id, message)
        if isinstance(message, Update | Step1 | Step2):
            await self._slow_down(self._budget.edit(frame_bytes, now_s))

    async def _slow_down(self, ahead_s: float) -> None:
        if ahead_s > DEBT_S_MAX:
            self._socket.close(RATE)
        elif ahead_s > 0:
            await asyncio.sleep(ahead_s)

    def _wait(self, key: str, message: DocumentMessage, frame_bytes: int) -> None:
        """Providers send edits while their token is still being fetched."""
        if key in self._denied:
            return
        waiting = self._waiting
        waiting.add(key, message, frame_bytes)
        if waiting.count > self._limits.unauthenticated_frames_max:
            self._socket.close(MALFORMED)
        elif waiting.bytes > self._limits.unauthenticated_bytes_max:
            self._socket.close(MALFORMED)

    def _leave(self, key: str) -> None:
        seat = self._seats.pop(key, None)
        self._denied.discard(key)
        if seat is not None:
            seat.host.leave(seat.session_id)
            self._socket.put(hocuspocus.encode(key, Closed("provider_initiated")))
