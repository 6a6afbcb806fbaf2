"""Presence: one client id a session, identity stamped by the server, rejoins that are seen at once."""

import json
from typing import Any
from uuid import UUID

from sync import ids
from sync.awareness import AwarenessState, decode, encode
from sync.limits import Limits
from sync.presence import Person, Presence

SERVER = 7
ANA = Person(UUID(int=1), "Ana", "#aa0000")
BEN = Person(UUID(int=2), "Ben", "#00bb00")
NODE = UUID(int=100)


def presence() -> Presence:
    return Presence(SERVER, 1, Limits())


def told(who: Presence) -> dict[int, AwarenessState]:
    changes, _ = who.flush()
    return {entry.client: entry for change in changes for entry in decode(change.update)}


def state(entry: AwarenessState) -> dict[str, Any]:
    assert entry.state is not None
    value = json.loads(entry.state)
    assert isinstance(value, dict)
    return value


def hello(client: int, clock: int = 1, text: str | None = "{}") -> bytes:
    return encode([AwarenessState(client, clock, text)])


def test_p8_identity_is_the_servers_word() -> None:
    who = presence()
    who.receive(
        1, ANA, hello(50, 1, '{"user":{"name":"Mallory","id":"usr_x","kind":"server","extra":1},"cursor":[1,2]}'), 0.0
    )
    value = state(told(who)[50])
    assert value["user"] == {"name": "Ana", "id": ids.to_text("usr", ANA.user_id), "color": "#aa0000", "extra": 1}
    assert value["cursor"] == [1, 2]


def test_the_author_does_not_hear_his_own_entry() -> None:
    who = presence()
    who.receive(1, ANA, hello(50), 0.0)
    changes, _ = who.flush()
    assert [change.author for change in changes] == [1]


def test_c18_entries_of_others_are_dropped() -> None:
    who = presence()
    who.receive(1, ANA, hello(50), 0.0)
    who.receive(2, BEN, hello(60), 0.0)
    who.flush()
    who.receive(2, BEN, encode([AwarenessState(50, 9, '{"x":1}'), AwarenessState(60, 2, '{"y":1}')]), 0.0)
    assert list(told(who)) == [60]
    who.receive(2, BEN, hello(SERVER, 99), 0.0)
    assert not who.has_changes


def test_c18_a_relayed_entry_is_not_taken_for_ones_own() -> None:
    who = presence()
    who.receive(1, ANA, hello(50), 0.0)
    who.receive(2, BEN, hello(50, 9), 0.0)
    who.receive(2, BEN, hello(60), 0.0)
    assert set(told(who)) == {50, 60}
    who.leave(2, 1.0)
    assert told(who)[60].state is None


def test_c18_the_newest_session_takes_over_and_the_old_ones_end_is_silent() -> None:
    who = presence()
    who.receive(1, ANA, hello(50, 30), 0.0)
    assert told(who)[50].clock == 30
    who.receive(2, ANA, hello(50, 3, '{"again":true}'), 1.0)
    entry = told(who)[50]
    assert entry.clock > 30 and state(entry)["again"] is True
    who.leave(1, 2.0)
    assert not who.has_changes
    who.receive(2, ANA, hello(50, 4, '{"again":2}'), 3.0)
    assert state(told(who)[50])["again"] == 2


def test_c18_a_rejoin_with_an_old_clock_is_seen() -> None:
    who = presence()
    who.receive(1, ANA, hello(50, 10), 0.0)
    who.flush()
    who.leave(1, 1.0)
    gone = told(who)[50]
    assert gone.state is None and gone.clock == 10  # so that the next clock, wherever it is heard, is news
    who.receive(2, ANA, hello(50, 10), 2.0)
    assert told(who)[50].clock == 11


def test_presence_expires_without_renewal_here_and_elsewhere() -> None:
    who = presence()
    who.receive(1, ANA, hello(50), 0.0)
    who.remote(NODE, hello(70), 0.0)
    who.flush()
    assert who.expire(29.0) == []
    nulls = [entry for change in who.expire(31.0) for entry in decode(change.update)]
    assert [(entry.client, entry.state) for entry in nulls] == [(70, None)]
    assert told(who)[50].state is None


def test_a_person_who_comes_back_through_another_node_is_there_once() -> None:
    who = presence()
    who.receive(1, ANA, hello(50, 5), 0.0)
    who.flush()
    assert who.remote(NODE, hello(50, 9, '{"user":{"id":"usr_a"}}'), 1.0)
    who.leave(1, 2.0)
    assert not who.has_changes
    assert who.mine() is None


def test_old_news_of_another_node_are_ignored() -> None:
    who = presence()
    assert who.remote(NODE, hello(70, 5), 0.0)
    assert who.remote(NODE, hello(70, 4), 0.0) == []


def test_a_presence_over_two_kibibytes_is_dropped_and_the_old_one_stays() -> None:
    who = presence()
    who.receive(1, ANA, hello(50, 1, '{"a":1}'), 0.0)
    who.receive(1, ANA, hello(50, 2, json.dumps({"a": "x" * 2100})), 0.0)
    assert state(told(who)[50])["a"] == 1


def test_a_state_that_is_no_object_becomes_one() -> None:
    who = presence()
    who.receive(1, ANA, hello(50, 1, "[1]"), 0.0)
    assert set(state(told(who)[50])) == {"user"}


def test_ticks_latest_wins_and_a_finished_run_stays_finished() -> None:
    who = presence()
    tick = {"run": "run_a", "scn": "scn_x", "seq": 2, "stage": "clip", "pct": 10, "st": "running"}
    who.tick(tick, 0.0)
    who.tick({**tick, "seq": 1, "pct": 90}, 0.0)
    assert state(told(who)[SERVER])["ticks"]["scn_x"]["pct"] == 10
    who.tick({**tick, "done": True}, 1.0)
    assert state(told(who)[SERVER])["ticks"] == {}
    who.tick({**tick, "pct": 50}, 2.0)
    assert not who.has_changes


def test_a_run_that_falls_silent_is_no_longer_shown() -> None:
    who = presence()
    who.tick({"run": "run_a", "scn": "scn_x", "seq": 1, "pct": 1}, 0.0)
    who.flush()
    who.expire(16.0)
    assert state(told(who)[SERVER])["ticks"] == {}


def test_a14_the_servers_entry_stays_within_its_bytes() -> None:
    who = presence()
    for number in range(200):
        who.tick({"run": f"run_{number}", "scn": f"scn_{number}", "seq": 1, "stage": "clip", "pct": 1}, float(number))
    entry = told(who)[SERVER]
    assert entry.state is not None and len(entry.state) <= 2048
    assert "scn_199" in state(entry)["ticks"]
