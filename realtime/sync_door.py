"""`/sync/{document}`: the y-websocket dialect, one document a socket."""

import time

from realtime.budget import DEBT_S_MAX, Budget
from realtime.frames import Frames
from realtime.host import RoomHost
from realtime.hub import Hub
from realtime.refusals import EPOCH, EXPECTED, NO_SUCH_DOCUMENT, NO_TOKEN, RATE, Refusal, refusal_of
from realtime.wire import Handshake, Wire
from services.users.sockets import SocketIdentity
from sync.dialects import ywebsocket
from sync.errors import MalformedFrame
from sync.messages import Awareness, Close, DocumentMessage, Step1, Step2, Update
from sync.names import DocumentName, parse

DIALECT = "y-websocket"
PATH = "/sync/"
NOTHING = b"\0"
"""An empty state vector."""
SPENT = (Update, Step1, Step2)
"""What the budget of edits is spent on."""
MALFORMED = Refusal(Close.MALFORMED, MalformedFrame.code)


class SyncOutlet:
    """One y-websocket client."""

    __slots__ = ("_wire", "identity", "relay")

    acknowledges = False
    resets = False
    dialect = DIALECT

    def __init__(self, wire: Wire, identity: SocketIdentity) -> None:
        self.identity = identity
        self.relay = wire.relay
        self._wire = wire

    def encode(self, message: DocumentMessage) -> Frames | None:
        payload = ywebsocket.encode(message)
        return None if payload is None else Frames([payload])

    @property
    def waiting_bytes(self) -> int:
        return self._wire.waiting_bytes

    def send(self, message: DocumentMessage, shared: dict[str, Frames]) -> None:
        frames = shared.get(DIALECT)
        if frames is None:
            frames = self.encode(message)
            if frames is None:
                return
            shared[DIALECT] = frames
        self._wire.put(frames, unbounded=isinstance(message, Step2))

    def end(self, code: Close, reason: str) -> None:
        self._wire.close(Refusal(code, reason))

    def tell_scope(self, read_only: bool) -> None:
        """This dialect has no word for it: what a reader writes is dropped."""

    def ask_token(self, now_s: float) -> bool:
        return False


class SyncDoor:
    """One connection, one document."""

    __slots__ = (
        "_budget",
        "_handshake",
        "_host",
        "_hub",
        "_is_gone",
        "_limits",
        "_now_s",
        "_session_id",
        "_since",
        "_wire",
    )

    def __init__(self, hub: Hub, handshake: Handshake, wire: Wire) -> None:
        self._hub = hub
        self._handshake: Handshake | None = handshake
        self._limits = hub.settings.limits
        self._wire = wire
        self._now_s = hub.now_s
        self._budget = Budget(self._limits, hub.now_s())
        self._session_id = hub.new_session_id()
        self._host: RoomHost | None = None
        self._is_gone = False
        self._since = NOTHING
        """The state vector of the room when the peer last had read everything."""

    async def enter(self) -> None:
        handshake, self._handshake = self._handshake, None  # its token and headers are not kept for hours
        assert handshake is not None, "a door is entered once"
        credential = _credential(handshake)
        if credential is None:
            self._refuse(NO_TOKEN, handshake)
            return
        try:
            with self._hub.entering():
                name = parse(handshake.path.removeprefix(PATH))
                identity = await self._hub.authenticate(credential, name.id, time.time())
                if (refusal := mismatch(name, identity)) is not None:
                    self._refuse(refusal, handshake, identity)
                    return
                host = await self._hub.open(name, identity.access.access_version)
        except EXPECTED as error:
            self._refuse(refusal_of(error), handshake)
            return
        if self._is_gone:
            return
        self._host = host
        host.join(self._session_id, SyncOutlet(self._wire, identity))

    def _refuse(self, refusal: Refusal, handshake: Handshake, identity: SocketIdentity | None = None) -> None:
        actor = None if identity is None else identity.actor.user_id
        self._hub.refused(refusal, handshake.path.removeprefix(PATH), actor)
        self._wire.close(refusal)

    def receive(self, frame: bytes | None) -> float:
        host = self._host
        if host is None:
            return 0.0
        try:
            messages = ywebsocket.decode(frame or b"", self._limits.messages_per_frame_max)
        except MalformedFrame:
            host.end(self._session_id, MALFORMED)
            return 0.0
        frame_bytes = len(frame or b"") // len(messages)
        if len(messages) == 1:
            return self._pass_on(host, messages[0], frame_bytes)
        return max([self._pass_on(host, message, frame_bytes) for message in messages])

    def _pass_on(self, host: RoomHost, message: DocumentMessage, frame_bytes: int) -> float:
        now_s = self._now_s()
        if isinstance(message, Awareness):
            if self._budget.presence(now_s):
                host.receive(self._session_id, message)
            return 0.0
        host.receive(self._session_id, message)
        if not isinstance(message, SPENT):
            return 0.0
        ahead_s = self._budget.edit(frame_bytes, now_s)
        if ahead_s > DEBT_S_MAX:
            host.end(self._session_id, RATE)
        return ahead_s

    def fall_behind(self) -> None:
        if self._host is not None:
            self._since = self._host.said_so_far()

    def resynchronise(self) -> None:
        if self._host is not None:
            since, self._since = self._since, NOTHING
            self._host.resynchronise(self._session_id, since)

    def leave(self) -> None:
        self._is_gone = True
        if self._host is not None:
            self._host.leave(self._session_id)


def mismatch(name: DocumentName, identity: SocketIdentity) -> Refusal | None:
    """Whether the name is of another epoch or kind than the document has now."""
    if name.kind.value != identity.access.kind:
        return NO_SUCH_DOCUMENT
    return EPOCH if name.epoch != identity.access.epoch else None


def _credential(handshake: Handshake) -> str | None:
    if handshake.token:
        return handshake.token
    scheme, _, bearer = (handshake.authorization or "").partition(" ")
    return bearer or None if scheme.lower() == "bearer" else None
