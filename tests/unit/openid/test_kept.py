"""A provider's document: one request for all who need it, a floor between two, the old one while nobody answers."""

import asyncio

import pytest

from services.users.errors import ProviderAway
from services.users.openid.kept import RENEWAL_FLOOR_S, Kept


class Remote:
    """Answers 1, 2, 3 ... when it is let."""

    def __init__(self) -> None:
        self.asked = 0
        self.now_s = 100.0
        self.is_away = False
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.kept: Kept[int] = Kept(self.fetch, lambda: self.now_s, 60.0)

    async def fetch(self) -> int:
        self.asked += 1
        number = self.asked
        await self.may_answer.wait()
        if self.is_away:
            raise ProviderAway("away")
        return number


async def test_many_who_need_it_at_once_ask_once() -> None:
    remote = Remote()
    remote.may_answer.clear()
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(remote.kept.get()) for _ in range(50)]
        waiting += [group.create_task(remote.kept.renewed()) for _ in range(50)]
        group.create_task(let(remote))
    assert {task.result() for task in waiting} == {1}
    assert remote.asked == 1


async def let(remote: Remote) -> None:
    remote.may_answer.set()


async def test_it_is_asked_for_again_when_it_is_old_and_not_within_the_floor() -> None:
    remote = Remote()
    assert await remote.kept.get() == 1
    remote.now_s += RENEWAL_FLOOR_S - 1
    assert await remote.kept.renewed() == 1
    remote.now_s += 1
    assert await remote.kept.renewed() == 2
    remote.now_s += 60.0
    assert await remote.kept.get() == 2
    remote.now_s += 1
    assert await remote.kept.get() == 3


async def test_while_the_provider_is_away_the_old_one_is_used() -> None:
    remote = Remote()
    assert await remote.kept.get() == 1
    remote.is_away = True
    remote.now_s += 3600
    assert await remote.kept.get() == 1
    assert await remote.kept.get() == 1
    assert remote.asked == 2, "once, within the floor"


async def test_one_waits_for_a_newer_one_and_the_others_use_the_old() -> None:
    remote = Remote()
    assert await remote.kept.get() == 1
    remote.may_answer.clear()
    remote.now_s += 3600
    async with asyncio.TaskGroup() as group:
        first = group.create_task(remote.kept.get())
        await asyncio.sleep(0)
        assert [await remote.kept.get() for _ in range(3)] == [1, 1, 1]
        remote.may_answer.set()
    assert first.result() == 2


async def test_without_an_old_one_everybody_is_told_and_the_provider_is_left_alone() -> None:
    remote = Remote()
    remote.is_away = True
    for _ in range(5):
        with pytest.raises(ProviderAway):
            await remote.kept.get()
    assert remote.asked == 1
    remote.is_away = False
    remote.now_s += RENEWAL_FLOOR_S
    assert await remote.kept.get() == 2
