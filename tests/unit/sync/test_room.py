"""The room as a state machine: what is admitted, told, committed, acknowledged and applied in sequence."""

from typing import Any

import pytest
from pycrdt import Doc, Map, Text

from sync import relay
from sync.awareness import AwarenessState, decode, encode
from sync.effects import End, Keep, Publish, ReadLog, Relay, Send
from sync.limits import Limits
from sync.messages import Awareness, Close, Step1, Step2, SyncStatus, Update
from sync.presence import Person
from sync.session import Session
from tests.unit.sync.stage import (
    ANA,
    BEN,
    NODE,
    OTHER_NODE,
    SERVER,
    Client,
    batches,
    commit,
    ends,
    join,
    kinds,
    room_of,
)


def test_a_joiner_is_asked_and_told_who_is_there() -> None:
    room = room_of()
    effects = room.join(Session(1, Person(ANA, "Ana", "#102030"), True))
    assert isinstance(effects[0], Send) and isinstance(effects[0].message, Step1)
    assert isinstance(effects[1], Send) and isinstance(effects[1].message, Awareness)


def test_an_edit_is_relayed_at_once_and_acknowledged_after_its_commit() -> None:
    room = room_of()
    join(room, 1)
    effects = room.receive(1, Update(Client(50).edit("ext", "a", 1)), 0.0)
    assert kinds(effects) == ["Relay", "Commit"]
    assert isinstance(effects[0], Relay) and effects[0].author == 1
    after = commit(room, effects, 1)
    assert after[0] == Send(1, SyncStatus(True))
    assert isinstance(after[1], Publish)
    assert room.order.seq == 1


def test_c10_other_nodes_hear_an_edit_only_after_its_commit() -> None:
    room = room_of()
    join(room, 1)
    effects = room.receive(1, Update(Client(50).edit("ext", "a", 1)), 0.0)
    assert not [effect for effect in effects if isinstance(effect, Publish)]
    published = [effect for effect in commit(room, effects, 1) if isinstance(effect, Publish)]
    news = relay.decode(published[0].payload)
    assert isinstance(news, relay.Rows) and [row.seq for row in news.rows] == [1]


def test_an_update_that_adds_nothing_is_acknowledged_when_all_that_the_room_holds_is_committed() -> None:
    room = room_of()
    join(room, 1)
    join(room, 2, BEN)
    update = Client(50).edit("ext", "a", 1)
    effects = room.receive(1, Update(update), 0.0)
    assert room.receive(2, Update(update), 0.0) == []
    after = commit(room, effects, 1)
    assert after[:2] == [Send(1, SyncStatus(True)), Send(2, SyncStatus(True))]
    assert room.receive(2, Update(update), 0.0) == [Send(2, SyncStatus(True))]


def test_c11_what_came_before_the_first_step2_is_acknowledged_with_it() -> None:
    room = room_of()
    join(room, 1, synced=False)
    client = Client(50)
    first = room.receive(1, Update(client.edit("ext", "a", 1)), 0.0)
    assert commit(room, first, 1)[0] == Publish(
        relay.encode_rows(1, [relay.CommittedRow(1, "edit", batches(first)[0].bytes)])
    )
    second = room.receive(1, Step2(bytes(client.doc.get_update()) and client.edit("ext", "b", 2)), 0.0)
    assert [effect for effect in second if isinstance(effect, Send)] == []
    acks = [effect for effect in commit(room, second, 2) if isinstance(effect, Send)]
    assert acks == [Send(1, SyncStatus(True))] * 2


def test_a_reader_is_told_no_and_changes_nothing() -> None:
    room = room_of()
    join(room, 1, may_write=False)
    assert room.receive(1, Update(Client(50).edit("ext", "a", 1)), 0.0) == [Send(1, SyncStatus(False))]
    assert room.encode() == b"\0\0"


def test_who_becomes_an_editor_is_asked_for_what_he_has_and_not_acknowledged_for_it() -> None:
    room = room_of()
    join(room, 1, may_write=False)
    asked = room.set_may_write(1, True)
    assert kinds(asked) == ["Send"]
    effects = room.receive(1, Step2(Client(50).edit("ext", "a", 1)), 0.0)
    assert kinds(effects) == ["Relay", "Commit"]
    assert kinds(commit(room, effects, 1)) == ["Publish"]


@pytest.mark.parametrize("root", ["jobs", "takes", "prev"])
def test_a1_server_roots_are_refused(root: str) -> None:
    room = room_of()
    join(room, 1)
    assert ends(room.receive(1, Update(Client(50).edit(root, "x", 1)), 0.0)) == [
        End(1, Close.REFUSED, "schema.server_only")
    ]
    assert room.encode() == b"\0\0"


@pytest.mark.parametrize("key", ["st", "cur", "enh", "lock"])
def test_a1_server_keys_of_a_scene_are_refused(key: str) -> None:
    room = room_of()
    join(room, 1)
    update = Client(50).edit("scenes", "scn_x", Map({"title": "t", key: "complete"}))
    assert ends(room.receive(1, Update(update), 0.0)) == [End(1, Close.REFUSED, "schema.server_only")]


def _scene_with_status() -> bytes:
    server = Client(SERVER)
    server.edit("scenes", "scn_x", Map({"title": "t", "st": "complete"}))
    return bytes(server.doc.get_update())


def test_a1_a_scene_with_server_keys_is_neither_deleted_nor_replaced_by_a_client() -> None:
    state = _scene_with_status()
    for hostile in ("delete", "replace"):
        room = room_of([state], seq=1)
        join(room, 1)
        client = Client(50, state)
        before = client.doc.get_state()
        scenes = client.doc.get("scenes", type=Map)
        if hostile == "delete":
            del scenes["scn_x"]
        else:
            scenes["scn_x"] = Map({"title": "mine"})
        effects = room.receive(1, Update(bytes(client.doc.get_update(before))), 0.0)
        assert ends(effects) == [End(1, Close.REFUSED, "schema.deletion")], hostile


def test_an_unknown_root_is_refused() -> None:
    room = room_of()
    join(room, 1)
    assert ends(room.receive(1, Update(Client(50).edit("evil", "x", 1)), 0.0)) == [End(1, Close.REFUSED, "schema.root")]


def test_c3_the_servers_client_id_is_never_accepted() -> None:
    room = room_of()
    join(room, 1)
    assert ends(room.receive(1, Update(Client(SERVER).edit("ext", "x", 1)), 0.0)) == [
        End(1, Close.REFUSED, "client.foreign")
    ]


def test_c3_a_client_id_of_somebody_who_is_here_is_refused_and_accepted_when_he_is_gone() -> None:
    room = room_of()
    join(room, 1)
    join(room, 2, BEN)
    ana = Client(50)
    commit(room, room.receive(1, Update(ana.edit("ext", "a", 1)), 0.0), 1)
    more = ana.edit("ext", "b", 2)
    assert ends(room.receive(2, Update(more), 0.0)) == [End(2, Close.REFUSED, "client.foreign")]
    room.leave(1, 1.0)
    join(room, 3, BEN)
    effects = room.receive(3, Update(more), 1.0)
    batch = batches(effects)[0]
    assert (batch.actor, batch.relayed_by) == (ANA, BEN)


def test_c2_an_edit_whose_origin_is_missing_waits_for_the_step2() -> None:
    room = room_of()
    join(room, 1, synced=False)
    client = Client(50)
    first = client.edit("scenes", "a", Map({"prompt": Text("x")}))
    before = client.doc.get_state()
    client.doc.get("scenes", type=Map)["a"]["prompt"].insert(1, "y")
    second = bytes(client.doc.get_update(before))
    assert room.receive(1, Update(second), 0.0) == []
    effects = room.receive(1, Step2(first), 0.0)
    assert kinds(effects) == ["Relay", "Commit", "Relay", "Commit"]
    acks = [effect for effect in commit(room, effects, 1) if isinstance(effect, Send)]
    assert len(acks) == 2


def test_c2_what_never_becomes_complete_is_asked_for_once_and_then_refused() -> None:
    room = room_of()
    join(room, 1)
    client = Client(50)
    client.edit("ext", "a", 1)
    later = client.edit("ext", "b", 2)
    asked = room.receive(1, Update(later), 0.0)
    assert kinds(asked) == ["Send"] and isinstance(asked[0], Send) and isinstance(asked[0].message, Step1)
    assert ends(room.receive(1, Step2(b"\0\0"), 0.0)) == [End(1, Close.REFUSED, "update.dangling")]


def test_c2_parked_updates_are_refused_after_ten_seconds_and_beyond_their_bytes() -> None:
    client = Client(50)
    client.edit("ext", "a", 1)
    later = client.edit("ext", "b", "x" * 900)
    room = room_of()
    join(room, 1, synced=False)
    room.receive(1, Update(later), 0.0)
    assert [effect for effect in room.tick(9.0) if isinstance(effect, End)] == []
    assert End(1, Close.REFUSED, "update.dangling") in room.tick(11.0)
    small = room_of(limits=Limits(parked_bytes_max=500))
    join(small, 1, synced=False)
    assert ends(small.receive(1, Update(later), 0.0)) == [End(1, Close.REFUSED, "update.dangling")]


def test_rows_of_other_nodes_are_applied_strictly_in_sequence() -> None:
    client = Client(60)
    rows = [relay.CommittedRow(seq, "edit", client.edit("ext", str(seq), seq)) for seq in (1, 2, 3)]
    room = room_of()
    join(room, 1)
    assert room.remote(relay.Rows(1, (rows[2],)), 0.0) == [ReadLog(0)]
    assert room.remote(relay.Rows(1, (rows[1],)), 0.0) == []
    assert kinds(room.rows_read(rows[:1], 0.0)) == ["Relay", "Relay", "Relay"]
    assert room.order.seq == 3
    assert room.remote(relay.Rows(1, tuple(rows)), 0.0) == []


def test_c14_a_lost_last_message_is_seen_in_the_head() -> None:
    room = room_of()
    assert room.head(0) == []
    assert room.head(2) == [ReadLog(0)]
    assert room.head(2) == []


def test_an_own_commit_behind_a_gap_asks_the_log_and_is_not_applied_twice() -> None:
    room = room_of()
    join(room, 1)
    effects = room.receive(1, Update(Client(50).edit("ext", "a", 1)), 0.0)
    assert ReadLog(0) in commit(room, effects, 2)
    other = relay.CommittedRow(1, "edit", Client(60).edit("ext", "b", 2))
    own = relay.CommittedRow(2, "edit", batches(effects)[0].bytes)
    assert kinds(room.rows_read([other, own], 1.0)) == ["Relay"]
    assert room.order.seq == 2 and room.order.is_quiet


def test_c13_rows_of_another_epoch_are_ignored() -> None:
    room = room_of()
    assert room.remote(relay.Rows(2, (relay.CommittedRow(1, "edit", b"\0\0"),)), 0.0) == []


def test_c18_stock_clients_hear_something_every_twenty_seconds() -> None:
    room = room_of()
    join(room, 1)
    assert room.tick(19.0) == []
    spoken = room.tick(20.5)
    assert kinds(spoken) == ["Relay"] and isinstance(spoken[0], Relay) and isinstance(spoken[0].message, Awareness)
    entry = decode(spoken[0].message.update)[0]
    assert entry.client == SERVER
    assert room.tick(30.0) == []


def test_a_document_that_is_full_still_takes_deletions() -> None:
    client = Client(50)
    state = client.edit("ext", "a", "x" * 400)
    room = room_of([state], seq=1, owners={50: ANA}, limits=Limits(document_bytes_max=450))
    join(room, 1)
    before = client.doc.get_state()
    del client.doc.get("ext", type=Map)["a"]
    assert kinds(room.receive(1, Update(bytes(client.doc.get_update(before))), 0.0)) == ["Relay", "Commit"]
    assert ends(room.receive(1, Update(client.edit("ext", "b", "y" * 400)), 0.0)) == [
        End(1, Close.FULL, "document.full")
    ]


def test_an_update_over_its_limit_is_refused_by_size() -> None:
    room = room_of(limits=Limits(update_bytes_max=100))
    join(room, 1)
    update = Client(50).edit("ext", "a", "x" * 200)
    assert ends(room.receive(1, Update(update), 0.0)) == [End(1, Close.TOO_BIG, "update.too_big")]


def test_progress_is_the_servers_awareness() -> None:
    room = room_of()
    join(room, 1)
    room.remote(
        relay.Tick({"run": "run_1", "scn": "scn_x", "seq": 1, "stage": "clip", "pct": 40, "st": "running"}), 0.0
    )
    effects = room.flush_presence()
    assert isinstance(effects[0], Relay) and isinstance(effects[0].message, Awareness)
    state = decode(effects[0].message.update)[0].state
    assert state is not None and '"scn_x":{"run":"run_1","stage":"clip","pct":40,"st":"running"}' in state


def test_presence_of_another_node_is_shown_and_own_is_told_to_it() -> None:
    room = room_of()
    join(room, 1)
    room.receive(1, Awareness(encode([AwarenessState(50, 1, '{"cursor":1}')])), 0.0)
    effects = room.flush_presence()
    assert kinds(effects) == ["Relay", "Publish"]
    elsewhere = encode([AwarenessState(99, 4, '{"user":{"id":"usr_x"}}')])
    assert kinds(room.remote(relay.Presence(OTHER_NODE, 1, elsewhere), 0.0)) == ["Relay"]
    assert room.remote(relay.Presence(NODE, 1, elsewhere), 0.0) == []


def test_after_an_end_nothing_more_of_the_session_is_heard() -> None:
    room = room_of()
    join(room, 1)
    room.receive(1, Update(Client(50).edit("evil", "x", 1)), 0.0)
    assert room.receive(1, Update(Client(51).edit("ext", "x", 1)), 0.0) == []


def test_many_who_join_with_nothing_get_the_same_bytes_until_something_changes() -> None:
    client = Client(50)
    room = room_of([client.edit("ext", "a", "x" * 2_000)], seq=1, owners={50: ANA})
    for session in (1, 2):
        join(room, session, ANA if session == 1 else BEN)

    def whole(session: int) -> bytes:
        (answer, *_) = room.receive(session, Step1(b"\0"), 0.0)
        assert isinstance(answer, Send) and isinstance(answer.message, Step2)
        return answer.message.update

    first = whole(1)
    assert whole(2) is first
    room.receive(1, Update(client.edit("ext", "b", 1)), 0.0)
    doc: Doc[Any] = Doc()
    doc.apply_update(whole(2))
    assert set(doc.get("ext", type=Map)) == {"a", "b"}


def test_c6_what_is_refused_is_kept_with_its_author_and_its_reason() -> None:
    room = room_of()
    join(room, 1)
    update = Client(50).edit("jobs", "x", 1)
    assert room.receive(1, Update(update), 0.0) == [
        Keep(ANA, "schema.server_only", (update,), "jobs.x"),
        End(1, Close.REFUSED, "schema.server_only"),
    ]


def test_c6_what_waited_is_kept_together_in_its_order() -> None:
    room = room_of()
    join(room, 1)
    client = Client(50)
    client.edit("ext", "a", 1)
    second, third, forbidden = client.edit("ext", "a", 2), client.edit("ext", "a", 3), Client(51).edit("evil", "x", 1)
    room.receive(1, Update(second), 0.0)
    room.receive(1, Update(third), 0.0)
    kept = [effect for effect in room.receive(1, Update(forbidden), 0.0) if isinstance(effect, Keep)]
    assert kept == [Keep(ANA, "schema.root", (second, third, forbidden), "no root 'evil'")]
    join(room, 2)
    room.receive(2, Update(second), 0.0)
    room.receive(2, Update(third), 0.0)
    kept = [effect for effect in room.tick(11.0) if isinstance(effect, Keep)]
    assert kept == [Keep(ANA, "update.dangling", (second, third), "")]


def test_c6_bytes_that_nobody_may_apply_are_not_kept() -> None:
    room = room_of()
    join(room, 1)
    assert room.receive(1, Update(b"\x01\x02\x03"), 0.0) == [End(1, Close.MALFORMED, "update.malformed")]
