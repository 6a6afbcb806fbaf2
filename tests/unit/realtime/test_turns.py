"""A room that is beside the loop: others go on, who has to do with it waits, and everything happens in its order."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

import pytest
from pycrdt import Doc, Map

from realtime.frames import Frames
from realtime.host import RoomHost, RoomStores
from realtime.loader import LoadedRoom
from realtime.places import Here
from realtime.residence import ON_LOOP_BYTES_MAX
from realtime.settings import IN_PROCESS_BYTES_MAX
from realtime.turns import Turns
from storage.announcements import Announcements
from storage.log import DocumentKey
from sync.errors import ContentLost
from sync.messages import Close, DocumentMessage, Step1, Step2, Update
from sync.room import Room
from tests.unit.realtime.test_fanout import IDENTITY
from tests.unit.sync.stage import room_of


@dataclass
class Bench:
    """Tasks that the test waits for."""

    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self.tasks.append(asyncio.ensure_future(work))

    async def done(self) -> None:
        while self.tasks:
            await self.tasks.pop(0)


async def test_who_comes_meanwhile_waits_and_keeps_his_place() -> None:
    bench, seen, go = Bench(), list[object](), threading.Event()
    turns = Turns(here(), bench.spawn, seen.append)
    turns.take(lambda: seen.append("before"))
    turns.take_beside(go.wait, lambda done: seen.append(("beside", done)))
    turns.take(lambda: turns.take_beside(lambda: 2, seen.append))
    turns.take(lambda: seen.append("behind"))
    assert seen == ["before"] and turns.is_taken
    go.set()
    await bench.done()
    assert seen == ["before", ("beside", True), 2, "behind"] and not turns.is_taken


def here() -> Here:
    """A thread of this process."""
    announcements = Announcements.nowhere()
    return Here(announcements, announcements.of(UUID(int=1)))


@dataclass
class Ear:
    """An outlet that remembers what it was told."""

    identity: Any = IDENTITY
    heard: list[DocumentMessage] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    acknowledges: bool = True
    resets: bool = True
    dialect: str = "a"
    waiting_bytes: int = 0

    def encode(self, message: DocumentMessage) -> Frames | None:
        self.heard.append(message)
        return Frames([b"."])

    def send(self, message: DocumentMessage, shared: dict[str, Frames]) -> None:
        self.heard.append(message)

    def relay(self, frames: Frames) -> None: ...

    def end(self, code: Close, reason: str) -> None:
        self.ended.append(reason)

    def ask_token(self, now_s: float) -> bool:
        return False

    def tell_scope(self, read_only: bool) -> None: ...


class Gated:
    """A room whose long work waits to be let through. It notes the thread of everything that it is asked."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.gate = threading.Event()
        self.threads: list[tuple[str, bool]] = []

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._room, name)
        if not callable(found):
            return found

        def asked(*arguments: Any) -> Any:
            on_loop = threading.current_thread() is threading.main_thread()
            self.threads.append((name, on_loop))
            if not on_loop:
                self.gate.wait()
            return found(*arguments)

        return asked


class Stage:
    """A host of a gated room. Nothing is committed."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.room = Gated(room_of())
        nothing: Callable[..., Any] = lambda *arguments: None  # noqa: E731
        parts = {name: nothing for name in RoomStores.__dataclass_fields__} | {"spawn": self.bench.spawn}
        parts |= {"committer": _Never(), "metrics": _Metrics(), "log": None}
        key = DocumentKey(UUID(int=1), 1)
        loaded = LoadedRoom(cast(Room, self.room), 0, False, here(), IN_PROCESS_BYTES_MAX, cast(Any, None))
        self.host = RoomHost(loaded, key, RoomStores(**cast(Any, parts)), access_version=1)

    def join(self, session: int) -> Ear:
        ear = Ear()
        self.host.join(session, ear)
        self.host.receive(session, Step1(b"\0"))
        self.host.receive(session, Step2(b"\0\0"))
        return ear


class _Never:
    """A log that takes and never answers."""

    def submit(self, key: DocumentKey, batches: object) -> "asyncio.Future[Any]":
        return asyncio.get_running_loop().create_future()


class _Metrics:
    def __getattr__(self, name: str) -> "_Metrics":
        return self

    def __call__(self, *arguments: object) -> None: ...


def edit(author: int, text: str, key: str = "a") -> bytes:
    doc: Doc[Any] = Doc(client_id=author)
    doc.get("ext", type=Map)[key] = text
    return bytes(doc.get_update())


def long_edit(author: int) -> bytes:
    doc: Doc[Any] = Doc(client_id=author)
    with doc.transaction():
        for place in range(ON_LOOP_BYTES_MAX // 900):
            doc.get("ext", type=Map)[f"k{place}"] = "x" * 1000
    return bytes(doc.get_update())


@pytest.fixture
async def stage() -> Stage:
    return Stage()


async def test_a_long_update_is_taken_beside_the_loop_and_a_short_one_on_it(stage: Stage) -> None:
    stage.join(1)
    stage.room.threads.clear()
    stage.host.receive(1, Update(edit(11, "short")))
    assert stage.room.threads == [("receive", True)]
    stage.host.receive(1, Update(long_edit(12)))
    assert stage.host.is_away
    stage.room.gate.set()
    await stage.bench.done()
    assert stage.room.threads[-1] == ("receive", False) and not stage.host.is_away


async def test_everybody_elses_words_come_after_it(stage: Stage) -> None:
    _, ben = stage.join(1), stage.join(2)
    stage.host.receive(1, Update(long_edit(12)))
    stage.host.receive(2, Update(edit(13, "later", "b")))
    cleo = stage.join(3)
    stage.host.leave(1)
    stage.host.tick()
    assert stage.host.parked_count == 0 and stage.host.said_so_far() == b"\0"
    assert cleo.heard == [] and len(stage.host.outlets) == 2
    stage.room.gate.set()
    await stage.bench.done()
    stage.host.deliver()
    heard = [message.update for message in ben.heard if isinstance(message, Update)]
    assert heard == [long_edit(12)], "the author of an edit does not hear it himself"
    (whole,) = [message.update for message in cleo.heard if isinstance(message, Step2)]
    doc: Doc[Any] = Doc()
    doc.apply_update(whole)
    assert doc.get("ext", type=Map)["b"] == "later" and len(doc.get("ext", type=Map)) > 50


async def test_a_room_that_ends_meanwhile_tells_everybody_who_came(stage: Stage) -> None:
    from realtime.refusals import RESTART

    stage.join(1)
    stage.host.receive(1, Update(long_edit(12)))
    late = stage.join(2)
    stage.host.end_all(RESTART)
    stage.room.gate.set()
    await stage.bench.done()
    assert late.ended == [RESTART.reason] and not stage.host.outlets


async def test_a_session_may_be_gone_before_its_new_rights_arrive(stage: Stage) -> None:
    stage.join(1)
    stage.join(2)
    stage.host.receive(1, Update(long_edit(12)))
    stage.host.rights_changed(2)
    stage.host.resynchronise(2, b"\0")
    stage.host.leave(2)
    stage.room.gate.set()
    await stage.bench.done()
    assert list(stage.host.outlets) == [1]


class Lost:
    """A place whose content is gone."""

    is_lost = True

    async def run(self, work: Callable[[], Any]) -> Any:
        raise ContentLost("gone")

    async def leave(self) -> None: ...


async def test_who_waits_is_told_that_the_content_is_gone_and_the_rest_has_its_turn() -> None:
    bench, seen = Bench(), list[object]()
    turns = Turns(Lost(), bench.spawn, lambda error: seen.append("everybody"))
    turns.take_beside(lambda: 1, seen.append, lambda error: seen.append("who asked"))
    turns.take(lambda: seen.append("next"))
    await bench.done()
    assert seen == ["everybody", "who asked", "next"] and not turns.is_taken


async def test_a_room_whose_content_is_gone_sends_everybody_to_load_it_again(stage: Stage) -> None:
    ear = stage.join(1)
    stage.host.residence._turns.place = Lost()
    stage.host.tick()
    assert ear.ended == ["restart"] and stage.host.is_over


async def test_a_state_for_a_snapshot_is_of_one_sequence_or_none(stage: Stage) -> None:
    stage.room.gate.set()
    stage.join(1)
    assert await stage.host.residence.quiet_state() == (0, b"\0\0")
    stage.host.receive(1, Update(edit(11, "on its way to the log")))
    assert await stage.host.residence.quiet_state() is None


async def test_a_room_may_rest_when_nothing_has_changed_for_long_enough(stage: Stage) -> None:
    stage.room.gate.set()
    residence = stage.host.residence
    stage.join(1)
    assert [residence.may_rest(60.0, now_s) for now_s in (100.0, 159.0, 160.0)] == [False, False, True]
    stage.host.residence.rest()
    assert residence.is_at_rest and stage.room.is_at_rest and not residence.may_rest(60.0, 500.0)
    stage.host.receive(1, Step2(b"\0\0"))
    assert residence.is_at_rest, "nothing new"
    stage.host.receive(1, Update(edit(11, "awake")))
    assert not stage.room.is_at_rest
    assert not residence.may_rest(60.0, 500.0), "the edit is on its way to the log"
    assert not residence.is_at_rest


async def test_a_large_room_is_woken_beside_the_loop(stage: Stage) -> None:
    stage.room.gate.set()
    stage.join(1)
    stage.host.receive(1, Update(long_edit(12)))
    await stage.bench.done()
    stage.host.residence.rest()
    await stage.bench.done()
    assert stage.room.is_at_rest and ("rest", False) in stage.room.threads
    stage.host.receive(1, Update(edit(13, "short", "b")))
    assert stage.host.is_away
    await stage.bench.done()
    assert stage.room.threads[-1] == ("receive", False) and not stage.room.is_at_rest
