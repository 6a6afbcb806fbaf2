"""What is the same for every request: id, trace and address, headers against misuse, the size of its body, problems.

Plain ASGI, because wrapping responses breaks streams and context. Logs never hold a query string or a header.
"""

import asyncio
import logging
import math
import re
import secrets
from collections.abc import Callable, Mapping, Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.address import Network, client_address
from api.errors import BodyTooLarge, HeaderInvalid, problem, status_of
from api.gateway_errors import BodyTooSlow, HeadersTooLarge, QueryTooLong
from services import trace
from services.users import audit

log = logging.getLogger("storyforge.api")

BODY_BYTES_MAX = 1024 * 1024
_UPLOADS = re.compile(r"/v1/(projects/[^/]+/uploads|uploads/[^/]+)")
"""Bodies of these are files, taken piece by piece: `uploads.py` counts them."""
BODY_PAUSE_S = 10.0
"""Between two pieces of a body; how long the whole may take is the route's to say."""
URL_BYTES_MAX = 8 * 1024
HEADERS_BYTES_MAX = 16 * 1024
REQUEST_ID_HEADER = "x-request-id"
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")

_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "cache-control": "no-store",
}
HSTS = "max-age=31536000; includeSubDomains"


class Door:
    """Wraps one application. `now`: seconds, any origin; `secure`: whether browsers reach us over TLS.

    What it finds out is in the request's state: `request_id`, `address`, and `headers`, to which handlers add.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        now: Callable[[], float],
        secure: bool,
        trusted_proxies: Sequence[Network] = (),
        body_pause_s: float = BODY_PAUSE_S,
    ) -> None:
        self._app = app
        self._now = now
        self._secure = secure
        self._trusted_proxies = trusted_proxies
        self._body_pause_s = body_pause_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = _request_id(headers)
        peer = scope.get("client")
        address = client_address(peer[0] if peer else None, headers.getlist("x-forwarded-for"), self._trusted_proxies)
        added: dict[str, str] = {}
        scope.setdefault("state", {}).update(request_id=request_id, address=address, headers=added)
        with (
            trace.tracing(trace.begin(headers.get("traceparent")), request_id=request_id),
            audit.coming_from(address, headers.get("user-agent")),
        ):
            await self._serve(request_id, scope, receive, _Answer(send, request_id, self._secure, added))

    async def _serve(self, request_id: str, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        started_at = self._now()
        try:
            _check_size(scope)
            await self._app(scope, _limited(scope, receive, self._body_pause_s), answer.send)
        except Exception as error:
            if answer.status is not None:
                log.exception("http.broken_off", extra={"request_id": request_id})
                raise
            await _refuse(error, request_id, scope, receive, answer)
        finally:
            log.info(
                "http.request",
                extra={
                    "request_id": request_id,
                    "method": scope["method"],
                    "path": scope["path"],
                    "status": answer.status,
                    "duration_ms": round((self._now() - started_at) * 1000, 1),
                },
            )


class _Answer:
    """The sending side: remembers the status and adds the headers that are not there yet."""

    def __init__(self, send: Send, request_id: str, secure: bool, added: Mapping[str, str]) -> None:
        self._send = send
        self._request_id = request_id
        self._secure = secure
        self._added = added
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in (*self._added.items(), *_HEADERS.items()):
                headers.setdefault(name, value)
            headers[REQUEST_ID_HEADER] = self._request_id
            if self._secure:
                headers.setdefault("strict-transport-security", HSTS)
        await self._send(message)


async def _refuse(error: Exception, request_id: str, scope: Scope, receive: Receive, answer: _Answer) -> None:
    status = status_of(error)
    if status >= 500:
        log.error("http.failed", exc_info=error, extra={"request_id": request_id})
    elif status == 401:
        log.info("http.unauthenticated", extra={"request_id": request_id, "code": getattr(error, "code", "")})
    await problem(error, request_id)(scope, receive, answer.send)


def _request_id(headers: Headers) -> str:
    """The caller's, so that a request can be followed through a proxy, if it is harmless; else a fresh one."""
    given = headers.get(REQUEST_ID_HEADER, "")
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def _check_size(scope: Scope) -> None:
    """Raises `QueryTooLong`, `HeadersTooLarge`."""
    if len(scope["path"].encode()) + len(scope["query_string"]) > URL_BYTES_MAX:
        raise QueryTooLong(f"The path and the query have at most {URL_BYTES_MAX} bytes.", limit=URL_BYTES_MAX)
    if sum(len(name) + len(value) for name, value in scope["headers"]) > HEADERS_BYTES_MAX:
        raise HeadersTooLarge(f"The headers have at most {HEADERS_BYTES_MAX} bytes.", limit=HEADERS_BYTES_MAX)


def _limited(scope: Scope, receive: Receive, pause_s: float) -> Receive:
    """Raises `BodyTooLarge` before more than the limit was read, whatever Content-Length says, and `BodyTooSlow`."""
    declared = Headers(scope=scope).get("content-length")
    bytes_max = math.inf if _UPLOADS.fullmatch(scope["path"]) else BODY_BYTES_MAX
    too_large = BodyTooLarge(f"A request body has at most {BODY_BYTES_MAX} bytes.", limit=BODY_BYTES_MAX)
    read = 0
    is_whole = False

    async def limited() -> Message:
        nonlocal read, is_whole
        if declared is not None:
            if not (declared.isascii() and declared.isdecimal()):
                raise HeaderInvalid("Content-Length is not a number.", field="Content-Length")
            if int(declared[:20]) > bytes_max:
                raise too_large
        message = await _next(receive, None if is_whole else pause_s)
        is_whole = not message.get("more_body", False)
        read += len(message.get("body", b""))
        if read > bytes_max:
            raise too_large
        return message

    return limited


async def _next(receive: Receive, pause_s: float | None) -> Message:
    """None: the body is there, and what comes next is only the end of the connection."""
    try:
        async with asyncio.timeout(pause_s):
            return await receive()
    except TimeoutError as error:
        raise BodyTooSlow(f"A body pauses for at most {pause_s:g} s.", limit=pause_s) from error
