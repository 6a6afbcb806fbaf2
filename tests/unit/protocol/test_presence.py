"""PROTOCOL.md, Presence: against the room alone, bytes and facts in, effects out."""

import json

from sync.messages import Awareness, AwarenessQuery
from tests.interop.wire import presence, presences
from tests.unit.protocol.stage import ADA, BEN, SERVER_CLIENT, Stage, relayed, sent, told


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


def test_w36_a_query_is_answered_with_everybody() -> None:
    stage = Stage()
    stage.join(1, ADA)
    stage.join(2, BEN)
    stage.say(1, Awareness(presence(7, 1, '{"a":1}')))
    (answer,) = sent(stage.say(2, AwarenessQuery()), 2)
    assert isinstance(answer, Awareness)
    assert presences(answer.update).keys() == {7, SERVER_CLIENT}
