"""A room on a stage: its clock and log in the hands of a test, and words for looking at its effects."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from pycrdt import Doc, Map, Text

from sync.effects import Commit, Effect, End, Relay, Send
from sync.ids import DocumentId
from sync.limits import Limits
from sync.loaded import Loaded
from sync.messages import (
    Awareness,
    DocumentMessage,
    Step1,
    Step2,
    SyncStatus,
)
from sync.names import DocumentName, Kind
from sync.presence import Person
from sync.room import Room
from sync.session import Session
from tests.interop.wire import presences, state_vector
from tests.scenery import NewScene, add_scene

SERVER_CLIENT = 4_000_000_000
NODE, OTHER_NODE = UUID(int=1), UUID(int=2)
ADA, BEN, RAE = UUID(int=11), UUID(int=12), UUID(int=13)
SCENE = "scn_00000000000000000000000001"
NOTHING = b"\0\0"


class Stage:
    """A room, its clock and its log. `row` is the number of the newest committed row."""

    def __init__(self, states: Sequence[bytes] = (), owners: dict[int, UUID] | None = None, **limits: Any) -> None:
        self.now_s = 100.0
        self.row = len(states)
        self.ids: Iterator[UUID] = (UUID(int=number) for number in count(1000))
        name = DocumentName(Kind.STORYBOARD, DocumentId(uuid4()), 1)
        loaded = Loaded(name, SERVER_CLIENT, self.row, tuple(states), owners or {})
        self.room = Room(
            loaded,
            limits=replace(Limits(), **limits),
            node=NODE,
            new_id=lambda: next(self.ids),
            server_clock=1,
            now_s=self.now_s,
        )

    def join(self, number: int, actor: UUID = ADA, *, may_write: bool = True, synced: bool = True) -> list[Effect]:
        effects = self.room.join(Session(number, Person(actor, f"person {actor.int}", "#112233"), may_write))
        return effects + (self.say(number, Step2(NOTHING)) if synced else [])

    def say(self, number: int, message: DocumentMessage) -> list[Effect]:
        return self.room.receive(number, message, self.now_s)

    def commit(self, *effects: Effect) -> list[Effect]:
        """The log takes the batches among the effects."""
        seqs = {}
        for effect in effects:
            if isinstance(effect, Commit):
                self.row += 1
                seqs[effect.batch.batch_id] = self.row
        return self.room.committed(seqs, self.now_s)

    def after(self, seconds: float) -> list[Effect]:
        self.now_s += seconds
        return self.room.tick(self.now_s)

    def content(self) -> dict[str, Any]:
        doc: Doc[Any] = Doc()
        doc.apply_update(self.room.encode())
        return {root: doc.get(root, type=Map).to_py() for root in ("ext", "scenes", "jobs")}


def sent(effects: Sequence[Effect], number: int) -> list[DocumentMessage]:
    return [effect.message for effect in effects if isinstance(effect, Send) and effect.session == number]


def statuses(effects: Sequence[Effect], number: int) -> list[bool]:
    return [message.applied for message in sent(effects, number) if isinstance(message, SyncStatus)]


def ends(effects: Sequence[Effect]) -> list[End]:
    return [effect for effect in effects if isinstance(effect, End)]


def relayed(effects: Sequence[Effect]) -> list[Relay]:
    return [effect for effect in effects if isinstance(effect, Relay)]


def told(effects: Sequence[Effect]) -> dict[int, str]:
    """Presence that goes to everybody, by client id."""
    return {
        client: state
        for effect in relayed(effects)
        if isinstance(effect.message, Awareness)
        for client, (_, state) in presences(effect.message.update).items()
    }


def hubs_step1(effects: Sequence[Effect], number: int) -> dict[int, int]:
    """The state vector that the hub sends to a joiner."""
    (vector,) = [message.state_vector for message in sent(effects, number) if isinstance(message, Step1)]
    return state_vector(vector)


def storyboard() -> bytes:
    """One scene, written by the server."""
    doc: Doc[Any] = Doc(client_id=SERVER_CLIENT)
    with doc.transaction():
        add_scene(doc, NewScene(SCENE, "V", "1", "The pier", "Fog."))
    return doc.get_update()


PROMPT_CLOCK = 1
"""The text of `text()` is the item at clock 0, its characters follow."""


def text(content: str) -> bytes:
    """A Y.Text in the free root."""
    doc: Doc[Any] = Doc(client_id=SERVER_CLIENT)
    with doc.transaction():
        doc.get("ext", type=Map)["t"] = Text(content)
    return doc.get_update()


def edit(base: bytes, client: int, change: Any) -> bytes:
    """What `change(doc)` adds to `base`, as pycrdt encodes it."""
    doc: Doc[Any] = Doc(client_id=client)
    doc.apply_update(base)
    before = doc.get_state()
    with doc.transaction():
        change(doc)
    return doc.get_update(before)
