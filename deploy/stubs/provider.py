"""What every stub does with a paid call, in this order: key, form, scenario, charge, answer.

A subclass says how its provider spells each of them.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from deploy.stubs.callbacks import Callback
from deploy.stubs.media import Media
from deploy.stubs.stage import Made, Scenario, Stage, Task

BODY_BYTES_MAX = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Spoken:
    """An answer that refuses."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        if isinstance(self.body, str):
            return Response(self.body, self.status, dict(self.headers), "text/html")
        return JSONResponse(self.body, self.status, dict(self.headers))


class Malformed(Exception):
    """The request is not one that the provider takes; the text is what it would say."""


class Dropped(Response):
    """The connection is lost behind the first bytes of the answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"4096")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})


@dataclass(frozen=True, slots=True)
class Order:
    """What a paid call asks for. `cost` in the provider's own money."""

    made: Made
    model: str
    cost: float
    callback_url: str | None = None
    external_id: str | None = None


Read = Callable[[Request, Any], Order]
"""Raises `Malformed`."""
Reply = Callable[[Request, Task], Awaitable[Response]]


class Provider(ABC):
    """One provider's stub, reached under `/{name}`."""

    name: str
    charges_broken = True
    """Whether a 500 comes after the charge."""

    def __init__(self, stage: Stage, media: Media) -> None:
        self.stage = stage
        self.media = media

    @abstractmethod
    def routes(self) -> list[BaseRoute]:
        """Its endpoints."""

    @abstractmethod
    def refusals(self) -> Mapping[Scenario, Spoken]:
        """What a planned refusal is in its dialect; THROTTLED, BUSY, BROKEN and OUT_OF_CREDIT at least."""

    @abstractmethod
    def no_key(self) -> Spoken:
        """What a wrong key is answered."""

    @abstractmethod
    def malformed(self, sentence: str) -> Spoken:
        """What a request that makes no sense is answered."""

    def key_of(self, request: Request) -> str:
        """As it is sent."""
        return request.headers.get("authorization", "").removeprefix("Bearer ")

    def callback(self, task: Task) -> Iterable[Callback]:
        """Of a task that has ended."""
        return ()

    def stranger(self, request: Request) -> Response | None:
        """The answer to who has no key."""
        wanted, given = self.stage.keys.get(self.name), self.key_of(request)
        return self.no_key().response() if not given or (wanted is not None and given != wanted) else None

    async def paid(self, request: Request, read: Read, reply: Reply) -> Response:
        """The whole of a paid call."""
        if (refused := self.stranger(request)) is not None:
            return refused
        try:
            body = await _body(request)
            self.stage.requests.append((self.name, f"{request.method} {request.scope['path']}", body))
            order = read(request, body)
        except Malformed as error:
            return self.malformed(str(error)).response()
        scenario = self.stage.next_of(self.name)
        planned = self.refusals().get(scenario)
        if planned is not None and scenario is not Scenario.BROKEN:
            return planned.response()
        if planned is not None and not self.charges_broken:
            return planned.response()
        task = self.stage.accept(
            self.name,
            order.model,
            scenario,
            order.made,
            order.cost,
            body=body,
            callback_url=order.callback_url or self.stage.callback_urls.get(self.name),
            external_id=order.external_id,
        )
        if planned is not None:
            return planned.response()
        if scenario is Scenario.DROPPED:
            return Dropped()
        return await reply(request, task)

    def asked(self, request: Request) -> Response | None:
        """A question about a task: whether it is refused."""
        if (refused := self.stranger(request)) is not None:
            return refused
        planned = self.refusals().get(self.stage.next_of(self.name, question=True))
        return None if planned is None else planned.response()

    def file_url(self, request: Request, task: Task) -> str:
        """Where its result lies; a new one each time it is asked for."""
        task.fetched += 1
        return f"{_origin(request)}/files/{self.name}/{task.id}/{task.fetched}.{task.made.kind}"


def need(body: Any, name: str, *kinds: type) -> Any:
    """A field that must be there. Raises `Malformed`."""
    found = body.get(name) if isinstance(body, dict) else None
    if not isinstance(found, kinds) or isinstance(found, bool) is not (bool in kinds):
        raise Malformed(f"{name} is missing or of another type")
    return found


def only(body: Mapping[str, Any], *names: str) -> None:
    """Raises `Malformed` for what is not known."""
    unknown = sorted(set(body) - set(names))
    if unknown:
        raise Malformed(f"unknown fields: {', '.join(unknown)}")


def one_of(value: Any, *known: Any) -> Any:
    """Raises `Malformed`."""
    if value not in known:
        raise Malformed(f"{value!r} is not one of {', '.join(map(str, known))}")
    return value


async def _body(request: Request) -> Any:
    """JSON, or the fields of a form: text, or (content type, size) of a file."""
    raw = await request.body()
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + raw)
        fields: dict[str, Any] = {}
        for part in message.iter_parts():
            name = str(part.get_param("name", header="content-disposition"))
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            fields[name] = data.decode() if part.get_filename() is None else (part.get_content_type(), len(data))
        return fields
    try:
        return json.loads(raw) if raw else {}
    except ValueError as error:
        raise Malformed("the body is not JSON") from error


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"
