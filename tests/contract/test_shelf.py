"""One suite for every shelf: in memory and on Redis."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from storage.redis import open_redis
from storage.redis_shelf import RedisShelf
from storage.shelf import VALUE_BYTES_MAX, Kept, MemoryShelf, Mine, Shelf, Theirs

KEY, OTHER = "a" * 64, "b" * 64


@dataclass(frozen=True)
class Side:
    shelf: Shelf
    pass_time: Callable[[UUID, str], Awaitable[None]]
    """Returns when what was put or claimed for 20 ms under the project's key has ended. `str`: `value` or `lease`."""
    project: UUID = field(default_factory=uuid4)


@pytest_asyncio.fixture(params=["memory", "redis"])
async def side(request: pytest.FixtureRequest, redis_url: str) -> AsyncIterator[Side]:
    if request.param == "memory":
        clock = [100.0]

        async def later(project: UUID, what: str) -> None:
            clock[0] += 0.021

        yield Side(MemoryShelf(lambda: clock[0]), later)
        return
    async with open_redis(redis_url) as client:

        async def ended(project: UUID, what: str) -> None:
            while await client.exists(f"sf:shelf:{{{project.hex}}}:{what}:{KEY}"):
                pass

        yield Side(RedisShelf(client), ended)


async def test_the_first_makes_it_and_the_others_know_for_how_long_to_wait(side: Side) -> None:
    claims = await asyncio.gather(*(side.shelf.claim(side.project, KEY, f"h{n}", 10.0) for n in range(6)))
    assert [type(claim) for claim in claims].count(Mine) == 1
    waiting = [claim for claim in claims if isinstance(claim, Theirs)]
    assert len(waiting) == 5 and all(9.0 < claim.lease_s <= 10.0 for claim in waiting)


async def test_what_was_put_is_there_for_everybody(side: Side) -> None:
    await side.shelf.claim(side.project, KEY, "one", 10.0)
    assert await side.shelf.look(side.project, KEY) is None
    assert await side.shelf.put(side.project, KEY, "one", b"\x00made", 60.0) == b"\x00made"
    assert await side.shelf.look(side.project, KEY) == b"\x00made"
    assert await side.shelf.claim(side.project, KEY, "two", 10.0) == Kept(b"\x00made")


async def test_the_first_value_stays(side: Side) -> None:
    assert await side.shelf.put(side.project, KEY, "one", b"first", 60.0) == b"first"
    assert await side.shelf.put(side.project, KEY, "two", b"second", 60.0) == b"first"


async def test_a_holder_may_ask_again(side: Side) -> None:
    assert await side.shelf.claim(side.project, KEY, "one", 10.0) == Mine()
    assert await side.shelf.claim(side.project, KEY, "one", 10.0) == Mine()


async def test_a_dead_holder_frees_it(side: Side) -> None:
    await side.shelf.claim(side.project, KEY, "dead", 0.02)
    await side.pass_time(side.project, "lease")
    assert await side.shelf.claim(side.project, KEY, "two", 10.0) == Mine()
    assert not await side.shelf.renew(side.project, KEY, "dead", 10.0)
    await side.shelf.free(side.project, KEY, "dead")
    assert isinstance(await side.shelf.claim(side.project, KEY, "three", 10.0), Theirs)


async def test_a_lease_can_be_renewed_and_given_back(side: Side) -> None:
    await side.shelf.claim(side.project, KEY, "one", 1.0)
    assert await side.shelf.renew(side.project, KEY, "one", 30.0)
    claim = await side.shelf.claim(side.project, KEY, "two", 10.0)
    assert isinstance(claim, Theirs) and claim.lease_s > 20.0
    await side.shelf.free(side.project, KEY, "one")
    assert await side.shelf.claim(side.project, KEY, "two", 10.0) == Mine()


async def test_a_value_ends(side: Side) -> None:
    await side.shelf.put(side.project, KEY, "one", b"soon gone", 0.02)
    await side.pass_time(side.project, "value")
    assert await side.shelf.claim(side.project, KEY, "two", 10.0) == Mine()


async def test_a_value_can_be_kept_longer_but_not_brought_back(side: Side) -> None:
    await side.shelf.put(side.project, KEY, "one", b"short", 5.0)
    await side.shelf.lengthen(side.project, KEY, b"long", 60.0)
    assert await side.shelf.claim(side.project, KEY, "two", 10.0) == Kept(b"long")
    await side.shelf.lengthen(side.project, OTHER, b"never was", 60.0)
    assert await side.shelf.claim(side.project, OTHER, "two", 10.0) == Mine()


async def test_a_value_can_be_taken_away_alone(side: Side) -> None:
    for key in (KEY, OTHER):
        await side.shelf.put(side.project, key, "one", b"made", 60.0)
    await side.shelf.remove(side.project, KEY)
    await side.shelf.remove(side.project, KEY)
    assert await side.shelf.look(side.project, KEY) is None
    assert await side.shelf.look(side.project, OTHER) == b"made"


async def test_what_is_too_long_is_not_kept(side: Side) -> None:
    long = b"x" * (VALUE_BYTES_MAX + 1)
    assert await side.shelf.claim(side.project, KEY, "one", 10.0) == Mine()
    assert await side.shelf.put(side.project, KEY, "one", long, 60.0) == long
    assert await side.shelf.claim(side.project, KEY, "two", 10.0) == Mine()


async def test_projects_do_not_see_each_other_and_are_forgotten_alone(side: Side) -> None:
    other = uuid4()
    for number in range(3):
        await side.shelf.put(side.project, f"{number}" * 64, "one", b"mine", 60.0)
    await side.shelf.put(other, "0" * 64, "one", b"theirs", 60.0)
    assert await side.shelf.claim(side.project, "0" * 64, "two", 10.0) == Kept(b"mine")
    await side.shelf.forget(side.project)
    assert [await side.shelf.claim(side.project, f"{n}" * 64, "two", 10.0) for n in range(3)] == [Mine()] * 3
    assert await side.shelf.claim(other, "0" * 64, "two", 10.0) == Kept(b"theirs")
