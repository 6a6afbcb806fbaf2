"""PROTOCOL.md, Limits, Liveness, The server in a document: against the room alone."""

import json

from sync import relay
from sync.effects import End, Relay
from sync.messages import Close, Step2, Update
from tests.interop.wire import delete_range, set_key
from tests.unit.protocol.stage import BEN, SCENE, SERVER_CLIENT, Stage, ends, relayed, statuses, told


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
    assert ends(stage.say(1, Update(set_key(8, 0, "ext", "l", "x" * 60)))) == [End(1, Close.FULL, "document.full")]


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
