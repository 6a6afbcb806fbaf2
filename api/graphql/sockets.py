"""Subscriptions over graphql-transport-ws, on the path of the queries.

A socket says who it is in `connection_init`: `{"Authorization": "Bearer ..."}`, or by the cookie of a page of ours.
"""

import secrets
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from api.address import client_address
from api.call import session_of
from api.errors import ApiError
from api.graphql.context import Context
from api.graphql.schema import schema_of
from api.rates import RouteClass
from api.state import ApiState
from services.users.errors import Unauthenticated
from storage.errors import StoreAway
from storage.postgres import store_away

INIT_TIMEOUT_S = 10.0
SUBSCRIPTIONS_PER_SOCKET_MAX = 32


class _Socket(GraphQL[Context, None]):
    """One socket. `held`: what is given back when it ends, its place among the user's streams."""

    def __init__(self, state: ApiState, held: ExitStack) -> None:
        super().__init__(
            schema_of(state.settings.graphql_introspection),
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=INIT_TIMEOUT_S),
            max_subscriptions_per_connection=SUBSCRIPTIONS_PER_SOCKET_MAX,
            allowed_origins=sorted(state.settings.origins),
        )
        self._state = state
        self._held = held

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        assert isinstance(request, WebSocket)
        self._websocket = request
        return Context(self._state, secrets.token_hex(8), is_socket=True)

    async def on_ws_connect(self, context: Context) -> dict[str, object]:
        """Raises `ConnectionRejectionError`, which closes with 4403: the client does not come back by itself."""
        state, socket = self._state, self._websocket
        forwarded = socket.headers.getlist("x-forwarded-for")
        peer = None if socket.client is None else socket.client.host
        address = client_address(peer, forwarded, state.settings.trusted_proxies)
        try:
            await state.limiter.take(RouteClass.PUBLIC, None, address)
            with store_away():
                context.session = await session_of(socket, state, _authorization(context), writes=True)
            self._held.enter_context(state.audience.join(context.session.actor.user_id))
        except (ApiError, Unauthenticated, StoreAway) as error:
            raise ConnectionRejectionError() from error
        return {}


def _authorization(context: Context) -> str:
    said: dict[str, Any] = context.connection_params or {}
    return str(said.get("Authorization") or said.get("authorization") or "")


def route_of(path: str, state: ApiState) -> WebSocketRoute:
    """For any ASGI server."""

    async def endpoint(websocket: WebSocket) -> None:
        with ExitStack() as held:
            await _Socket(state, held)(websocket.scope, websocket.receive, websocket.send)

    return WebSocketRoute(path, endpoint)
