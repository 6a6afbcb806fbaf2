"""The checked wire vectors (client-protocol/vectors) against the core's encoders and decoders."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sync.dialects import hocuspocus, ywebsocket
from sync.errors import MalformedFrame
from sync.lib0 import Reader, var_bytes, var_string, var_uint, write_var_int
from sync.messages import Awareness, AwarenessQuery, Stateless, Step1, Step2, SyncStatus, Update

VECTORS = Path(__file__).resolve().parents[3] / "client-protocol" / "vectors"
MESSAGES_MAX = 64


def load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text())
    return loaded


LIB0, Y_WEBSOCKET, HOCUSPOCUS = load("lib0"), load("y-websocket"), load("hocuspocus")


def by(key: str) -> Callable[[Any], str | None]:
    """Names a parameter by one of its fields."""
    return lambda vector: str(vector[key])[:40] if isinstance(vector, dict) else None


def var_int(value: int) -> bytes:
    out = bytearray()
    write_var_int(out, value)
    return bytes(out)


@pytest.mark.parametrize("vector", LIB0["var_uint"], ids=by("value"))
def test_w4_var_uint(vector: dict[str, Any]) -> None:
    assert var_uint(vector["value"]).hex() == vector["hex"]
    reader = Reader(bytes.fromhex(vector["hex"]))
    assert reader.var_uint() == vector["value"] and reader.remaining == 0


@pytest.mark.parametrize("vector", LIB0["var_int"], ids=by("value"))
def test_w4_var_int(vector: dict[str, Any]) -> None:
    assert var_int(vector["value"]).hex() == vector["hex"]
    assert Reader(bytes.fromhex(vector["hex"])).var_int() == vector["value"]


@pytest.mark.parametrize("vector", LIB0["var_string"], ids=by("value"))
def test_w4_var_string(vector: dict[str, Any]) -> None:
    assert var_string(vector["value"]).hex() == vector["hex"]
    assert Reader(bytes.fromhex(vector["hex"])).var_string() == vector["value"]


@pytest.mark.parametrize("vector", LIB0["var_bytes"], ids=by("value"))
def test_w4_var_bytes(vector: dict[str, Any]) -> None:
    value = bytes.fromhex(vector["value"])
    assert var_bytes(value).hex() == vector["hex"]
    assert Reader(bytes.fromhex(vector["hex"])).var_bytes() == value


@pytest.mark.parametrize("kind", ["var_uint", "var_string", "var_bytes"])
def test_w4_malformed(kind: str) -> None:
    for vector in LIB0["malformed"][kind]:
        with pytest.raises(MalformedFrame):
            getattr(Reader(bytes.fromhex(vector["hex"])), kind)()


def message_of(vector: dict[str, Any]) -> object:
    """What the core should read for a vector's `kind` and `payload`."""
    payload = bytes.fromhex(vector.get("payload", ""))
    made: dict[str, object] = {
        "step1": Step1(payload),
        "step2": Step2(payload),
        "update": Update(payload),
        "awareness": Awareness(payload),
        "query_awareness": AwarenessQuery(),
        "stateless": Stateless("hi"),
        "auth": hocuspocus.Token(str(vector.get("token"))),
        "close": hocuspocus.Leave(),
        "pong": hocuspocus.Pong(),
    }
    return made[vector["kind"]]


@pytest.mark.parametrize("vector", Y_WEBSOCKET["frames"], ids=by("name"))
def test_w5_a_frame_of_sync_is_read(vector: dict[str, Any]) -> None:
    expected = [message_of(message) for message in vector["messages"]]
    assert ywebsocket.decode(bytes.fromhex(vector["hex"]), MESSAGES_MAX) == expected


@pytest.mark.parametrize("vector", Y_WEBSOCKET["frames"], ids=by("name"))
def test_w5_a_message_of_sync_is_written_as_a_frame(vector: dict[str, Any]) -> None:
    written = [ywebsocket.encode(m) for m in ywebsocket.decode(bytes.fromhex(vector["hex"]), MESSAGES_MAX)]
    assert b"".join(frame or b"" for frame in written).hex() == vector["hex"]


def test_w5_a_frame_has_at_most_64_messages() -> None:
    assert len(ywebsocket.decode(b"\x03" * 64, MESSAGES_MAX)) == 64
    with pytest.raises(MalformedFrame):
        ywebsocket.decode(b"\x03" * 65, MESSAGES_MAX)


@pytest.mark.parametrize("vector", Y_WEBSOCKET["malformed"], ids=by("why"))
def test_w7_a_malformed_frame_of_sync(vector: dict[str, Any]) -> None:
    with pytest.raises(MalformedFrame):
        ywebsocket.decode(bytes.fromhex(vector["hex"]), MESSAGES_MAX)


@pytest.mark.parametrize("vector", HOCUSPOCUS["from_client"], ids=by("name"))
def test_w6_a_frame_of_the_provider_is_read(vector: dict[str, Any]) -> None:
    key, message = hocuspocus.decode(bytes.fromhex(vector["hex"]))
    assert message == message_of(vector)
    assert key == (vector["key"] or "")
    assert hocuspocus.document_name(key) == ("doc1" if vector["key"] else "")


@pytest.mark.parametrize("vector", HOCUSPOCUS["from_hub"], ids=by("name"))
def test_w6_a_frame_for_the_provider_is_written(vector: dict[str, Any]) -> None:
    messages: dict[str, hocuspocus.Outgoing] = {
        "authenticated": hocuspocus.Authenticated(read_only=vector.get("scope") == "readonly"),
        "denied": hocuspocus.PermissionDenied(str(vector.get("reason"))),
        "token_request": hocuspocus.TokenRequest(),
        "sync_status": SyncStatus(bool(vector.get("saved"))),
        "close": hocuspocus.Closed(str(vector.get("reason"))),
        "awareness": Awareness(bytes.fromhex(vector.get("payload", ""))),
    }
    assert hocuspocus.encode(vector["key"], messages[vector["kind"]]).hex() == vector["hex"]


@pytest.mark.parametrize("vector", HOCUSPOCUS["malformed"], ids=by("why"))
def test_w7_a_malformed_frame_of_collab(vector: dict[str, Any]) -> None:
    with pytest.raises(MalformedFrame):
        hocuspocus.decode(bytes.fromhex(vector["hex"]))
