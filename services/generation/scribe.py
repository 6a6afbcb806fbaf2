"""Writes what happens to a run into the shared document, its row and the project's events: all of it or nothing.

Not the decisions: it is told what happened. Every write of a worker is fenced by the run's epoch (consistency.md C12).
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4, uuid5

from pycrdt import Map

from services.documents.editor import DocumentEditor
from services.generation.errors import NoSuchScene, RunFinished
from services.generation.model import MILESTONES_KEPT_FOR_THE_END, MILESTONES_MAX, State, resting_status
from services.generation.providers.interface import FinishedTake, Plan, Preview
from services.generation.request import to_json
from services.runs.model import Done, Park
from services.runs.service import Held, Steps, hold
from storage.bus import Bus
from storage.errors import StoreAway
from storage.events import ProjectFeed, append_events
from storage.postgres import Connection
from storage.tables import documents, holds, media, runs, steps, takes
from storage.tables.media import MediaRow
from storage.tables.runs import NewRun, RunRow
from storage.tables.takes import NewTake, TakeRow
from sync import ids
from sync.errors import NoSuchEntity
from sync.locks import lock_of
from sync.storyboard import server
from sync.storyboard.read import Document, SceneView, entity, root, scene_view

ORIGIN = "generation"
LOCK_WHY = "It is being generated."
_TAKES = UUID("b2f4f3c8-55f3-5a6e-8b0b-0a7a3a8f7d11")
"""Namespace of take ids: a run has one take, however often it is finished."""

Event = tuple[str, Mapping[str, Any]]
Begin = Callable[[Connection, Mapping[str, Any]], Awaitable[None]]
Rows = Callable[[Connection], Awaitable[list[Event]]]
"""Writes rows in the edit's transaction and answers what to tell the project."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a run stands: what every edit of it says."""

    state: State
    stage: str
    pct: int


def run_text(run_id: UUID) -> str:
    """`run_...`, as documents and events name it."""
    return ids.to_text("run", run_id)


def take_of(run_id: UUID) -> UUID:
    """The same for every worker that finishes the run."""
    return uuid5(_TAKES, run_id.hex)


class _Enough(Exception):
    """The run has made as many edits of the document as it may before its end."""


class Scribe:
    """`clock`: seconds since 1970."""

    def __init__(self, editor: DocumentEditor, bus: Bus, steps: Steps, clock: Callable[[], float] = time.time) -> None:
        self._editor = editor
        self._steps = steps
        self._feed = ProjectFeed(bus)
        self._clock = clock

    async def requested(self, run: NewRun, read: Callable[[SceneView], dict[str, Any]], begin: Begin) -> None:
        """Row, job, lock and event of a new run. `read` makes the request from the scene as it stands at this edit:
        what is sequenced behind it meets the lock (C17). `begin` makes its steps.

        Raises `NoSuchScene`, what `read` raises, and `asyncpg.UniqueViolationError` for a used idempotency key.
        """
        asked: dict[str, Any] = {}
        at0 = self._now_ms()
        by = ids.to_text("usr", run.requested_by)

        def change(doc: Document) -> None:
            asked.clear()
            asked.update(read(_scene(doc, run.scene_id)))
            _forget_ended(doc, run.scene_id)
            fresh = {"scn": run.scene_id, "st": State.QUEUED.value, "stage": "queued", "pct": 0, "att": 0, "seq": 0}
            server.write_job(doc, run_text(run.id), **fresh, by=by, at0=at0)
            server.set_status(doc, run.scene_id, "pending")
            lock = {"by": by, "at": at0, "why": LOCK_WHY, "run": run_text(run.id)}
            server.set_keys(doc, run.scene_id, {"lock": lock})

        async def rows(connection: Connection) -> list[Event]:
            await runs.add_run(connection, replace(run, request=dict(asked)))
            await begin(connection, asked)
            return [job_event(run, Moment(State.QUEUED, "queued", 0))]

        await self.commit(run, change, rows, None, run.requested_by, locks=True)

    async def advanced(self, held: Held, moment: Moment) -> None:
        """A new stage, or more of one."""
        await self._milestone(held, moment)

    async def enhanced(self, held: Held, moment: Moment, plan: Plan, of_hash: str) -> None:
        """The prompt as the provider understood it. `of_hash`: of the request."""
        words = {"txt": plan.prompt, "of_hash": of_hash, "model": plan.model, "at": self._now_ms()}

        def change(doc: Document) -> None:
            with suppress(NoSuchEntity):
                server.set_keys(doc, held.run.scene_id, {"enh": words})

        await self._milestone(held, moment, change)

    async def previewed(self, held: Held, moment: Moment, preview: Preview, hash: str) -> None:
        """A sharper look. `hash`: its object, already stored."""
        run = held.run
        shown = {"run": run_text(run.id), "f": preview.step, "media": hash, "w": preview.width, "h": preview.height}

        def change(doc: Document) -> None:
            server.write_preview(doc, run.scene_id, {**shown, "blur": preview.blur, "seq": run.epoch})

        async def rows(connection: Connection) -> list[Event]:
            await media.add_media(connection, run.project_id, MediaRow(hash, "image/jpeg", len(preview.data)))
            return [("preview", {**shown, "scn": run.scene_id})]

        await self._milestone(held, moment, change, rows)

    async def asked(self, held: Held, moment: Moment, question: Park) -> None:
        """Somebody has to choose, and nobody works at it meanwhile. The posters are the project's to look at.

        Raises `Fenced`.
        """
        run, now = held.run, replace(moment, stage=held.step.name)

        async def fence(connection: Connection) -> None:
            await hold(connection, held)

        async def rows(connection: Connection) -> list[Event]:
            for choice in question.choices:
                if "poster" in choice:
                    poster = MediaRow(choice["poster"], "image/jpeg", choice["bytes"])
                    await media.add_media(connection, run.project_id, poster)
            await runs.advance(connection, run.id, now.stage, now.pct)
            await self._steps.end_within(connection, held, question)
            return [job_event(run, now)]

        await self.commit(run, lambda doc: write_job(doc, run, now), rows, fence)

    async def finished(
        self,
        held: Held,
        take: FinishedTake,
        provenance: Mapping[str, Any],
        also: Callable[[Connection], Awaitable[None]],
    ) -> UUID:
        """The take, as a row too, and the end of step and run; `also` in their transaction. Raises `Fenced`."""
        run = held.run
        take_id, number, cost, at1 = take_of(run.id), 0, 0, self._now_ms()
        moment = Moment(State.COMPLETE, "finish", 100)

        async def fence(connection: Connection) -> None:
            nonlocal number, cost
            await hold(connection, held)
            cost = await holds.paid_of_run(connection, run.id)
            number = await takes.next_number(connection, run.document_id, run.scene_id)

        def change(doc: Document) -> None:
            write_job(doc, run, moment, at1=at1, err=None, cost=cost)
            try:
                server.write_take(doc, take_entry(run, take, take_id, number, cost))
                unlock(doc, run)
            except NoSuchEntity as error:
                raise NoSuchScene("The scene was removed while it was being generated.") from error

        async def rows(connection: Connection) -> list[Event]:
            await media.add_media(connection, run.project_id, MediaRow(take.media, "video/mp4", take.media_bytes))
            await media.add_media(connection, run.project_id, MediaRow(take.thumb, "image/jpeg", take.thumb_bytes))
            told = {**provenance, "finished": to_json(take)}
            await takes.add_take(connection, new_take(run, take, take_id, number, told, cost))
            await self._steps.end_within(connection, held, Done({"take": ids.to_text("tak", take_id)}))
            await also(connection)
            await runs.finish(connection, run.id, State.COMPLETE.value, "finish", 100, cost, None, take_id)
            return [take_event(run, take, take_id, number, cost), job_event(run, moment)]

        await self.commit(run, change, rows, fence)
        return take_id

    async def failed(self, held: Held, moment: Moment, code: str, message: str) -> None:
        """The end of a run one of whose steps did not work. Raises `Fenced`."""
        error = {"code": code, "msg": message}

        async def fence(connection: Connection) -> None:
            await hold(connection, held)
            await steps.fail(connection, held.run.id, held.step.name, error)

        await self._ended(held.run, moment, fence, error, "failed")

    async def cancelled(self, run: RunRow) -> None:
        """The end of a run that somebody stopped. Raises `RunFinished` when it has ended already."""

        async def fence(connection: Connection) -> None:
            row = await runs.lock(connection, run.id)
            if row is None or State(row.state).terminal:
                raise RunFinished(RunFinished.__doc__)

        await self._ended(run, Moment(State.CANCELLED, run.stage, run.pct), fence, None, None)

    async def _ended(
        self,
        run: RunRow,
        moment: Moment,
        fence: Callable[[Connection], Awaitable[None]],
        error: Mapping[str, Any] | None,
        status: str | None,
    ) -> None:
        """`status` None: as the scene was before."""
        cost, at1 = 0, self._now_ms()
        told = None if error is None else dict(error)

        async def counted(connection: Connection) -> None:
            nonlocal cost
            await fence(connection)
            cost = await holds.paid_of_run(connection, run.id)

        def change(doc: Document) -> None:
            write_job(doc, run, moment, at1=at1, err=told, cost=cost)
            with suppress(NoSuchEntity):
                resting = status or resting_status(scene_view(doc, run.scene_id))
                server.set_status(doc, run.scene_id, resting)
                unlock(doc, run)

        async def rows(connection: Connection) -> list[Event]:
            await steps.end_all(connection, run.id)
            await runs.finish(connection, run.id, moment.state.value, moment.stage, moment.pct, cost, told)
            return [job_event(run, moment, told)]

        await self.commit(run, change, rows, counted)

    async def _milestone(
        self, held: Held, moment: Moment, more: Callable[[Document], None] | None = None, rows: Rows | None = None
    ) -> None:
        """One write of a step that this worker holds, unless the run has made enough of them. Raises `Fenced`."""
        run, now = held.run, moment

        async def fence(connection: Connection) -> None:
            nonlocal now
            await hold(connection, held)
            row = await runs.lock(connection, run.id)
            if row is None or row.milestones >= MILESTONES_MAX - MILESTONES_KEPT_FOR_THE_END:
                raise _Enough
            now = replace(moment, pct=max(moment.pct, row.pct))  # another step of the run may be further on

        def change(doc: Document) -> None:
            write_job(doc, run, now)
            _begin(doc, run.scene_id)
            if more is not None:
                more(doc)

        async def all_rows(connection: Connection) -> list[Event]:
            events = [] if rows is None else await rows(connection)
            await runs.advance(connection, run.id, now.stage, now.pct)
            return [*events, job_event(run, now)]

        with suppress(_Enough):
            await self.commit(run, change, all_rows, fence)

    async def commit(
        self,
        run: RunRow | NewRun,
        change: Callable[[Document], None],
        rows: Rows,
        fence: Callable[[Connection], Awaitable[None]] | None,
        actor: UUID | None = None,
        *,
        locks: bool = False,
    ) -> None:
        cursor = 0

        async def within(connection: Connection, seq: int) -> None:
            nonlocal cursor
            if locks:
                await documents.note_lock(connection, run.document_id, seq)
            cursor = (await append_events(connection, run.project_id, await rows(connection), run.document_id))[-1]

        await self._editor.edit(
            run.document_id,
            change,
            origin=ORIGIN,
            batch_id=uuid4(),
            fence=fence,
            within=within,
            actor=actor,
            keeps_locks=False,
        )
        with suppress(StoreAway):  # followers also look by themselves
            await self._feed.publish(run.project_id, {"type": "event", "cursor": cursor})

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)


_ENDED = frozenset({State.COMPLETE.value, State.FAILED.value, State.CANCELLED.value})


def _scene(doc: Document, scene_id: str) -> SceneView:
    try:
        return scene_view(doc, scene_id)
    except NoSuchEntity as error:
        raise NoSuchScene(NoSuchScene.__doc__) from error


def unlock(doc: Document, run: RunRow) -> None:
    """Only what this very run has locked."""
    held = lock_of(entity(doc, "scenes", run.scene_id))
    if held is not None and held.run == run_text(run.id):
        server.set_keys(doc, run.scene_id, {"lock": None})


def _begin(doc: Document, scene_id: str) -> None:
    """Somebody is at it. A scene that was removed meanwhile has no status to set."""
    with suppress(NoSuchEntity):
        if scene_view(doc, scene_id).st == "pending":
            server.set_status(doc, scene_id, "generating")


def _forget_ended(doc: Document, scene_id: str) -> None:
    """A scene keeps its newest job only; all of them are rows."""
    for job, entry in list(root(doc, "jobs").items()):
        if isinstance(entry, Map) and entry.get("scn") == scene_id and entry.get("st") in _ENDED:
            server.forget_job(doc, job)


def write_job(doc: Document, run: RunRow, moment: Moment, **more: Any) -> None:
    told = {"st": moment.state.value, "stage": moment.stage, "pct": moment.pct, "att": run.attempt, "seq": run.epoch}
    server.write_job(doc, run_text(run.id), scn=run.scene_id, **told, **more)


def job_event(run: RunRow | NewRun, moment: Moment, error: Mapping[str, Any] | None = None) -> Event:
    told: dict[str, Any] = {"run": run_text(run.id), "scn": run.scene_id, "st": moment.state.value}
    told |= {"stage": moment.stage, "pct": moment.pct}
    return "job", told if error is None else {**told, "err": dict(error)}


def take_entry(run: RunRow, take: FinishedTake | TakeRow, take_id: UUID, number: int, cost: int) -> server.TakeEntry:
    return server.TakeEntry(
        id=ids.to_text("tak", take_id),
        scene_id=run.scene_id,
        run=run_text(run.id),
        number=number,
        media=take.media,
        thumb=take.thumb,
        rate=take.rate,
        frames=take.frames,
        width=take.width,
        height=take.height,
        cost=cost,
    )


def take_event(run: RunRow, take: FinishedTake | TakeRow, take_id: UUID, number: int, cost: int) -> Event:
    return "take", {
        "take": ids.to_text("tak", take_id),
        "scn": run.scene_id,
        "run": run_text(run.id),
        "n": number,
        "media": take.media,
        "thumb": take.thumb,
        "frames": take.frames,
        "rate": list(take.rate),
        "cost_micro": cost,
    }


def new_take(
    run: RunRow, take: FinishedTake | TakeRow, take_id: UUID, number: int, provenance: Mapping[str, Any], cost: int
) -> NewTake:
    """The run's, as its row."""
    return NewTake(
        id=take_id,
        project_id=run.project_id,
        document_id=run.document_id,
        scene_id=run.scene_id,
        run_id=run.id,
        number=number,
        media=take.media,
        thumb=take.thumb,
        frames=take.frames,
        width=take.width,
        height=take.height,
        rate=take.rate,
        provenance=provenance,
        cost_microcredits=cost,
    )
