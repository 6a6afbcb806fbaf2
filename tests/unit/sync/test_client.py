"""The native client against a room, frame by frame: nothing that was edited is lost without being told so."""

from collections.abc import Callable
from random import Random
from typing import Any
from uuid import UUID

import pytest
from pycrdt import Doc, Map, Text

from sync.client import Status
from sync.dialects import native
from sync.dialects.hocuspocus import PermissionDenied, Token, TokenRequest
from sync.limits import Limits
from tests.unit.sync.native_stage import Hub, ext, new_client, put
from tests.unit.sync.stage import BEN, Client


def test_an_edit_is_unsaved_until_its_commit_and_knows_its_sequence() -> None:
    hub, ana = Hub(), new_client()
    assert str(ana.status) == "offline"
    session = hub.connect(ana)
    assert str(ana.status) == "saved"
    hub.edit(session, put("a", 1))
    assert (ana.status, ana.unsaved) == (Status.UNSAVED, 1)
    hub.commit()
    assert (ana.status, ana.unsaved, ana.saved_seq) == (Status.SAVED, 0, 1)


def test_what_was_edited_before_the_first_connection_comes_with_it() -> None:
    hub, ana = Hub(), new_client()
    ana.edit(put("a", 1))
    assert ana.unsaved == 1
    session = hub.connect(ana)
    hub.commit()
    assert (ana.status, ext(ana)) == (Status.SAVED, {"a": 1})
    assert hub.clients[session] is ana


def test_two_thousand_edits_of_a_stale_replica_are_one_answer() -> None:
    hub, ana, ben = Hub(), new_client(1), new_client(2)
    first = hub.connect(ana)
    hub.cut(first)
    for number in range(2_000):
        assert ana.edit(put(f"k{number % 50}", number)) == []
    second = hub.connect(ben, BEN)
    hub.edit(second, put("bens", True))
    assert ana.unsaved == 2_000
    hub.connect(ana)
    assert len(hub.uncommitted) == 2
    hub.commit()
    assert (ana.status, ana.unsaved) == (Status.SAVED, 0)
    assert ext(ana) == ext(ben)
    assert ext(ana)["k49"] == 1_999


def test_a_lost_acknowledgement_costs_nothing() -> None:
    hub, ana = Hub(), new_client()
    session = hub.connect(ana)
    hub.edit(session, put("a", 1))
    hub.cut(session)
    hub.commit()
    assert ana.unsaved == 1
    hub.connect(ana)
    assert (ana.status, ana.unsaved, ana.saved_seq) == (Status.SAVED, 0, 1)
    assert hub.uncommitted == []


def test_edits_lost_on_the_way_are_brought_again() -> None:
    hub, ana = Hub(), new_client()
    session = hub.connect(ana)
    ana.edit(put("a", 1))  # its frame never arrives
    hub.cut(session)
    hub.connect(ana)
    hub.commit()
    assert (ana.status, ext(ana)) == (Status.SAVED, {"a": 1})


def test_c7_of_three_edits_the_refused_one_is_told_and_the_others_are_in() -> None:
    hub, ana, ben = Hub(), new_client(1), new_client(2)
    session, other = hub.connect(ana), hub.connect(ben, BEN)
    old_doc = ana.doc
    for change in (put("first", 1), put("evil", 1, root="evil"), put("third", 3)):
        hub.send(session, ana.edit(change))
    hub.settle()
    assert [(refused.status, refused.reason) for refused in ana.refused] == [(4422, "schema.root")]
    assert ana.doc is not old_doc and ana.doc.client_id != old_doc.client_id
    hub.commit()
    assert (ana.status, ana.unsaved) == (Status.SAVED, 0)
    assert ext(ana) == ext(ben) == {"first": 1, "third": 3}
    (kept,) = hub.kept
    assert kept.reason == "schema.root" and b"evil" in kept.updates[0]
    hub.edit(session, put("more", 4))
    hub.edit(other, put("bens", 5))
    hub.commit()
    assert ext(ana) == ext(ben) == {"first": 1, "third": 3, "more": 4, "bens": 5}


def test_c7_text_typed_before_a_refusal_is_not_typed_twice() -> None:
    hub, ana = Hub(), new_client()
    session = hub.connect(ana)

    def begin(doc: Doc[Any]) -> None:
        doc.get("scenes", type=Map)["scn_1"] = Map({"prompt": Text("")})

    def typed(text: str) -> Callable[[Doc[Any]], None]:
        def change(doc: Doc[Any]) -> None:
            prompt = doc.get("scenes", type=Map)["scn_1"]["prompt"]
            prompt += text

        return change

    hub.edit(session, begin)
    for change in (typed("one "), put("evil", 1, root="evil"), typed("two")):
        hub.send(session, ana.edit(change))
    hub.settle()
    hub.commit()
    assert str(ana.doc.get("scenes", type=Map)["scn_1"]["prompt"]) == "one two"
    assert ana.status is Status.SAVED


def test_c7_a_refused_edit_of_days_offline_does_not_take_the_others_along() -> None:
    hub, ana = Hub(), new_client()
    session = hub.connect(ana)
    hub.edit(session, put("known", 0))
    hub.cut(session)
    for change in (put("a", 1), put("evil", 1, root="evil"), put("b", 2)):
        ana.edit(change)
    hub.connect(ana)
    hub.commit()
    assert [refused.reason for refused in ana.refused] == ["schema.root"]
    assert ext(ana) == {"known": 0, "a": 1, "b": 2}
    assert (ana.status, ana.unsaved) == (Status.SAVED, 0)


def test_an_edit_that_cannot_be_made_again_is_told() -> None:
    hub, ana = Hub(), new_client()
    session = hub.connect(ana)

    def fails_on_another_replica(doc: Doc[Any]) -> None:
        if "evil" in doc.get("evil", type=Map):
            doc.get("ext", type=Map)["a"] = 1
        else:
            raise KeyError("evil")

    hub.send(session, ana.edit(put("evil", 1, root="evil")))
    hub.send(session, ana.edit(fails_on_another_replica))
    hub.settle()
    assert [refused.status for refused in ana.refused] == [4422, None]
    assert ana.status is Status.SAVED


def test_a_viewer_is_refused_and_goes_on_reading() -> None:
    hub, ana, ben = Hub(), new_client(1), new_client(2)
    reader, writer = hub.connect(ana, may_write=False), hub.connect(ben, BEN)
    assert ana.read_only
    hub.edit(reader, put("a", 1))
    assert [(refused.status, refused.reason) for refused in ana.refused] == [(4403, "permission")]
    assert hub.kept == []
    hub.edit(writer, put("b", 2))
    assert ext(ana) == {"b": 2}
    assert ana.status is Status.SAVED


def test_who_is_refused_too_often_only_reads_for_a_while() -> None:
    hub, ana = Hub(), new_client()
    session = hub.connect(ana)
    for number in range(4):
        hub.edit(session, put("evil", number, root="evil"))
    assert [refused.reason for refused in ana.refused] == ["schema.root"] * 3 + ["permission"]


def test_c3_the_next_replica_has_an_id_of_its_own_and_a_presence() -> None:
    hub, ana, ben = Hub(), new_client(1), new_client(2)
    hub.connect(ben, BEN)
    session = hub.connect(ana)
    hub.perform(hub.room.flush_presence())
    before = ana.doc.client_id
    assert before in ben.presence
    hub.edit(session, put("evil", 1, root="evil"))
    hub.edit(session, put("a", 1))
    hub.perform(hub.room.flush_presence())
    assert ana.doc.client_id in ben.presence and before not in ben.presence
    (batch,) = hub.uncommitted
    assert batch.claims == (ana.doc.client_id,) and batch.relayed_by is None


def test_what_is_only_shown_reaches_the_others_with_a_name_and_nobody_keeps_it() -> None:
    hub, ana, ben = Hub(), new_client(1), new_client(2)
    seen: list[tuple[str, bytes]] = []
    ben.shown = lambda user, payload: seen.append((user, payload))
    session = hub.connect(ana)
    hub.connect(ben, BEN)
    hub.send(session, ana.show(b"stroke"))
    hub.settle()
    ((user, payload),) = seen
    assert payload == b"stroke" and user.startswith("usr_")
    assert hub.uncommitted == []


def test_large_answers_come_in_fragments_both_ways() -> None:
    hub, ana, ben = Hub(), new_client(1), new_client(2)
    for number in range(400):
        ana.edit(put(f"s{number}", Map({"prompt": Text("x" * 8_000)}), root="scenes"))
    hub.connect(ana)
    hub.commit()
    assert ana.status is Status.SAVED
    hub.connect(ben, BEN)
    assert ben.doc.get("scenes", type=Map).to_py() == ana.doc.get("scenes", type=Map).to_py()
    assert len(ben.doc.get_update()) > 3_000_000


def test_an_answer_of_more_than_the_limit_is_refused_by_name() -> None:
    hub, ana = Hub(), new_client()
    for number in range(9):
        ana.edit(put(f"k{number}", "x" * 1_000_000))
    session = hub.connect(ana)
    assert {refused.reason for refused in ana.refused} == {"update.too_big"}
    assert hub.clients[session].status is Status.SAVED


def test_the_hub_asks_for_a_fresh_token() -> None:
    hub, ana = Hub(), new_client()
    hub.connect(ana)
    ana.receive(native.encode(ana.document, TokenRequest()))
    assert ana.wants_token
    (frame,) = ana.renew("fresh")
    assert native.decode(frame)[1] == Token("fresh")
    assert not ana.wants_token


def test_c13_after_an_epoch_its_edits_are_made_on_the_new_document() -> None:
    old, ana = Hub(), new_client()
    session = old.connect(ana)
    old.edit(session, put("saved", 1))
    old.commit()
    old.cut(session)
    for number in range(100):
        ana.edit(put(f"offline{number}", number))
    ana.connected()
    ana.receive(native.encode(ana.document, PermissionDenied("epoch")))
    assert (str(ana.status), ana.denied, ana.unsaved) == ("refused", "epoch", 100)
    ana.disconnected()
    before = ana.doc
    assert ana.moved("sb:x~2", "token") == []
    again = Client(49)
    new = Hub(states=[again.edit("ext", "saved", 1)], seq=1)
    new.connect(ana)
    new.commit()
    assert ana.doc is not before and (str(ana.status), ana.unsaved) == ("saved", 0)
    assert ext(ana) == {"saved": 1, **{f"offline{number}": number for number in range(100)}}


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_lost_and_refused_everybody_ends_with_the_same(seed: int) -> None:
    """Random edits, some of them refused, cuts, and commits that come late."""
    rng = Random(seed)
    hub = Hub(limits=Limits(refusals_per_minute_max=10_000))
    clients = [new_client(seed * 10 + number) for number in range(3)]
    sessions: dict[int, int] = {}
    made: set[str] = set()
    evil = 0
    for step in range(60):
        who = rng.randrange(3)
        client = clients[who]
        match rng.randrange(8):
            case 0 if who in sessions:
                hub.cut(sessions.pop(who))
            case 1 | 2 if who not in sessions:
                sessions[who] = hub.connect(client, UUID(int=who + 1))
            case 3:
                hub.commit()
            case 4:
                evil += 1
                frames = client.edit(put(f"e{step}", 1, root="evil"))
                if who in sessions:
                    hub.send(sessions[who], frames)
            case _:
                made.add(f"{who}.{step}")
                frames = client.edit(put(f"{who}.{step}", step))
                if who in sessions:
                    hub.send(sessions[who], frames)
                    if rng.random() < 0.5:
                        hub.settle()
    hub.settle()
    for who, client in enumerate(clients):
        if who not in sessions:
            hub.connect(client, UUID(int=who + 1))
    hub.settle()
    hub.commit()
    assert [client.status for client in clients] == [Status.SAVED] * 3
    assert sum(len(client.refused) for client in clients) == evil
    for client in clients:
        assert set(ext(client)) == made
