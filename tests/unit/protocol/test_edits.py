"""PROTOCOL.md, Edits and acknowledgement, Read-only sessions: against the room alone."""

from sync import relay
from sync.effects import Publish, ReadLog, Relay, Send
from sync.messages import Step2, SyncStatus, Update
from tests.interop.wire import set_key
from tests.unit.protocol.stage import BEN, NOTHING, Stage, relayed, statuses, storyboard


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


def test_w25_an_update_of_a_viewer_is_answered_status_0() -> None:
    stage = Stage([storyboard()])
    stage.join(1, may_write=False)
    assert stage.say(1, Update(set_key(7, 0, "ext", "k", "v"))) == [Send(1, SyncStatus(False))]
    assert statuses(stage.say(1, Step2(NOTHING)), 1) == [True], "it adds nothing"
    assert stage.content()["ext"] == {}
    assert 1 in stage.room.sessions
