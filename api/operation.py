"""The table of routes: what Starlette serves and what OpenAPI describes come from the same rows.

The handlers are in the files of their subjects.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.call import Call, authenticate
from api.state import ApiState
from storage.postgres import store_away

Handler = Callable[[Call], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Header:
    """A request header that a handler reads."""

    name: str
    description: str
    chars_max: int


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `content`: the media type of the answer where it is not
    JSON or nothing. `head`: whether looking changes nothing, so that HEAD may be answered too."""

    method: str
    path: str
    handler: Handler
    tag: str
    summary: str
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    content: str | None = None
    public: bool = False
    refusals: tuple[int, ...] = ()
    headers: tuple[Header, ...] = ()
    head: bool = True

    @property
    def name(self) -> str:
        """The operation's id: `projects.create`."""
        return f"{self.tag}.{self.handler.__name__}"


def to_routes(operations: Sequence[Operation], state: ApiState) -> list[Route]:
    """In the order of the table; Starlette answers the first that fits."""
    return [_route(operation, state) for operation in operations]


def _route(operation: Operation, state: ApiState) -> Route:
    async def endpoint(request: Request) -> Response:
        with store_away():
            session = None if operation.public else await authenticate(request, state)
            return await operation.handler(Call(request, state, session))

    route = Route(operation.path, endpoint, methods=[operation.method], name=operation.name)
    if not operation.head and route.methods is not None:
        route.methods.discard("HEAD")
    return route
