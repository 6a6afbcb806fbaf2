"""What steps may do, and what they may not, whoever is killed, late, twice there, or never told."""

import asyncio
from uuid import uuid4

import pytest

from services.runs.errors import ChoiceRefused, GraphUnfit, RunStopped, StepLost
from services.runs.model import Done, Later, Park, Priority, StepSpec
from storage.tables.steps import Ring

from .conftest import Floor, chain


async def test_what_is_needed_is_done_first_and_handed_on(floor: Floor) -> None:
    run_id = await floor.run(*chain("a", "b"))
    assert await floor.states(run_id) == {"a": "ready", "b": "waiting"}
    first = await floor.do("one")
    assert (first.step.name, first.inputs, first.finished) == ("a", {}, ())
    second = await floor.do("two")
    assert (second.step.name, second.inputs, second.finished) == ("b", {"a": {"made": "one"}}, ("a",))
    assert await floor.states(run_id) == {"a": "done", "b": "done"}
    assert await floor.steps.claim("one") is None
    assert [ring.name for ring in floor.rings()] == ["a", "b"], "somebody is woken whenever there is something to do"


async def test_steps_that_need_nothing_of_each_other_run_at_once(floor: Floor) -> None:
    salt = {"salt": str(uuid4())}
    await floor.run(
        StepSpec("a", "toy/1", (), salt), StepSpec("b", "toy/2", (), salt), StepSpec("c", "toy/3", ("a", "b"), salt)
    )
    one, two = await floor.claim("one"), await floor.claim("two")
    assert {one.step.name, two.step.name} == {"a", "b"} and await floor.steps.claim("three") is None
    await floor.steps.end(one, Done({}))
    assert await floor.steps.claim("three") is None
    await floor.steps.end(two, Done({}))
    assert (await floor.claim()).step.name == "c"


async def test_p11_a_silent_workers_step_is_anybodys_and_the_late_writer_is_fenced(floor: Floor) -> None:
    run_id = await floor.run(*chain("a"))
    late = await floor.claim("late")
    assert await floor.steps.sweep(0.0, 100) == []
    await floor.silent(run_id)
    assert Ring(run_id, "a", late.step.epoch) in await floor.steps.sweep(0.0, 100)
    other = await floor.claim("other")
    assert (other.step.attempt, other.step.epoch, other.run.epoch) == (2, 2, 2)
    assert not await floor.steps.renew(late) and await floor.steps.renew(other)
    for ended in (Done({}), Later(1.0, {}), Park("Which?", ({"id": "x"},))):
        with pytest.raises(StepLost):
            await floor.steps.end(late, ended)
    assert not await floor.steps.hand_back(late, keep_attempt=True)
    await floor.steps.end(other, Done({}))
    assert await floor.states(run_id) == {"a": "done"}


async def test_a_step_of_a_run_that_ended_is_nobodys(floor: Floor) -> None:
    run_id, other = await floor.run(*chain("a", "b")), await floor.run(*chain("a"))
    held = await floor.claim()
    stopped, going = (run_id, other) if held.run.id == run_id else (other, run_id)
    await floor.pool.execute("update runs set cancel_requested = true where id = $1", stopped)
    with pytest.raises(RunStopped):
        await floor.steps.end(held, Done({}))
    assert not await floor.steps.renew(held)
    assert (await floor.claim()).run.id == going
    await floor.pool.execute("update runs set cancel_requested = true where id = $1", going)


async def test_p15_a_step_that_is_handed_back_costs_no_attempt(floor: Floor) -> None:
    run_id = await floor.run(*chain("a"))
    held = await floor.claim()
    floor.rings()
    assert await floor.steps.hand_back(held, keep_attempt=False)
    assert floor.rings() == [Ring(run_id, "a", held.step.epoch)], "at once"
    assert await floor.pool.fetchval("select state from runs where id = $1", run_id) == "queued"
    assert (await floor.claim()).step.attempt == 1


async def test_a_failed_attempt_waits_for_its_turn(floor: Floor) -> None:
    run_id = await floor.run(*chain("a"))
    held = await floor.claim()
    why = {"code": "x", "msg": "It rained."}
    floor.rings()
    await floor.steps.hand_back(held, wait_s=3_600.0, keep_attempt=True, error=why)
    assert floor.rings() == [Ring(run_id, "a", 1, 3_600.0)]
    assert await floor.steps.claim("one") is None
    assert (await floor.step(run_id, "a")).error == why


async def test_what_is_put_off_holds_no_worker_keeps_its_memo_and_uses_no_attempt(floor: Floor) -> None:
    run_id = await floor.run(*chain("a"))
    for turn in range(5):
        held = await floor.claim()
        assert (held.step.attempt, held.step.memo) == (1, {"task": turn - 1} if turn else None)
        await floor.steps.end(held, Later(0.0, {"task": turn}))
    await floor.do()
    assert (await floor.step(run_id, "a")).memo is None


async def test_a_person_chooses_once_and_nobody_waits_meanwhile(floor: Floor) -> None:
    run_id = await floor.run(*chain("a", "b"))
    held = await floor.claim()
    await floor.steps.end(held, Park("Which frame?", ({"id": "f1", "hash": "1"}, {"id": "f2", "hash": "2"})))
    assert await floor.states(run_id) == {"a": "parked", "b": "waiting"} and await floor.steps.claim("one") is None
    with pytest.raises(ChoiceRefused, match="none of the choices"):
        await floor.steps.choose(run_id, "a", "f3", "usr_ana")
    with pytest.raises(ChoiceRefused, match="does not wait"):
        await floor.steps.choose(run_id, "b", "f1", "usr_ana")
    floor.rings()
    answers = await asyncio.gather(*(floor.steps.choose(run_id, "a", "f2", "usr_ana") for _ in range(3)))
    assert sorted(answers) == [False, False, True] and [ring.name for ring in floor.rings()] == ["b"]
    with pytest.raises(ChoiceRefused):
        await floor.steps.choose(run_id, "a", "f1", "usr_ben")
    chosen = (await floor.claim()).inputs["a"]
    assert chosen == {"choice": "f2", "chosen": {"id": "f2", "hash": "2"}, "by": "usr_ana"}


async def test_a_step_may_make_others_necessary(floor: Floor) -> None:
    run_id = await floor.run(*chain("a"))
    held = await floor.claim()
    more = (StepSpec("b", "toy/1", ("a",), {"salt": str(uuid4())}), StepSpec("c", "toy/1", ("b",)))
    with pytest.raises(GraphUnfit):
        await floor.steps.end(held, Done({}, (StepSpec("a", "toy/1"),)))
    await floor.steps.end(held, Done({}, more))
    assert await floor.states(run_id) == {"a": "done", "b": "ready", "c": "waiting"}


async def test_who_takes_over_a_step_that_adds_others_finds_them_there(floor: Floor) -> None:
    run_id = await floor.run(*chain("a"))
    more = (StepSpec("b", "toy/1", ("a",), {"salt": str(uuid4())}),)
    await floor.steps.end(await floor.claim(), Done({}, more))
    await floor.steps.afresh(await floor.claim())
    await floor.steps.end(await floor.claim(), Done({}, more))
    assert await floor.states(run_id) == {"a": "done", "b": "ready"}


async def test_a_step_that_adds_others_is_done_by_everybody(floor: Floor) -> None:
    salt, tenant = str(uuid4()), uuid4()
    first = await floor.run(StepSpec("a", "toy/1", (), {"salt": salt}), tenant=tenant)
    follower = await floor.run(StepSpec("a", "toy/1", (), {"salt": salt}), tenant=tenant)
    held = await floor.claim()
    assert held.run.id == first and await floor.states(follower) == {"a": "following"}
    await floor.steps.end(held, Done({}, (StepSpec("b", "toy/1", ("a",)),)))
    await floor.steps.catch_up(follower)
    later = await floor.run(StepSpec("a", "toy/1", (), {"salt": salt}), tenant=tenant)
    assert await floor.states(follower) == {"a": "ready"} and await floor.states(later) == {"a": "following"}


# One key, one output ---------------------------------------------------------------------------------------


def same(salt: str) -> tuple[StepSpec, StepSpec]:
    return StepSpec("a", "toy/1", (), {"salt": salt}), StepSpec("b", "toy/2", ("a",), {"salt": salt})


async def test_p13_what_the_tenant_has_made_is_not_made_again_and_nobody_elses_is_used(floor: Floor) -> None:
    salt, tenant = str(uuid4()), uuid4()
    first = await floor.run(*same(salt), tenant=tenant)
    await floor.do("one")
    await floor.do("two")
    again = await floor.run(*same(salt), tenant=tenant)
    assert await floor.states(again) == {"a": "done", "b": "done"}
    copied = await floor.step(again, "b")
    assert (copied.output, copied.reused_from, copied.attempt) == ({"made": "two"}, first, 0)
    stranger = await floor.run(*same(salt))
    assert await floor.states(stranger) == {"a": "ready", "b": "waiting"}


async def test_p13_what_is_in_a_project_that_one_may_not_see_is_made_again(floor: Floor) -> None:
    salt, tenant = str(uuid4()), uuid4()
    first = await floor.run(*same(salt), tenant=tenant)
    outsider = await floor.run(*same(salt), tenant=tenant, is_colleague=False)
    assert (await floor.states(outsider))["a"] == "ready", "also what is being made is not waited for"
    colleague = await floor.run(*same(salt), tenant=tenant)
    assert (await floor.states(colleague))["a"] == "following"
    await floor.do("one")
    await floor.do("one")
    late = await floor.run(*same(salt), tenant=tenant, is_colleague=False)
    assert (await floor.states(late))["a"] == "ready"
    known = await floor.run(*same(salt), tenant=tenant)
    step = await floor.step(known, "a")
    assert (step.state, step.reused_from, step.layer) == ("done", first, "exact")


async def test_a_project_that_wants_everything_anew_goes_on_only_from_what_it_repeats(floor: Floor) -> None:
    salt, tenant = str(uuid4()), uuid4()
    await floor.run(*same(salt), tenant=tenant)
    await floor.do("one")
    anew = await floor.run(*same(salt), tenant=tenant, mode="off")
    assert await floor.states(anew) == {"a": "ready", "b": "waiting"}
    held = await floor.claim()
    while held.run.id != anew:
        await floor.steps.end(held, Done({"made": "one"}))
        held = await floor.claim()
    await floor.steps.end(held, Done({"made": "anew"}, layer=None))
    again = await floor.run(*same(salt), tenant=tenant, mode="off", replays=anew)
    step = await floor.step(again, "a")
    assert (step.output, step.reused_from) == ({"made": "anew"}, anew)


async def test_what_is_being_made_is_waited_for(floor: Floor) -> None:
    salt, tenant = str(uuid4()), uuid4()
    leader = await floor.run(*same(salt), tenant=tenant)
    follower = await floor.run(*same(salt), tenant=tenant)
    assert await floor.states(follower) == {"a": "following", "b": "waiting"}
    floor.rings()
    await floor.do("one")
    rings = floor.rings()
    assert {(ring.run_id, ring.name) for ring in rings} == {(leader, "b"), (follower, "")}
    await floor.steps.catch_up(follower)
    assert await floor.states(follower) == {"a": "done", "b": "following"}


async def test_who_follows_one_that_failed_takes_its_place(floor: Floor) -> None:
    salt, tenant = str(uuid4()), uuid4()
    leader = await floor.run(*same(salt), tenant=tenant)
    follower = await floor.run(*same(salt), tenant=tenant)
    await floor.pool.execute("update steps set state = 'failed' where run_id = $1", leader)
    await floor.steps.sweep(0.0, 100)
    assert (await floor.states(follower))["a"] == "ready"


async def test_what_was_lost_is_made_afresh_and_not_copied_back(floor: Floor) -> None:
    salt, tenant = str(uuid4()), uuid4()
    await floor.run(*same(salt), tenant=tenant)
    await floor.do("one")
    run_id = await floor.run(*same(salt), StepSpec("c", "toy/3", ("a",), {"salt": salt}), tenant=tenant)
    held = await floor.claim()
    assert await floor.states(run_id) | {"b": ""} == {"a": "done", "b": "", "c": "ready"} or held.run.id == run_id
    mine = held if held.run.id == run_id else await floor.claim()
    await floor.steps.afresh(mine)
    assert (await floor.states(run_id))["a"] == "ready"


# Fairness --------------------------------------------------------------------------------------------------


async def test_tenants_are_served_in_turn_however_much_one_asks_for(floor: Floor) -> None:
    greedy, modest = uuid4(), uuid4()
    for _ in range(6):
        await floor.run(*chain("a"), tenant=greedy)
    for _ in range(2):
        await floor.run(*chain("a"), tenant=modest)
    served = [(await floor.do()).step.tenant for _ in range(8)]
    assert served.index(modest) <= 1 and served[:4].count(modest) == 2, "as long as both want something, in turn"


async def test_who_was_away_has_no_credit(floor: Floor) -> None:
    busy, newcomer = uuid4(), uuid4()
    for _ in range(8):
        await floor.run(*chain("a"), tenant=busy)
    for _ in range(4):
        await floor.do()
    for _ in range(4):
        await floor.run(*chain("a"), tenant=newcomer)
    served = [(await floor.do()).step.tenant for _ in range(6)]
    assert 2 <= served.count(newcomer) <= 4 and busy in served[:3]


async def test_who_waits_for_an_answer_goes_before_a_batch_but_a_batch_gets_older(floor: Floor) -> None:
    tenant = uuid4()
    batch = await floor.run(*chain("a"), tenant=tenant, priority=Priority.BATCH)
    person = await floor.run(*chain("a"), tenant=uuid4())
    assert (await floor.claim()).run.id == person
    other = await floor.run(*chain("a"), tenant=uuid4())
    await floor.pool.execute("update steps set ready_at = now() - interval '1 hour' where run_id = $1", batch)
    assert (await floor.claim()).run.id == batch
    assert (await floor.claim()).run.id == other


async def test_a_lane_has_so_many_places_and_others_go_past(floor: Floor) -> None:
    await floor.places(1)
    tenant = uuid4()
    first = await floor.run(*chain("a", lane=floor.lane), tenant=tenant)
    second = await floor.run(*chain("a", lane=floor.lane), tenant=tenant)
    free = await floor.run(*chain("a"), tenant=tenant)
    held = await floor.claim()
    assert held.run.id == first and (await floor.claim()).run.id == free
    assert await floor.steps.claim("two") is None, "the lane is full"
    await floor.steps.end(held, Done({}))
    assert (await floor.claim()).run.id == second


async def test_what_waits_elsewhere_keeps_its_place_and_is_not_shut_out_itself(floor: Floor) -> None:
    await floor.places(1)
    spec = StepSpec("a", "toy/1", (), {"salt": str(uuid4())}, lane="local")
    run_id, other = await floor.run(spec), await floor.run(StepSpec("b", "toy/1", (), {}, lane=floor.lane))
    held = await floor.claim()
    mine = held if held.run.id == run_id else await floor.claim()
    if mine is not held:
        await floor.steps.hand_back(held, keep_attempt=False)
    await floor.steps.end(mine, Later(0.0, {"task": 1}, lane=floor.lane))
    again = await floor.claim()
    while again.run.id != run_id:
        await floor.steps.hand_back(again, keep_attempt=False)
        again = await floor.claim()
    assert again.step.lane == floor.lane, "it waits where it is sent"
    await floor.steps.end(again, Later(0.0, {"task": 1}, keeps_place=True))
    still = await floor.claim()
    assert (still.run.id, still.step.memo) == (run_id, {"task": 1}), "its own place is taken by itself"
    await floor.steps.end(still, Later(60.0, {"task": 1}, keeps_place=True))
    assert await floor.steps.claim("one") is None, "and by nobody else while it waits"
    await floor.pool.execute("update steps set due_at = now() where run_id = $1", run_id)
    await floor.steps.end(await floor.claim(), Done({}))
    assert (await floor.claim()).run.id == other


async def test_claims_at_once_never_hand_out_one_step_twice_or_a_place_too_many(floor: Floor) -> None:
    await floor.places(3)
    for _ in range(6):
        await floor.run(*chain("a", lane=floor.lane))
    claims = await asyncio.gather(*(floor.steps.claim(f"worker {number}") for number in range(12)))
    held = [claim for claim in claims if claim is not None]
    assert len({claim.run.id for claim in held}) == len(held) == 3
