"""A room and native clients in one process, frame by frame; commits happen when the test says so."""

from collections.abc import Callable
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

from pycrdt import Doc, Map

from sync.client import Client
from sync.dialects import native
from sync.dialects.hocuspocus import Authenticated, Leave, Pong, Token
from sync.dialects.native import Fragments
from sync.effects import Batch, Commit, Effect, Keep, Relay, Send
from sync.limits import Limits
from sync.messages import DocumentMessage
from sync.presence import Person
from sync.session import Session
from tests.unit.sync.stage import ANA, room_of

LIMITS = Limits()


class Hub:
    """A room whose commits happen when the test says so."""

    def __init__(self, **fields: Any) -> None:
        self.room = room_of(**fields)
        self.clients: dict[int, Client] = {}
        self.kept: list[Keep] = []
        self.uncommitted: list[Batch] = []
        self._said: dict[int, list[DocumentMessage]] = {}
        self._fragments: dict[int, Fragments] = {}
        self._sessions = count(1).__next__
        self._seq = self.room.order.seq

    def connect(self, client: Client, actor: UUID = ANA, *, may_write: bool = True) -> int:
        session = self._sessions()
        self.clients[session] = client
        self._said[session] = []
        self._fragments[session] = Fragments(LIMITS)
        (token,) = client.connected()
        assert native.decode(token)[1] == Token("token")
        self.send(session, client.receive(native.encode(client.document, Authenticated(not may_write))))
        person = Person(actor, "name", "#102030")
        self.perform(self.room.join(Session(session, person, may_write, resets=True)))
        self.settle()
        return session

    def cut(self, session: int) -> None:
        client = self.clients.pop(session)
        client.disconnected()
        self.room.leave(session, 0.0)

    def edit(self, session: int, change: Callable[[Doc[Any]], None]) -> None:
        self.send(session, self.clients[session].edit(change))
        self.settle()

    def send(self, session: int, frames: list[bytes]) -> None:
        for frame in frames:
            whole = self._fragments[session].take(frame)
            if whole is not None:
                _, message = native.decode(whole)
                assert not isinstance(message, Token | Leave | Pong), "what a room hears"
                self._said[session].append(message)

    def settle(self) -> None:
        """Until nobody has anything to say."""
        while any(self._said.values()):
            for session, messages in self._said.items():
                waiting, messages[:] = list(messages), []
                for message in waiting:
                    self.perform(self.room.receive(session, message, 0.0))

    def perform(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Send(session, message):
                    self.say(session, message)
                case Relay(message, author):
                    for session in self.clients:
                        if session != author:
                            self.say(session, message)
                case Commit(batch):
                    self.uncommitted.append(batch)
                case Keep():
                    self.kept.append(effect)
                case _:
                    pass

    def say(self, session: int, message: DocumentMessage) -> None:
        client = self.clients.get(session)
        if client is not None:
            frames = native.in_fragments(native.encode(client.document, message), LIMITS.fragment_bytes_max)
            for frame in frames:
                self.send(session, client.receive(frame))

    def commit(self) -> None:
        seqs = {}
        for batch in self.uncommitted:
            self._seq += 1
            seqs[batch.batch_id] = self._seq
        self.uncommitted = []
        self.perform(self.room.committed(seqs, 0.0))
        self.settle()


def new_client(seed: int = 1) -> Client:
    rng = Random(seed)
    return Client("sb:x~1", "token", lambda: rng.randrange(1000, 2**31), lambda: rng.randbytes(16))


def put(key: str, value: Any, root: str = "ext") -> Callable[[Doc[Any]], None]:
    def change(doc: Doc[Any]) -> None:
        doc.get(root, type=Map)[key] = value

    return change


def ext(client: Client) -> dict[str, Any]:
    return dict(client.doc.get("ext", type=Map).to_py() or {})
