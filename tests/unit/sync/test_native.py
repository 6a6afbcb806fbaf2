"""The frames of the native dialect: the vectors, both directions, and what is no frame."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from sync.dialects import hocuspocus, native
from sync.dialects.native import FRAGMENT, Fragments, in_fragments
from sync.errors import MalformedFrame
from sync.limits import KIB, MIB, Limits
from sync.messages import Ack, Close, Edit, Ephemeral, Event, Follow, Nack, Reset, Step1, Step2, Update

VECTORS = Path(__file__).resolve().parents[3] / "client-protocol" / "vectors" / "native.json"
KEY = "sb:01m8fggynnfcz8vm0amgemnc96~1"
NAME = bytes(range(16))


def message_of(said: dict[str, Any], *, from_client: bool) -> native.Message:
    payload = bytes.fromhex(said.get("payload", ""))
    name = bytes.fromhex(said.get("edit", ""))
    match said["kind"]:
        case "edit":
            return Edit(name, payload, said["answer"])
        case "ack":
            return Ack(name, said["seq"])
        case "nack":
            return Nack(name, Close(said["status"]), said["reason"])
        case "reset":
            return Reset(said["reason"])
        case "ephemeral":
            return Ephemeral("" if from_client else said["user"], payload)
        case "follow":
            return Follow(said["cursor"])
        case "event":
            return Event(said["cursor"], said["event"], said["json"])
        case "step1":
            return Step1(payload)
        case "step2":
            return Step2(payload)
        case kind:
            raise AssertionError(kind)


@pytest.mark.parametrize("side", ["from_client", "from_server"])
def test_w50_w65_the_vectors(side: str) -> None:
    said_by_it = json.loads(VECTORS.read_text())[side]
    assert {said["kind"] for said in said_by_it} >= {"edit" if side == "from_client" else "ack", "ephemeral"}
    decode = native.decode if side == "from_client" else native.decode_server
    for said in said_by_it:
        frame = bytes.fromhex(said["hex"])
        message = message_of(said, from_client=side == "from_client")
        assert native.encode(said["key"], message) == frame, said["name"]
        assert decode(frame) == (said["key"], message), said["name"]


def test_w55_the_vectors_of_fragments() -> None:
    for said in json.loads(VECTORS.read_text())["fragments"]:
        frame = bytes.fromhex(said["frame"])
        pieces = [bytes.fromhex(piece) for piece in said["pieces"]]
        assert in_fragments(frame, said["bytes_max"]) == pieces
        fragments = Fragments(Limits())
        assert [fragments.take(piece) for piece in pieces] == [None] * (len(pieces) - 1) + [frame]


@pytest.mark.parametrize(
    "message",
    [
        Edit(NAME, b"\0\0", False),
        Edit(NAME, b"x" * 300, True),
        Ephemeral("", b"stroke"),
        hocuspocus.Token("token"),
        hocuspocus.Leave(),
        Step1(b"\0"),
        Update(b"\0\0"),
    ],
)
def test_what_a_client_says_is_read_as_it_was_said(message: native.Message) -> None:
    assert native.decode(native.encode(KEY, message)) == (KEY, message)


@pytest.mark.parametrize(
    "message",
    [
        Ack(NAME, 2**40),
        Nack(NAME, Close.REFUSED, "schema.root"),
        Reset("schema.root"),
        Ephemeral("usr_x", b"stroke"),
        hocuspocus.Authenticated(True),
        hocuspocus.PermissionDenied("epoch"),
        hocuspocus.TokenRequest(),
        hocuspocus.Closed("restart"),
        Step2(b"\0\0"),
    ],
)
def test_what_a_hub_says_is_read_as_it_was_said(message: native.Message) -> None:
    assert native.decode_server(native.encode(KEY, message)) == (KEY, message)


def test_the_heartbeat_of_the_stock_dialect_stays() -> None:
    assert native.decode(native.encode("", hocuspocus.Pong())) == ("", hocuspocus.Pong())


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        native.encode(KEY, Edit(NAME[:15], b"\0\0", False)),
        native.encode(KEY, Edit(NAME, b"\0\0", False)) + b"\0",
        native.encode(KEY, Edit(NAME, b"\0\0", False))[:-1],
        native.encode(KEY, Edit(NAME, b"\0\0", False)).replace(b"\x20\0\x10", b"\x20\2\x10"),
        native.encode(KEY, Ack(NAME, 1)),
        native.encode(KEY, Reset("")),
        native.encode("k" * 257, Step1(b"\0")),
        native.encode("", Step1(b"\0")),
    ],
)
def test_w7_what_no_client_says_is_malformed(frame: bytes) -> None:
    with pytest.raises(MalformedFrame):
        native.decode(frame)


def test_a_client_takes_no_status_that_is_none() -> None:
    frame = bytearray(native.encode(KEY, Nack(NAME, Close.REFUSED, "")))
    frame[-3:-1] = b"\x01\x22"
    with pytest.raises(MalformedFrame):
        native.decode_server(bytes(frame))


@pytest.mark.parametrize("size", [256 * KIB + 1, 3 * MIB, 8 * MIB])
def test_w55_large_frames_are_whole_again(size: int) -> None:
    limits = Limits()
    frame = native.encode(KEY, Step2(Random(size).randbytes(size)))
    pieces = in_fragments(frame, limits.fragment_bytes_max)
    fragments = Fragments(limits)
    wholes = [fragments.take(piece) for piece in pieces]
    assert wholes[-1] == frame and set(wholes[:-1]) == {None}
    assert fragments.take(b"next") == b"next"


def test_w55_more_bytes_than_an_answer_may_have_are_refused() -> None:
    limits = Limits()
    fragments = Fragments(limits)
    with pytest.raises(MalformedFrame, match="8388608 bytes"):
        for piece in in_fragments(b"x" * 12 * MIB, limits.fragment_bytes_max):
            fragments.take(piece)


def test_small_frames_are_not_cut() -> None:
    assert in_fragments(b"x" * 10, 10) == [b"x" * 10]
    assert in_fragments(b"x" * 11, 10)[0][2] == FRAGMENT
