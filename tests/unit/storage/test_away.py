"""What a failing database is to its callers, and what it must not hide."""

import asyncio

import pytest

from storage.errors import StoreAway
from storage.postgres import store_away
from storage.tasks import cancellable


def test_what_is_only_of_the_moment_is_store_away() -> None:
    async def ask() -> None:
        with store_away():
            raise ConnectionResetError

    with pytest.raises(StoreAway):
        asyncio.run(ask())


async def test_a_cancellation_that_cleanup_made_an_error_of_still_cancels() -> None:
    waiting = asyncio.Event()

    async def ask() -> None:
        with store_away():
            try:
                waiting.set()
                await asyncio.get_running_loop().create_future()
            finally:
                raise ConnectionResetError  # as closing a connection in the middle may

    async def look_again_and_again() -> None:
        while True:
            try:
                await ask()
            except StoreAway:
                await asyncio.sleep(0)

    task = asyncio.create_task(look_again_and_again())
    await waiting.wait()
    task.cancel()
    async with asyncio.timeout(5):
        await asyncio.wait([task])
    assert task.cancelled()


async def test_a_cancellation_that_meets_the_answer_still_cancels() -> None:
    answers: list[asyncio.Future[int]] = []

    async def ask() -> int:
        answers.append(asyncio.get_running_loop().create_future())
        with cancellable():
            return await asyncio.wait_for(answers[-1], 5)  # Python 3.11 returns the answer, and goes on

    async def ask_again_and_again() -> None:
        while True:
            await ask()

    task = asyncio.create_task(ask_again_and_again())
    await asyncio.sleep(0)
    answers[0].set_result(1)
    task.cancel()
    async with asyncio.timeout(5):
        await asyncio.wait([task])
    assert task.cancelled() and len(answers) == 1


async def test_cleaning_up_after_a_cancellation_may_still_wait() -> None:
    waiting = asyncio.Event()
    cleaned: list[int] = []

    async def work() -> None:
        try:
            waiting.set()
            await asyncio.get_running_loop().create_future()
        finally:
            with cancellable():
                await asyncio.sleep(0)
            cleaned.append(1)

    task = asyncio.create_task(work())
    await waiting.wait()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled() and cleaned == [1]
