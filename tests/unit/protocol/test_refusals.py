"""PROTOCOL.md, Refused updates: against the room alone, bytes and facts in, effects out."""

from typing import Any

import pytest
from pycrdt import Doc, Map, Text

from sync import relay
from sync.effects import Commit, End, ReadLog
from sync.messages import Close, Step1, Step2, Update
from tests.interop.wire import delete_range, set_key, set_nested_key
from tests.unit.protocol.stage import (
    ADA,
    BEN,
    NOTHING,
    PROMPT_CLOCK,
    SCENE,
    SERVER_CLIENT,
    Stage,
    edit,
    ends,
    hubs_step1,
    relayed,
    sent,
    statuses,
    storyboard,
    text,
)

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
    assert ends(effects) == [End(1, Close.REFUSED, "schema.root")]


@pytest.mark.parametrize("root", ["jobs", "takes", "prev"])
def test_w30_the_servers_roots_are_refused(root: str) -> None:
    stage = Stage()
    stage.join(1)
    assert ends(stage.say(1, Update(set_key(7, 0, root, "k", "v")))) == [End(1, Close.REFUSED, "schema.server_only")]


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


def test_w30_what_the_server_wrote_may_come_back_in_a_step2() -> None:
    """A client has a row of the server that this node has not read yet."""
    stage = Stage()
    stage.join(1)
    job = set_key(SERVER_CLIENT, 0, "jobs", "run_x", "running")
    assert stage.say(1, Step2(job)) == [ReadLog(0)]
    effects = stage.room.rows_read([relay.CommittedRow(1, "server", job)], stage.now_s)
    assert ends(effects) == [] and statuses(effects, 1) == [True]
    assert stage.say(1, Step2(set_key(SERVER_CLIENT, 1, "jobs", "run_y", "forged"))) == [ReadLog(1)]
    assert [end.reason for end in ends(stage.room.rows_read([], stage.now_s))] == ["schema.server_only"]


def test_w31_a_client_id_belongs_to_its_first_actor() -> None:
    stage = Stage()
    stage.join(1, ADA)
    stage.join(2, BEN)
    stage.say(1, Update(set_key(7, 0, "ext", "k", "v")))
    forged = set_key(7, 1, "ext", "k", "forged")
    assert ends(stage.say(2, Update(forged))) == [End(2, Close.REFUSED, "client.foreign")]
    stage.room.leave(1, stage.now_s)
    stage.join(3, BEN)
    (commit,) = [effect for effect in stage.say(3, Step2(forged)) if isinstance(effect, Commit)]
    assert (commit.batch.actor, commit.batch.relayed_by) == (ADA, BEN), "its owner is gone: accepted, and marked"


def test_w31_a_step2_with_edits_of_somebody_who_is_here_waits_for_them() -> None:
    stage = Stage()
    stage.join(1, ADA)
    stage.join(2, BEN)
    first, lost = set_key(7, 0, "ext", "a", "1"), set_key(7, 1, "ext", "b", "2")
    stage.commit(*stage.say(1, Update(first)))
    assert stage.say(2, Step2(lost)) == [], "Ben has it from a hub that is dead; Ada will bring it"
    effects = stage.say(1, Step2(lost))
    assert statuses(stage.commit(*effects), 2) == [True]
    assert stage.say(2, Step2(set_key(7, 2, "ext", "c", "forged"))) == []
    assert ends(stage.after(35.1)) == [End(2, Close.REFUSED, "client.foreign")]


def test_w31_the_servers_client_id_is_never_accepted() -> None:
    stage = Stage([storyboard()])
    stage.join(1)
    clock = hubs_step1(stage.join(2, BEN), 2)[SERVER_CLIENT]
    effects = stage.say(1, Update(set_key(SERVER_CLIENT, clock, "ext", "k", "v")))
    assert ends(effects) == [End(1, Close.REFUSED, "client.foreign")]


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


def test_w45_a_surrogate_pair_is_never_split() -> None:
    """yjs counts a film camera as two units; deleting one of them leaves half a character in yjs only."""
    base = text("prompt \U0001f3ac.")
    stage = Stage([base])
    stage.join(1)
    half = delete_range(SERVER_CLIENT, PROMPT_CLOCK + len("prompt "), 1)
    assert ends(stage.say(1, Update(half))) == [End(1, Close.REFUSED, "text.surrogate")]
    stage.join(2, BEN)
    whole = delete_range(SERVER_CLIENT, PROMPT_CLOCK + len("prompt "), 2)
    effects = stage.say(2, Update(whole))
    assert statuses(stage.commit(*effects), 2) == [True]
    assert stage.content()["ext"] == {"t": "prompt ."}


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
