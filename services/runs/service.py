"""The steps of runs as workers and people move them: claim, finish, put off, park, choose, hand back, fail.

Every writer holds the step: its row is looked at, behind the run's (consistency.md C9), in the transaction that writes.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from services.runs.errors import ChoiceRefused, RunStopped, StepLost
from services.runs.model import AGEING_S, LEASE_S, Done, Later, Park, StepSpec, StepState, check_graph, key_of
from storage.errors import StoreAway
from storage.postgres import Connection, store_away
from storage.queue import Queue
from storage.tables import runs, steps
from storage.tables.runs import RunRow
from storage.tables.steps import NewStep, Ring, StepRow

CLAIMS_MAX = 10
"""Of one look: steps whose run has just ended are passed over."""


@dataclass(frozen=True, slots=True)
class Held:
    """A step in this worker's hands. `inputs`: outputs of what it needs, by name.

    `finished`, `names`: of the run's steps that are done, and of all.
    """

    run: RunRow
    step: StepRow
    inputs: Mapping[str, Mapping[str, Any]]
    finished: tuple[str, ...]
    names: tuple[str, ...]


Within = Callable[[Connection], Awaitable[None]]
"""Writes rows in the transaction that ends a step."""


async def hold(connection: Connection, held: Held) -> None:
    """Locks run and step until the commit. Raises `RunStopped`, `StepLost`."""
    run, step = held.run, held.step
    fence = await runs.lock(connection, run.id)
    if fence is None or fence.cancel_requested or fence.state not in ("queued", "running"):
        raise RunStopped(f"run {run.id} has ended")
    if not await steps.is_held(connection, run.id, step.name, step.epoch):
        raise StepLost(f"step {step.name} of run {run.id} is not in epoch {step.epoch} any more")


class Steps:
    """Of all runs. `queue` rings workers; a ring that is lost is found by the sweeper."""

    def __init__(self, pool: asyncpg.Pool, queue: Queue, lease_s: float = LEASE_S) -> None:
        self._pool = pool
        self._queue = queue
        self._lease_s = lease_s

    # Graphs ----------------------------------------------------------------------------------------------

    async def begin(
        self, connection: Connection, run_id: UUID, tenant: UUID, priority: int, specs: Sequence[StepSpec]
    ) -> list[Ring]:
        """In the transaction that makes the run; ring after its commit. Raises `GraphUnfit`."""
        check_graph(specs)
        await steps.add(connection, run_id, tenant, priority, [_new(spec) for spec in specs])
        return await self.advance(connection, run_id)

    async def advance(self, connection: Connection, run_id: UUID) -> list[Ring]:
        """Moves what can be moved: ready, done already for another run, or following one. Idempotent.

        The run's row is locked by the caller, or new.
        """
        rings: list[Ring] = []
        moved = True
        while moved:
            moved = False
            there = {step.name: step for step in await steps.of_run(connection, run_id)}
            for step in there.values():
                if step.state in (StepState.WAITING, StepState.FOLLOWING) and _is_fed(step, there):
                    ring = await self._feed(connection, step, there)
                    moved = moved or ring is not step
                    rings += [ring] if isinstance(ring, Ring) else []
                    if moved and not isinstance(ring, Ring):
                        break  # its output is there: look again at what needs it
        return rings

    async def _feed(self, connection: Connection, step: StepRow, there: Mapping[str, StepRow]) -> Ring | StepRow | None:
        """A ring where somebody has to do it, the step itself where nothing changes, None where it is done."""
        key = key_of(step.kind, step.params, _inputs(step, there))
        other = await steps.reusable(connection, step.tenant, key, step.run_id, step.name)
        if other is not None and other.output is not None:
            await steps.copy(connection, step.run_id, step.name, key, other.output, other.run_id)
            return None
        if other is not None:
            if step.state == StepState.WAITING:
                await steps.follow(connection, step.run_id, step.name, key)
            return step
        await steps.ready(connection, step, key)
        return Ring(step.run_id, step.name, step.epoch)

    async def ring(self, rings: Sequence[Ring]) -> None:
        """After the commit. Wakes workers; what Redis does not take the sweeper rings again."""
        for ring in rings:
            with suppress(StoreAway):
                await self._queue.wake(ring)

    # Workers ---------------------------------------------------------------------------------------------

    async def claim(self, owner: str) -> Held | None:
        """The step whose turn it is, or None. Raises `StoreAway`."""
        with store_away():
            for _ in range(CLAIMS_MAX):
                async with self._pool.acquire() as connection, connection.transaction():
                    step = await steps.claim(connection, owner, self._lease_s, AGEING_S)
                    if step is None:
                        return None
                    if await steps.begin_run(connection, step.run_id, step.attempt, again=step.attempt > 1):
                        return await self._held(connection, step)
                    await steps.end_all(connection, step.run_id)  # it was cancelled a moment ago
        return None

    async def _held(self, connection: Connection, step: StepRow) -> Held:
        run = await runs.run_of_id(connection, step.run_id)
        assert run is not None
        there = {each.name: each for each in await steps.of_run(connection, step.run_id)}
        finished = tuple(name for name, each in there.items() if each.state == StepState.DONE)
        return Held(run, step, _inputs(step, there), finished, tuple(there))

    async def renew(self, held: Held) -> bool:
        """False when the step is no longer this worker's, or its run is to end."""
        with store_away():
            return await steps.renew(self._pool, held.run.id, held.step.name, held.step.epoch, self._lease_s)

    async def end(self, held: Held, ended: Done | Later | Park, within: Within | None = None) -> None:
        """In a transaction of its own, with what `within` writes. Raises `Fenced`, `GraphUnfit`, `StoreAway`."""
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                await hold(connection, held)
                if within is not None:
                    await within(connection)
                rings = await self.end_within(connection, held, ended)
        await self.ring(rings)

    async def end_within(self, connection: Connection, held: Held, ended: Done | Later | Park) -> list[Ring]:
        """In the caller's transaction, which holds the step. Ring after the commit."""
        run_id, name = held.run.id, held.step.name
        match ended:
            case Done(output, more, layer, is_own):
                await steps.finish(connection, run_id, name, output, layer)
                if more:
                    await self._add(connection, held.step, more)
                if more or is_own:  # whoever took its output would miss its steps, or what could be made
                    await steps.withdraw(connection, run_id, name)
                rings = await self.advance(connection, run_id)
                if held.step.key is not None:
                    for follower in await steps.followers(connection, held.step.tenant, held.step.key):
                        if follower != run_id:
                            rings.append(Ring(follower, "", 0))  # its own run is advanced by whoever hears it
                return rings
            case Later(wait_s, memo, lane, keeps_place):
                await steps.later(connection, run_id, name, wait_s, memo, lane, keeps_place=keeps_place)
                return [Ring(run_id, name, held.step.epoch, wait_s)]
            case Park(question, choices):
                memo = {"question": question, "choices": [dict(choice) for choice in choices]}
                await steps.park(connection, run_id, name, memo)
                await steps.rest_run(connection, run_id)
                return []

    async def _add(self, connection: Connection, by: StepRow, more: Sequence[StepSpec]) -> None:
        """Whoever does a step again that has added steps finds them there. Raises `GraphUnfit`."""
        there = {step.name: step for step in await steps.of_run(connection, by.run_id)}
        new = [spec for spec in more if spec.name not in there or not _is_same(spec, there[spec.name])]
        check_graph(new, list(there))
        await steps.add(connection, by.run_id, by.tenant, by.priority, [_new(spec) for spec in new])

    async def catch_up(self, run_id: UUID) -> None:
        """Advances a run whose steps follow those of another. Raises `StoreAway`."""
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                fence = await runs.lock(connection, run_id)
                if fence is None or fence.state not in ("queued", "running"):
                    return
                rings = await self.advance(connection, run_id)
        await self.ring(rings)

    async def hand_back(
        self, held: Held, *, wait_s: float = 0.0, keep_attempt: bool, error: Mapping[str, Any] | None = None
    ) -> bool:
        """Anybody's again; False when it is not ours any more."""
        run_id, step = held.run.id, held.step
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                if await runs.lock(connection, run_id) is None:
                    return False
                back = await steps.hand_back(
                    connection, run_id, step.name, step.epoch, wait_s=wait_s, keep_attempt=keep_attempt, error=error
                )
                if back:
                    await steps.rest_run(connection, run_id)
        if back:
            await self.ring([Ring(run_id, step.name, step.epoch, wait_s)])
        return back

    async def afresh(self, held: Held) -> None:
        """All steps of the run are done again: what they refer to is gone. Raises `Fenced`."""
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                await hold(connection, held)
                await steps.afresh(connection, held.run.id)
                rings = await self.advance(connection, held.run.id)
        await self.ring(rings)

    # People ----------------------------------------------------------------------------------------------

    async def choose(self, run_id: UUID, name: str, choice: str, by: str) -> bool:
        """The answer to what a step asked. The same answer again changes nothing: False. Raises `ChoiceRefused`."""
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                await runs.lock(connection, run_id)
                step = await steps.lock_step(connection, run_id, name)
                if step is not None and step.state == StepState.DONE and (step.output or {}).get("choice") == choice:
                    return False
                if step is None or step.state != StepState.PARKED:
                    raise ChoiceRefused(f"{name} does not wait for a choice")
                offered = [each for each in (step.memo or {}).get("choices", ()) if each.get("id") == choice]
                if not offered:
                    raise ChoiceRefused(f"{choice} is none of the choices of {name}")
                await steps.finish(connection, run_id, name, {"choice": choice, "chosen": offered[0], "by": by})
                rings = await self.advance(connection, run_id)
        await self.ring(rings)
        return True

    async def of_run(self, run_id: UUID) -> list[StepRow]:
        """In the order in which they were added."""
        with store_away():
            return await steps.of_run(self._pool, run_id)

    # Sweeping --------------------------------------------------------------------------------------------

    async def sweep(self, again_s: float, limit_rows: int) -> list[Ring]:
        """What nobody minds: steps of silent workers, steps that nobody was woken for, followers without a leader."""
        with store_away():
            for run_id in await steps.lapse(self._pool, limit_rows):
                await steps.rest_run(self._pool, run_id)
            for run_id in await steps.lone_followers(self._pool, limit_rows):
                await self.catch_up(run_id)
            return await steps.due(self._pool, again_s, limit_rows)


def _new(spec: StepSpec) -> NewStep:
    return NewStep(spec.name, spec.kind, spec.needs, spec.params, spec.lane)


def _is_same(spec: StepSpec, step: StepRow) -> bool:
    return (spec.kind, spec.needs, dict(spec.params)) == (step.kind, step.needs, step.params)


def _is_fed(step: StepRow, there: Mapping[str, StepRow]) -> bool:
    return all(need in there and there[need].state == StepState.DONE for need in step.needs)


def _inputs(step: StepRow, there: Mapping[str, StepRow]) -> dict[str, Mapping[str, Any]]:
    return {need: there[need].output or {} for need in step.needs}
