"""Lanes on the real database: tenants share an account, what throttles teach is heeded by the next claim."""

import asyncio
from uuid import UUID, uuid4

import pytest
from prometheus_client import CollectorRegistry

from services.generation.routing.lanes import Lanes, account_lane, lane_of, loads
from services.generation.routing.metrics import RoutingMetrics
from services.generation.routing.model import Load, ModelId
from services.runs.model import Done
from storage.tables import lanes as rows
from tests.integration.runs.conftest import Floor, chain


class Account:
    """A model that nobody else uses, and the lanes of its tenants."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.model = ModelId("fal", f"studio/{uuid4().hex}")
        self.registry = CollectorRegistry()
        self.lanes = Lanes(floor.pool, RoutingMetrics(self.registry))

    async def open(self, tenant: UUID, ceiling: int) -> str:
        async with self.floor.pool.acquire() as connection, connection.transaction():
            return await self.lanes.open(connection, self.model, tenant, ceiling)

    async def wait(self, tenant: UUID, lane: str, steps: int) -> None:
        for _ in range(steps):
            await self.floor.run(*chain("call", lane=lane), tenant=tenant)

    async def claimed(self) -> int:
        """As many steps as may begin now."""
        count = 0
        while await self.floor.steps.claim("one") is not None:
            count += 1
        return count

    async def places(self, lane: str) -> int:
        (row,) = await rows.read(self.floor.pool, [lane])
        return row.places

    async def hold_is_over(self) -> None:
        query = "update lanes set held_until = now() - interval '1 s' where lane = $1"
        await self.floor.pool.execute(query, account_lane(self.model))


@pytest.fixture
def account(floor: Floor) -> Account:
    return Account(floor)


async def test_tenants_share_the_places_of_an_account(account: Account) -> None:
    ada, ben = uuid4(), uuid4()
    for tenant in (ada, ben):
        await account.wait(tenant, await account.open(tenant, 3), 3)
    assert await account.claimed() == 3
    facts = await loads(account.floor.pool, [account.model], ada)
    assert facts == {account.model: Load(3, 3)} and facts[account.model].is_full


async def test_a_full_account_holds_up_nobody_else(account: Account, floor: Floor) -> None:
    tenant = uuid4()
    await account.wait(tenant, await account.open(tenant, 1), 2)
    await floor.run(*chain("local"), tenant=tenant)
    assert await account.claimed() == 2, "one call and what needs no place"


async def test_a_throttle_halves_what_the_next_claims_may_take(account: Account, floor: Floor) -> None:
    tenant = uuid4()
    lane = await account.open(tenant, 4)
    await account.wait(tenant, lane, 8)
    assert await account.claimed() == 4
    await account.lanes.throttled(lane, began_ago_s=1.0, retry_after_s=None)
    assert [await account.places(each) for each in (account_lane(account.model), lane)] == [2, 2]
    assert await account.claimed() == 0
    await floor.pool.execute("update steps set state = 'done' where lane = $1 and state = 'running'", lane)
    assert await account.claimed() == 2
    await account.lanes.succeeded(lane)
    assert await account.places(lane) == 3
    assert await account.claimed() == 1


async def test_a_tenant_with_room_is_not_to_blame_for_a_throttle(account: Account) -> None:
    ada, ben = uuid4(), uuid4()
    hers, his = await account.open(ada, 4), await account.open(ben, 4)
    await account.wait(ada, hers, 3)
    assert await account.claimed() == 3
    await account.wait(ben, his, 1)
    assert await account.claimed() == 1
    await account.lanes.throttled(his, began_ago_s=1.0, retry_after_s=None)
    assert [await account.places(lane) for lane in (account_lane(account.model), hers, his)] == [2, 4, 4]


async def test_a_provider_that_asks_for_a_pause_gets_it(account: Account, floor: Floor) -> None:
    ada, ben = uuid4(), uuid4()
    lane = await account.open(ada, 4)
    await account.lanes.throttled(lane, began_ago_s=1.0, retry_after_s=60.0)
    await account.wait(ben, await account.open(ben, 4), 1)
    assert await account.claimed() == 0
    load = (await loads(account.floor.pool, [account.model], ben))[account.model]
    assert load.is_full and 55 < load.held_s <= 60
    await account.hold_is_over()
    assert await account.claimed() == 1
    assert account.registry.get_sample_value(
        "storyforge_lane_throttles_total", {"provider": "fal", "model": account.model.model}
    )


async def test_workers_that_are_put_off_together_halve_once(account: Account) -> None:
    tenant = uuid4()
    lane = await account.open(tenant, 8)
    await account.wait(tenant, lane, 8)
    assert await account.claimed() == 8
    await asyncio.gather(*(account.lanes.throttled(lane, began_ago_s=30.0, retry_after_s=None) for _ in range(6)))
    assert await account.places(lane) == 4


async def test_successes_of_many_workers_are_all_counted(account: Account) -> None:
    """Eight places, of which six are left by a throttle that lies back: above the knee every success counts once."""
    tenant = uuid4()
    lane = await account.open(tenant, 8)
    await account.wait(tenant, lane, 8)
    assert await account.claimed() == 8
    await account.lanes.throttled(lane, began_ago_s=1.0, retry_after_s=None)
    await asyncio.gather(*(account.lanes.succeeded(lane) for _ in range(13)))
    (row,) = await rows.read(account.floor.pool, [lane])
    assert (row.places, row.knee, row.streak) == (7, 7, 10), "three to climb back, ten that count above"


async def test_another_tier_is_heeded_by_all_tenants(account: Account) -> None:
    ada, ben = uuid4(), uuid4()
    hers = await account.open(ada, 4)
    await account.open(ben, 2)
    assert [await account.places(lane) for lane in (account_lane(account.model), hers)] == [2, 4]
    await account.wait(ada, hers, 4)
    assert await account.claimed() == 2
    assert await account.open(ada, 6) == lane_of(account.model, ada)
    (row,) = await rows.read(account.floor.pool, [hers])
    assert (row.places, row.ceiling) == (4, 6)


async def test_a_lane_without_a_row_has_room(account: Account, floor: Floor) -> None:
    tenant = uuid4()
    assert await loads(account.floor.pool, [account.model], tenant) == {}
    run = await floor.run(*chain("call", lane=lane_of(account.model, tenant)), tenant=tenant)
    held = await floor.claim()
    assert held.run.id == run
    await floor.steps.end(held, Done({}))
