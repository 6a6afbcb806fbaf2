"""PROTOCOL.md's rules about a document and its sessions, against the room alone: bytes and facts in, effects out.

What needs sockets is in tests/interop.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from pycrdt import Doc, Map, Text

from sync import relay
from sync.effects import Commit, Effect, End, Publish, ReadLog, Relay, Send
from sync.ids import DocumentId
from sync.limits import Limits
from sync.messages import (
    Awareness,
    AwarenessQuery,
    Close,
    DocumentMessage,
    Step1,
    Step2,
    SyncStatus,
    Update,
)
from sync.names import DocumentName, Kind
from sync.presence import Person
from sync.room import Loaded, Room, Session
from sync.storyboard import NewScene, add_scene
from tests.interop.wire import delete_range, presence, presences, set_key, set_nested_key, state_vector, var_uint

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


def edit(base: bytes, client: int, change: Any) -> bytes:
    """What `change(doc)` adds to `base`, as pycrdt encodes it."""
    doc: Doc[Any] = Doc(client_id=client)
    doc.apply_update(base)
    before = doc.get_state()
    with doc.transaction():
        change(doc)
    return doc.get_update(before)


# Joining -------------------------------------------------------------------------------------------


def test_w13_the_hub_sends_step1_and_presence_unasked() -> None:
    stage = Stage([storyboard()])
    first, second = sent(stage.join(1, synced=False), 1)
    assert isinstance(first, Step1) and state_vector(first.state_vector).keys() == {SERVER_CLIENT}
    assert isinstance(second, Awareness)


def test_w14_step1_is_answered_with_the_difference() -> None:
    stage = Stage([storyboard()])
    stage.join(1)
    stage.say(1, Update(set_key(7, 0, "ext", "k", "uncommitted")))
    known = hubs_step1(stage.join(2, BEN, synced=False), 2)
    vector = b"\x01" + var_uint(SERVER_CLIENT) + var_uint(known[SERVER_CLIENT])
    full, has_most = (sent(stage.say(2, Step1(asked)), 2)[0] for asked in (b"\0", vector))
    assert isinstance(full, Step2) and isinstance(has_most, Step2)
    assert b"uncommitted" in full.update and b"Fog." in full.update
    assert b"uncommitted" in has_most.update and b"Fog." not in has_most.update


def test_w15_who_may_edit_from_now_on_is_asked_for_what_it_has() -> None:
    stage = Stage()
    stage.join(1, may_write=False)
    assert statuses(stage.say(1, Update(set_key(7, 0, "ext", "k", "v"))), 1) == [False]
    assert [type(message) for message in sent(stage.room.set_may_write(1, True), 1)] == [Step1]
    effects = stage.say(1, Step2(set_key(7, 0, "ext", "k", "v")))
    assert any(isinstance(effect, Commit) for effect in effects)
    assert statuses(effects + stage.commit(*effects), 1) == [], (
        "the provider does not count a Step2 that it was asked for"
    )


# Edits and acknowledgement -----------------------------------------------------------------------


def test_w19_an_edit_reaches_the_others_at_once_and_not_its_author() -> None:
    stage = Stage()
    stage.join(1)
    stage.join(2, BEN)
    update = set_key(7, 0, "ext", "k", "v")
    effects = stage.say(1, Update(update))
    assert relayed(effects) == [Relay(Update(update), author=1)]
    assert not any(isinstance(effect, Publish) for effect in effects), "other nodes hear it after the commit"
    assert any(isinstance(effect, Publish) for effect in stage.commit(*effects))


def test_w20_one_status_a_message_after_the_commit() -> None:
    stage = Stage()
    stage.join(1)
    one = stage.say(1, Update(set_key(7, 0, "ext", "a", "1")))
    two = stage.say(1, Update(set_key(7, 1, "ext", "b", "2")))
    assert statuses(one + two, 1) == []
    assert statuses(stage.commit(*one), 1) == [True]
    assert statuses(stage.commit(*two), 1) == [True]


def test_w21_an_update_that_adds_nothing_waits_for_what_the_room_holds() -> None:
    stage = Stage()
    stage.join(1)
    stage.join(2, BEN)
    update = set_key(7, 0, "ext", "a", "1")
    effects = stage.say(1, Update(update))
    again = stage.say(2, Update(update))
    assert again == [], "neither acknowledged, nor logged, nor relayed"
    assert statuses(stage.commit(*effects), 2) == [True]
    assert statuses(stage.say(2, Update(update)), 2) == [True], "committed: at once"


def test_w22_statuses_before_the_first_step2_are_held() -> None:
    stage = Stage()
    stage.join(1, synced=False)
    queued = [stage.say(1, Update(set_key(7, clock, "ext", f"k{clock}", "v"))) for clock in range(2)]
    assert statuses(stage.commit(*queued[0]), 1) == [], "held, although committed"
    step2 = stage.say(1, Step2(set_key(7, 2, "ext", "k2", "v")))
    assert statuses(step2, 1) == []
    assert statuses(stage.commit(*queued[1]), 1) == []
    assert statuses(stage.commit(*step2), 1) == [True, True, True]


def test_w24_rows_of_other_nodes_are_applied_in_sequence_and_gaps_are_read() -> None:
    stage = Stage()
    stage.join(1)
    first, second = set_key(8, 0, "ext", "a", "1"), set_key(8, 1, "ext", "b", "2")
    late = stage.room.remote(relay.Rows(1, (relay.CommittedRow(2, "edit", second),)), stage.now_s)
    assert late == [ReadLog(0)], "row 1 is missing"
    rows = [relay.CommittedRow(1, "edit", first), relay.CommittedRow(2, "edit", second)]
    assert relayed(stage.room.rows_read(rows, stage.now_s)) == [Relay(Update(first), None), Relay(Update(second), None)]
    assert stage.room.remote(relay.Rows(1, tuple(rows)), stage.now_s) == [], "told twice"
    assert stage.room.head(3) == [ReadLog(2)], "the last message was lost; the poll shows it"


# Read-only ------------------------------------------------------------------------------------------


def test_w25_an_update_of_a_viewer_is_answered_status_0() -> None:
    stage = Stage([storyboard()])
    stage.join(1, may_write=False)
    assert stage.say(1, Update(set_key(7, 0, "ext", "k", "v"))) == [Send(1, SyncStatus(False))]
    assert statuses(stage.say(1, Step2(NOTHING)), 1) == [True], "it adds nothing"
    assert stage.content()["ext"] == {}
    assert 1 in stage.room.sessions


# Refusals -------------------------------------------------------------------------------------------

MALFORMED = {
    "random bytes": bytes(range(200, 256)),
    "a byte too many": set_key(7, 0, "ext", "k", "v") + b"\0",
    "cut": set_key(7, 0, "ext", "k", "v")[:-3],
    "a clock of 2^31": set_key(7, 2**31, "ext", "k", "v"),
    "a count beyond the end": b"\xff\xff\xff\xff\x0f",
}


@pytest.mark.parametrize("update", MALFORMED.values(), ids=MALFORMED.keys())
def test_w26_a_malformed_update_is_refused_and_the_room_goes_on(update: bytes) -> None:
    stage = Stage()
    stage.join(1)
    stage.join(2, BEN)
    assert stage.say(1, Update(update)) == [End(1, Close.MALFORMED, "update.malformed")]
    effects = stage.say(2, Update(set_key(8, 0, "ext", "k", "v")))
    assert statuses(stage.commit(*effects), 2) == [True]


def test_w26_a_refused_update_is_not_applied_in_part() -> None:
    stage = Stage()
    stage.join(1)
    doc: Doc[Any] = Doc(client_id=7)
    doc.get("ext", type=Map)["allowed"] = 1.0
    doc.get("elsewhere", type=Map)["not"] = 1.0
    assert [end.reason for end in ends(stage.say(1, Update(doc.get_update())))] == ["schema.root"]
    assert stage.content()["ext"] == {}


def test_w28_after_a_refusal_nothing_of_the_session_is_taken() -> None:
    stage = Stage()
    stage.join(1)
    stage.say(1, Update(set_key(7, 0, "nowhere", "k", "v")))
    assert stage.say(1, Update(set_key(7, 0, "ext", "k", "v"))) == []
    assert stage.content()["ext"] == {}


def test_w29_a_foreign_root_is_refused() -> None:
    stage = Stage()
    stage.join(1)
    effects = stage.say(1, Update(set_key(7, 0, "nowhere", "k", "v")))
    assert effects == [End(1, Close.REFUSED, "schema.root")]


@pytest.mark.parametrize("root", ["jobs", "takes", "prev"])
def test_w30_the_servers_roots_are_refused(root: str) -> None:
    stage = Stage()
    stage.join(1)
    assert stage.say(1, Update(set_key(7, 0, root, "k", "v"))) == [End(1, Close.REFUSED, "schema.server_only")]


@pytest.mark.parametrize("key", ["enh", "st", "cur", "lock"])
def test_w30_the_servers_keys_of_a_scene_are_refused(key: str) -> None:
    base = storyboard()
    stage = Stage([base])
    stage.join(1)

    def set_it(doc: Doc[Any]) -> None:
        doc.get("scenes", type=Map)[SCENE][key] = "mine"

    assert [end.reason for end in ends(stage.say(1, Update(edit(base, 7, set_it))))] == ["schema.server_only"]


def test_w30_deleting_what_the_server_wrote_is_refused() -> None:
    job = set_key(SERVER_CLIENT, 0, "jobs", "run_x", "running")
    stage = Stage([job])
    stage.join(1)
    effects = stage.say(1, Update(delete_range(SERVER_CLIENT, 0, 1)))
    assert [end.reason for end in ends(effects)] == ["schema.server_only"]
    assert stage.content()["jobs"] == {"run_x": "running"}


def test_w31_a_client_id_belongs_to_its_first_actor() -> None:
    stage = Stage()
    stage.join(1, ADA)
    stage.join(2, BEN)
    stage.say(1, Update(set_key(7, 0, "ext", "k", "v")))
    forged = set_key(7, 1, "ext", "k", "forged")
    assert stage.say(2, Update(forged)) == [End(2, Close.REFUSED, "client.foreign")]
    stage.room.leave(1, stage.now_s)
    stage.join(3, BEN)
    (commit,) = [effect for effect in stage.say(3, Step2(forged)) if isinstance(effect, Commit)]
    assert (commit.batch.actor, commit.batch.relayed_by) == (ADA, BEN), "its owner is gone: accepted, and marked"


def test_w31_the_servers_client_id_is_never_accepted() -> None:
    stage = Stage([storyboard()])
    stage.join(1)
    clock = hubs_step1(stage.join(2, BEN), 2)[SERVER_CLIENT]
    effects = stage.say(1, Update(set_key(SERVER_CLIENT, clock, "ext", "k", "v")))
    assert effects == [End(1, Close.REFUSED, "client.foreign")]


def test_w32_what_dangles_is_parked_until_the_rest_has_come() -> None:
    stage = Stage()
    stage.join(1, synced=False)
    later = set_key(7, 1, "ext", "b", "2")
    assert stage.say(1, Update(later)) == [], "not applied, relayed, logged, acknowledged"
    effects = stage.say(1, Step2(set_key(7, 0, "ext", "a", "1")))
    assert [relay_.message for relay_ in relayed(effects)] == [Update(set_key(7, 0, "ext", "a", "1")), Update(later)]
    assert stage.content()["ext"] == {"a": "1", "b": "2"}
    assert statuses(stage.commit(*effects), 1) == [True, True]


def test_w32_the_hub_asks_once_and_then_refuses() -> None:
    stage = Stage()
    stage.join(1)
    asked = stage.say(1, Update(set_key(7, 5, "ext", "b", "2")))
    assert [type(message) for message in sent(asked, 1)] == [Step1]
    assert ends(stage.say(1, Step2(NOTHING))) == [End(1, Close.REFUSED, "update.dangling")]


def test_w32_parking_ends_after_10_s_and_with_65536_bytes() -> None:
    stage = Stage()
    stage.join(1)
    stage.say(1, Update(set_key(7, 5, "ext", "b", "2")))
    assert ends(stage.after(10)) == []
    assert ends(stage.after(0.1)) == [End(1, Close.REFUSED, "update.dangling")]
    stage.join(2, BEN)
    big = set_key(8, 5, "ext", "b", "x" * 900)
    answers = [stage.say(2, Update(big)) for _ in range(65_536 // len(big) + 1)]
    assert [len(ends(answer)) for answer in answers[:-1]] == [0] * (len(answers) - 1)
    assert ends(answers[-1]) == [End(2, Close.REFUSED, "update.dangling")]


def test_w32_a_deletion_of_what_is_not_there_dangles() -> None:
    stage = Stage()
    stage.join(1)
    effects = stage.say(1, Update(delete_range(SERVER_CLIENT, 0, 3)))
    assert not any(isinstance(effect, Commit) for effect in effects)


def test_w33_client_ids_up_to_2_to_the_53() -> None:
    stage = Stage()
    stage.join(1)
    effects = stage.say(1, Update(set_key(2**53 - 1, 0, "ext", "k", "v")))
    assert statuses(stage.commit(*effects), 1) == [True]


# Presence -------------------------------------------------------------------------------------------


def test_w35_identity_is_stamped_by_the_server() -> None:
    stage = Stage()
    stage.join(1, ADA, may_write=False)
    claimed = '{"user":{"name":"Somebody else","color":"#000000","id":"usr_x","hat":"red"},"cursor":3}'
    stage.say(1, Awareness(presence(7, 1, claimed)))
    state = json.loads(told(stage.room.flush_presence())[7])
    assert state["cursor"] == 3 and state["user"]["hat"] == "red"
    assert state["user"]["name"] == "person 11" and state["user"]["color"] == "#112233"
    assert state["user"]["id"].startswith("usr_") and state["user"]["id"] != "usr_x"


def test_w36_entries_of_other_ids_are_dropped_and_a_leaver_is_told() -> None:
    stage = Stage()
    stage.join(1, ADA)
    stage.join(2, BEN)
    stage.say(1, Awareness(presence(7, 1, '{"a":1}')))
    stage.say(2, Awareness(presence(8, 1, '{"b":1}')))
    stage.room.flush_presence()
    stage.say(2, Awareness(presence(7, 99, '{"forged":1}')))
    stage.say(2, Awareness(presence(7, 99, "null")))
    stage.say(2, Awareness(presence(SERVER_CLIENT, 99, '{"forged":1}')))
    assert told(stage.room.flush_presence()) == {}
    stage.room.leave(1, stage.now_s)
    assert told(stage.room.flush_presence()) == {7: "null"}


def test_w37_a_state_is_at_most_2048_bytes() -> None:
    stage = Stage()
    stage.join(1)
    stage.say(1, Awareness(presence(7, 1, '{"a":1}')))
    stage.room.flush_presence()
    over = json.dumps({"a": "x" * 2048})
    assert stage.say(1, Awareness(presence(7, 2, over))) == [], "dropped; the session goes on"
    assert told(stage.room.flush_presence()) == {}
    fits = json.dumps({"a": "x" * (2048 - 9)})
    stage.say(1, Awareness(presence(7, 3, fits)))
    assert 7 in told(stage.room.flush_presence())


def test_w37_a_stamped_state_of_another_may_come_back_larger() -> None:
    """y-websocket re-sends everyone's entries, as it has them from the hub."""
    stage = Stage()
    stage.join(1, ADA)
    stage.join(2, BEN)
    stage.say(1, Awareness(presence(7, 1, json.dumps({"a": "x" * (2048 - 9)}))))
    stamped = told(stage.room.flush_presence())[7]
    assert len(stamped) > 2048
    assert stage.say(2, Awareness(presence(7, 1, stamped))) == []


def test_w37_states_that_are_not_renewed_go_after_30_s() -> None:
    stage = Stage()
    stage.join(1)
    stage.say(1, Awareness(presence(7, 1, '{"a":1}')))
    stage.room.flush_presence()
    stage.after(29.9)
    assert told(stage.room.flush_presence()).get(7) is None
    stage.after(0.2)
    assert told(stage.room.flush_presence()) == {7: "null"}


def test_w38_the_newest_session_of_an_actor_takes_over_its_client_id() -> None:
    stage = Stage()
    stage.join(1, ADA)
    stage.join(2, ADA)
    stage.say(1, Awareness(presence(7, 50, '{"from":1}')))
    stage.room.flush_presence()
    stage.say(2, Awareness(presence(7, 0, '{"from":2}')))
    (taken,) = relayed(stage.room.flush_presence())
    assert isinstance(taken.message, Awareness)
    clock, state = presences(taken.message.update)[7]
    assert clock > 50 and json.loads(state)["from"] == 2
    stage.room.leave(1, stage.now_s)
    assert told(stage.room.flush_presence()) == {}, "the old one's end removes nothing"


# Limits, liveness, the server -----------------------------------------------------------------------


def test_w40_sizes_of_updates() -> None:
    stage = Stage(update_bytes_max=300, step2_bytes_max=400)
    stage.join(1)
    stage.join(2, BEN)
    assert ends(stage.say(1, Update(set_key(7, 0, "ext", "k", "x" * 300)))) == [End(1, Close.TOO_BIG, "update.too_big")]
    assert ends(stage.say(2, Step2(set_key(8, 0, "ext", "k", "x" * 300)))) == []
    assert ends(stage.say(2, Step2(set_key(8, 1, "ext", "l", "x" * 400)))) == [End(2, Close.TOO_BIG, "update.too_big")]


def test_w40_a_full_document_refuses_growth_only() -> None:
    stage = Stage([set_key(7, 0, "ext", "k", "x" * 600)], document_bytes_max=650)
    stage.join(1)
    effects = stage.say(1, Update(delete_range(7, 0, 1)))
    assert statuses(stage.commit(*effects), 1) == [True]
    assert stage.say(1, Update(set_key(8, 0, "ext", "l", "x" * 60))) == [End(1, Close.FULL, "document.full")]


def test_w42_an_application_message_every_20_s() -> None:
    stage = Stage()
    stage.join(1)
    assert stage.after(19.9) == []
    assert list(told(stage.after(0.2))) == [SERVER_CLIENT]
    assert stage.after(19.9) == []
    assert list(told(stage.after(0.2))) == [SERVER_CLIENT]


def test_w43_the_servers_edits_are_updates_like_everyones() -> None:
    stage = Stage()
    stage.join(1)
    row = set_key(SERVER_CLIENT, 0, "jobs", "run_x", "running")
    news = relay.Rows(1, (relay.CommittedRow(1, "server", row),))
    assert relayed(stage.room.remote(news, stage.now_s)) == [Relay(Update(row), None)]


def test_w44_progress_is_the_servers_awareness() -> None:
    stage = Stage()
    stage.join(1)
    progress = {"run": "run_x", "scn": SCENE, "st": "running", "stage": "frames", "pct": 40, "att": 1, "seq": 2}
    stage.room.remote(relay.Tick({**progress, "done": False}), stage.now_s)
    state = json.loads(told(stage.room.flush_presence())[SERVER_CLIENT])
    assert state["user"] == {"name": "StoryForge", "kind": "server"}
    assert state["ticks"] == {SCENE: {"run": "run_x", "stage": "frames", "pct": 40, "st": "running"}}
    stage.room.remote(relay.Tick({**progress, "done": True}), stage.now_s)
    assert json.loads(told(stage.room.flush_presence())[SERVER_CLIENT])["ticks"] == {}


def test_w36_a_query_is_answered_with_everybody() -> None:
    stage = Stage()
    stage.join(1, ADA)
    stage.join(2, BEN)
    stage.say(1, Awareness(presence(7, 1, '{"a":1}')))
    (answer,) = sent(stage.say(2, AwarenessQuery()), 2)
    assert isinstance(answer, Awareness)
    assert presences(answer.update).keys() == {7, SERVER_CLIENT}


def test_w30_a_client_may_write_its_own_part_of_a_scene() -> None:
    base = storyboard()
    stage = Stage([base])
    stage.join(1)

    def type_and_move(doc: Doc[Any]) -> None:
        scene = doc.get("scenes", type=Map)[SCENE]
        prompt: Text = scene["prompt"]
        prompt.insert(0, "Thick ")
        scene["ord"] = "X"

    effects = stage.say(1, Update(edit(base, 7, type_and_move)))
    assert statuses(stage.commit(*effects), 1) == [True]
    assert stage.content()["scenes"][SCENE]["prompt"] == "Thick Fog."


def test_w30_nested_server_keys_by_hand() -> None:
    """The parent is named by its item: no root name is on the wire."""
    stage = Stage([storyboard()])
    stage.join(1)
    effects = stage.say(1, Update(set_nested_key(7, 0, (SERVER_CLIENT, 0), "st", "complete")))
    assert [end.reason for end in ends(effects)] == ["schema.server_only"]
