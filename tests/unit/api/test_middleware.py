"""What every answer has, and what every failure looks like."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from api.cross_origin import cross_origin
from api.errors import EXCEPTION_HANDLERS
from api.middleware import BODY_BYTES_MAX, HEADERS_BYTES_MAX, URL_BYTES_MAX, Door
from services.users.errors import NoSuchProject
from storage.errors import StoreAway


async def echo(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def broken(request: Request) -> Response:
    raise RuntimeError("secret detail")


async def away(request: Request) -> Response:
    raise StoreAway("PostgreSQL at 10.0.0.7 refused")


async def missing(request: Request) -> Response:
    raise NoSuchProject(NoSuchProject.__doc__)


async def framed(request: Request) -> Response:
    return PlainTextResponse("x", headers={"Content-Security-Policy": "own"})


def client(secure: bool = False, origins: tuple[str, ...] = ()) -> httpx.AsyncClient:
    app = Starlette(
        routes=[
            Route("/echo", echo, methods=["POST"]),
            Route("/broken", broken),
            Route("/away", away),
            Route("/missing", missing),
            Route("/framed", framed),
        ],
        middleware=[*cross_origin(origins), Middleware(Door, now=lambda: 0.0, secure=secure, body_pause_s=0.05)],
        exception_handlers=dict(EXCEPTION_HANDLERS),
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://studio.test")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "route.missing"),
        ("GET", "/echo", 405, "method.not_allowed"),
        ("GET", "/broken", 500, "server.error"),
        ("GET", "/away", 503, "store.away"),
        ("GET", "/missing", 404, "project.missing"),
    ],
)
async def test_every_refusal_is_a_problem(method: str, path: str, status: int, code: str) -> None:
    async with client() as http:
        answer = await http.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status and problem["code"] == code and problem["title"] and problem["detail"]
    assert problem["type"] == f"urn:storyforge:problem:{code}"
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert "secret" not in answer.text and "10.0.0.7" not in answer.text


async def test_what_failed_is_in_the_log_with_its_request(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="storyforge.api"):
        async with client() as http:
            answer = await http.get("/broken?token=abc")
    [failed] = [record for record in caplog.records if record.message == "http.failed"]
    assert failed.__dict__["request_id"] == answer.headers["x-request-id"]
    assert failed.exc_info is not None
    assert all("abc" not in json.dumps(record.__dict__, default=str) for record in caplog.records)


async def test_every_answer_has_the_headers_against_misuse() -> None:
    async with client() as http:
        answer = await http.get("/missing")
        own = await http.get("/framed")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "strict-transport-security" not in answer.headers
    assert own.headers["content-security-policy"] == "own"
    async with client(secure=True) as http:
        assert "strict-transport-security" in (await http.get("/missing")).headers


async def test_a_request_id_is_kept_when_it_is_harmless() -> None:
    async with client() as http:
        assert (await http.get("/framed", headers={"x-request-id": "proxy-7"})).headers["x-request-id"] == "proxy-7"
        assert (await http.get("/framed", headers={"x-request-id": "a b"})).headers["x-request-id"] != "a b"
        assert len((await http.get("/framed", headers={"x-request-id": "x" * 65})).headers["x-request-id"]) == 16


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_has_a_limit(chunked: bool) -> None:
    async def chunks(size: int) -> AsyncIterator[bytes]:
        for start in range(0, size, 65536):
            yield b"x" * min(65536, size - start)

    def body(size: int) -> bytes | AsyncIterator[bytes]:
        return chunks(size) if chunked else b"x" * size

    async with client() as http:
        assert (await http.post("/echo", content=body(BODY_BYTES_MAX))).text == str(BODY_BYTES_MAX)
        answer = await http.post("/echo", content=body(BODY_BYTES_MAX + 1))
    assert answer.status_code == 413
    assert (answer.json()["code"], answer.json()["limit"]) == ("body.too_large", BODY_BYTES_MAX)


async def test_an_http_exception_keeps_its_headers() -> None:
    async def busy(request: Request) -> Response:
        raise HTTPException(418, "short and stout", {"x-kind": "teapot"})

    app = Starlette(
        routes=[Route("/", busy)],
        middleware=[Middleware(Door, now=lambda: 0.0, secure=False)],
        exception_handlers=dict(EXCEPTION_HANDLERS),
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://studio.test") as http:
        answer = await http.get("/")
    assert (answer.status_code, answer.headers["x-kind"]) == (418, "teapot")


async def test_an_address_has_a_limit() -> None:
    async with client() as http:
        room = URL_BYTES_MAX - len("/framed")
        assert (await http.get("/framed?" + "x" * room)).status_code == 200
        answer = await http.get("/framed?" + "x" * (room + 1))
    assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (414, "query.too_long", URL_BYTES_MAX)


async def test_headers_have_a_limit() -> None:
    async with client() as http:
        assert (await http.get("/framed", headers={"x-a": "x" * (HEADERS_BYTES_MAX - 1024)})).status_code == 200
        answer = await http.get("/framed", headers={"x-a": "x" * HEADERS_BYTES_MAX})
    assert (answer.status_code, answer.json()["code"]) == (431, "headers.too_large")
    assert answer.json()["limit"] == HEADERS_BYTES_MAX


async def test_a_body_that_stops_arriving_is_not_waited_for() -> None:
    async def stuck() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    async with client() as http:
        answer = await http.post("/echo", content=stuck())
    assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (408, "body.too_slow", 0.05)


async def test_pages_of_named_origins_may_read_and_nobody_else() -> None:
    async with client(origins=("https://studio.example",)) as http:
        ours = await http.get("/missing", headers={"Origin": "https://studio.example"})
        asked = {"Origin": "https://studio.example", "Access-Control-Request-Method": "PATCH"}
        preflight = await http.options("/echo", headers=asked | {"Access-Control-Request-Headers": "if-match"})
        strange = await http.get("/missing", headers={"Origin": "https://evil.example"})
        strange_preflight = await http.options("/echo", headers=asked | {"Origin": "https://evil.example"})
    assert ours.status_code == 404 and ours.headers["access-control-allow-origin"] == "https://studio.example"
    assert ours.headers["access-control-allow-credentials"] == "true" and "Origin" in ours.headers["vary"]
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "https://studio.example"
    assert "access-control-allow-origin" not in strange.headers
    assert strange_preflight.status_code == 400
    async with client() as http:
        assert "access-control-allow-origin" not in (await http.get("/missing", headers=asked)).headers
