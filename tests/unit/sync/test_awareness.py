"""Awareness updates: the vectors of y-protocols, every bound, and which state replaces which."""

import json
from typing import Any

import pytest
from pycrdt import Awareness, Doc

from sync.awareness import ENTRIES_MAX, AwarenessState, decode, encode
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
