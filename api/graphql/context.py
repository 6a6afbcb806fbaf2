"""What the resolvers of one operation know: who asks, and what they may read."""

from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID

import strawberry

from api.cursors import opened, sealed
from api.errors import FieldInvalid
from api.graphql.loaders import Loaders
from api.state import ApiState
from services.users.sessions import Session
from sync import ids
from sync.errors import MalformedId

PAGE_MAX = 50
PAGE_DEFAULT = 20


@dataclass(slots=True)
class Context:
    """`session` is None until a socket has said who it is; `connection_params` are what it said.

    `is_socket`: whether operations come over a socket, where only subscriptions may.
    """

    state: ApiState
    request_id: str
    is_socket: bool = False
    session: Session | None = None
    connection_params: dict[str, Any] | None = None
    _loaders: Loaders | None = field(default=None)

    @property
    def known_session(self) -> Session:
        assert self.session is not None, "nobody resolves anything before they are known"
        return self.session

    @property
    def loaders(self) -> Loaders:
        if self._loaders is None:
            self._loaders = Loaders(self.state.stores.pool, self.known_session.actor)
        return self._loaders

    def cursor(self, place: str, position: str) -> str:
        """`place`: the list that it is good for."""
        return sealed(self.state.keys.media_secret, f"graphql:{place}", position)

    def position(self, place: str, cursor: str | None) -> str | None:
        """Raises `CursorInvalid`."""
        return None if cursor is None else opened(self.state.keys.media_secret, f"graphql:{place}", cursor)


Info: TypeAlias = strawberry.Info[Context, None]


def page_limit(first: int) -> int:
    """Raises `FieldInvalid`."""
    if not 1 <= first <= PAGE_MAX:
        raise FieldInvalid(f"A page has between 1 and {PAGE_MAX}.", field="first", limit=PAGE_MAX)
    return first


def uuid_of(prefix: str, text: object) -> UUID | None:
    """None: what cannot be an id does not exist."""
    try:
        return ids.from_text(prefix, str(text))
    except MalformedId:
        return None
