"""PROTOCOL.md, Joining: against the room alone, bytes and facts in, effects out."""

from sync.effects import Commit
from sync.messages import Awareness, Step1, Step2, Update
from tests.interop.wire import set_key, state_vector, var_uint
from tests.unit.protocol.stage import BEN, SERVER_CLIENT, Stage, hubs_step1, sent, statuses, storyboard


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
