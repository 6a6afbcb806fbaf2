"""Paid calls on the real database, against the stubs, which count: whatever happens, nothing is paid twice (P9)."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from deploy.stubs.stage import Scenario
from services.fetching.fetch import open_fetcher
from services.generation.providers.errors import HintRefused, IntentMissing, IntentMoved, NoAccount
from services.generation.providers.intents import Intents, Place, State, failure_of
from services.generation.providers.outputs import Outputs
from services.generation.providers.port import (
    Failure,
    FailureKind,
    Found,
    Intent,
    NeverArrived,
    Refused,
    Running,
    Submission,
    Succeeded,
    TaskState,
    Unknown,
)
from storage.objects import FolderObjects
from storage.postgres import Connection
from storage.tables import intents
from storage.tables.intents import IntentRow
from tests.contract.remote import CASES, Case, Door, open_door, world_of
from tests.integration.runs.conftest import Floor, chain
from tests.integration.runs.till import Dying, Till, Wrapped


@pytest_asyncio.fixture(scope="session")
async def door() -> AsyncIterator[Door]:
    async with open_door() as opened:
        yield opened


@pytest_asyncio.fixture
async def till(request: pytest.FixtureRequest, door: Door, floor: Floor, tmp_path: Path) -> AsyncIterator[Till]:
    case: Case = next(case for case in CASES if case.name == getattr(request, "param", "kling"))
    async with world_of(case, door) as world, open_fetcher({door.url}) as fetcher:
        outputs = Outputs(fetcher, FolderObjects(tmp_path), tmp_path)
        run_id = await floor.run(*chain("clip"))
        now = datetime.fromtimestamp(world.stage.clock.now(), UTC)
        yield Till(world, floor, Place(run_id, "clip"), outputs, [], now)


def at(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("till", names, indirect=True)


EVERY = [case.name for case in CASES if case.name != "sora"]


@at(*EVERY)
async def test_a_call_ends_with_its_result_at_home_and_is_not_bought_again(till: Till) -> None:
    row = await till.call()
    if not till.world.case.answers_at_once:
        assert row.state == State.SUBMITTED and row.task
        await till.world.later()
        row = await till.followed(row)
    assert row.state == State.SUCCEEDED and row.result is not None
    assert [len(output["media"]) for output in row.result["outputs"]] == [64]
    assert row.cost_microcredits is None or row.cost_microcredits <= row.most_microcredits
    assert (await till.call()).id == row.id
    assert till.charges == 1 and [one.id for one in till.ended] == [row.id]


async def test_the_intent_is_committed_before_the_call_is_made(till: Till) -> None:
    seen: list[str | None] = []

    class Looking(Wrapped):
        async def submit(self, intent: Intent) -> Submission:
            seen.append(await till.floor.pool.fetchval("select state from intents where id = $1", intent.id))
            return await super().submit(intent)

    await till.call(till.intents(Looking(till.world)))
    assert seen == ["intent"]


@at("runway", "replicate", "stability", "claude")
async def test_a_lost_answer_is_never_repeated_until_a_person_gives_it_up(till: Till) -> None:
    till.world.stage.plan(till.world.case.name, Scenario.DROPPED)
    row = await till.call()
    assert row.state == State.UNKNOWN and "may have been charged" in (row.failure or {})["message"]
    assert (await till.call()).id == row.id
    assert (await till.intents().reconcile(row.id)).state == State.UNKNOWN
    assert till.charges == 1 and till.ended == []
    given_up = await till.intents().give_up(row.id)
    assert (given_up.state, given_up.cost_microcredits) == (State.FAILED, None)
    assert (await till.call()).id != row.id
    assert till.charges == 2


async def test_a_lost_answer_of_kling_is_found_and_its_clip_comes_home(till: Till) -> None:
    till.world.stage.plan("kling", Scenario.DROPPED)
    row = await till.call()
    assert row.state == State.UNKNOWN
    assert (await till.intents().reconcile(row.id)).state == State.SUBMITTED
    await till.world.later()
    assert (await till.followed(row)).state == State.SUCCEEDED
    assert till.charges == 1


async def test_a_call_that_never_arrived_may_be_made_again_but_not_too_soon(till: Till) -> None:
    class Lost(Wrapped):
        async def submit(self, intent: Intent) -> Submission:
            return Unknown("the connection was lost")

        async def find(self, intent: UUID) -> Found:
            return NeverArrived()

    lost = till.intents(Lost(till.world))
    row = await till.call(lost)
    till.now = row.created_at + timedelta(seconds=59)
    assert (await lost.reconcile(row.id)).state == State.UNKNOWN
    till.now = row.created_at + timedelta(seconds=61)
    ended = await lost.reconcile(row.id)
    assert (ended.state, ended.cost_microcredits) == (State.FAILED, 0)
    assert (await till.call()).state == State.SUBMITTED and till.charges == 1


async def test_a_refused_call_costs_nothing_and_says_why(till: Till) -> None:
    till.world.stage.plan("kling", Scenario.THROTTLED)
    row = await till.call()
    failure = failure_of(row)
    assert (row.state, row.cost_microcredits) == (State.FAILED, 0)
    assert failure is not None and failure.kind is FailureKind.THROTTLED and till.charges == 0


async def test_of_two_at_once_one_pays(till: Till) -> None:
    rows = await asyncio.gather(*(till.call() for _ in range(8)))
    assert len({row.id for row in rows}) == 1 and till.charges == 1


async def test_the_database_refuses_a_second_open_call_of_one_item(till: Till) -> None:
    row = await till.call()
    with pytest.raises(asyncpg.UniqueViolationError):
        await till.floor.pool.execute(
            "insert into intents (id, run_id, step, provider, model, kind, digest, most_microcredits)"
            " select $1, run_id, step, 'another', model, kind, digest, 0 from intents where id = $2",
            uuid4(),
            row.id,
        )


async def test_another_request_of_an_item_waits_for_the_open_one(till: Till) -> None:
    row = await till.call()
    with pytest.raises(IntentMoved, match="submitted"):
        await till.call(prompt="Snow")
    till.place = replace(till.place, item=1)
    assert (await till.call(prompt="Snow")).id != row.id
    assert till.charges == 2


async def test_what_has_succeeded_is_found_also_behind_a_later_call(till: Till) -> None:
    first = await till.call()
    await till.world.later()
    assert (await till.followed(first)).state == State.SUCCEEDED
    till.world.stage.plan("kling", Scenario.THROTTLED)
    assert (await till.call(prompt="Snow")).state == State.FAILED
    assert (await till.call()).id == first.id and till.charges == 1


async def test_money_that_cannot_be_reserved_is_not_spent(till: Till) -> None:
    class NoMoney(Exception):
        pass

    async def reserve(connection: Connection, row: IntentRow) -> None:
        raise NoMoney

    intent = till.world.intent()
    with pytest.raises(NoMoney):
        await till.intents().call(till.place, intent.want, intent.fit, None, reserve)
    assert till.charges == 0 and not till.world.stage.requests
    assert (await till.call()).state == State.SUBMITTED


async def test_an_end_that_cannot_be_settled_is_not_written(till: Till) -> None:
    async def broken(connection: Connection, row: IntentRow) -> None:
        raise RuntimeError("the ledger")

    row = await till.call()
    await till.world.later()
    with pytest.raises(RuntimeError):
        await till.followed(row, till.intents(settle=broken))
    assert (await till.followed(row)).state == State.SUCCEEDED


@at("runway", "kling", "fal")
async def test_a_result_whose_address_has_expired_is_asked_for_once_more(till: Till) -> None:
    till.world.stage.plan(till.world.case.name, Scenario.EXPIRED)
    row = await till.call()
    await till.world.later()
    assert (await till.followed(row)).state == State.SUCCEEDED


async def test_words_of_theirs_that_no_database_takes_do_not_keep_a_call_from_ending(till: Till) -> None:
    words = "a\x00b\ud800c"

    class Babbling(Wrapped):
        async def poll(self, tasks: Collection[str]) -> Mapping[str, TaskState]:
            found = await super().poll(tasks)
            return {
                task: replace(state, facts={words: [words, float("nan")]}) if isinstance(state, Succeeded) else state
                for task, state in found.items()
            }

        async def submit(self, intent: Intent) -> Submission:
            if intent.want.prompt == "Refuse":
                return Refused(Failure(FailureKind.INVALID, words, words))
            return await super().submit(intent)

    babbling = till.intents(Babbling(till.world))
    refused = await till.call(babbling, prompt="Refuse")
    assert refused.state == State.FAILED and (refused.failure or {})["message"] == "a\ufffdb?c"
    row = await till.call(babbling)
    await till.world.later()
    row = await till.followed(row, babbling)
    assert row.state == State.SUCCEEDED and (row.result or {})["facts"] == {"a\ufffdb?c": ["a\ufffdb?c", None]}


async def test_without_an_account_nothing_is_written_down_and_what_was_stays_as_it_is(till: Till) -> None:
    row = await till.call()
    nobody = Intents(till.floor.pool, {}, till.outputs)
    with pytest.raises(NoAccount):
        await till.call(nobody)
    assert (await till.followed(row, nobody)).state == State.SUBMITTED
    assert (await nobody.cancel(row.id)).state == State.SUBMITTED
    assert len(await intents.of_run(till.floor.pool, till.place.run_id)) == 1


@at("kling", "stability")
async def test_a_damaged_result_has_failed_and_was_paid_for(till: Till) -> None:
    till.world.stage.plan(till.world.case.name, Scenario.CORRUPT)
    row = await till.call()
    await till.world.later()
    row = await till.followed(row)
    failure = failure_of(row)
    assert row.state == State.FAILED and row.cost_microcredits
    assert failure is not None and failure.code == "output.damaged"
    assert [one.id for one in till.ended] == [row.id]


@at("kling", "fal", "replicate", "kling-legacy")
async def test_a_callback_makes_its_task_be_asked_about_once(till: Till) -> None:
    row = await till.call()
    await till.world.later()
    ((headers, body),) = till.world.told
    till.now = datetime.fromtimestamp(till.world.stage.clock.now(), UTC)
    heard = await till.callbacks().hear(till.world.case.name, headers, body)
    assert heard is not None and (heard.id, heard.state) == (row.id, State.SUBMITTED), "it is only a hint"
    (followed,) = await till.intents().follow([heard.id])
    assert followed.row.state == State.SUCCEEDED
    assert await till.callbacks().hear(till.world.case.name, headers, body) is None


async def test_a_callback_of_a_provider_without_an_account_is_refused(till: Till) -> None:
    with pytest.raises(HintRefused):
        await till.callbacks().hear("nobody", {}, b"{}")


@at("runway")
async def test_cancelling_what_runs_costs_what_it_may_and_what_waits_is_not_said(till: Till) -> None:
    row = await till.call()
    await till.world.later(5)
    cancelled = await till.intents().cancel(row.id)
    assert (cancelled.state, cancelled.cost_microcredits) == (State.CANCELLED, row.most_microcredits)
    assert (await till.intents().cancel(row.id)).state == State.CANCELLED
    assert [one.id for one in till.ended] == [row.id]


async def test_what_cannot_be_cancelled_goes_on(till: Till) -> None:
    row = await till.call()
    assert (await till.intents().cancel(row.id)).state == State.SUBMITTED
    await till.world.later(5)
    (followed,) = await till.intents().follow([row.id])
    assert isinstance(followed.state, Running)


async def test_an_intent_that_is_not_there_is_missing(till: Till) -> None:
    for ask in (till.intents().reconcile, till.intents().give_up, till.intents().cancel):
        with pytest.raises(IntentMissing):
            await ask(uuid4())


@at("kling", "runway", "claude")
@pytest.mark.parametrize("moment", ["before", "behind", "asked"])
async def test_a_worker_that_dies_anywhere_pays_at_most_once(till: Till, moment: str) -> None:
    dying = till.intents(Dying(till.world, moment))
    with pytest.raises(asyncio.CancelledError):
        row = await till.call(dying)
        await till.followed(row, dying)
        raise asyncio.CancelledError  # at the end of a call that answers at once nothing is asked
    again = await till.call()
    assert till.charges <= 1
    if again.state == State.INTENT:
        assert [row.id for row in await till.intents().sweep()] == [], "somebody may still be listening"
        await till.aged()
        assert again.id in [row.id for row in await till.intents().sweep()]
        again = await till.call()
        assert again.state == State.UNKNOWN
        till.now = datetime.now(UTC)
        again = await till.intents().reconcile(again.id)
    await till.world.later()
    again = await till.followed(again)
    assert till.charges == (0 if moment == "before" else 1)
    finds = till.world.model.terms.finds
    if moment == "asked" or (finds and moment == "behind"):
        assert again.state == State.SUCCEEDED
    else:
        assert again.state == (State.FAILED if finds else State.UNKNOWN)


async def test_a_late_answer_is_written_down_also_when_nobody_waited_for_it(till: Till) -> None:
    class Slow(Wrapped):
        async def submit(self, intent: Intent) -> Submission:
            answer = await super().submit(intent)
            await till.aged()
            await till.intents().sweep()
            return answer

    row = await till.call(till.intents(Slow(till.world)))
    assert row.state == State.SUBMITTED and row.task == till.world.stage.charges[0].task
