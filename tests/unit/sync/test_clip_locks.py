"""Locked tracks and clips of a timeline, against mishaps (PROTOCOL.md W64)."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from pycrdt import Doc, Map

from sync.effects import Keep
from sync.ids import DocumentId
from sync.messages import Update
from sync.names import DocumentName, Kind
from sync.room import Room
from tests.unit.sync.stage import ANA, SERVER, batches, join, room_of

Change = Callable[[Doc[Any]], None]


def key(root: str, name: str, key: str, value: Any) -> Change:
    return lambda doc: doc.get(root, type=Map)[name].__setitem__(key, value)


def both(*changes: Change) -> Change:
    def change(doc: Doc[Any]) -> None:
        for each in changes:
            each(doc)

    return change


def add_clip(track: str) -> Change:
    return lambda doc: doc.get("clips", type=Map).__setitem__("clp_new", Map({"t": track, "ord": "V"}))


class Cutter:
    """Somebody at a film of two tracks with a clip each; the first track and the second clip are locked."""

    def __init__(self) -> None:
        film: Doc[Any] = Doc(client_id=SERVER)
        with film.transaction():
            for number, is_locked in ((1, True), (2, False)):
                film.get("tracks", type=Map)[f"trk_{number}"] = Map({"name": "A", "lock": is_locked})
                clip = Map({"t": f"trk_{number}", "ord": "V", "lock": not is_locked})
                film.get("clips", type=Map)[f"clp_{number}"] = clip
            film.get("clips", type=Map)["clp_3"] = Map({"t": "trk_2", "ord": "X"})
        name = DocumentName(Kind.TIMELINE, DocumentId(uuid4()), 1)
        self.room: Room = room_of([film.get_update()], seq=1, name=name)
        join(self.room, 1)
        self.doc: Doc[Any] = Doc(client_id=50)
        self.doc.apply_update(film.get_update())

    def does(self, change: Change) -> bool:
        """Whether it is taken; what is not is kept."""
        before = self.doc.get_state()
        with self.doc.transaction():
            change(self.doc)
        update = bytes(self.doc.get_update(before))
        effects = self.room.receive(1, Update(update), 0.0)
        if batches(effects):
            return True
        assert isinstance(effects[0], Keep)
        assert (effects[0].author, effects[0].reason, effects[0].updates) == (ANA, "clip.locked", (update,))
        return False


@pytest.mark.parametrize(
    "change",
    [
        key("clips", "clp_2", "out", 48),
        key("clips", "clp_2", "del", {"by": "usr_ana"}),
        key("clips", "clp_1", "out", 48),
        key("clips", "clp_1", "t", "trk_2"),
        key("clips", "clp_3", "t", "trk_1"),
        key("tracks", "trk_1", "name", "New"),
        add_clip("trk_1"),
    ],
)
def test_w64_what_is_locked_is_refused_and_kept(change: Change) -> None:
    assert not Cutter().does(change)


@pytest.mark.parametrize(
    "change",
    [
        key("clips", "clp_3", "out", 48),
        key("tracks", "trk_2", "name", "New"),
        add_clip("trk_2"),
        both(key("clips", "clp_2", "lock", False), key("clips", "clp_2", "out", 48)),
    ],
)
def test_w64_everything_else_is_taken(change: Change) -> None:
    assert Cutter().does(change)


def test_w64_who_edits_locks_and_unlocks() -> None:
    cutter = Cutter()
    assert cutter.does(key("tracks", "trk_1", "lock", False))
    assert cutter.does(key("clips", "clp_1", "out", 48))
    assert cutter.does(key("clips", "clp_3", "lock", True))
    assert not cutter.does(key("clips", "clp_3", "out", 48))
