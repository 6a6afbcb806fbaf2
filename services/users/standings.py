"""Many who ask at once are answered by one statement: a thousand reconnecting sockets are no thousand questions.

Nothing is remembered: every answer is as of a moment after it was asked for.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import asyncpg

from storage.errors import StorageError
from storage.postgres import Executor, store_away
from storage.tables import standings as rows
from storage.tables.standings import Question, Standing

QUESTIONS_MAX = 500
"""Of one statement; the others are in the next."""

Ask = Callable[[Question], Awaitable[Standing]]


def asking(executor: Executor) -> Ask:
    """One question, one statement."""

    async def ask(question: Question) -> Standing:
        (standing,) = await rows.standings(executor, [question])
        return standing

    return ask


class Standings:
    """`spawn` owns the task that asks. One statement at a time: whoever comes while it is under way is in the next."""

    def __init__(self, pool: asyncpg.Pool, spawn: Callable[[Coroutine[Any, Any, None]], None]) -> None:
        self._pool = pool
        self._spawn = spawn
        self._waiting: list[tuple[Question, asyncio.Future[Standing]]] = []
        self._is_asking = False

    def ask(self, question: Question) -> "asyncio.Future[Standing]":
        """Fails with `StoreAway`."""
        answer: asyncio.Future[Standing] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if not self._is_asking:
            self._is_asking = True
            self._spawn(self._ask_all())
        return answer

    async def _ask_all(self) -> None:
        try:
            while self._waiting:
                asked, self._waiting = self._waiting[:QUESTIONS_MAX], self._waiting[QUESTIONS_MAX:]
                await self._answer(asked)
        finally:
            self._is_asking = False

    async def _answer(self, asked: "list[tuple[Question, asyncio.Future[Standing]]]") -> None:
        try:
            with store_away():
                found = await rows.standings(self._pool, [question for question, _ in asked])
        except StorageError as error:
            for _, answer in asked:
                if not answer.done():
                    answer.set_exception(error)
            return
        for (_, answer), standing in zip(asked, found, strict=True):
            if not answer.done():  # whoever asked may have gone
                answer.set_result(standing)
