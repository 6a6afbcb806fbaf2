"""Decisions on the real database: made once, kept with their reasons, and what came of them heeded by the next."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from prometheus_client import CollectorRegistry

from services.generation.providers.port import Failed, Failure, FailureKind, Refused
from services.generation.providers.prices import MICRO
from services.generation.routing import journal
from services.generation.routing.journal import Place
from services.generation.routing.lanes import lane_of
from services.generation.routing.metrics import RoutingMetrics
from services.generation.routing.model import Ask, Candidate, Health, ModelId, Policy, Purpose, no_budget
from services.generation.routing.router import Call, Routed, Router
from storage.breakers import MemoryBreakers
from tests.integration.runs.conftest import Floor, chain
from tests.unit.routing.make import KEY, candidate

DOWN = Refused(Failure(FailureKind.RETRYABLE, "503", "their words"))


class Desk:
    """A step of a run, two models that nobody else knows, and a router on a clock of its own."""

    def __init__(self, floor: Floor, place: Place) -> None:
        self.floor = floor
        self.place = place
        self.tenant = uuid4()
        self.now = 100.0
        self.registry = CollectorRegistry()
        self.router = self.another_worker()
        salt = uuid4().hex
        self.good = candidate(f"kling/{salt}", price=10)
        self.dear = candidate(f"runway/{salt}", price=30)
        self.ask = Ask(KEY, Purpose.DRAFT)

    def another_worker(self) -> Router:
        breakers = MemoryBreakers(lambda: self.now)
        return Router(self.floor.pool, breakers, RoutingMetrics(CollectorRegistry()))

    async def decide(self, turn: int = 1, *, router: Router | None = None, ask: Ask | None = None) -> Routed:
        return await (router or self.router).decide(
            replace(self.place, turn=turn),
            ask or self.ask,
            [self.good, self.dear],
            tenant=self.tenant,
            policy=Policy(),
            budget=no_budget,
        )

    async def call(self, routed: Routed) -> Call:
        call = await self.router.admit(routed)
        assert isinstance(call, Call)
        return call

    async def kept(self) -> list[dict[str, Any]]:
        rows = await journal.of_run(self.floor.pool, self.place.run_id)
        return [{"turn": row.turn, "model": row.model, "reason": row.reason, "came": row.came} for row in rows]


@pytest_asyncio.fixture
async def desk(floor: Floor) -> Desk:
    run_id = await floor.run(*chain("call"))
    project_id = await floor.pool.fetchval("select project_id from runs where id = $1", run_id)
    return Desk(floor, Place(project_id, run_id, "call"))


async def of_model(pool: asyncpg.Pool, table: str, model: ModelId) -> asyncpg.Record | None:
    return await pool.fetchrow(f"select * from {table} where provider = $1 and model = $2", *model)


async def test_a_decision_is_kept_with_everybody_who_was_looked_at(desk: Desk) -> None:
    routed = await desk.decide()
    assert (routed.chosen, routed.lane) == (desk.good, lane_of(desk.good.id, desk.tenant))
    (row,) = await journal.of_run(desk.floor.pool, desk.place.run_id)
    assert (row.id, row.step, row.turn, row.purpose, row.weights_version) == (routed.id, "call", 1, "draft", 1)
    assert (row.provider, row.price_microcredits, row.reason) == ("kling", 10 * MICRO, "chosen.cheapest")
    assert row.asked["step_key"] == KEY
    chosen, other = row.judged
    assert (chosen["reason"], other["reason"]) == ("chosen.cheapest", "rank.lower")
    assert other["sentence"] == f"Runway {desk.dear.id.model} costs 24 credits more."
    assert chosen["score"]["total"] > other["score"]["total"]


async def test_workers_that_ask_at_once_get_one_decision(desk: Desk) -> None:
    made = await asyncio.gather(*(desk.decide(router=desk.another_worker()) for _ in range(8)))
    assert made == [made[0]] * 8
    assert len(await desk.kept()) == 1


async def test_a_turn_that_was_decided_stays_so_whatever_is_known_since(desk: Desk) -> None:
    first = await desk.decide()
    for _ in range(4):
        await desk.router.set_back(await desk.call(first), DOWN, 1.0)
    assert await desk.decide() == first
    assert (await desk.decide(2)).chosen == desk.dear


async def test_a_model_that_went_with_its_account_is_not_called(desk: Desk) -> None:
    await desk.decide()
    desk.good = candidate("kling/another")
    routed = await desk.decide()
    assert (routed.chosen, routed.lane) == (None, None)
    assert routed.sentence.endswith("cannot be asked any more. Generate the scene again.")


async def test_nobody_left_is_kept_too(desk: Desk) -> None:
    routed = await desk.decide(ask=replace(desk.ask, price_max_microcredits=MICRO))
    assert (routed.chosen, routed.lane) == (None, None)
    assert await desk.kept() == [{"turn": 1, "model": None, "reason": "none.left", "came": {}}]
    assert await desk.decide() == routed
    await desk.router.journal.picked(routed.id)
    assert (await desk.kept())[0]["came"] == {}


async def test_a_model_that_fails_between_decision_and_call_is_not_called(desk: Desk) -> None:
    routed = await desk.decide()
    call = await desk.call(routed)
    for _ in range(4):
        await desk.router.set_back(call, DOWN, 1.0)
    assert isinstance(await desk.router.admit(routed), Health)


async def test_one_worker_probes_and_others_go_elsewhere(desk: Desk) -> None:
    routed = await desk.decide()
    call = await desk.call(routed)
    for _ in range(4):
        await desk.router.set_back(call, DOWN, 1.0)
    desk.now += 30
    probe = await desk.call(routed)
    assert probe.is_probe
    assert (await desk.decide(2)).chosen == desk.dear, "until the probe is back"
    await desk.router.taken(probe)
    assert (await desk.decide(3)).chosen == desk.good


async def test_a_throttle_is_the_lanes_business(desk: Desk) -> None:
    routed = await desk.decide()
    call = await desk.call(routed)
    for _ in range(10):
        await desk.router.set_back(call, Refused(Failure(FailureKind.THROTTLED, "429", "their words", 60.0)), 1.0)
    assert isinstance(await desk.router.admit(routed), Call), "no breaker opens"
    assert (await desk.decide(2)).chosen == desk.dear, "while it asks for a pause"


async def test_how_long_results_took_is_counted_once_and_heeded(desk: Desk) -> None:
    routed = await desk.decide()
    call = await desk.call(routed)
    await asyncio.gather(*(desk.router.finished(call, 900.0) for _ in range(5)))
    speed = await of_model(desk.floor.pool, "model_speeds", desk.good.id)
    assert speed is not None and (speed["mean_s"], speed["count"]) == (900.0, 1)
    for turn in range(2, 12):
        slow = await desk.decide(turn, ask=replace(desk.ask, pinned=desk.good.id))
        await desk.router.finished(await desk.call(slow), 900.0)
    assert (await desk.decide(12)).chosen == desk.dear, "it is said to take a minute and takes a quarter of an hour"


async def test_what_people_pick_is_counted_once_and_heeded(desk: Desk) -> None:
    final = replace(desk.ask, purpose=Purpose.FINAL)
    for turn in range(1, 31):
        routed = await desk.decide(turn, ask=replace(final, pinned=desk.dear.id))
        await asyncio.gather(*(desk.router.journal.picked(routed.id) for _ in range(3)))
        await desk.router.journal.shown(routed.id)
        await desk.router.journal.scored(routed.id, 0.9)
    record = await of_model(desk.floor.pool, "model_records", desk.dear.id)
    assert record is not None and (record["shown"], record["picked"], record["scored"]) == (30, 30, 30)
    assert (await desk.decide(31, ask=final)).chosen == desk.dear
    assert (await desk.decide(32)).chosen == desk.good, "a pick of finals says nothing of drafts"


async def test_a_turn_that_failed_says_how(desk: Desk) -> None:
    call = await desk.call(await desk.decide())
    await desk.router.failed(call, Failed(Failure(FailureKind.GONE, "404", "their words")))
    assert (await desk.kept())[0]["came"] == {"failed": {"value": None, "fault": "gone"}}


async def test_routes_go_with_their_project(desk: Desk) -> None:
    routed = await desk.decide()
    await desk.router.journal.shown(routed.id)
    await desk.floor.pool.execute("delete from projects where id = $1", desk.place.project_id)
    assert await desk.kept() == []


@pytest.mark.parametrize("tiers", [(), (2, 5)])
async def test_the_lane_has_the_documented_places(desk: Desk, tiers: tuple[int, ...]) -> None:
    model = replace(desk.good.offer.model, terms=replace(desk.good.offer.model.terms, tiers=tiers))
    known: Candidate = replace(desk.good, offer=replace(desk.good.offer, model=model), tier=2)
    desk.good = known
    routed = await desk.decide()
    query = "select lane, places from lanes where lane like $1"
    places = {row["lane"]: row["places"] for row in await desk.floor.pool.fetch(query, f"{desk.good.id}%")}
    assert places == {str(desk.good.id): known.places_max, routed.lane: known.places_max}
    assert known.places_max == (5 if tiers else 8)
