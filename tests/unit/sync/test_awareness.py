"""Awareness updates: the vectors of y-protocols, every bound, and which state replaces which."""

import json
from typing import Any

import pytest
from pycrdt import Awareness, Doc

from sync.awareness import ENTRIES_MAX, TIMEOUT_S, AwarenessState, AwarenessStates, decode, encode
from sync.errors import MalformedFrame
from sync.lib0 import var_string, var_uint

ANN = bytes.fromhex("010101177b2275736572223a7b226e616d65223a22416e6e227d7d")
"""y-protocols: client 1, clock 1, {"user":{"name":"Ann"}}; the same without the length of the frame."""


def entry(client: int, clock: int, state: str) -> bytes:
    return var_uint(client) + var_uint(clock) + var_string(state)


def test_the_vectors_of_y_protocols() -> None:
    ann = [AwarenessState(1, 1, '{"user":{"name":"Ann"}}')]
    assert decode(ANN) == ann
    assert encode(ann) == ANN
    left = bytes.fromhex("010102046e756c6c")
    assert decode(left) == [AwarenessState(1, 2, None)]
    assert encode([AwarenessState(1, 2, None)]) == left
    assert decode(b"\0") == []


def test_states_of_pycrdt_are_read() -> None:
    doc: Doc[Any] = Doc(client_id=9)
    awareness = Awareness(doc)
    awareness.set_local_state({"user": {"name": "é😀"}})
    (state,) = decode(awareness.encode_awareness_update([9]))
    assert state.client == 9
    assert state.state is not None
    assert json.loads(state.state) == {"user": {"name": "é😀"}}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        ANN[:-1],
        ANN + b"\0",
        b"\xff\xff\xff\x7f",
        b"\x02" + ANN[1:],
        b"\x01" + entry(1, 1, "{"),
        b"\x01" + entry(1, 1, ""),
        b"\x01\x01\x01\x02\xff\xff",
        b"\x01" + entry(1, 1, "[" * 33 + "]" * 33),
        b"\x01" + entry(1, 1, "[" * 1_000 + "]" * 1_000),
    ],
)
def test_malformed_updates_are_refused(data: bytes) -> None:
    with pytest.raises(MalformedFrame):
        decode(data)


def test_a_state_has_at_most_2_kib() -> None:
    def sized(size: int) -> bytes:
        return b"\x01" + entry(1, 1, '"' + "x" * (size - 2) + '"')

    assert decode(sized(2_048))
    with pytest.raises(MalformedFrame, match="too big"):
        decode(sized(2_049))
    assert decode(sized(2_049), state_bytes_max=4_096)


def test_an_update_has_at_most_1000_entries() -> None:
    def many(count: int) -> bytes:
        return var_uint(count) + b"".join(entry(client, 1, "1") for client in range(count))

    assert len(decode(many(ENTRIES_MAX))) == ENTRIES_MAX
    with pytest.raises(MalformedFrame, match="too many"):
        decode(many(ENTRIES_MAX + 1))


def test_a_higher_clock_replaces_and_null_may_have_an_equal_one() -> None:
    states = AwarenessStates()
    first, same, lower = AwarenessState(1, 5, "1"), AwarenessState(1, 5, "2"), AwarenessState(1, 4, None)
    assert states.apply([first, same, lower], 0.0) == [first]
    left = AwarenessState(1, 5, None)
    assert states.apply([left, left, first], 1.0) == [left]
    assert states.states() == []
    again = AwarenessState(1, 6, "3")
    assert states.apply([again], 2.0) == [again]
    assert states.states() == [again]


def test_silent_clients_leave_after_30_s_and_are_forgotten_after_60() -> None:
    states = AwarenessStates()
    states.apply([AwarenessState(1, 5, "1"), AwarenessState(2, 1, "2")], 0.0)
    states.apply([AwarenessState(2, 2, "2")], 10.0)
    assert states.expire(TIMEOUT_S - 0.1) == []
    assert states.expire(TIMEOUT_S) == [AwarenessState(1, 5, None)]
    assert states.apply([AwarenessState(1, 5, "1")], TIMEOUT_S) == []
    assert states.encode([1, 2, 3]) == encode([AwarenessState(1, 5, None), AwarenessState(2, 2, "2")])
    states.expire(2 * TIMEOUT_S)
    assert states.encode([1]) == b"\0"


def test_a_client_that_came_back_is_clocked_on() -> None:
    states = AwarenessStates()
    states.apply([AwarenessState(1, 7, "1")], 0.0)
    assert states.reclocked(AwarenessState(1, 0, "2")) == AwarenessState(1, 8, "2")
    assert states.reclocked(AwarenessState(1, 9, "2")) == AwarenessState(1, 9, "2")
    assert states.reclocked(AwarenessState(2, 0, "2")) == AwarenessState(2, 0, "2")


def test_everyone_present_is_encoded_by_default() -> None:
    states = AwarenessStates()
    states.apply([AwarenessState(1, 1, "1"), AwarenessState(2, 1, "2"), AwarenessState(2, 2, None)], 0.0)
    assert decode(states.encode()) == [AwarenessState(1, 1, "1")]


def test_the_number_of_clients_is_bounded() -> None:
    states = AwarenessStates(entries_max=2)
    states.apply([AwarenessState(1, 1, "1"), AwarenessState(2, 1, "1"), AwarenessState(2, 2, "1")], 0.0)
    with pytest.raises(MalformedFrame, match="too many"):
        states.apply([AwarenessState(3, 1, "1")], 0.0)
