"""What a failing database is to its callers, and what it must not hide."""

import asyncio

import pytest

from storage.errors import StoreAway
from storage.postgres import store_away


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
