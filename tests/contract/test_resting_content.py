"""What holds for a room holds for one whose document rests after every edit, and is woken by the next."""

from typing import Any

import pytest
from pycrdt import Doc, Map, Text

from sync.announcer import Announcer, Unwatched
from sync.content import Content
from sync.effects import Send
from sync.index import Judgement
from sync.judge import Judge
from sync.limits import Limits
from sync.loaded import Loaded
from sync.messages import Step1, Step2, SyncStatus, Update
from sync.replica import Replica
from sync.room import Room
from sync.schema import SCHEMAS
from tests.unit.protocol import stage as protocol_stage
from tests.unit.sync import native_stage
from tests.unit.sync import stage as sync_stage
from tests.unit.sync.stage import Client, join, room_of
from tests.unit.sync.test_clip_locks import *  # noqa: F403 - the same tests, with rooms of the fixture below
from tests.unit.sync.test_locks import *  # noqa: F403
from tests.unit.sync.test_native import *  # noqa: F403
from tests.unit.sync.test_room import *  # noqa: F403

del test_a_document_that_is_full_still_takes_deletions  # noqa: F821 - at rest its size is known exactly, and is less


class Tired(Replica):
    """Rests as soon as anything is done. `wakes`: how often it was woken."""

    wakes = 0
    is_waking = False

    def apply(self, judgement: Judgement) -> None:
        super().apply(judgement)
        if not self.is_waking:
            self.rest()

    def wake(self) -> None:
        if self.is_at_rest:
            self.wakes += 1
            self.is_waking = True
            super().wake()
            self.is_waking = False


@pytest.fixture
def replicas() -> list[Tired]:
    """Of the rooms of this test."""
    return []


@pytest.fixture(autouse=True)
def resting(monkeypatch: pytest.MonkeyPatch, replicas: list[Tired]) -> None:
    def make(loaded: Loaded, *, limits: Limits, announcer: Announcer | None = None, **fields: Any) -> Room:
        replica = Tired(loaded.server_client, announcer or Unwatched())
        schema = SCHEMAS[loaded.name.kind]
        judge = Judge(replica.index, schema, replica.locks, limits.document_bytes_max, replica.announcer.alive)
        for state in loaded.states:
            replica.load(state)
        replica.rest()
        replica.wakes = 0
        replicas.append(replica)
        return Room(loaded, limits=limits, content=Content(replica, judge, is_remote=False), **fields)

    for stage in (sync_stage, protocol_stage, native_stage):
        if hasattr(stage, "Room"):
            monkeypatch.setattr(stage, "Room", make)


def written() -> Client:
    """Somebody who has typed, deleted and overwritten."""
    ada = Client(50)
    free = ada.doc.get("ext", type=Map)
    for place in range(20):
        free[f"k{place}"] = "x" * place
    for place in range(0, 20, 2):
        free[f"k{place}"] = "again"
    del free["k3"], free["k4"], free["k9"]
    return ada


def test_joins_do_not_wake_it(replicas: list[Tired]) -> None:
    ada = written()
    room = room_of([ada.doc.get_update()])
    for session in (1, 2, 3):
        join(room, session, synced=False)
        effects = room.receive(session, Step1(b"\0"), 0.0)
        assert effects == [Send(session, Step2(room.encode()))]
        room.receive(session, Step2(b"\0\0"), 0.0)
    assert replicas[0].wakes == 0 and room.is_at_rest
    assert room.state_vector() == ada.doc.get_state()


def test_who_comes_back_with_nothing_new_does_not_wake_it_and_is_told_so(replicas: list[Tired]) -> None:
    ada = written()
    room = room_of([ada.doc.get_update()])
    join(room, 1, synced=False)
    status, step2 = SyncStatus(True), ada.doc.get_update(room.state_vector())
    assert step2 != b"\0\0", "it names all that was ever deleted"
    assert room.receive(1, Step2(step2), 0.0) == [Send(1, status)]
    assert room.receive(1, Update(ada.doc.get_update()), 0.0) == [Send(1, status)]
    assert replicas[0].wakes == 0


def test_one_deletion_more_wakes_it(replicas: list[Tired]) -> None:
    ada = written()
    room = room_of([ada.doc.get_update()])
    join(room, 1)
    before = ada.doc.get_state()
    del ada.doc.get("ext", type=Map)["k5"]
    effects = room.receive(1, Update(ada.doc.get_update(before)), 0.0)
    assert len(sync_stage.batches(effects)) == 1 and replicas[0].wakes == 1


@pytest.mark.parametrize("known", range(0, 51, 10))
def test_what_somebody_lacks_is_the_same_as_of_a_live_document(known: int) -> None:
    source: Doc[Any] = Doc(client_id=50)
    wholes = [source.get_update()]
    text = Text()
    source.get("ext", type=Map)["t"] = text
    for place in range(50):
        text.insert(place // 2, f"{place} ")
        if place % 5 == 4:
            del text[2:4]
        wholes.append(source.get_update())
    for is_resting in (False, True):
        replica = Replica(7)
        replica.load(source.get_update())
        if is_resting:
            replica.rest()
        late: Doc[Any] = Doc()
        late.apply_update(wholes[known])
        late.apply_update(replica.difference(late.get_state()))
        assert str(late.get("ext", type=Map)["t"]) == str(text)
        assert late.get_state() == source.get_state() == replica.state_vector()
