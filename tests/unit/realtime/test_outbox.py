"""The outbox of a slow reader: what is kept, what can be said anew, and when it is enough."""

from realtime.outbox import Outbox
from sync.limits import Limits

LIMITS = Limits(outbox_frames_max=3, outbox_bytes_max=100)


def keep(outbox: Outbox, frame: bytes, *, repeatable: bool = True, unbounded: bool = False, now_s: float = 0.0) -> bool:
    return outbox.add(frame, unbounded=unbounded, repeatable=repeatable, now_s=now_s)


def test_w41_within_its_limits_everything_is_kept_in_order() -> None:
    outbox = Outbox(LIMITS)
    assert all(keep(outbox, bytes([number])) for number in range(3))
    assert [outbox.take() for _ in range(len(outbox))] == [b"\0", b"\1", b"\2"]
    assert not outbox.is_behind and not outbox.caught_up()


def test_w41_over_its_frames_or_bytes_only_what_cannot_be_said_anew_is_kept() -> None:
    for frame in (b"x", b"x" * 60):
        outbox = Outbox(LIMITS)
        assert keep(outbox, b"ack", repeatable=False)
        assert all(keep(outbox, frame) for _ in range(6))
        assert outbox.is_behind and len(outbox) == 1
        assert not outbox.caught_up()
        assert outbox.take() == b"ack"
        assert outbox.caught_up() and not outbox.is_behind
        assert keep(outbox, b"later") and len(outbox) == 1


def test_w41_an_answer_to_a_join_takes_nothing_of_the_limit() -> None:
    outbox = Outbox(LIMITS)
    assert keep(outbox, b"x" * 1000, repeatable=False, unbounded=True)
    assert keep(outbox, b"x" * 100) and not outbox.is_behind


def test_w41_a_second_time_within_30_s_is_too_much_and_later_it_is_not() -> None:
    def overflow(outbox: Outbox, now_s: float) -> bool:
        return all(keep(outbox, b"x", now_s=now_s) for _ in range(4))

    soon, later = Outbox(LIMITS), Outbox(LIMITS)
    for outbox in (soon, later):
        assert overflow(outbox, 0.0) and outbox.caught_up()
    assert not overflow(soon, 29.0)
    assert overflow(later, 31.0)


def test_w41_acknowledgements_alone_can_be_too_much() -> None:
    outbox = Outbox(LIMITS)
    assert [keep(outbox, b"ack", repeatable=False) for _ in range(4)] == [True, True, True, False]
