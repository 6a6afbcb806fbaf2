"""A second wall under the access rules: inside `walled_for`, connections of the pool know one user's projects only.

The wall is PostgreSQL's row-level security, for the role `storyforge_app`; whoever is outside works as the tables'
owner, whom it does not concern. It is no substitute for asking `services/users/access.py`: it knows no roles.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from asyncpg.pool import PoolConnectionProxy

ROLE = "storyforge_app"

_RAISE = f"select set_config('role', '{ROLE}', false), set_config('storyforge.actor', $1, false)"
_RAISE_HELD = f"""
select set_config('role', '{ROLE}', false),
       set_config('storyforge.actor', $1, false),
       set_config('storyforge.held', array_to_string(visible_projects(), ','), false)
"""
_TAKE_DOWN = "reset role; reset storyforge.actor; reset storyforge.held"


@dataclass(frozen=True, slots=True)
class Walled:
    """For whom. `held`: what they are in when a connection is borrowed they may write in until it comes back, though
    they leave meanwhile."""

    user_id: UUID
    held: bool


_actor: ContextVar[Walled | None] = ContextVar("storyforge_wall", default=None)


@contextmanager
def walled_for(user_id: UUID, *, held: bool = False) -> Iterator[None]:
    """For this task, and the tasks that it starts inside. `held`: for who writes."""
    token = _actor.set(Walled(user_id, held))
    try:
        yield
    finally:
        _actor.reset(token)


class Wall:
    """Of one pool: raised before a connection is borrowed inside `walled_for`, taken down when it comes back."""

    def __init__(self) -> None:
        self._walled: set[int] = set()
        """Process ids of PostgreSQL's side, by which a connection and its loan are known as the same."""

    async def up(self, connection: PoolConnectionProxy) -> None:
        """The pool's `setup`."""
        actor = _actor.get()
        if actor is not None:
            self._walled.add(connection.get_server_pid())
            await connection.fetchval(_RAISE_HELD if actor.held else _RAISE, str(actor.user_id))

    async def down(self, connection: asyncpg.Connection | PoolConnectionProxy) -> None:
        """The pool's `reset`. Where it fails the pool closes the connection."""
        if connection.get_server_pid() in self._walled:
            await connection.execute(_TAKE_DOWN)
            self._walled.discard(connection.get_server_pid())
