"""RFC 6455 as the Autobahn cases see it: every case, on both transports, with the exceptions counted exactly.

An exception that starts to pass fails the test, as does one that nobody wrote down.
"""

import asyncio
import base64
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.conformance.echo import PATH, echo_server

CASES = 517
PARALLEL = 8
SUITE_TIMEOUT_S = 120.0
PASSED = {"OK", "NON-STRICT", "INFORMATIONAL"}

COMPRESSION = ("12.", "13.")
"""No permessage-deflate: a context a connection costs more than edits of a hundred bytes gain (decision 7)."""
EXCEPTIONS = {
    # Two close frames in one segment: picows reads one frame ahead, and names the second one's fault.
    "picows": {"7.1.2": 1002},
    # A close frame inside a fragmented message: websockets answers that the message is incomplete.
    "asgi": {"7.1.5": 1002},
}
"""Case -> the close code that came where 1000 was expected; the connection is closed all the same."""


@pytest_asyncio.fixture(params=["picows", "asgi"])
async def transport(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest_asyncio.fixture
async def address(transport: str) -> AsyncIterator[tuple[str, int]]:
    async with echo_server(transport) as at:
        yield at


async def test_every_case(transport: str, address: tuple[str, int], tmp_path: Path) -> None:
    results = await _run(f"ws://{address[0]}:{address[1]}{PATH}", tmp_path)
    failed = {case: one for case, one in results.items() if one["behavior"] not in PASSED or _closed_badly(one)}
    without = {case for case, one in failed.items() if one["behavior"] == "UNIMPLEMENTED"}
    assert len(results) == CASES
    assert without == {case for case in results if case.startswith(COMPRESSION)}
    assert {case: one["remoteCloseCode"] for case, one in failed.items() if case not in without} == EXCEPTIONS[
        transport
    ]


def _closed_badly(result: dict[str, Any]) -> bool:
    return result["behaviorClose"] not in PASSED


async def _run(url: str, folder: Path) -> dict[str, dict[str, Any]]:
    """Results by case. A process of its own: the suite changes the interpreter that it runs in."""
    program = Path(sys.executable).with_name("kosoku")
    argv = (program, "--parallelism", str(PARALLEL), "--outdir", folder, url)
    suite = await asyncio.create_subprocess_exec(
        *map(str, argv), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await asyncio.wait_for(suite.communicate(), SUITE_TIMEOUT_S)
    assert (folder / "index.json").exists(), output.decode(errors="replace")
    (results,) = json.loads((folder / "index.json").read_text()).values()
    checked: dict[str, dict[str, Any]] = results
    return checked


@pytest.mark.parametrize("pieces", [1, 2, 7])
async def test_what_follows_the_upgrade_request_at_once_is_kept(address: tuple[str, int], pieces: int) -> None:
    """Frames in the segments of the request, before anybody could have answered."""
    host, port = address
    reader, writer = await asyncio.open_connection(host, port)
    try:
        frames = _masked(b"first") + _masked(b"second")
        data = _request(host, port) + frames
        size = -(-len(data) // pieces)
        for at in range(0, len(data), size):
            writer.write(data[at : at + size])
            await writer.drain()
        async with asyncio.timeout(10):
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 101 ")
            assert await reader.readexactly(15) == b"\x82\x05first\x82\x06second"
            writer.write(_masked(b"third"))
            assert await reader.readexactly(7) == b"\x82\x05third"
    finally:
        writer.close()
        await writer.wait_closed()


def _request(host: str, port: int) -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    lines = (
        f"GET {PATH} HTTP/1.1",
        f"Host: {host}:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
    )
    return "\r\n".join((*lines, "", "")).encode()


def _masked(payload: bytes) -> bytes:
    """One binary frame of a client; a mask of zeros leaves the payload readable."""
    return bytes((0x82, 0x80 | len(payload))) + bytes(4) + payload
