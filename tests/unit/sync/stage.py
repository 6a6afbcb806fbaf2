"""What the tests of a room share: a room, its sessions, a pycrdt client, and the log's answer."""

from collections.abc import Sequence
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from pycrdt import Doc, Map

from sync.effects import Batch, Commit, Effect, Keep
from sync.ids import DocumentId
from sync.limits import Limits
from sync.loaded import Loaded
from sync.messages import Step2
from sync.names import DocumentName, Kind
from sync.presence import Person
from sync.room import Room
from sync.session import Session

SERVER = 7
ANA, BEN = UUID(int=1), UUID(int=2)
NODE, OTHER_NODE = UUID(int=100), UUID(int=101)


class Client:
    """A pycrdt replica that keeps the updates of its own edits."""

    def __init__(self, client_id: int, state: bytes | None = None) -> None:
        self.doc: Doc[Any] = Doc(client_id=client_id)
        if state is not None:
            self.doc.apply_update(state)

    def edit(self, root: str, key: str, value: Any) -> bytes:
        before = self.doc.get_state()
        self.doc.get(root, type=Map)[key] = value
        return bytes(self.doc.get_update(before))


def room_of(states: Sequence[bytes] = (), *, seq: int = 0, limits: Limits | None = None, **fields: Any) -> Room:
    name = fields.pop("name", None) or DocumentName(Kind.STORYBOARD, DocumentId(uuid4()), 1)
    announcer = fields.pop("announcer", None)
    loaded = Loaded(name=name, server_client=SERVER, seq=seq, states=states, owners=fields.pop("owners", {}), **fields)
    numbers = count(1)
    return Room(
        loaded,
        limits=limits or Limits(),
        node=NODE,
        new_id=lambda: UUID(int=next(numbers)),
        server_clock=1,
        now_s=0.0,
        announcer=announcer,
    )


def join(room: Room, session_id: int, actor: UUID = ANA, *, may_write: bool = True, synced: bool = True) -> Session:
    session = Session(session_id, Person(actor, f"person {actor.int}", "#102030"), may_write)
    room.join(session)
    if synced:
        room.receive(session_id, Step2(b"\0\0"), 0.0)
    return session


def kinds(effects: Sequence[Effect]) -> list[str]:
    return [type(effect).__name__ for effect in effects]


def ends(effects: Sequence[Effect]) -> list[Effect]:
    """All but what is kept for people to look at."""
    return [effect for effect in effects if not isinstance(effect, Keep)]


def batches(effects: Sequence[Effect]) -> list[Batch]:
    return [effect.batch for effect in effects if isinstance(effect, Commit)]


def commit(room: Room, effects: Sequence[Effect], first_seq: int) -> list[Effect]:
    seqs = {batch.batch_id: first_seq + offset for offset, batch in enumerate(batches(effects))}
    return room.committed(seqs, 1.0)
