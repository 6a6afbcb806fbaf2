"""The table of routes: what Starlette serves and what OpenAPI describes come from the same rows.

The handlers are in the files of their subjects.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.call import SAFE_METHODS, Call, authenticate
from api.etags import as_read
from api.gateway_errors import RequestTooSlow
from api.once import Once, served_once
from api.preconditions import unless_changed
from api.rates import RouteClass
from api.state import ApiState
from services.users.errors import Unauthenticated
from services.users.sessions import Session
from storage.postgres import store_away
from storage.wall import walled_for

Handler = Callable[[Call], Awaitable[Response]]

TIME_LIMITS_S: Mapping[RouteClass, float] = MappingProxyType(
    {
        RouteClass.READ: 20.0,
        RouteClass.WRITE: 30.0,
        RouteClass.COSTLY: 60.0,
        RouteClass.SIGN_IN: 20.0,
        RouteClass.PUBLIC: 20.0,
    }
)
"""Until the handler has its answer, the body's arrival included; sending it takes as long as it takes."""


@dataclass(frozen=True, slots=True)
class Header:
    """A request header that a handler reads."""

    name: str
    description: str
    chars_max: int


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path.

    `content`: the media type of the answer where it is not JSON or nothing. `head`: whether looking changes nothing, so
    that HEAD may be answered too. `costs`: by which quota it is counted; None: by what the method says.
    `resumes`: of a POST, whether it may be made again when nobody knows how far it came, because what it makes is named
    after `Call.idempotency_key`, or answered by `Call.keep`, or twice is like once.
    `form`: of a body that is a form and no JSON. `refusal`: the form of a 400 where a standard has one of its own.
    `seen`: what If-Match is compared with, where the GET of the path may be behind.
    `walled`: whether it works as who asks; not what only operators do, who have no standing in any project.
    `insists`: it is not done without If-Match: where the change that somebody did not see would give away what another
    has just closed.
    `streams`: its handler reads a body of any size piece by piece: neither a time limit nor a key fit that.
    """

    method: str
    path: str
    handler: Handler
    tag: str
    summary: str
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    form: type[BaseModel] | None = None
    refusal: type[BaseModel] | None = None
    status: int = 200
    content: str | None = None
    public: bool = False
    refusals: tuple[int, ...] = ()
    headers: tuple[Header, ...] = ()
    head: bool = True
    costs: RouteClass | None = None
    resumes: bool = False
    streams: bool = False
    walled: bool = True
    seen: Handler | None = None
    insists: bool = False

    @property
    def name(self) -> str:
        """The operation's id: `projects.create`."""
        return f"{self.tag}.{self.handler.__name__}"

    @property
    def takes_key(self) -> bool:
        """Whether an Idempotency-Key is heeded."""
        return self.method == "POST" and not self.public and not self.streams

    @property
    def takes_tag(self) -> bool:
        """Whether the If-Match of what is read at its path is heeded here; a handler may also do that itself."""
        return self.method in ("PUT", "PATCH", "DELETE") and all(header.name != "If-Match" for header in self.headers)

    @property
    def route_class(self) -> RouteClass:
        if self.costs is not None:
            return self.costs
        if self.public:
            return RouteClass.PUBLIC
        return RouteClass.READ if self.method == "GET" else RouteClass.WRITE


def to_routes(operations: Sequence[Operation], state: ApiState) -> list[Route]:
    """In the order of the table; Starlette answers the first that fits."""
    reads = reads_of(operations)
    return [_route(operation, reads.get(operation.path), state) for operation in operations]


def reads_of(operations: Sequence[Operation]) -> Mapping[str, Operation]:
    """By path, what reads the thing that others of its path change."""
    return {each.path: each for each in operations if each.method == "GET" and each.answer is not None}


def _route(operation: Operation, read: Operation | None, state: ApiState) -> Route:
    limit_s = None if operation.streams else TIME_LIMITS_S[operation.route_class]

    async def endpoint(request: Request) -> Response:
        try:
            async with asyncio.timeout(limit_s):
                with store_away():
                    return await _answered(operation, read, request, state)
        except TimeoutError as error:  # ours: those of the stores are StoreAway by now
            raise RequestTooSlow(f"Requests of this kind take at most {limit_s:g} s.", limit=limit_s) from error

    route = Route(operation.path, endpoint, methods=[operation.method], name=operation.name)
    if not operation.head and route.methods is not None:
        route.methods.discard("HEAD")
    return route


async def _answered(operation: Operation, read: Operation | None, request: Request, state: ApiState) -> Response:
    """By the handler, with what holds for every route round it: who may, how often, once, and only if unchanged."""
    session = await _admitted(operation, request, state)
    if session is not None and operation.takes_key:

        async def serve(once: Once | None) -> Response:
            with _wall(operation, session):
                return await operation.handler(Call(request, state, session, once))

        pool, secret = state.stores.pool, state.keys.media_secret
        return await served_once(pool, secret, request, session.actor.user_id, operation.resumes, serve)
    call = Call(request, state, session)
    with _wall(operation, session):
        if read is operation:
            return as_read(await operation.handler(call), request.headers.get("if-none-match"))
        if read is not None and operation.takes_tag:
            seen = operation.seen or read.handler
            return await unless_changed(
                state.stores.pool,
                state.changes,
                request,
                lambda: seen(call),
                lambda: operation.handler(call),
                insists=operation.insists,
            )
        return await operation.handler(call)


def _wall(operation: Operation, session: Session | None) -> AbstractContextManager[None]:
    """What is read and written is so as who asks: below the rules, the database itself knows only what is theirs."""
    if session is None or not operation.walled:
        return nullcontext()
    return walled_for(session.actor.user_id, held=operation.method not in SAFE_METHODS)


async def _admitted(operation: Operation, request: Request, state: ApiState) -> Session | None:
    """Who asks, within their quota; whoever is not known pays as their address. Raises `Unauthenticated`,
    `RateExceeded`."""
    session, refusal = None, None
    if not operation.public:
        try:
            session = await authenticate(request, state)
        except Unauthenticated as error:
            refusal = error
    actor = None if session is None else session.actor
    request.state.headers |= await state.limiter.take(operation.route_class, actor, request.state.address)
    if refusal is not None:
        raise refusal
    return session
