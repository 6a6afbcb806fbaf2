"""One account's line to its provider: a request, and what is known when it comes back, or does not.

Nothing is repeated here, no redirect is followed, no key is logged or shown in a message.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from services.generation.providers.adapters.dialects import Dialect, Heard, judge
from services.generation.providers.port import Failure, FailureKind, Refused, Unknown

ANSWER_BYTES_MAX = 64 * 1024 * 1024
MESSAGE_CHARS_MAX = 300
CONNECT_TIMEOUT_S = 5.0
ASK_TIMEOUT_S = 15.0
PAY_TIMEOUT_S = 30.0
CONNECTIONS_MAX = 64
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

Part = tuple[str | None, bytes, str | None]
"""Of a form: file name, content, type; the name None: an ordinary field."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `json` or `parts`, not both. `timeout_s`: of the whole, to the last byte of the answer."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, Any] | None = None
    parts: Mapping[str, Part] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = ASK_TIMEOUT_S


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        """None where the body is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class Line:
    """`headers`: made for each request, because some tokens are of the minute. `secrets`: cut out of every message."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        url: str,
        dialect: Dialect,
        headers: Callable[[], Mapping[str, str]],
        secrets: tuple[str, ...],
    ) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._dialect = dialect
        self._headers = headers
        self._secrets = secrets

    async def pay(self, call: Call) -> Answer | Refused | Unknown:
        """A request that may cost money. What may have arrived and was not answered clearly is `Unknown`."""
        try:
            answer = await self._sent(call)
        except _NEVER_SENT as error:
            return Refused(_unreachable(error))
        except httpx.TimeoutException:
            return Unknown("it did not answer in time")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Unknown(f"the connection was lost ({type(error).__name__})")
        if answer is None:
            return Unknown("its answer was too large")
        if self._dialect.is_success(answer.status, answer.json):
            return answer
        failure, certain = self._judged(answer)
        return Refused(failure) if certain else Unknown(f"it answered {answer.status}")

    async def ask(self, call: Call) -> Answer | Failure:
        """A request that costs nothing, so that not knowing is only a failure."""
        try:
            answer = await self._sent(call)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return _unreachable(error)
        if answer is None:
            return Failure(FailureKind.RETRYABLE, "answer", "The answer was too large.")
        if self._dialect.is_success(answer.status, answer.json):
            return answer
        return self._judged(answer)[0]

    def failure(self, code: str, message: str) -> Failure:
        """Of a task that ended badly, in the provider's words."""
        return judge(self._dialect, Heard(None, code, self._clean(message)))[0]

    def _judged(self, answer: Answer) -> tuple[Failure, bool]:
        code, message = self._dialect.read(answer.status, answer.headers, answer.json, answer.body)
        wait_s = self._dialect.wait(answer.status, answer.headers, message)
        return judge(self._dialect, Heard(answer.status, code, self._clean(message), wait_s))

    def _clean(self, message: str) -> str:
        for secret in self._secrets:
            message = message.replace(secret, "***")
        return " ".join(message.split())[:MESSAGE_CHARS_MAX]

    async def _sent(self, call: Call) -> Answer | None:
        """None: larger than is taken."""
        files = None if call.parts is None else {name: part for name, part in call.parts.items()}
        timeout = httpx.Timeout(call.timeout_s, connect=CONNECT_TIMEOUT_S, pool=CONNECT_TIMEOUT_S)
        request = self._http.build_request(
            call.method,
            f"{self._url}{call.path}",
            params=dict(call.params) or None,
            json=None if call.json is None else dict(call.json),
            files=files,
            headers={**self._headers(), **call.headers},
            timeout=timeout,
        )
        try:
            async with asyncio.timeout(call.timeout_s):
                return await self._answered(request)
        except TimeoutError as error:
            raise httpx.ReadTimeout("It answers too slowly.", request=request) from error

    async def _answered(self, request: httpx.Request) -> Answer | None:
        response = await self._http.send(request, stream=True)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > ANSWER_BYTES_MAX:
                    return None
        finally:
            await response.aclose()
        return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, bytes(body))


def _unreachable(error: Exception) -> Failure:
    return Failure(FailureKind.RETRYABLE, "unreachable", f"It could not be reached ({type(error).__name__}).")


def open_http() -> httpx.AsyncClient:
    """For all lines of a process. No connection is kept: a paid request on one that the other side is just closing
    would end as an outcome that nobody knows."""
    limits = httpx.Limits(max_connections=CONNECTIONS_MAX, max_keepalive_connections=0)
    return httpx.AsyncClient(trust_env=False, follow_redirects=False, limits=limits)
