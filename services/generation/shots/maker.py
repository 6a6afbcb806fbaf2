"""Has one thing made elsewhere: routed, called once, followed without holding a worker, paid at its end.

Every turn begins from the rows of the step's calls, so whoever takes it over goes on where the last one was. A call is
written down before it is made and never repeated blindly (P9: `providers/intents.py`); what follows a setback is
`routing/fallback.py`; who may be asked is `routing/route.py`.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

import asyncpg

from services.billing.errors import BillingError
from services.generation.errors import StepEnded
from services.generation.graph import Wish
from services.generation.providers import intents as paid
from services.generation.providers.capabilities import Fit, Kind, Model, Want
from services.generation.providers.intents import Intents, State
from services.generation.providers.interface import Desk
from services.generation.providers.port import (
    Failed,
    Queued,
    Refused,
    RemoteProvider,
    Running,
    TaskState,
    Throttled,
    Unanswered,
)
from services.generation.providers.registry import models_of
from services.generation.routing.fallback import FallBack, GiveUp, Retry, Setback, Why, next_after, sentence
from services.generation.routing.journal import Place, of_run
from services.generation.routing.model import Health
from services.generation.routing.router import Call, Router
from services.generation.shots import memo as memos
from services.generation.shots.asking import ask_of, budget_of, named, pinned, policy_of, wish_of
from services.generation.shots.callbacks import callback_url
from services.generation.shots.errand import Errand
from services.generation.shots.history import history_of, setback_of
from services.generation.shots.makers import makers_of
from services.generation.shots.memo import Memo
from services.generation.shots.money import reserving
from services.generation.shots.want import candidates_of, makes
from services.runs.model import Done, Later
from services.runs.service import Held, Steps
from storage.postgres import store_away
from storage.tables import intents
from storage.tables.intents import IntentRow
from storage.tables.steps import StepRow

FIND_INTERVAL_S = 20.0
FOUND_S_MAX = 900.0
"""For so long a call of unknown outcome is looked for, where its provider can tell."""
TASK_S_MAX = 3600.0
"""How long a task may take before it is stopped and counts as stalled."""
PARTING_S = 3.0
"""How long a worker that is stopped waits for the answer to a call that it has just made."""
POLL_S_MAX = 15.0
POLL_SHARE = 0.1
"""A task of a minute ago is asked about every six seconds, unless its provider wants to be asked more seldom."""
HEALED_WAIT_S = 30.0
HEALED_WAITS_MAX = 20
"""For ten minutes a step waits for models that are left alone because they failed."""
ANY_LANE = "remote"
"""Where a step waits that has no model yet: there is room for all."""


class ShotMaker:
    """`make` ends its step or puts it off. `remotes`: the accounts that there are, by provider.

    `public_url`: where providers call back."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        steps: Steps,
        remotes: Mapping[str, RemoteProvider],
        router: Router,
        calls: Intents,
        public_url: str,
        rng: Random,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._pool = pool
        self._steps = steps
        self._remotes = remotes
        self._router = router
        self._calls = calls
        self._public_url = public_url
        self._rng = rng
        self._now = now

    def has_anybody(self, kind: Kind) -> bool:
        """Whether there is an account with somebody who makes it."""
        return any(makes(model, kind) for model in self._models)

    def named(self, wish: Wish, kind: Kind) -> tuple[str, ...]:
        """Who may make it, of those whom the wish names; none: all that the project allows."""
        return named(wish, kind, self._models)

    async def makers(self, run_id: UUID, steps: Sequence[StepRow]) -> list[dict[str, Any]]:
        """Who made what of a run elsewhere, for its take's provenance. Raises `StoreAway`."""
        return await makers_of(self._pool, run_id, steps)

    async def scored(self, run_id: UUID, step: str, score: float) -> None:
        """The router learns how good the result of a shot's step is, 0..1; told once. Raises `StoreAway`."""
        routes = [route for route in await of_run(self._pool, run_id) if route.step == step and route.model is not None]
        if routes:
            await self._router.journal.scored(routes[-1].id, score)

    async def make(self, held: Held, errand: Errand, desk: Desk) -> None:
        """Raises `StepEnded`, `Fenced`, `StoreAway`."""
        try:
            await self._turn(held, errand, desk)
        except StepEnded as end:
            instead = errand.instead(end.code, str(end))
            if instead is None:
                raise
            await self.end_with(held, instead)

    async def end_with(self, held: Held, instead: Mapping[str, Any]) -> None:
        """What stands in for what could not be made: the next run asks anew. Raises `Fenced`, `StoreAway`."""
        await self._steps.end(held, Done(instead, is_own=True))

    async def _turn(self, held: Held, errand: Errand, desk: Desk) -> None:
        memo = memos.read(held.step.memo)
        with store_away():
            rows = [row for row in await intents.of_run(self._pool, held.run.id) if row.step == held.step.name]
        if not rows or memo.settled == len(rows):
            await self._call(held, errand, desk, memo)
        else:
            await self._stands(held, errand, desk, memo, rows, None)

    # The call ----------------------------------------------------------------------------------------------

    async def _call(self, held: Held, errand: Errand, desk: Desk, memo: Memo) -> None:
        """Routed, in its lane, admitted, made."""
        routed = await self._router.decide(
            Place(held.run.project_id, held.run.id, held.step.name, memo.turn),
            await ask_of(self._pool, held, memo, self.named(wish_of(held), errand.kind)),
            candidates_of(self._models, errand.foreseen()),
            tenant=held.step.tenant,
            policy=await policy_of(self._pool, held, self.named(wish_of(held), errand.kind)),
            budget=await budget_of(self._pool, held, self._now()),
        )
        if routed.chosen is None:
            if not routed.heals or not errand.is_patient or memo.waits >= HEALED_WAITS_MAX:
                raise StepEnded("route.nobody", routed.sentence)
            return await self._put_off(held, HEALED_WAIT_S, replace(memo, turn=memo.turn + 1, waits=memo.waits + 1))
        if held.step.lane != routed.lane:
            return await self._put_off(held, 0.0, memo, lane=routed.lane)
        admitted = await self._router.admit(routed)
        if isinstance(admitted, Health):  # it has failed at others meanwhile: the next turn knows
            return await self._put_off(held, 0.0, memo.next_turn(memo.models_tried, memo.settled), lane=ANY_LANE)
        fit = routed.chosen.offer
        assert isinstance(fit, Fit)
        rows = await self._made(held, errand, desk, await errand.want(desk), fit)
        if rows[-1].state in (State.SUBMITTED, State.SUCCEEDED):
            await self._router.taken(admitted)
        await self._stands(held, errand, desk, memo.calling(admitted), rows, Queued())

    def _inspected(self, held: Held, errand: Errand, desk: Desk) -> Intents:
        """The calls of this step, whose results are looked at."""
        inspect = errand.inspected(held, desk)
        return self._calls if inspect is None else self._calls.inspected_by(inspect)

    async def _made(self, held: Held, errand: Errand, desk: Desk, want: Want, fit: Fit) -> list[IntentRow]:
        """All calls of the step, the new one last."""
        place = paid.Place(held.run.id, held.step.name)
        reserve = reserving(held, wish_of(held).spend_max_microcredits)
        calls, told_at = self._inspected(held, errand, desk), callback_url(self._public_url, fit.model)
        try:
            await _parting(calls.call(place, want, fit, told_at, reserve))
        except BillingError as error:
            raise StepEnded(error.code, str(error)) from error
        with store_away():
            return [row for row in await intents.of_run(self._pool, held.run.id) if row.step == held.step.name]

    # Until it has ended ------------------------------------------------------------------------------------

    async def _stands(
        self, held: Held, errand: Errand, desk: Desk, memo: Memo, rows: list[IntentRow], state: TaskState | None
    ) -> None:
        """What the newest call's row asks for. `state`: what its provider has just said."""
        row = rows[-1]
        match row.state:
            case State.SUCCEEDED:
                await self._finish(held, errand, desk, memo, row)
            case State.SUBMITTED if state is not None:
                await self._goes_on(held, errand, desk, memo, rows, state)
            case State.SUBMITTED:
                (followed,) = await self._inspected(held, errand, desk).follow([row.id])
                now = [*rows[:-1], followed.row]
                heard = followed.state or Queued()
                await self._stands(held, errand, desk, memo, now, heard)
            case State.UNKNOWN:
                await self._look_for(held, errand, desk, memo, rows)
            case State.INTENT:  # whoever made the call may still hear its answer; a sweep ends that
                await self._put_off(held, FIND_INTERVAL_S, memo, keeps_place=True)
            case _:
                await self._answered(held, errand, memo, rows)

    async def _look_for(self, held: Held, errand: Errand, desk: Desk, memo: Memo, rows: list[IntentRow]) -> None:
        """Nothing else is called before it is known what became of it, or known that nobody can tell."""
        row = await self._inspected(held, errand, desk).reconcile(rows[-1].id)
        if row.state == State.UNKNOWN:
            _, model = self._made_by(row)
            if model.terms.finds and self._age_s(row) < FOUND_S_MAX:
                return await self._put_off(held, FIND_INTERVAL_S, memo, keeps_place=True)
            row = await self._calls.give_up(row.id)
        await self._stands(held, errand, desk, memo, [*rows[:-1], row], None)

    async def _goes_on(
        self, held: Held, errand: Errand, desk: Desk, memo: Memo, rows: list[IntentRow], state: TaskState | None
    ) -> None:
        row, age_s = rows[-1], self._age_s(rows[-1])
        if isinstance(state, Running) and state.share is not None:
            await desk.progress(state.share)
        if isinstance(state, Throttled) and memo.admitted is not None:
            await self._router.put_off(memo.admitted, age_s)
        if age_s > TASK_S_MAX:
            return await self._stall(held, errand, desk, memo, rows)
        _, model = self._made_by(row)
        asked_s = state.failure.retry_after_s or 0.0 if isinstance(state, Unanswered) else 0.0
        wait_s = max(model.terms.poll_floor_s, asked_s, min(POLL_S_MAX, age_s * POLL_SHARE))
        await self._put_off(held, wait_s, memo, keeps_place=True)

    async def _stall(self, held: Held, errand: Errand, desk: Desk, memo: Memo, rows: list[IntentRow]) -> None:
        """It has taken too long: only when the provider says that it stopped is anybody else asked."""
        row = await self._calls.cancel(rows[-1].id)
        if row.state != State.SUBMITTED:
            return await self._stands(held, errand, desk, memo, [*rows[:-1], row], None)
        if not memo.stopping:  # perhaps it has ended this very moment: it is asked about once more
            _, model = self._made_by(row)
            again = replace(memo, stopping=True)
            return await self._put_off(held, model.terms.poll_floor_s, again, keeps_place=True)
        raise StepEnded(Why.NOT_STOPPED.value, sentence(GiveUp(Why.NOT_STOPPED), _title(row)))

    async def _finish(self, held: Held, errand: Errand, desk: Desk, memo: Memo, row: IntentRow) -> None:
        """There is a result, brought home and paid for."""
        assert row.result is not None
        await self._steps.end(held, Done(await errand.output({**row.result, "model": row.model}, desk)))
        if (call := memo.admitted) is not None:
            await self._router.finished(call, (row.changed_at - row.created_at).total_seconds())

    # What follows ------------------------------------------------------------------------------------------

    async def _answered(self, held: Held, errand: Errand, memo: Memo, rows: list[IntentRow]) -> None:
        """The last call has ended without a result: the same again, another model, or nothing."""
        row, setback = rows[-1], setback_of(rows[-1])
        assert setback is not None, row.state
        call = memo.admitted
        if call is not None:
            await self._router.set_back(call, setback, self._age_s(row))
        history = history_of(rows, memo.waited_s, memo.throttles, is_pinned=self._is_pinned(held, errand))
        match next_after(setback, history, self._rng):
            case Retry(_, wait_s, counts):
                await self._put_off(held, wait_s, memo.again(len(rows), wait_s, counts=counts))
            case FallBack(_, tried, _):
                await self._turn_over(call, setback)
                await self._put_off(held, 0.0, memo.next_turn(tried, len(rows)), lane=ANY_LANE)
            case GiveUp() as end:
                await self._turn_over(call, setback)
                said = setback.failure.message if isinstance(setback, (Refused, Failed)) else ""
                words = sentence(end, _title(row))
                raise StepEnded(end.why.value, f"{words} It said: {said}" if said else words)

    async def _turn_over(self, call: Call | None, setback: Setback) -> None:
        if call is not None:
            await self._router.failed(call, setback)

    async def _put_off(
        self, held: Held, wait_s: float, memo: Memo, *, lane: str | None = None, keeps_place: bool = False
    ) -> None:
        await self._steps.end(held, Later(wait_s, memos.spelled(memo), lane, keeps_place))

    # ---------------------------------------------------------------------------------------------------------

    @property
    def _models(self) -> tuple[Model, ...]:
        return models_of(self._remotes)

    def _is_pinned(self, held: Held, errand: Errand) -> bool:
        return pinned(self.named(wish_of(held), errand.kind)) is not None

    def _made_by(self, row: IntentRow) -> tuple[RemoteProvider, Model]:
        """Raises `StepEnded` where the account is gone."""
        remote = self._remotes.get(row.provider)
        model = next((model for model in remote.models if model.name == row.model), None) if remote else None
        if remote is None or model is None:
            raise StepEnded("route.no_account", f"There is no account with {row.provider} any more.")
        return remote, model

    def _age_s(self, row: IntentRow) -> float:
        return (self._now() - row.created_at).total_seconds()


async def _parting(work: Coroutine[Any, Any, IntentRow]) -> IntentRow:
    """A worker that is stopped in the middle of a call waits a moment for its answer: it may have been paid for."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=PARTING_S)
        raise
    finally:
        task.cancel()


def _title(row: IntentRow) -> str:
    return f"{row.provider} {row.model}"
