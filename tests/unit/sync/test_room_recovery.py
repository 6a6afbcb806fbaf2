"""A room after panics, crashes and returns: what is contained, awaited, read again."""

from hashlib import sha256

import pytest
from pycrdt import Map

from sync import relay
from sync.awareness import AwarenessState, encode
from sync.effects import Broken, End, ReadLog, Relay, Send
from sync.messages import Awareness, Close, Step2, SyncStatus, Update
from sync.replica import Replica
from tests.unit.sync.stage import ANA, BEN, SERVER, Client, batches, commit, ends, join, kinds, room_of


class PanicException(BaseException):
    """What pycrdt raises when native code panics: no Exception."""


def test_c5_a_panic_ends_the_room_and_names_its_poison(monkeypatch: pytest.MonkeyPatch) -> None:
    def panic(self: Replica, judgement: object) -> None:
        raise PanicException("block_store.rs")

    room = room_of()
    join(room, 1)
    update = Client(50).edit("ext", "a", 1)
    monkeypatch.setattr(Replica, "apply", panic)
    assert room.receive(1, Update(update), 0.0) == [Broken("PanicException", update)]


def test_c5_quarantined_bytes_are_refused_from_clients_and_passed_over_in_the_log() -> None:
    update = Client(50).edit("ext", "a", 1)
    room = room_of(quarantined=frozenset({sha256(update).digest()}))
    join(room, 1)
    assert ends(room.receive(1, Update(update), 0.0)) == [End(1, Close.MALFORMED, "update.quarantined")]
    assert room.rows_read([relay.CommittedRow(1, "edit", update)], 0.0) == []
    assert room.order.seq == 1 and room.encode() == b"\0\0"


def test_after_a_crash_a_peer_that_returns_first_waits_for_the_owner() -> None:
    """Its Step2 carries the owner's lost edit; the owner is here and has not sent its own yet."""
    room = room_of(owners={50: ANA})
    ana, ben = Client(50), Client(60)
    lost = ana.edit("ext", "a", 1)
    ben.doc.apply_update(lost)
    ben.edit("ext", "b", 2)
    join(room, 1, ANA, synced=False)
    room.receive(1, Awareness(encode([AwarenessState(50, 1, "{}")])), 0.0)
    join(room, 2, BEN, synced=False)
    assert room.receive(2, Step2(bytes(ben.doc.get_update())), 0.0) == []
    effects = room.receive(1, Step2(lost), 0.0)
    assert kinds(effects) == ["Relay", "Commit", "Relay", "Commit"]
    assert [batch.actor for batch in batches(effects)] == [ANA, BEN]


def test_after_a_crash_an_owner_who_is_gone_is_not_waited_for() -> None:
    room = room_of(owners={50: ANA})
    lost = Client(50).edit("ext", "a", 1)
    join(room, 2, BEN, synced=False)
    (batch,) = batches(room.receive(2, Step2(lost), 0.0))
    assert (batch.actor, batch.relayed_by, batch.claims) == (ANA, BEN, ())


def test_after_a_crash_two_peers_that_bring_each_others_edits_do_not_wait_for_ever() -> None:
    room = room_of(owners={50: ANA, 60: BEN})
    ana, ben = Client(50), Client(60)
    first = ana.edit("ext", "a", 1)
    ben.doc.apply_update(first)
    second = ben.edit("ext", "a", 2)
    ana.doc.apply_update(second)
    for session, actor, client in ((1, ANA, ana), (2, BEN, ben)):
        join(room, session, actor, synced=False)
        room.receive(session, Awareness(encode([AwarenessState(int(client.doc.client_id), 1, "{}")])), 0.0)
    assert batches(room.receive(1, Step2(bytes(ana.doc.get_update())), 0.0)) == []
    effects = room.receive(2, Step2(bytes(ben.doc.get_update())), 0.0)
    assert len(batches(effects)) == 1
    told = [effect for effect in effects if isinstance(effect, Relay)]
    assert [relayed.author for relayed in told] == [None]
    acks = [effect for effect in commit(room, effects, 1) if isinstance(effect, Send)]
    assert {ack.session for ack in acks} == {1, 2}


def test_after_a_crash_rows_of_the_server_that_this_node_lacks_are_read_before_anything_is_refused() -> None:
    server = Client(SERVER)
    row = server.edit("jobs", "run_x", Map({"st": "running"}))
    room = room_of()
    join(room, 1, synced=False)
    effects = room.receive(1, Step2(row), 0.0)
    assert effects == [ReadLog(0)]
    effects = room.rows_read([relay.CommittedRow(1, "run", row)], 0.0)
    assert [effect for effect in effects if isinstance(effect, End)] == []
    forged = server.edit("jobs", "run_x", Map({"st": "complete"}))
    join(room, 2, BEN, synced=False)
    assert room.receive(2, Step2(forged), 0.0) == [ReadLog(1)]
    assert ends(room.rows_read([], 0.0)) == [End(2, Close.REFUSED, "schema.server_only")]


def test_a_clients_id_that_a_peer_brought_is_still_its_owners() -> None:
    """Nobody claimed 50 yet; the peer who brings its edits does not get it."""
    room = room_of()
    ana = Client(50)
    lost = ana.edit("ext", "a", 1)
    join(room, 2, BEN, synced=False)
    (relayed,) = batches(room.receive(2, Step2(lost), 0.0))
    assert relayed.claims == ()
    join(room, 1, ANA)
    (own,) = batches(room.receive(1, Update(ana.edit("ext", "b", 1)), 0.0))
    assert own.claims == (50,)


def test_w46_after_three_refusals_in_a_minute_an_actor_is_read_only_until_it_is_over() -> None:
    room = room_of()
    for number in (1, 2, 3):
        join(room, number)
        effects = room.receive(number, Update(Client(50 + number).edit("evil", "x", 1)), float(number))
        assert ends(effects) == [End(number, Close.REFUSED, "schema.root")]
    join(room, 4)
    join(room, 5, BEN)
    assert room.receive(4, Update(Client(60).edit("ext", "a", 1)), 5.0) == [Send(4, SyncStatus(False))]
    assert kinds(room.receive(5, Update(Client(70).edit("ext", "b", 1)), 5.0)) == ["Relay", "Commit"]
    assert kinds(room.receive(4, Update(Client(61).edit("ext", "a", 1)), 62.0)) == ["Relay", "Commit"]


def test_a_document_that_cannot_be_woken_ends_the_room_and_accuses_nobody() -> None:
    state = Client(50).edit("ext", "a", 1)
    room = room_of([state], seq=1, rests=True)
    room.content.holder._resting.whole = b"\xff"  # type: ignore[attr-defined]
    join(room, 1)
    assert room.receive(1, Update(Client(51).edit("ext", "b", 1)), 0.0) == [Broken("at rest: MalformedUpdate", None)]


def test_a_room_begins_at_rest_with_a_snapshot_and_is_woken_by_the_first_edit() -> None:
    ada = Client(50)
    state = ada.edit("ext", "a", 1)
    room = room_of([state], seq=1, rests=True)
    join(room, 1)
    assert room.is_at_rest and room.encode() == state and room.state_vector() == ada.doc.get_state()
    assert room.document_bytes == len(state)
    effects = room.receive(1, Update(ada.edit("ext", "a", 2)), 0.0)
    assert kinds(effects)[:2] == ["Relay", "Commit"] and not room.is_at_rest
