"""`/sync/{document}`: the y-websocket dialect, one document a socket."""

import asyncio
import time

from starlette.websockets import WebSocket

from realtime.budget import DEBT_S_MAX, Budget
from realtime.host import RoomHost
from realtime.hub import Hub
from realtime.origin import is_allowed
from realtime.refusals import EPOCH, EXPECTED, NO_SUCH_DOCUMENT, NO_TOKEN, RATE, Refusal, refusal_of
from realtime.socket import Socket
from services.users.sockets import SocketIdentity
from sync.dialects import ywebsocket
from sync.errors import MalformedFrame
from sync.messages import Awareness, Close, DocumentMessage, Step1, Step2, Update
from sync.names import DocumentName, parse

DIALECT = "y-websocket"
MALFORMED = Refusal(Close.MALFORMED, MalformedFrame.code)


class SyncOutlet:
    """One y-websocket client."""

    def __init__(self, socket: Socket, identity: SocketIdentity) -> None:
        self.identity = identity
        self._socket = socket

    def send(self, message: DocumentMessage, frames: dict[str, bytes]) -> None:
        frame = frames.get(DIALECT)
        if frame is None:
            frame = ywebsocket.encode(message)
            if frame is None:
                return
            frames[DIALECT] = frame
        self._socket.put(frame, unbounded=isinstance(message, Step2))

    def end(self, code: Close, reason: str) -> None:
        self._socket.close(Refusal(code, reason))

    def tell_scope(self, read_only: bool) -> None:
        """This dialect has no word for it: what a reader writes is dropped."""

    def ask_token(self, now_s: float) -> bool:
        return False


class SyncDoor:
    """One socket from its handshake to its end."""

    def __init__(self, hub: Hub, websocket: WebSocket) -> None:
        self._hub = hub
        self._websocket = websocket
        self._limits = hub.settings.limits
        self._socket = Socket(websocket, self._limits)
        self._budget = Budget(self._limits, asyncio.get_running_loop().time())
        self._session_id = hub.new_session_id()
        self._host: RoomHost | None = None

    async def serve(self) -> None:
        if not is_allowed(self._websocket.headers, self._hub.settings.allowed_origins):
            await self._websocket.close()  # before accepting: HTTP 403
            return
        await self._websocket.accept()
        self._hub.metrics.sockets.inc()
        try:
            await self._enter()
            await self._socket.run(self._receive)
        finally:
            self._hub.metrics.sockets.dec()
            if self._host is not None:
                self._host.leave(self._session_id)

    async def _enter(self) -> None:
        credential = _credential(self._websocket)
        if credential is None:
            self._socket.close(NO_TOKEN)
            return
        try:
            name = parse(self._websocket.path_params["document"])
            identity = await self._hub.authenticate(credential, name.id, time.time())
            if (refusal := mismatch(name, identity)) is not None:
                self._socket.close(refusal)
                return
            self._host = await self._hub.open(name, identity.access.access_version)
        except EXPECTED as error:
            self._socket.close(refusal_of(error))
            return
        self._host.join(self._session_id, SyncOutlet(self._socket, identity))

    async def _receive(self, frame: bytes) -> None:
        assert self._host is not None, "a socket that was not let in is closing and reads nothing"
        try:
            messages = ywebsocket.decode(frame, self._limits.messages_per_frame_max)
        except MalformedFrame:
            self._host.end(self._session_id, MALFORMED)
            return
        for message in messages:
            await self._pass_on(self._host, message, len(frame) // len(messages))

    async def _pass_on(self, host: RoomHost, message: DocumentMessage, frame_bytes: int) -> None:
        now_s = asyncio.get_running_loop().time()
        if isinstance(message, Awareness):
            if self._budget.presence(now_s):
                host.receive(self._session_id, message)
            return
        host.receive(self._session_id, message)
        if isinstance(message, Update | Step1 | Step2):
            ahead_s = self._budget.edit(frame_bytes, now_s)
            if ahead_s > DEBT_S_MAX:
                host.end(self._session_id, RATE)
            elif ahead_s > 0:
                await asyncio.sleep(ahead_s)


def mismatch(name: DocumentName, identity: SocketIdentity) -> Refusal | None:
    """Whether the name is of another epoch or kind than the document has now."""
    if name.kind.value != identity.access.kind:
        return NO_SUCH_DOCUMENT
    return EPOCH if name.epoch != identity.access.epoch else None


def _credential(websocket: WebSocket) -> str | None:
    token = websocket.query_params.get("token")
    if token:
        return token
    scheme, _, bearer = websocket.headers.get("authorization", "").partition(" ")
    return bearer or None if scheme.lower() == "bearer" else None
