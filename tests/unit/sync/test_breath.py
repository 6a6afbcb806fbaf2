"""Long work says that it gets on: else a hub that judges somebody's days offline would be taken for one that hangs."""

from uuid import UUID

from pycrdt import Doc, Map

from sync.announcer import Unwatched
from sync.messages import Step2
from sync.presence import Person
from sync.session import Session
from sync.update import BREATH_MASK
from tests.unit.sync.stage import ANA, batches, room_of

OVERWRITES = 20_000


class Watch(Unwatched):
    """Counts."""

    def __init__(self) -> None:
        self.breaths = 0

    def alive(self) -> None:
        self.breaths += 1


def overwrites() -> bytes:
    doc: Doc[Map[object]] = Doc(client_id=77)
    ext = doc.get("ext", type=Map)
    with doc.transaction():
        for number in range(OVERWRITES):
            ext[f"k{number % 900}"] = number
    return doc.get_update()


def test_a_long_answer_is_judged_with_breaths_and_loaded_with_breaths() -> None:
    update = overwrites()
    watch = Watch()
    room = room_of(announcer=watch)
    room.join(Session(1, Person(ANA, "Ana", "#102030"), may_write=True))
    (batch,) = batches(room.receive(1, Step2(update), 0.0))
    assert watch.breaths >= 3 * OVERWRITES // (BREATH_MASK + 1) - 3, "reading, placing and the schema"
    watch.breaths = 0
    room_of(states=[batch.bytes], announcer=watch, owners={77: UUID(int=1)})
    assert watch.breaths >= 2 * OVERWRITES // (BREATH_MASK + 1) - 2


def test_a_small_one_takes_none() -> None:
    watch = Watch()
    room = room_of(announcer=watch)
    room.join(Session(1, Person(ANA, "Ana", "#102030"), may_write=True))
    room.receive(1, Step2(b"\0\0"), 0.0)
    assert watch.breaths == 0
