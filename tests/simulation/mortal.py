"""A process that dies between any two words with PostgreSQL or a provider: what was said stays said, nothing follows.

Only what runs in the context of `dying` is mortal. Rolling back is what PostgreSQL does for a dead client, so that
alone still works.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from unittest import mock

import asyncpg

from services.generation.providers.adapters.line import Line

_WORDS = ("execute", "executemany", "fetch", "fetchrow", "fetchval")


class Died(BaseException):
    """Not an `Exception`: nothing of ours may catch it."""


@dataclass
class Life:
    """`left`: words until it ends."""

    left: int
    is_over: bool = False

    def word(self) -> None:
        if self.is_over:
            raise Died
        self.left -= 1
        if self.left <= 0:
            self.is_over = True
            raise Died


_life: ContextVar[Life | None] = ContextVar("life", default=None)


@contextmanager
def dying(life: Life) -> Iterator[None]:
    """Inside, every word costs one of `life`; at the last one `Died` is raised, for ever after."""
    token = _life.set(life)
    try:
        yield
    finally:
        _life.reset(token)


def _mortal(call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def said(self: Any, *arguments: Any, **named: Any) -> Any:
        life = _life.get()
        if life is None or (arguments and isinstance(arguments[0], str) and arguments[0].startswith("ROLLBACK")):
            return await call(self, *arguments, **named)
        life.word()  # before it is said
        answer = await call(self, *arguments, **named)
        life.word()  # it was heard, and nobody lives to know the answer
        return answer

    return said


@contextmanager
def mortality() -> Iterator[None]:
    """Makes connections to PostgreSQL and paid calls of whoever is `dying` cost words."""
    with ExitStack() as stack:
        for name in _WORDS:
            original = getattr(asyncpg.Connection, name)
            stack.enter_context(mock.patch.object(asyncpg.Connection, name, _mortal(original)))
        stack.enter_context(mock.patch.object(Line, "pay", _mortal(Line.pay)))
        yield
