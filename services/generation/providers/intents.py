"""Paid calls, each written down and committed before it is made, and followed until it is known what became of it (P9).

    INTENT -> SUBMITTED -> SUCCEEDED | FAILED | CANCELLED
    INTENT -> FAILED                      refused: not taken, not charged
    INTENT -> UNKNOWN                     the answer was lost: it may run, it may be charged
    UNKNOWN -> SUBMITTED | FAILED         found at the provider; it never arrived; or a person gave it up

While an item of a step has a call in one of the first three states nobody makes another: the database refuses it. What
has succeeded is not bought again by the same run. Not when to ask, nor what to do after a failure: the runs' and the
router's.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from copy import copy
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, assert_never
from uuid import UUID, uuid4

import asyncpg

from services.generation.providers.capabilities import Fit, Kind, Want
from services.generation.providers.errors import IntentMissing, IntentMoved, NoAccount, OutputUnfit
from services.generation.providers.facts import storable
from services.generation.providers.outputs import Kept, Outputs
from services.generation.providers.port import (
    Accepted,
    Arrived,
    Cancelled,
    Ended,
    Failed,
    Failure,
    FailureKind,
    Intent,
    NeverArrived,
    NotStopped,
    Refund,
    Refused,
    RemoteProvider,
    Stopped,
    Succeeded,
    TaskState,
    Unknown,
)
from services.generation.request import digest
from storage.postgres import Connection, store_away
from storage.tables import intents
from storage.tables.intents import IntentRow, NewIntent

ANSWER_S_MAX = 150.0
"""Longer than any call waits: an intent that is older has no one who listens."""
ARRIVAL_S_MAX = 60.0
"""For so long after a lost answer "they know of no such call" may only mean "not yet"."""
DELIVERIES_KEPT_S = 3_600.0
"""Longer than a callback is believed."""

Settle = Callable[[Connection, IntentRow], Awaitable[None]]
"""Called in the transaction that places, or ends, an intent: holds are taken and settled together with it.

What one did cost may be more than was reserved: a list price can be out of date. Then the house bears the rest."""


class State(StrEnum):
    """Of a paid call."""

    INTENT = "intent"
    SUBMITTED = "submitted"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """It may still cost something that we do not know of."""
        return self in (State.INTENT, State.SUBMITTED, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Place:
    """Whose call it is: `item` of a step of a run, from 0."""

    run_id: UUID
    step: str
    item: int = 0


@dataclass(frozen=True, slots=True)
class Followed:
    """An intent as it is now, and what its provider last said of the task, if it was asked."""

    row: IntentRow
    state: TaskState | None = None


Inspect = Callable[[IntentRow, Sequence[Kept]], Awaitable[None]]
"""Looks at what was brought home before it counts as a result. Raises `OutputUnfit` where it is none."""


async def _nothing(connection: Connection, row: IntentRow) -> None:
    """Nobody keeps accounts."""


async def _unseen(row: IntentRow, kept: Sequence[Kept]) -> None:
    """Nobody looks."""


class Intents:
    """All of a studio. `settle` is called when one ends; what it raises leaves the intent as it was.

    `inspected_by` answers the same calls for whoever looks at results. A call of a provider with whom there is no
    account any more stays as it is.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        providers: Mapping[str, RemoteProvider],
        outputs: Outputs,
        settle: Settle = _nothing,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._pool = pool
        self._providers = providers
        self._outputs = outputs
        self._settle = settle
        self._now = now
        self._inspect: Inspect = _unseen

    def inspected_by(self, inspect: Inspect) -> "Intents":
        """The same, for whoever knows what results should show. What else it raises leaves an intent as it was."""
        inspecting = copy(self)
        inspecting._inspect = inspect
        return inspecting

    async def call(
        self, place: Place, want: Want, fit: Fit, callback_url: str | None = None, reserve: Settle = _nothing
    ) -> IntentRow:
        """Makes the paid call, unless it was made: then answers what became of it. `reserve`: with the row's commit.

        Raises `IntentMoved` while another request of this item is open, `NoAccount`, `StoreAway`, and what `reserve`
        raises; then nothing was called.
        """
        provider = self._providers.get(fit.model.provider)
        if provider is None:
            raise NoAccount()
        row, is_new = await self._placed(place, want, fit, reserve)
        if not is_new:
            return row
        answer = await provider.submit(Intent(row.id, want, fit, callback_url))
        match answer:
            case Accepted():
                return await self._taken(row.id, answer)
            case Refused(failure):
                return await self._ended(row.id, State.FAILED, 0, failure, came_from=(State.INTENT, State.UNKNOWN))
            case Unknown(why):
                return await self._lost(row.id, why)
        assert_never(answer)

    async def follow(self, ids: Sequence[UUID]) -> list[Followed]:
        """Asks about those that are under way, by the provider, and brings home what has ended. Raises `StoreAway`."""
        with store_away():
            rows = await intents.of_ids(self._pool, ids)
        asked: dict[str, list[IntentRow]] = {}
        for row in rows:
            if row.state == State.SUBMITTED and row.provider in self._providers:
                asked.setdefault(row.provider, []).append(row)
        states: dict[UUID, TaskState] = {}
        for provider, own in asked.items():
            told = await self._providers[provider].poll([row.task for row in own if row.task is not None])
            states |= {row.id: told[row.task] for row in own if row.task is not None}
        return [await self._followed(row, states.get(row.id)) for row in rows]

    async def reconcile(self, id: UUID) -> IntentRow:
        """What became of an unknown one, where its provider can tell. Raises `IntentMissing`, `StoreAway`."""
        row = await self._of(id)
        if row.state != State.UNKNOWN or row.provider not in self._providers:
            return row
        found = await self._providers[row.provider].find(id)
        match found:
            case Arrived(task, state):
                row = await self._taken(id, Accepted(task, row.most_microcredits))
                return (await self._followed(row, state)).row
            case NeverArrived() if self._now() - row.created_at > timedelta(seconds=ARRIVAL_S_MAX):
                failure = Failure(FailureKind.RETRYABLE, "never_arrived", "The call never arrived there.")
                return await self._ended(id, State.FAILED, 0, failure, came_from=(State.UNKNOWN,))
            case NeverArrived() | Unknown():
                return row
        assert_never(found)

    async def give_up(self, id: UUID) -> IntentRow:
        """It is taken as charged, by a person or because nobody asks any more; the item may be called anew.

        Raises `IntentMissing`, `StoreAway`.
        """
        failure = Failure(FailureKind.GONE, "given_up", "Nobody knows what became of it; it may have been charged.")
        return await self._ended(id, State.FAILED, None, failure, came_from=(State.UNKNOWN, State.SUBMITTED))

    async def cancel(self, id: UUID) -> IntentRow:
        """Where it cannot be cancelled it goes on, and is followed. Raises `IntentMissing`, `StoreAway`."""
        row = await self._of(id)
        if row.state != State.SUBMITTED or row.task is None or row.provider not in self._providers:
            return row
        answer = await self._providers[row.provider].cancel(row.task)
        if isinstance(answer, NotStopped):
            return row
        assert isinstance(answer, Stopped)
        cost = row.most_microcredits if answer.refund is Refund.NONE else None
        return await self._ended(id, State.CANCELLED, cost, None, came_from=(State.SUBMITTED,))

    async def sweep(self) -> list[IntentRow]:
        """Those whose worker died between the call and its answer are unknown. Raises `StoreAway`."""
        with store_away():
            await intents.forget_deliveries(self._pool, timedelta(seconds=DELIVERIES_KEPT_S))
            why = _json(Failure(FailureKind.RETRYABLE, "unknown", "Whoever made the call ended before its answer."))
            return await intents.forsake(self._pool, timedelta(seconds=ANSWER_S_MAX), why)

    # One step each ---------------------------------------------------------------------------------------

    async def _placed(self, place: Place, want: Want, fit: Fit, reserve: Settle) -> tuple[IntentRow, bool]:
        """The row, committed, and whether the call is still to be made. The run's row comes first (C9)."""
        new = _new(place, want, fit)
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                standing = await intents.standing_of_item(connection, place.run_id, place.step, place.item, new.digest)
                if standing is not None and standing.digest != new.digest:
                    raise IntentMoved(f"Another call of {place.step} is {standing.state}.")
                if standing is not None:
                    return standing, False
                row = await intents.add(connection, new)
                await reserve(connection, row)
        return row, True

    async def _taken(self, id: UUID, answer: Accepted) -> IntentRow:
        """Also when it had been given up as unknown meanwhile. Its result, if it came along, is brought home."""
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                row = await intents.submitted(connection, id, answer.task, answer.most_microcredits)
        if row is None:
            return await self._of(id)
        return (await self._followed(row, answer.state)).row

    async def _lost(self, id: UUID, why: str) -> IntentRow:
        failure = Failure(FailureKind.RETRYABLE, "unknown", f"It may have been charged: {why}.")
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                row = await intents.unknown(connection, id, _json(failure))
        return row or await self._of(id)

    async def _followed(self, row: IntentRow, state: TaskState | None) -> Followed:
        """Writes down an end; anything else changes nothing."""
        if not isinstance(state, Ended):
            return Followed(row, state)
        came_from = (State.SUBMITTED,)
        match state:
            case Succeeded():
                ended = await self._brought_home(row, state)
            case Failed(failure, cost):
                ended = await self._ended(row.id, State.FAILED, cost, failure, came_from=came_from)
            case Cancelled(cost):
                ended = await self._ended(row.id, State.CANCELLED, cost, None, came_from=came_from)
        return Followed(ended, state)

    async def _brought_home(self, row: IntentRow, state: Succeeded) -> IntentRow:
        """Paid for in any case; a result whose address has expired is asked for once more."""
        try:
            kept = await self._kept(row, state)
        except OutputUnfit as unfit:
            failure, cost = unfit.failure, state.cost_microcredits
            return await self._ended(row.id, State.FAILED, cost, failure, came_from=(State.SUBMITTED,))
        result = {"outputs": kept, "facts": storable(state.facts)}
        return await self._ended(
            row.id, State.SUCCEEDED, state.cost_microcredits, None, result=result, came_from=(State.SUBMITTED,)
        )

    async def _kept(self, row: IntentRow, state: Succeeded) -> list[dict[str, Any]]:
        """Raises `OutputUnfit`."""
        try:
            return await self._all_kept(row, state)
        except OutputUnfit as unfit:
            assert row.task is not None
            if unfit.failure.kind is not FailureKind.GONE:
                raise
            again = (await self._providers[row.provider].poll([row.task]))[row.task]
            if not isinstance(again, Succeeded) or again.outputs == state.outputs:
                raise
        return await self._all_kept(row, again)

    async def _all_kept(self, row: IntentRow, state: Succeeded) -> list[dict[str, Any]]:
        if not state.outputs:
            raise OutputUnfit(Failure(FailureKind.RETRYABLE, "output.none", "It succeeded and made nothing."))
        kept = [await self._outputs.keep(output, Kind(row.kind), row.duration_s) for output in state.outputs]
        await self._inspect(row, kept)
        return [asdict(each) for each in kept]

    async def _ended(
        self,
        id: UUID,
        state: State,
        cost_microcredits: int | None,
        failure: Failure | None,
        *,
        result: Mapping[str, Any] | None = None,
        came_from: Sequence[State],
    ) -> IntentRow:
        """Whoever is first writes the end; the others are answered what he wrote."""
        said = None if failure is None else _json(failure)
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                row = await intents.ended(connection, id, state, cost_microcredits, said, result, came_from)
                if row is not None:
                    await self._settle(connection, row)
        return row or await self._of(id)

    async def _of(self, id: UUID) -> IntentRow:
        with store_away():
            row = await intents.of_id(self._pool, id)
        if row is None:
            raise IntentMissing()
        return row


def _new(place: Place, want: Want, fit: Fit) -> NewIntent:
    return NewIntent(
        id=uuid4(),
        run_id=place.run_id,
        step=place.step,
        item=place.item,
        provider=fit.model.provider,
        model=fit.model.name,
        kind=fit.model.kind,
        duration_s=fit.duration_s,
        digest=digest_of(want, fit),
        most_microcredits=fit.most_microcredits,
    )


def digest_of(want: Want, fit: Fit) -> str:
    """Of everything that is sent: the same call has the same one. Pictures by their hash."""
    wanted = {
        "prompt": want.prompt,
        "voice": want.voice,
        "instructions": want.instructions,
        "schema": want.schema,
        "answer_tokens_max": want.answer_tokens_max,
        "options": dict(want.options),
        "references": [[reference.role, reference.media] for reference in want.references],
    }
    shape = None if fit.shape is None else fit.shape.spelled
    fitted = [fit.model.provider, fit.model.name, shape, fit.duration_s, fit.seed, fit.audio]
    return digest("intent", wanted, fitted)


def _json(failure: Failure) -> dict[str, Any]:
    return storable(asdict(failure))


def failure_of(row: IntentRow) -> Failure | None:
    """As it was when it was written."""
    return None if row.failure is None else Failure(**{**row.failure, "kind": FailureKind(row.failure["kind"])})
