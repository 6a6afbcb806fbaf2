"""A take that was offered to a run's people instead of what the run makes: shown, accepted, declined.

Not how it is found: `lookout.py`. Who accepts it ends the run with it; who declines it or says nothing gets what was
asked for. Each of it is in the document, the events and the rows at once, or not at all.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import asyncpg

from services.billing.savings import Saver, Saving, note
from services.cache.errors import NoSuchDecision, NothingOffered
from services.cache.model import Layer
from services.cache.semantic import Offer
from services.generation.errors import NoSuchScene, RunFinished
from services.generation.graph import ANEW, REUSE
from services.generation.model import CANCEL_CHANNEL, State
from services.generation.reuse.asked import STAGE
from services.generation.scribe import (
    Event,
    Moment,
    Scribe,
    job_event,
    new_take,
    run_text,
    take_entry,
    take_event,
    take_of,
    unlock,
    write_job,
)
from services.runs.model import Done, Park, StepState
from services.runs.service import Held, Steps, hold
from storage.bus import Bus
from storage.errors import StoreAway
from storage.postgres import Connection, store_away
from storage.tables import cached, holds, outputs, runs, steps, takes
from storage.tables.cached import DecisionRow
from storage.tables.runs import RunRow
from storage.tables.steps import Ring
from storage.tables.takes import NewTake, TakeRow
from sync import ids
from sync.errors import NoSuchEntity
from sync.storyboard import server
from sync.storyboard.read import Document

OFFER_PREFIX = "lkp"
QUESTION = "Shall this take be used?"


class Because(StrEnum):
    """Why somebody does not want what was offered: what false hits are counted by."""

    DIFFERS = "differs"
    """It shows something else than what was asked for."""
    ANOTHER = "another"
    """It shows it; another take of it is wanted."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What a run's people see. `take`: the one that is there; `prompt`: the words that it was made for."""

    decision: DecisionRow
    take: TakeRow
    prompt: str


class Offers:
    """Whoever calls has asked for rights in the run's document, which is also that of every take that is offered."""

    def __init__(self, pool: asyncpg.Pool, scribe: Scribe, steps: Steps, bus: Bus) -> None:
        self._pool = pool
        self._scribe = scribe
        self._steps = steps
        self._bus = bus

    # Workers ---------------------------------------------------------------------------------------------

    async def show(self, held: Held, moment: Moment, offer: Offer) -> bool:
        """Ends the step: parked where the run is to wait for the answer. False: the take is gone. Raises `Fenced`."""
        with store_away():
            take = await takes.take_of_id(self._pool, UUID(offer.output["take"]))
        if take is None:
            return False
        told = {
            "id": ids.to_text(OFFER_PREFIX, offer.decision_id),
            "take": ids.to_text("tak", take.id),
            "scn": take.scene_id,
            "n": take.number,
            "thumb": take.thumb,
            "saves": offer.saves_microcredits,
        }
        waits = bool(held.step.params["waits"])
        now = Moment(State.QUEUED, REUSE, moment.pct) if waits else moment
        choices = ({"id": REUSE, "offer": told["id"]}, {"id": ANEW})
        ended = Park(QUESTION, choices) if waits else Done({"offer": told["id"]})

        async def fence(connection: Connection) -> None:
            await hold(connection, held)

        async def rows(connection: Connection) -> list[Event]:
            await runs.advance(connection, held.run.id, now.stage, now.pct)
            rings[:] = await self._steps.end_within(connection, held, ended)
            return [_offer_event(held.run, told, None), job_event(held.run, now)]

        rings: list[Ring] = []
        await self._scribe.commit(held.run, lambda doc: write_job(doc, held.run, now, offer=told), rows, fence)
        await self._steps.ring(rings)
        return True

    # People ----------------------------------------------------------------------------------------------

    async def of_run(self, run: RunRow) -> Offered | None:
        """What the run's people were offered, answered or not, as long as it is kept. Raises `StoreAway`."""
        with store_away():
            decision = await cached.offer_of_run(self._pool, run.id)
            if decision is None or decision.take_id is None:
                return None
            kept = await cached.take(self._pool, run.project_id, decision.partition, decision.take_id)
            if kept is None:
                return None
            take = await takes.take_of_id(self._pool, UUID(kept.output["take"]))
        return None if take is None else Offered(decision, take, kept.prompt)

    async def accept(self, run_id: UUID, offer_id: UUID, user_id: UUID) -> None:
        """The take becomes the run's, and so the scene's; nothing else of the run is made. Again, it changes nothing.

        Raises `NoSuchDecision`, `NothingOffered`, `RunFinished`, `StoreAway`.
        """
        run, offered = await self._offered(run_id, offer_id)
        if run.take_id is not None and offered.decision.answer == "accepted":
            return
        adopted = _Adopted(run, offered, user_id)

        async def fence(connection: Connection) -> None:
            await _unfinished(connection, run.id)
            if await cached.answer_decision(connection, run.project_id, offer_id, "accepted") is None:
                raise NothingOffered(NothingOffered.__doc__)
            adopted.spent = await holds.paid_of_run(connection, run.id)
            adopted.number = await takes.next_number(connection, run.document_id, run.scene_id)

        await self._scribe.commit(run, adopted.write, lambda connection: _end(connection, adopted), fence, user_id)
        with suppress(StoreAway):  # a worker that does not hear it sees it when it renews or writes
            await self._bus.publish(CANCEL_CHANNEL, json.dumps({"run": run_text(run.id)}).encode())

    async def decline(self, run_id: UUID, offer_id: UUID, user_id: UUID, because: Because | None) -> None:
        """The run goes on, also where it waited. Again, it changes nothing.

        Raises `NoSuchDecision`, `NothingOffered`, `StoreAway`.
        """
        run, offered = await self._offered(run_id, offer_id)

        async def answer(connection: Connection) -> None:
            if await cached.answer_decision(connection, run.project_id, offer_id, "declined") is None:
                raise NothingOffered(NothingOffered.__doc__)
            if because is not None:
                found = "different" if because is Because.DIFFERS else "same"
                await cached.compare_decision(connection, run.project_id, offer_id, found)

        async def rows(connection: Connection) -> list[Event]:
            await runs.advance(connection, run.id, run.stage, run.pct)
            return [_offer_event(run, {"id": ids.to_text(OFFER_PREFIX, offer_id)}, "declined")]

        async def fence(connection: Connection) -> None:
            await _unfinished(connection, run.id)
            await answer(connection)

        if offered.decision.answer == "declined" and because is None:
            return await self._go_on(run.id, user_id)
        try:
            await self._scribe.commit(run, lambda doc: _forget_offer(doc, run), rows, fence, user_id)
        except RunFinished:  # whoever looks at the take that was made instead may still say what it was
            with store_away():
                async with self._pool.acquire() as connection, connection.transaction():
                    await answer(connection)
        await self._go_on(run.id, user_id)

    async def _go_on(self, run_id: UUID, user_id: UUID) -> None:
        waiting = {step.name for step in await self._steps.of_run(run_id) if step.state == StepState.PARKED}
        if REUSE in waiting:
            await self._steps.choose(run_id, REUSE, ANEW, ids.to_text("usr", user_id))

    async def _offered(self, run_id: UUID, offer_id: UUID) -> tuple[RunRow, Offered]:
        with store_away():
            run = await runs.run_of_id(self._pool, run_id)
        offered = None if run is None else await self.of_run(run)
        if run is None or offered is None or offered.decision.id != offer_id:
            raise NoSuchDecision("This run was offered no such take.")
        return run, offered


class _Adopted:
    """A take that is there, as a run's. `number`: in its scene; `spent`: by the run; known in the transaction."""

    def __init__(self, run: RunRow, offered: Offered, user_id: UUID) -> None:
        self.run = run
        self.offered = offered
        self.user_id = user_id
        self.id = take_of(run.id)
        self.at = datetime.now(UTC)
        self.number = 0
        self.spent = 0

    @property
    def moment(self) -> Moment:
        return Moment(State.COMPLETE, "finish", 100)

    def write(self, doc: Document) -> None:
        """Into the document. Raises `NoSuchScene`."""
        run, take = self.run, self.offered.take
        write_job(doc, run, self.moment, at1=int(self.at.timestamp() * 1000), err=None, offer=None, cost=self.spent)
        try:
            server.write_take(doc, take_entry(run, take, self.id, self.number, self.spent))
            unlock(doc, run)
        except NoSuchEntity as error:
            raise NoSuchScene("The scene was removed meanwhile.") from error

    @property
    def row(self) -> NewTake:
        return new_take(self.run, self.offered.take, self.id, self.number, self._provenance(), self.spent)

    def _provenance(self) -> dict[str, Any]:
        """How the take came about where it was made, who asked for it here, and who said that it shall be used."""
        run, take = self.run, self.offered.take
        made_in = None if take.run_id is None else run_text(take.run_id)
        models = [{**each, "paid_in": each.get("paid_in") or made_in} for each in take.provenance.get("models", ())]
        return {
            **take.provenance,
            "models": models,
            "asked_by": ids.to_text("usr", run.requested_by),
            "asked_at": run.created_at.isoformat(),
            "prompt": run.request["prompt"],
            "reused_from": {
                "take": ids.to_text("tak", take.id),
                "scene": take.scene_id,
                "prompt": self.offered.prompt,
                "offer": ids.to_text(OFFER_PREFIX, self.offered.decision.id),
                "by": ids.to_text("usr", self.user_id),
                "at": self.at.isoformat(),
            },
        }


async def _end(connection: Connection, adopted: _Adopted) -> list[Event]:
    """Saved is what the take had cost, less what the run had spent already."""
    run, decision = adopted.run, adopted.offered.decision
    await takes.add_take(connection, adopted.row)
    await outputs.share_parts(connection, adopted.offered.take.id, adopted.id)
    saved = max(0, decision.saves_microcredits - adopted.spent)
    await cached.count(
        connection, run.project_id, Layer.SEMANTIC, STAGE, spent_microcredits=0, saved_microcredits=saved
    )
    saver = Saver(run.id, run.project_id, run.requested_by)
    await note(connection, saver, [Saving(STAGE, Layer.SEMANTIC, saved)])
    await steps.end_all(connection, run.id)
    await runs.finish(connection, run.id, State.COMPLETE.value, "finish", 100, adopted.spent, None, adopted.id)
    told = {"id": ids.to_text(OFFER_PREFIX, decision.id)}
    return [
        _offer_event(run, told, "accepted"),
        take_event(run, adopted.offered.take, adopted.id, adopted.number, adopted.spent),
        job_event(run, adopted.moment),
    ]


async def _unfinished(connection: Connection, run_id: UUID) -> None:
    """Locks the run. Raises `RunFinished`."""
    row = await runs.lock(connection, run_id)
    if row is None or row.cancel_requested or State(row.state).terminal:
        raise RunFinished(RunFinished.__doc__)


def _forget_offer(doc: Document, run: RunRow) -> None:
    server.write_job(doc, run_text(run.id), offer=None)


def _offer_event(run: RunRow, told: Mapping[str, Any], answer: str | None) -> Event:
    return "offer", {"run": run_text(run.id), "scn": run.scene_id, "offer": dict(told), "answer": answer}
