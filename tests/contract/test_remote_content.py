"""A room does not know where its content lives: what holds for a room holds for one whose content is in another
process. Here the other process is a few lines away, and what goes there and back goes as bytes."""

from struct import unpack_from
from typing import Any
from uuid import uuid4

import pytest
from pycrdt import Doc, Map

from sync.announcer import Announcer, Unwatched
from sync.effects import Broken, Send
from sync.errors import ContentFailed, ContentLost, Refused, SceneLocked
from sync.limits import Limits
from sync.loaded import Loaded
from sync.messages import Step2, SyncStatus, Update
from sync.names import Kind
from sync.remote import messages
from sync.remote.messages import Answer, Ask, Request, Said
from sync.remote.process_side import Contents
from sync.remote.refusals import heard, told
from sync.remote.room_side import open_there
from sync.replica import Replica
from sync.room import Room
from tests.unit.protocol import stage as protocol_stage
from tests.unit.sync import native_stage
from tests.unit.sync import stage as sync_stage
from tests.unit.sync.stage import Client, batches, join, room_of
from tests.unit.sync.test_clip_locks import *  # noqa: F403 - the same tests, with rooms of the fixture below
from tests.unit.sync.test_locks import *  # noqa: F403
from tests.unit.sync.test_native import *  # noqa: F403
from tests.unit.sync.test_room import *  # noqa: F403


class Link:
    """Between a room and `contents`. `is_cut`: the process has ended."""

    def __init__(self, announcer: Announcer | None = None) -> None:
        self.contents = Contents(lambda document: announcer or Unwatched())
        self.asked: list[Ask] = []
        self.is_cut = False

    def ask(self, request: Request) -> Answer:
        if self.is_cut:
            raise ContentLost("cut")
        self.asked.append(request.ask)
        answer = self.contents.answer(messages.decode_request(*_over(messages.encode_request(request))))
        return messages.decode_answer(*_over(messages.encode_answer(answer)))


def _over(pieces: list[bytes]) -> tuple[bytes, list[bytes]]:
    """As one stream of bytes, and taken apart again as a reader of it does."""
    stream = b"".join(pieces)
    head_bytes, count = messages.PREFIX.unpack_from(stream)
    at = messages.PREFIX.size
    sizes = unpack_from(f"<{count}Q", stream, at)
    at += count * messages.SIZE.size
    head, at = stream[at : at + head_bytes], at + head_bytes
    blobs = []
    for size in sizes:
        blobs.append(stream[at : at + size])
        at += size
    assert at == len(stream)
    return head, blobs


@pytest.fixture
def links() -> list[Link]:
    """Of the rooms of this test."""
    return []


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, links: list[Link]) -> None:
    """Every room that the stages make has its content behind a link."""

    def make(loaded: Loaded, *, announcer: Announcer | None = None, **fields: Any) -> Room:
        link = Link(announcer)
        links.append(link)
        content = open_there(
            link.ask, uuid4(), loaded.name, loaded.server_client, fields["limits"], list(loaded.states), rests=False
        )
        return Room(loaded, content=content, **fields)

    for stage in (sync_stage, protocol_stage, native_stage):
        if hasattr(stage, "Room"):
            monkeypatch.setattr(stage, "Room", make)


def text_of(room: Room) -> dict[str, Any]:
    doc: Doc[Any] = Doc()
    doc.apply_update(room.encode())
    return dict(doc.get("ext", type=Map).to_py() or {})


def test_a_join_asks_only_for_what_is_not_kept_here(links: list[Link]) -> None:
    room = room_of([Client(50).edit("ext", "a", 1)])
    for session in (1, 2, 3):
        join(room, session)
        room.encode()
    assert links[0].asked == [Ask.OPEN, Ask.ENCODE]
    assert room.state_vector() == Doc[Any].get_state(_with(room.encode()))


def _with(update: bytes) -> Doc[Any]:
    doc: Doc[Any] = Doc()
    doc.apply_update(update)
    return doc


def test_it_rests_there_and_wakes_by_itself(links: list[Link]) -> None:
    ada = Client(50)
    room = room_of([ada.edit("ext", "a", 1)])
    join(room, 1)
    room.rest()
    (held,) = links[0].contents._held.values()
    assert room.receive(1, Update(ada.doc.get_update()), 0.0) == [Send(1, SyncStatus(True))]
    assert text_of(room) == {"a": 1} and held.content.holder.is_at_rest
    assert len(batches(room.receive(1, Update(ada.edit("ext", "b", 2)), 0.0))) == 1
    assert text_of(room) == {"a": 1, "b": 2} and not held.content.holder.is_at_rest


def test_c5_a_panic_there_breaks_the_room_here_and_names_its_poison(
    monkeypatch: pytest.MonkeyPatch, links: list[Link]
) -> None:
    class Panic(BaseException):
        """As pycrdt's."""

    def panic(self: Replica, judgement: object) -> None:
        raise Panic

    room = room_of()
    join(room, 1)
    update = Client(50).edit("ext", "a", 1)
    with monkeypatch.context() as patched:
        patched.setattr(Replica, "apply", panic)
        assert room.receive(1, Update(update), 0.0) == [Broken("ContentFailed", update)]
    with pytest.raises(ContentFailed, match="not here"):
        room.encode()


def test_a_process_that_ends_says_nothing_against_the_update(links: list[Link]) -> None:
    room = room_of()
    join(room, 1)
    links[0].is_cut = True
    with pytest.raises(ContentLost):
        room.receive(1, Update(Client(50).edit("ext", "a", 1)), 0.0)


def test_what_the_log_holds_and_cannot_be_read_is_no_refusal() -> None:
    with pytest.raises(ContentFailed, match="MalformedUpdate"):
        room_of([b"\xff\xff\xff"])


def test_a_room_goes_on_where_its_content_moves_to() -> None:
    loaded = Loaded(sync_stage.room_of().name, sync_stage.SERVER, 0, [], {})
    room = Room(loaded, limits=Limits(), node=sync_stage.NODE, new_id=uuid4, server_clock=1, now_s=0.0)
    join(room, 1)
    ada = Client(50)
    first = room.receive(1, Update(ada.edit("ext", "a", "before")), 0.0)
    link = Link()
    assert not room.content.is_remote
    room.move(open_there(link.ask, uuid4(), room.name, sync_stage.SERVER, Limits(), [room.encode()], rests=False))
    second = room.receive(1, Update(ada.edit("ext", "b", "after")), 0.0)
    assert room.content.is_remote and len(batches(first)) == len(batches(second)) == 1
    assert text_of(room) == {"a": "before", "b": "after"}
    (ghost,) = batches(room.receive(1, Step2(Client(51).edit("ext", "c", "of nobody")), 0.0))
    assert ghost.relayed_by is not None, "owners stay with the room"


def _every(base: type[Refused]) -> list[type[Refused]]:
    return [base, *(found for derived in base.__subclasses__() for found in _every(derived))]


@pytest.mark.parametrize("kind", _every(Refused))
def test_every_refusal_arrives_as_itself(kind: type[Refused]) -> None:
    made = SceneLocked("scn_1", "usr_2", "tea") if kind is SceneLocked else kind("why")
    said = told(made)
    again = heard(said["refusal"], said["arguments"])
    assert type(again) is kind and (str(again), again.code) == (str(made), made.code)


@pytest.mark.parametrize("ask", [ask for ask in Ask if ask is not Ask.OPEN])
def test_a_document_that_is_not_there_is_answered(ask: Ask) -> None:
    answer = Contents(lambda document: Unwatched()).answer(Request(ask, uuid4()))
    assert answer.said is Said.FAILED


def test_a_closed_document_leaves_the_process() -> None:
    contents, opened = Contents(lambda document: Unwatched()), uuid4()
    facts = {
        "document": uuid4().hex,
        "kind": Kind.STORYBOARD.value,
        "server_client": 7,
        "document_bytes_max": 1000,
        "rests": False,
    }
    state = Client(50).edit("ext", "a", 1)
    assert contents.answer(Request(Ask.OPEN, opened, facts, [state])).said is Said.DONE
    assert contents.bytes_of(opened) == len(state)
    assert contents.answer(Request(Ask.CLOSE, opened)).said is Said.DONE
    assert contents.bytes_of(opened) == 0
