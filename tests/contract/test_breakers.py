"""One suite for every form of the breakers: in memory and on Redis, and that both count alike."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from uuid import uuid4

import pytest
import pytest_asyncio

from storage.breakers import Breakers, MemoryBreakers, Seen, State, Trip
from storage.errors import StoreAway
from storage.redis import open_redis
from storage.redis_breakers import RedisBreakers

LONG = Trip(weight=3.5, share=0.5, open_ms=600_000, open_max_ms=900_000)
BRIEF = Trip(weight=3.5, share=0.5, open_ms=30, open_max_ms=3_600_000)
AT_ONCE = Trip(weight=0.5, share=0.0, open_ms=600_000, open_max_ms=600_000)


@dataclass(frozen=True)
class Side:
    breakers: Breakers
    until: Callable[[str, State], Awaitable[None]]
    """Returns when time has brought the circuit there."""

    async def state(self, key: str) -> Seen:
        (seen,) = await self.breakers.look([key])
        return seen

    async def ok(self, key: str, *, is_probe: bool = False) -> Seen:
        return (await self.breakers.tell(key, None, None, is_probe=is_probe)).after

    async def fail(self, key: str, trip: Trip = LONG, fault: str = "retryable", *, is_probe: bool = False) -> Seen:
        return (await self.breakers.tell(key, fault, trip, is_probe=is_probe)).after

    async def opened(self, key: str, trip: Trip = BRIEF) -> None:
        for _ in range(4):
            await self.fail(key, trip)


@pytest_asyncio.fixture(params=["memory", "redis"])
async def side(request: pytest.FixtureRequest, redis_url: str) -> AsyncIterator[Side]:
    if request.param == "memory":
        clock = [100.0]
        breakers = MemoryBreakers(lambda: clock[0])

        async def pass_time(key: str, state: State) -> None:
            while (await breakers.look([key]))[0].state is not state:
                clock[0] += 0.01

        yield Side(breakers, pass_time)
        return
    async with open_redis(redis_url) as client:
        shared = RedisBreakers(client)

        async def wait(key: str, state: State) -> None:
            while (await shared.look([key]))[0].state is not state:
                pass

        yield Side(shared, wait)


async def test_who_fails_too_often_is_left_alone(side: Side) -> None:
    key = uuid4().hex
    states = [(await side.fail(key)).state for _ in range(4)]
    assert states == [State.CLOSED] * 3 + [State.OPEN]
    seen = await side.breakers.admit(key)
    assert (seen.state, seen.fault) == (State.OPEN, "retryable")
    assert 599_000 < seen.retry_after_ms <= 600_000


async def test_few_failures_among_many_calls_are_borne(side: Side) -> None:
    key = uuid4().hex
    for _ in range(10):
        await side.ok(key)
    for _ in range(6):
        assert (await side.fail(key)).state is State.CLOSED
    for _ in range(8):
        last = await side.fail(key)
    assert last.state is State.OPEN


async def test_faults_have_rules_of_their_own(side: Side) -> None:
    key = uuid4().hex
    for _ in range(20):
        await side.ok(key)
    for _ in range(3):
        await side.fail(key, fault="retryable")
        assert (await side.fail(key, fault="stalled")).state is State.CLOSED
    told, seen = await side.fail(key, AT_ONCE, "credit"), await side.state(key)
    assert (told.state, told.fault) == (seen.state, seen.fault) == (State.OPEN, "credit")
    assert 0 < seen.retry_after_ms <= told.retry_after_ms  # a millisecond may lie between


async def test_what_says_nothing_of_the_circuit_never_opens_it(side: Side) -> None:
    key = uuid4().hex
    for _ in range(30):
        changed = await side.breakers.tell(key, "moderated", None, is_probe=False)
        assert (changed.before, changed.after) == (Seen(State.CLOSED), Seen(State.CLOSED))


async def test_one_probe_at_a_time(side: Side) -> None:
    key = uuid4().hex
    await side.opened(key)
    await side.until(key, State.HALF_OPEN)
    admitted = await asyncio.gather(*(side.breakers.admit(key) for _ in range(8)))
    assert sorted(each.state for each in admitted) == [State.HALF_OPEN] + [State.PROBING] * 7
    assert (await side.state(key)).state is State.PROBING


async def test_a_probe_that_goes_well_closes_it_and_all_is_forgotten(side: Side) -> None:
    key = uuid4().hex
    await side.opened(key)
    await side.until(key, State.HALF_OPEN)
    await side.breakers.admit(key)
    changed = await side.breakers.tell(key, None, None, is_probe=True)
    assert (changed.before.state, changed.after) == (State.PROBING, Seen(State.CLOSED))
    assert [(await side.fail(key)).state for _ in range(3)] == [State.CLOSED] * 3


async def test_a_probe_that_fails_leaves_it_alone_for_twice_as_long(side: Side) -> None:
    key = uuid4().hex
    rule = Trip(weight=3.5, share=0.5, open_ms=30, open_max_ms=50)
    await side.opened(key, rule)
    waits = []
    for _ in range(3):
        await side.until(key, State.HALF_OPEN)
        await side.breakers.admit(key)
        seen = await side.fail(key, rule, is_probe=True)
        assert seen.state is State.OPEN
        waits.append(seen.retry_after_ms)
    assert waits == [50, 50, 50], "60 and more, if there were no most"
    await side.until(key, State.HALF_OPEN)
    await side.breakers.admit(key)
    assert (await side.fail(key, BRIEF, is_probe=True)).retry_after_ms == 30 * 2**4


async def test_a_probe_that_says_nothing_gives_the_turn_back(side: Side) -> None:
    key = uuid4().hex
    await side.opened(key)
    await side.until(key, State.HALF_OPEN)
    await side.breakers.admit(key)
    changed = await side.breakers.tell(key, "moderated", None, is_probe=True)
    assert changed.after.state is State.HALF_OPEN
    assert (await side.breakers.admit(key)).state is State.HALF_OPEN


@pytest.mark.parametrize("state", [State.OPEN, State.PROBING, State.HALF_OPEN])
async def test_only_the_probe_counts_while_it_is_not_closed(side: Side, state: State) -> None:
    """Calls that began before it opened end afterwards."""
    key = uuid4().hex
    await side.opened(key, LONG if state is State.OPEN else BRIEF)
    if state is not State.OPEN:
        await side.until(key, State.HALF_OPEN)
    if state is State.PROBING:
        await side.breakers.admit(key)
    assert (await side.ok(key)).state is state
    for _ in range(6):
        assert (await side.fail(key)).state is state


async def test_keys_do_not_share(side: Side) -> None:
    one, other = uuid4().hex, uuid4().hex
    await side.opened(one, LONG)
    assert [each.state for each in await side.breakers.look([one, other])] == [State.OPEN, State.CLOSED]
    assert await side.breakers.look([]) == []
    assert (await side.breakers.admit(other)).state is State.CLOSED


async def test_a_flushed_redis_has_forgiven(redis_url: str) -> None:
    async with open_redis(redis_url) as client:
        breakers, key = RedisBreakers(client), uuid4().hex
        side = Side(breakers, lambda key, state: asyncio.sleep(0))
        await side.opened(key, LONG)
        await client.delete(f"sf:breaker:{key}")
        await client.script_flush()
        assert (await breakers.admit(key)).state is State.CLOSED


async def test_circuits_do_not_stay_for_ever(redis_url: str) -> None:
    async with open_redis(redis_url) as client:
        breakers, key = RedisBreakers(client), uuid4().hex
        side = Side(breakers, lambda key, state: asyncio.sleep(0))
        await side.opened(key, LONG)
        assert 600_000 < await client.pttl(f"sf:breaker:{key}") <= 600_000 + 3_600_000
        await side.fail(key, BRIEF)
        assert 0 < await client.pttl(f"sf:breaker:{key}")


async def test_without_redis_it_says_so() -> None:
    async with open_redis("redis://127.0.0.1:1/0") as client:
        with pytest.raises(StoreAway):
            await RedisBreakers(client).admit("key")
