"""A locked scene refuses edits, and nothing else does (PROTOCOL.md W61; consistency.md C17)."""

from collections.abc import Callable
from typing import Any

import pytest
from pycrdt import Doc, Map, Text

from sync.effects import Effect, End, Keep, Send
from sync.messages import Close, Edit, Nack, Step1, Step2, SyncStatus, Update
from sync.relay import CommittedRow, Rows
from sync.room import Room
from tests.unit.sync.native_stage import Hub, new_client
from tests.unit.sync.stage import ANA, BEN, SERVER, batches, commit, join, kinds, room_of

PERSON = {"by": "usr_ana", "at": 1, "why": "approved"}
RUN = {"by": "usr_ana", "at": 1, "why": "It is being generated.", "run": "run_1"}

Change = Callable[[Doc[Any]], None]


def entity(root: str, name: str) -> Callable[[Doc[Any]], Map[Any]]:
    return lambda doc: doc.get(root, type=Map)[name]


def set_key(root: str, name: str, key: str, value: Any) -> Change:
    return lambda doc: entity(root, name)(doc).__setitem__(key, value)


def type_in(root: str, name: str, key: str) -> Change:
    return lambda doc: entity(root, name)(doc)[key].insert(0, "Word ")


def add_part(root: str, name: str, scene: str) -> Change:
    return lambda doc: doc.get(root, type=Map).__setitem__(name, Map({"par": scene}))


def cut(doc: Doc[Any]) -> None:
    del entity("scenes", "scn_a")(doc)["prompt"][0:2]


class Story:
    """Two scenes with a shot and a beat each, as the server wrote them."""

    def __init__(self) -> None:
        self.doc: Doc[Any] = Doc(client_id=SERVER)
        with self.doc.transaction():
            for letter in "ab":
                scene = Map({"title": "T", "prompt": Text("prompt"), "ord": "V"})
                self.doc.get("scenes", type=Map)[f"scn_{letter}"] = scene
                shot = Map({"par": f"scn_{letter}", "desc": Text("desc")})
                self.doc.get("shots", type=Map)[f"sht_{letter}"] = shot
                self.doc.get("beats", type=Map)[f"bea_{letter}"] = Map({"par": f"scn_{letter}"})

    def state(self) -> bytes:
        return bytes(self.doc.get_update())

    def lock(self, value: Any, scene: str = "scn_a") -> bytes:
        return made(self.doc, set_key("scenes", scene, "lock", value))


def made(doc: Doc[Any], change: Change) -> bytes:
    before = doc.get_state()
    with doc.transaction():
        change(doc)
    return bytes(doc.get_update(before))


def client_of(story: Story, client_id: int = 50) -> Doc[Any]:
    doc: Doc[Any] = Doc(client_id=client_id)
    doc.apply_update(story.state())
    return doc


def locked_room(lock: Any = PERSON) -> tuple[Room, Story]:
    story = Story()
    story.lock(lock)
    room = room_of([story.state()], seq=1)
    join(room, 1)
    return room, story


TOUCHING = {
    "a key": set_key("scenes", "scn_a", "title", "New"),
    "a deletion": set_key("scenes", "scn_a", "del", {"by": "usr_ben"}),
    "characters": type_in("scenes", "scn_a", "prompt"),
    "characters that go": cut,
    "a key that goes": lambda doc: entity("scenes", "scn_a")(doc).pop("title"),
    "its place": set_key("scenes", "scn_a", "ord", "X"),
    "the wanted take": set_key("scenes", "scn_a", "want", "tak_1"),
    "a shot": set_key("shots", "sht_a", "size", "CU"),
    "what happens in a shot": type_in("shots", "sht_a", "desc"),
    "a shot that goes elsewhere": set_key("shots", "sht_a", "par", "scn_b"),
    "a shot that comes": set_key("shots", "sht_b", "par", "scn_a"),
    "a new shot": add_part("shots", "sht_new", "scn_a"),
    "a beat": set_key("beats", "bea_a", "name", "Turn"),
    "a new beat": add_part("beats", "bea_new", "scn_a"),
}


@pytest.mark.parametrize("change", TOUCHING.values(), ids=TOUCHING)
def test_w61_an_edit_of_a_locked_scene_is_refused_and_kept(change: Change) -> None:
    room, story = locked_room()
    update = made(client_of(story), change)
    before = room.encode()
    assert room.receive(1, Update(update), 0.0) == [Send(1, Step1(room.state_vector()))], "is there more of it?"
    effects = room.receive(1, Step2(update), 0.0)
    assert effects == [
        Keep(ANA, "scene.locked", (update, update), "scn_a is locked by usr_ana: approved"),
        End(1, Close.REFUSED, "scene.locked"),
    ]
    assert room.encode() == before


class Typist:
    """Somebody whose scene has been locked while he types and has not heard of it."""

    def __init__(self, *, synced: bool = True) -> None:
        self.room, self.story = locked_room()
        join(self.room, 2, BEN, synced=synced)
        doc = client_of(self.story)
        known = doc.get_state()
        self.first, self.second = [made(doc, type_in("scenes", "scn_a", "prompt")) for _ in range(2)]
        self.all = bytes(doc.get_update(known))

    def hear(self, message: Update | Step2) -> list[Effect]:
        return self.room.receive(2, message, 0.0)


@pytest.mark.parametrize("synced", [True, False])
def test_w61_all_that_was_typed_is_in_the_proposal(synced: bool) -> None:
    typist = Typist(synced=synced)
    asked = [Send(2, Step1(typist.room.state_vector()))] if synced else []
    assert typist.hear(Update(typist.first)) == asked
    assert typist.hear(Update(typist.second)) == []
    kept, end = typist.hear(Step2(typist.all))
    assert isinstance(kept, Keep) and kept.updates == (typist.first, typist.second, typist.all)
    assert end == End(2, Close.REFUSED, "scene.locked")


def test_w61_who_leaves_or_is_silent_loses_nothing() -> None:
    for end in ("leaves", "is silent", "lies"):
        typist = Typist()
        typist.hear(Update(typist.first))
        if end == "leaves":
            effects = typist.room.leave(2, 0.0)
        elif end == "is silent":
            effects = typist.room.tick(11.0)
        else:
            effects = typist.hear(Step2(b"nonsense"))
        (kept,) = [effect for effect in effects if isinstance(effect, Keep)]
        assert (kept.author, kept.reason, kept.updates) == (BEN, "scene.locked", (typist.first,)), end


def test_w61_a_lock_that_goes_meanwhile_refuses_nothing() -> None:
    typist = Typist()
    typist.hear(Update(typist.first))
    row = CommittedRow(2, "lock", typist.story.lock(None))
    assert not batches(typist.room.remote(Rows(1, (row,)), 0.0))
    effects = typist.hear(Step2(typist.all))
    assert [batch.bytes for batch in batches(effects)] == [typist.all]
    assert SyncStatus(True) in [each.message for each in commit(typist.room, effects, 3) if isinstance(each, Send)]


ELSEWHERE = {
    "another scene": set_key("scenes", "scn_b", "title", "New"),
    "its shot": type_in("shots", "sht_b", "desc"),
    "a new shot": add_part("shots", "sht_new", "scn_b"),
    "a new scene": lambda doc: doc.get("scenes", type=Map).__setitem__("scn_c", Map({"prompt": Text("p")})),
    "a place": lambda doc: doc.get("env", type=Map).__setitem__("env_a", Map({"name": "Kitchen"})),
    "a free value": lambda doc: doc.get("ext", type=Map).__setitem__("scn_a", 1),
}


@pytest.mark.parametrize("change", ELSEWHERE.values(), ids=ELSEWHERE)
def test_w61_everything_else_goes_on(change: Change) -> None:
    room, story = locked_room()
    effects = room.receive(1, Update(made(client_of(story), change)), 0.0)
    assert kinds(effects)[:2] == ["Relay", "Commit"]


@pytest.mark.parametrize(
    ("change", "passes"),
    [
        (type_in("scenes", "scn_a", "prompt"), False),
        (type_in("shots", "sht_a", "desc"), False),
        (add_part("shots", "sht_new", "scn_a"), False),
        (set_key("scenes", "scn_a", "ord", "X"), True),
        (set_key("scenes", "scn_a", "want", "tak_1"), True),
        (set_key("beats", "bea_a", "name", "Turn"), True),
    ],
)
def test_w61_a_generation_locks_what_it_reads(change: Change, passes: bool) -> None:
    room, story = locked_room(RUN)
    effects = room.receive(1, Update(made(client_of(story), change)), 0.0)
    assert bool(batches(effects)) is passes


def test_w61_a_lock_of_another_node_counts_from_its_row_on_and_ends_with_the_next() -> None:
    story = Story()
    room = room_of([story.state()], seq=1)
    join(room, 1)
    join(room, 2, BEN)
    ana, ben = client_of(story, 50), client_of(story, 51)
    first = made(ana, set_key("scenes", "scn_a", "title", "In time"))
    assert batches(room.receive(1, Update(first), 0.0))
    room.remote(Rows(1, (CommittedRow(2, "lock", story.lock(PERSON)),)), 0.0)
    late = made(ana, set_key("scenes", "scn_a", "title", "Late"))
    assert kinds(room.receive(1, Update(late), 0.0)) == ["Send"]
    assert kinds(room.receive(1, Step2(late), 0.0)) == ["Keep", "End"]
    room.remote(Rows(1, (CommittedRow(3, "lock", story.lock(None)),)), 0.0)
    assert batches(room.receive(2, Update(made(ben, set_key("scenes", "scn_a", "title", "Ben's"))), 0.0))


def test_w61_what_was_made_before_the_lock_and_comes_after_it_is_refused_as_a_whole() -> None:
    room, story = locked_room()
    join(room, 2, BEN, synced=False)
    offline = client_of(story, 51)

    def both(doc: Doc[Any]) -> None:
        set_key("scenes", "scn_b", "title", "New")(doc)
        set_key("scenes", "scn_a", "title", "New")(doc)

    step2 = made(offline, both)
    kept, end = room.receive(2, Step2(step2), 0.0)
    assert isinstance(kept, Keep) and (kept.author, kept.updates) == (BEN, (step2,))
    assert end == End(2, Close.REFUSED, "scene.locked")


def test_w61_a_native_client_is_nacked_stays_and_makes_its_other_edits_again() -> None:
    story = Story()
    story.lock(PERSON)
    hub = Hub(states=[story.state()], seq=1)
    client = new_client()
    session = hub.connect(client)
    hub.edit(session, set_key("scenes", "scn_b", "title", "Mine"))
    hub.edit(session, set_key("scenes", "scn_a", "title", "Refused"))
    hub.edit(session, set_key("scenes", "scn_b", "num", "12A"))
    hub.commit()
    assert [(edit.status, edit.reason) for edit in client.refused] == [(Close.REFUSED, "scene.locked")]
    assert [kept.reason for kept in hub.kept] == ["scene.locked"]
    scenes = client.doc.get("scenes", type=Map).to_py() or {}
    assert (scenes["scn_a"]["title"], scenes["scn_b"]["title"], scenes["scn_b"]["num"]) == ("T", "Mine", "12A")
    assert client.unsaved == 0


def test_w61_the_nack_of_an_edit_says_why() -> None:
    room, story = locked_room()
    session = join(room, 2, BEN)
    session.resets = True
    update = made(client_of(story), TOUCHING["a key"])
    effects = room.receive(2, Edit(b"n" * 16, update, False), 0.0)
    assert Send(2, Nack(b"n" * 16, Close.REFUSED, "scene.locked")) in effects
