"""Asking a URL that somebody gave us: its name is resolved once, the addresses are judged, and one of them is asked.

Bounded in time, size, type and redirects. The name is never looked up again, when it might lead elsewhere.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from types import MappingProxyType
from urllib.parse import urlencode, urljoin

import httpx

from services.fetching.addresses import Address, Target, is_public, literal, target_of
from services.fetching.errors import (
    AddressRefused,
    AnswerTooLarge,
    AnswerWrongType,
    FetchFailed,
    FetchTooSlow,
    StatusUnfit,
    UrlRefused,
)

REDIRECTS_MAX = 3
FETCH_TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 3.0
FETCH_BYTES_MAX = 1024 * 1024
CONNECTIONS_MAX = 32
FORM_TYPE = "application/x-www-form-urlencoded"
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_TIMEOUT = httpx.Timeout(FETCH_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

Resolve = Callable[[str, int], Awaitable[list[Address]]]
"""Every address of a name, in the order in which they are to be tried."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """`content_type` without parameters, in lower case. `url`: after redirects."""

    url: str
    content_type: str
    body: bytes


class Fetcher:
    """`inside`: origins (`http://127.0.0.1:8900`) that may be fetched though they are not public or not https.

    Straight on a transport, because cookies, proxies and redirects are things of a client.
    """

    def __init__(
        self, transport: httpx.AsyncBaseTransport, inside: Collection[str] = (), resolve: Resolve | None = None
    ) -> None:
        self._transport = transport
        self._inside = frozenset(inside)
        self._resolve = resolve or resolved

    async def get(
        self,
        url: str,
        content_types: Collection[str],
        bytes_max: int = FETCH_BYTES_MAX,
        timeout_s: float = FETCH_TIMEOUT_S,
    ) -> Fetched:
        """`timeout_s`: of the whole, redirects included. Raises one of `FetchError`."""
        async with _bounded(timeout_s):
            return await self._follow(url, content_types, bytes_max)

    async def post(
        self,
        url: str,
        form: Mapping[str, str],
        headers: Mapping[str, str],
        content_types: Collection[str],
        bytes_max: int = FETCH_BYTES_MAX,
        timeout_s: float = FETCH_TIMEOUT_S,
    ) -> Fetched:
        """Follows no redirect: what is in the form is for that address alone. Raises one of `FetchError`."""
        content = urlencode(form).encode()
        typed = {**headers, "Content-Type": FORM_TYPE, "Content-Length": str(len(content))}
        async with _bounded(timeout_s):
            target = target_of(url)
            address = await self._address(target, target.origin in self._inside)
            async with self._asked(target, address, "POST", typed, content) as answer:
                return await _taken(url, answer, content_types, bytes_max)

    async def _follow(self, url: str, content_types: Collection[str], bytes_max: int) -> Fetched:
        """Who begins outside is not led inside, not even to what the settings name."""
        inside = target_of(url).origin in self._inside
        for _ in range(REDIRECTS_MAX + 1):
            target = target_of(url)
            async with self._asked(target, await self._address(target, inside)) as answer:
                if answer.status_code not in _REDIRECTS:
                    return await _taken(url, answer, content_types, bytes_max)
                url = urljoin(url, answer.headers.get("location", ""))
        raise FetchFailed(f"The other side redirects more than {REDIRECTS_MAX} times.", REDIRECTS_MAX)

    async def _address(self, target: Target, began_inside: bool) -> Address:
        """One address of the inside among several is enough to refuse the name."""
        inside = began_inside and target.origin in self._inside
        if target.scheme != "https" and not inside:
            raise UrlRefused()
        known = literal(target.host)
        found = [known] if known is not None else await self._resolve(target.host, target.port)
        if not found:
            raise FetchFailed()
        if not inside and not all(is_public(address) for address in found):
            raise AddressRefused()
        return found[0]

    @asynccontextmanager
    async def _asked(
        self,
        target: Target,
        address: Address,
        method: str = "GET",
        headers: Mapping[str, str] = _NO_HEADERS,
        content: bytes = b"",
    ) -> AsyncIterator[httpx.Response]:
        """Host and the certificate's name are those of the URL, the connection goes to the address that was judged."""
        name = f"[{address}]" if address.version == 6 else str(address)
        request = httpx.Request(
            method,
            f"{target.scheme}://{name}:{target.port}{target.path}",
            headers={"Host": target.authority, "Accept-Encoding": "identity", **headers},
            content=content,
            extensions={"sni_hostname": target.host, "timeout": _TIMEOUT.as_dict()},
        )
        answer = await self._transport.handle_async_request(request)
        answer.request = request
        try:
            yield answer
        finally:
            await answer.aclose()


@asynccontextmanager
async def open_fetcher(inside: Collection[str] = ()) -> AsyncIterator[Fetcher]:
    """No connection is kept: one to the same address may be another name's."""
    limits = httpx.Limits(max_connections=CONNECTIONS_MAX, max_keepalive_connections=0)
    async with httpx.AsyncHTTPTransport(trust_env=False, limits=limits) as transport:
        yield Fetcher(transport, inside)


async def resolved(host: str, port: int) -> list[Address]:
    """By the system. A name that does not exist has none."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        return []
    return [ip_address(str(entry[4][0])) for entry in found]


@asynccontextmanager
async def _bounded(timeout_s: float) -> AsyncIterator[None]:
    """In time, and in our own errors."""
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except (TimeoutError, httpx.TimeoutException) as error:
        raise FetchTooSlow(f"The other side took longer than {timeout_s:g} s.", timeout_s) from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise FetchFailed() from error


async def _taken(url: str, answer: httpx.Response, content_types: Collection[str], bytes_max: int) -> Fetched:
    if not answer.is_success:
        raise StatusUnfit(answer.status_code)
    return Fetched(url, _checked_type(answer, content_types), await _checked_body(answer, bytes_max))


def _checked_type(answer: httpx.Response, content_types: Collection[str]) -> str:
    kind = str(answer.headers.get("content-type", "")).partition(";")[0].strip().lower()
    if kind not in content_types:
        raise AnswerWrongType(None, ", ".join(sorted(content_types)))
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise AnswerWrongType("The answer is compressed though that was not asked for.", "identity")
    return kind


async def _checked_body(answer: httpx.Response, bytes_max: int) -> bytes:
    """Whatever Content-Length says."""
    body = bytearray()
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > bytes_max:
            raise AnswerTooLarge(f"The answer has more than {bytes_max} bytes.", bytes_max)
    return bytes(body)
