"""One contract for all remote providers, each beside its stub: what is paid, what is known, what is told (P9)."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest
import pytest_asyncio

from deploy.stubs.stage import SLOW_DONE_S, Scenario
from services.generation.providers.adapters.line import open_http
from services.generation.providers.capabilities import Kind
from services.generation.providers.errors import HintRefused
from services.generation.providers.port import (
    Accepted,
    Arrived,
    Cancelled,
    Ended,
    Failed,
    Failure,
    FailureKind,
    Inline,
    Linked,
    NeverArrived,
    NotStopped,
    Queued,
    Refund,
    Refused,
    Running,
    Stopped,
    Succeeded,
    Unanswered,
    Unknown,
)
from services.generation.providers.registry import providers_of
from tests.contract.remote import (
    BEFORE_THE_END_OF_SORA,
    CASES,
    INTENT,
    Case,
    Door,
    World,
    open_door,
    settings_of,
    world_of,
)

ASYNC = [case for case in CASES if not case.answers_at_once]
AT_ONCE = [case for case in CASES if case.answers_at_once]
CALLING = [case for case in CASES if case.name in ("sora", "kling", "kling-legacy", "fal", "replicate")]


@pytest_asyncio.fixture(scope="session")
async def door() -> AsyncIterator[Door]:
    async with open_door() as opened:
        yield opened


@pytest_asyncio.fixture
async def world(request: pytest.FixtureRequest, door: Door) -> AsyncIterator[World]:
    case: Case = request.param
    async with world_of(case, door) as made:
        yield made


every = pytest.mark.parametrize("world", CASES, ids=str, indirect=True)
with_tasks = pytest.mark.parametrize("world", ASYNC, ids=str, indirect=True)
at_once = pytest.mark.parametrize("world", AT_ONCE, ids=str, indirect=True)
with_callbacks = pytest.mark.parametrize("world", CALLING, ids=str, indirect=True)


@every
async def test_a_call_is_spelled_as_the_provider_wants_it(world: World) -> None:
    assert isinstance(await world.provider.submit(world.intent(INTENT)), Accepted)
    _, sent, body = world.stage.requests[-1]
    assert sent == f"POST /{world.case.name}{world.case.path}"
    assert body == world.case.body


@with_tasks
async def test_a_task_is_queued_runs_and_succeeds_for_no_more_than_it_might_charge(world: World) -> None:
    intent = world.intent()
    accepted = await world.provider.submit(intent)
    assert isinstance(accepted, Accepted) and isinstance(accepted.state, Queued)
    assert isinstance(await world.state(accepted.task), Queued)
    await world.later(5)
    running = await world.state(accepted.task)
    assert isinstance(running, Running) and (running.share is None or 0 < running.share < 1)
    await world.later()
    done = await world.state(accepted.task)
    assert isinstance(done, Succeeded)
    assert done.cost_microcredits is None or 0 < done.cost_microcredits <= accepted.most_microcredits
    (output,) = done.outputs
    data = output.data if isinstance(output, Inline) else (await world.http.get(output.url)).content
    assert data[:4] == b"\x89PNG" if intent.fit.model.kind is Kind.IMAGE else data[4:8] == b"ftyp"
    assert len(world.stage.charges) == 1


@at_once
async def test_an_answer_at_once_carries_its_result_and_its_cost(world: World) -> None:
    accepted = await world.provider.submit(world.intent())
    assert isinstance(accepted, Accepted) and isinstance(accepted.state, Succeeded)
    assert accepted.state.cost_microcredits is not None
    assert 0 < accepted.state.cost_microcredits <= accepted.most_microcredits
    (output,) = accepted.state.outputs
    assert isinstance(output, Inline) and output.data
    assert len(world.stage.charges) == 1


@every
@pytest.mark.parametrize(
    ("scenario", "kind"),
    [(Scenario.THROTTLED, FailureKind.THROTTLED), (Scenario.OUT_OF_CREDIT, FailureKind.CREDIT)],
    ids=["throttled", "out-of-credit"],
)
async def test_a_refusal_is_known_by_its_kind_and_costs_nothing(
    world: World, scenario: Scenario, kind: FailureKind
) -> None:
    world.stage.plan(world.case.name, scenario)
    answer = await world.provider.submit(world.intent())
    assert isinstance(answer, Refused) and answer.failure.kind is kind
    assert world.stage.charges == []


@every
async def test_an_overloaded_provider_refuses_only_where_it_is_certain_that_nothing_began(world: World) -> None:
    world.stage.plan(world.case.name, Scenario.BUSY)
    answer = await world.provider.submit(world.intent())
    if world.case.name in ("sora", "kling", "kling-legacy", "replicate"):
        assert isinstance(answer, Unknown)
    else:
        assert isinstance(answer, Refused) and answer.failure.kind is FailureKind.RETRYABLE


WAITS = {"sora": 20.0, "claude": 7.0, "stability": 60.0, "fal": 3.0, "replicate": 30.0}


@every
async def test_a_throttled_call_says_for_how_long_where_the_provider_does(world: World) -> None:
    world.stage.plan(world.case.name, Scenario.THROTTLED)
    answer = await world.provider.submit(world.intent())
    assert isinstance(answer, Refused)
    assert answer.failure.retry_after_s == WAITS.get(world.case.name)


@every
async def test_what_is_moderated_is_not_to_be_tried_again(world: World) -> None:
    world.stage.plan(world.case.name, Scenario.MODERATED)
    answer = await world.provider.submit(world.intent())
    if isinstance(answer, Accepted) and not isinstance(answer.state, Ended):
        await world.later()
        failure = _failed(await world.state(answer.task))
    else:
        failure = answer.failure if isinstance(answer, Refused) else _failed(answer)
    assert failure.kind is FailureKind.MODERATED and not failure.kind.may_be_tried_again


@every
async def test_a_wrong_key_is_told_as_such_and_shown_to_nobody(world: World) -> None:
    wrong = providers_of(settings_of(world.url, "not-this:one-4711"), world.http)[world.case.name]
    answer = await wrong.submit(world.intent())
    assert isinstance(answer, Refused) and answer.failure.kind is FailureKind.AUTH
    assert "4711" not in repr(answer) + repr(settings_of(world.url)) + str(wrong.__dict__)
    assert world.stage.charges == []


@every
async def test_an_answer_that_is_lost_is_an_unknown_outcome_and_not_a_refusal(world: World) -> None:
    world.stage.plan(world.case.name, Scenario.DROPPED)
    intent = world.intent()
    assert isinstance(await world.provider.submit(intent), Unknown)
    assert len(world.stage.charges) == 1
    found = await world.provider.find(intent.id)
    if world.model.terms.finds:
        assert isinstance(found, Arrived) and found.task == world.stage.charges[0].task
        assert isinstance(await world.provider.find(uuid4()), NeverArrived)
    else:
        assert isinstance(found, Unknown)


@every
async def test_an_error_of_theirs_is_unknown_wherever_it_might_have_been_charged(world: World) -> None:
    world.stage.plan(world.case.name, Scenario.BROKEN)
    answer = await world.provider.submit(world.intent())
    if world.stage.charges:
        assert isinstance(answer, Unknown)
    else:
        assert isinstance(answer, Refused) and answer.failure.kind.may_be_tried_again


@every
async def test_where_nobody_listens_nothing_was_asked(world: World) -> None:
    async with open_http() as http:
        away = providers_of(settings_of("http://127.0.0.1:9"), http)[world.case.name]
        answer = await away.submit(world.intent())
        assert isinstance(answer, Refused) and answer.failure.kind is FailureKind.RETRYABLE
        if not world.case.answers_at_once:
            assert isinstance((await away.poll(["task"]))["task"], Unanswered)


@pytest.mark.parametrize(
    "world",
    [case for case in CASES if case.name in ("runway", "kling", "stability", "elevenlabs")],
    ids=str,
    indirect=True,
)
async def test_a_request_that_makes_no_sense_is_refused_for_good(world: World) -> None:
    intent = world.intent()
    answer = await world.provider.submit(replace(intent, want=replace(intent.want, prompt="")))
    assert isinstance(answer, Refused) and answer.failure.kind is FailureKind.INVALID
    assert world.stage.charges == []


@with_tasks
async def test_a_task_that_fails_says_why_and_may_be_tried_again(world: World) -> None:
    world.stage.plan(world.case.name, Scenario.FAILED)
    task = await world.submitted()
    await world.later()
    failure = _failed(await world.state(task))
    assert failure.kind is FailureKind.RETRYABLE and failure.message


@with_tasks
async def test_a_slow_task_is_still_running_and_a_stuck_one_for_ever(world: World) -> None:
    world.stage.plan(world.case.name, Scenario.SLOW, Scenario.STUCK)
    slow, stuck = await world.submitted(), await world.submitted()
    await world.later(SLOW_DONE_S / 2)
    states = await world.provider.poll([slow, stuck])
    assert isinstance(states[slow], Running) and isinstance(states[stuck], Running)
    await world.later(86_400)
    states = await world.provider.poll([slow, stuck])
    assert isinstance(states[slow], Succeeded) and isinstance(states[stuck], Running)


@with_tasks
async def test_a_question_that_is_not_answered_changes_nothing(world: World) -> None:
    task = await world.submitted()
    world.stage.plan(world.case.name, Scenario.THROTTLED, Scenario.BROKEN, questions=True)
    throttled, broken = await world.state(task), await world.state(task)
    assert isinstance(throttled, Unanswered) and throttled.failure.kind is FailureKind.THROTTLED
    assert isinstance(broken, Unanswered) and broken.failure.kind is FailureKind.RETRYABLE
    assert isinstance(await world.state(task), Queued)


@every
async def test_a_task_that_they_do_not_know_is_gone(world: World) -> None:
    failed = await world.state({"kling-legacy": "text2video/x", "fal": "a/b/requests/x"}.get(world.case.name, "x"))
    assert isinstance(failed, Failed) and failed.failure.kind is FailureKind.GONE


@with_tasks
async def test_cancelling_says_whether_it_stopped_and_what_comes_back(world: World) -> None:
    waiting, ended = await world.submitted(), await world.submitted()
    stopped = await world.provider.cancel(waiting)
    if not world.model.terms.cancels:
        assert isinstance(stopped, NotStopped)
        return
    assert stopped == Stopped(Refund.UNSAID)
    if world.case.name == "replicate":
        assert isinstance(await world.state(waiting), Cancelled)
    await world.later(5)
    running = await world.submitted()
    await world.later(5)
    cancelled = await world.provider.cancel(running)
    assert cancelled == Stopped(Refund.NONE if world.case.name == "runway" else Refund.UNSAID)
    await world.later()
    assert isinstance(await world.provider.cancel(ended), NotStopped)
    assert isinstance(await world.state(ended), Succeeded), "what has ended is not deleted"


@at_once
async def test_what_answers_at_once_cannot_be_cancelled(world: World) -> None:
    assert isinstance(await world.provider.cancel("x"), NotStopped)


@with_callbacks
async def test_a_signed_callback_names_its_task(world: World) -> None:
    task = await world.submitted()
    await world.later()
    ((headers, body),) = world.told
    hint = await world.provider.hint(headers, body, world.stage.clock.now())
    assert task == hint.task or task.endswith(f"/{hint.task}")
    assert hint.delivery


@with_callbacks
@pytest.mark.parametrize(
    ("scenario", "reason"),
    [
        (Scenario.CALLBACK_UNSIGNED, "unsigned"),
        (Scenario.CALLBACK_FORGED, "forged"),
        (Scenario.CALLBACK_LATE, "stale"),
    ],
    ids=["unsigned", "forged", "late"],
)
async def test_a_callback_that_is_not_to_be_believed_is_refused(world: World, scenario: Scenario, reason: str) -> None:
    world.stage.plan(world.case.name, scenario)
    await world.submitted()
    await world.later(1_000)
    ((headers, body),) = world.told
    now = world.stage.clock.now() if scenario is Scenario.CALLBACK_LATE else world.stage.clock.now() - 990
    with pytest.raises(HintRefused) as refused:
        await world.provider.hint(headers, body, now)
    assert refused.value.reason == reason


@with_callbacks
async def test_a_callback_that_comes_twice_has_one_name(world: World) -> None:
    world.stage.plan(world.case.name, Scenario.CALLBACK_TWICE)
    await world.submitted()
    await world.later()
    hints = [await world.provider.hint(headers, body, world.stage.clock.now()) for headers, body in world.told]
    assert len(hints) == 2 and hints[0] == hints[1]


@every
async def test_who_sends_no_callbacks_believes_none(world: World) -> None:
    with pytest.raises(HintRefused):
        await world.provider.hint({}, b"{}", world.stage.clock.now())


@pytest.mark.parametrize("world", [case for case in CASES if case.name == "sora"], ids=str, indirect=True)
async def test_a_retired_model_is_refused_without_a_call(world: World) -> None:
    intent, (retired, _) = world.intent(), world.provider.models
    answer = await world.provider.submit(replace(intent, fit=replace(intent.fit, model=retired)))
    assert isinstance(answer, Refused) and answer.failure.kind is FailureKind.GONE
    assert "2026-09-24" in answer.failure.message
    assert not world.stage.requests and world.stage.clock.now() == BEFORE_THE_END_OF_SORA


@pytest.mark.parametrize("world", [case for case in CASES if case.name == "sora"], ids=str, indirect=True)
async def test_since_its_end_sora_knows_nobodys_tasks(world: World) -> None:
    task = await world.submitted()
    await world.later(90 * 86_400)
    assert _failed(await world.state(task)).kind is FailureKind.GONE


@pytest.mark.parametrize("world", [case for case in CASES if case.name == "kling"], ids=str, indirect=True)
async def test_tasks_of_kling_are_asked_about_by_the_batch(world: World) -> None:
    tasks = [await world.submitted() for _ in range(23)]
    await world.later()
    states = await world.provider.poll(tasks)
    assert list(states) == tasks and all(isinstance(state, Succeeded) for state in states.values())


@pytest.mark.parametrize("world", [case for case in CASES if case.name == "claude"], ids=str, indirect=True)
async def test_claudes_answer_satisfies_the_schema_and_a_cut_one_is_no_answer(world: World) -> None:
    answer = await world.provider.submit(world.intent())
    assert isinstance(answer, Accepted) and isinstance(answer.state, Succeeded)
    (output,) = answer.state.outputs
    assert isinstance(output, Inline) and json.loads(output.data) == {"shots": 1}
    world.stage.plan("claude", Scenario.FAILED)
    cut = await world.provider.submit(world.intent())
    assert isinstance(cut, Accepted) and isinstance(cut.state, Failed)
    assert cut.state.failure.kind is FailureKind.INVALID and cut.state.cost_microcredits == 25 * 200 + 15 * 1_000


@pytest.mark.parametrize("world", [case for case in CASES if case.name == "stability"], ids=str, indirect=True)
async def test_a_blurred_picture_is_moderated_and_free(world: World) -> None:
    world.stage.plan("stability", Scenario.FAILED)
    answer = await world.provider.submit(world.intent())
    assert isinstance(answer, Accepted) and isinstance(answer.state, Failed)
    assert answer.state.failure.kind is FailureKind.MODERATED and answer.state.cost_microcredits == 0
    assert world.stage.charges == []


@pytest.mark.parametrize("world", [case for case in CASES if case.name == "runway"], ids=str, indirect=True)
async def test_an_address_of_a_result_is_fresh_each_time_it_is_asked_for(world: World) -> None:
    task = await world.submitted()
    await world.later()
    first, second = await world.state(task), await world.state(task)
    assert isinstance(first, Succeeded) and isinstance(second, Succeeded)
    assert isinstance(first.outputs[0], Linked) and first.outputs != second.outputs


def _failed(state: object) -> Failure:
    state = state.state if isinstance(state, Accepted) else state
    assert isinstance(state, Failed), state
    return state.failure
