"""W3C trace context: what is believed of a caller, what is handed on, and what every log line says."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from api.middleware import Door
from deploy.logs import JsonLines
from services import trace

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
HEADER = f"00-{TRACE}-{SPAN}-01"


def line() -> dict[str, Any]:
    """What a log line says now."""
    made: dict[str, Any] = json.loads(JsonLines().format(logging.makeLogRecord({"msg": "x", "levelname": "INFO"})))
    return made


def test_a_valid_header_is_gone_on_from() -> None:
    begun = trace.begin(HEADER)
    assert (begun.id, begun.flags) == (TRACE, "01") and begun.span != SPAN
    assert trace.parse(begun.traceparent) == begun
    assert trace.parse(f"cc-{TRACE}-{SPAN}-00-what-comes-later") == trace.Trace(TRACE, SPAN, "00")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "nonsense",
        HEADER.upper(),
        HEADER + "-more",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[:-1]}-{SPAN}-01",
        f"cc-{TRACE}-{SPAN}-01-" + "x" * 128,
        f"00-{TRACE}-{SPAN}-01\n{{}}",
    ],
)
def test_of_anything_else_a_trace_of_our_own_begins(header: str | None) -> None:
    assert trace.parse(header) is None
    one, other = trace.begin(header), trace.begin(header)
    assert one.id != other.id and trace.parse(one.traceparent) == one


def test_a_line_says_what_is_bound_and_no_more() -> None:
    assert trace.traceparent() is None and "trace" not in line()
    with trace.tracing(trace.Trace(TRACE, SPAN), request_id="r1"), trace.binding(run="run_1"):
        assert {name: line()[name] for name in ("trace", "span", "request_id", "run")} == {
            "trace": TRACE,
            "span": SPAN,
            "request_id": "r1",
            "run": "run_1",
        }
        assert trace.traceparent() == HEADER
    assert "trace" not in line() and "run" not in line()


async def test_tasks_inherit_and_do_not_leak() -> None:
    async def work(name: str) -> dict[str, Any]:
        with trace.tracing(trace.begin(None), run=name):
            await asyncio.sleep(0)
            return await asyncio.create_task(_line_soon())

    one, other = await asyncio.gather(work("a"), work("b"))
    assert (one["run"], other["run"]) == ("a", "b") and one["trace"] != other["trace"]
    assert "run" not in line()


async def _line_soon() -> dict[str, Any]:
    await asyncio.sleep(0)
    return line()


async def test_a_request_is_in_its_callers_trace() -> None:
    said: list[dict[str, Any]] = []

    async def handler(request: Request) -> Response:
        said.append(line())
        return PlainTextResponse(trace.traceparent() or "")

    endpoint: Callable[[Request], Awaitable[Response]] = handler
    app = Starlette(routes=[Route("/x", endpoint)], middleware=[Middleware(Door, now=lambda: 0.0, secure=False)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://studio.test") as client:
        followed = await client.get("/x", headers={"traceparent": HEADER})
        fresh = await client.get("/x", headers={"traceparent": "forged; drop"})
    assert trace.parse(followed.text) is not None and followed.text.split("-")[1] == TRACE
    assert said[0]["trace"] == TRACE and said[0]["request_id"] == followed.headers["x-request-id"]
    assert said[1]["trace"] == fresh.text.split("-")[1] != TRACE
