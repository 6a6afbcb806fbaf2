"""Generations as people and workers use them: request, cancel, fail. Their steps are `services.runs`.

Not the work itself (`jobs`), and not who may do what (`services.users.access`, asked at the door).
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from services import trace
from services.continuity.service import known_characters
from services.documents.editor import DocumentEditor
from services.documents.errors import DocumentsError
from services.documents.projector import Projector
from services.formats.presets import DEFAULTS, format_of
from services.generation.branch import Change
from services.generation.errors import (
    KeyReused,
    NoSuchRun,
    NoSuchScene,
    RunFinished,
    RunNotEnded,
    SceneBusy,
    SceneLocked,
    SceneTooLong,
)
from services.generation.graph import Wish, graph_of
from services.generation.length import check
from services.generation.looks import LookNotRead, Looks
from services.generation.model import CANCEL_CHANNEL, State, message_of
from services.generation.parents import grown
from services.generation.plans.around import Setting, setting_of
from services.generation.providers.capabilities import Kind, Model
from services.generation.request import Picture, SceneRequest, from_json, to_json
from services.generation.reuse.ahead import Next, scene_behind
from services.generation.reuse.offers import Offers
from services.generation.routing import policies
from services.generation.routing.model import Policy, Purpose
from services.generation.scribe import Moment, Scribe, run_text
from services.generation.shots.shortest import worthwhile
from services.generation.shots.want import makes
from services.projects.model import ProjectKind
from services.runs.errors import Fenced
from services.runs.model import LEASE_S, Priority
from services.runs.service import Held, Steps
from services.scenes.story import story_of
from storage.bus import Bus
from storage.errors import StorageError, StoreAway
from storage.postgres import Connection
from storage.queue import Queue
from storage.tables import runs
from storage.tables.runs import NewRun, RunRow
from storage.tables.steps import Ring
from sync.storyboard.read import SceneView


class Generation:
    """`picture`: the raster of what is made. `models`: of the accounts that there are."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        editor: DocumentEditor,
        projector: Projector,
        queue: Queue,
        bus: Bus,
        picture: Picture | None = None,
        lease_s: float = LEASE_S,
        fresh_id: Callable[[], UUID] = uuid4,
        models: Sequence[Model] = (),
    ) -> None:
        self._pool = pool
        self._models = tuple(models)
        self._bus = bus
        self._picture = picture or Picture()
        self._fresh_id = fresh_id
        self.steps = Steps(pool, queue, lease_s)
        self.scribe = Scribe(editor, bus, self.steps)
        self.offers = Offers(pool, self.scribe, self.steps, bus)
        self._projector = projector
        self._kept = projector.kept

    # -- people ------------------------------------------------------------------------------------

    async def request(
        self,
        project_id: UUID,
        document_id: UUID,
        scene_id: str,
        user_id: UUID,
        idempotency_key: str | None = None,
        wish: Wish | None = None,
    ) -> RunRow:
        """A new queued run, or the one that this key has already started.

        Raises `NoSuchScene`, `SceneBusy`, `SceneLocked`, `SceneTooLong`, `KeyReused`, `StoreAway`.
        """
        manner = await runs.manner_of_project(self._pool, project_id)
        if manner is None:
            raise NoSuchScene(NoSuchScene.__doc__)
        wish = wish or Wish()
        looks = Looks(self._pool, project_id)
        setting = await self._setting(project_id, document_id, scene_id, manner.kind)
        policy = await self._policy(project_id, wish)

        def read(scene: SceneView) -> dict[str, Any]:
            if setting is None:
                raise NoSuchScene(NoSuchScene.__doc__)
            request = setting.at(scene).request(manner.brain, looks.find)
            check(request)
            return to_json(self._as_wished(request, policy))

        place = _Place(project_id, document_id, scene_id)
        while True:  # once more for each brain of a team that the scene names or the project has
            try:
                return await self._begin(place, user_id, idempotency_key, wish, manner.tenant, read)
            except LookNotRead as missing:
                await looks.read(missing)

    async def _policy(self, project_id: UUID, wish: Wish) -> Policy | None:
        """Who may make a final; None: it is made here."""
        if wish.purpose is Purpose.DRAFT or not any(makes(model, Kind.VIDEO) for model in self._models):
            return None
        return (await policies.of_project(self._pool, project_id)).narrowed(wish.models)

    def _as_wished(self, request: SceneRequest, policy: Policy | None) -> SceneRequest:
        return request if policy is None else worthwhile(request, self._models, policy)

    async def foreseen(self, project_id: UUID, document_id: UUID, scene_id: str, wish: Wish) -> SceneRequest:
        """What a run that began now would be asked to make; nothing is written.

        Raises `NoSuchScene`, `SceneTooLong`, `DocumentUnreadable`, `StoreAway`.
        """
        manner = await runs.manner_of_project(self._pool, project_id)
        if manner is None:
            raise NoSuchScene(NoSuchScene.__doc__)
        looks = Looks(self._pool, project_id)
        setting = await self._setting(project_id, document_id, scene_id, manner.kind)
        if setting is None:
            raise NoSuchScene(NoSuchScene.__doc__)
        policy = await self._policy(project_id, wish)
        while True:  # once more for each brain of a team, as `request` does
            try:
                request = setting.request(manner.brain, looks.find)
            except LookNotRead as missing:
                await looks.read(missing)
            else:
                check(request)
                return await asyncio.to_thread(self._as_wished, request, policy)

    async def _setting(self, project_id: UUID, document_id: UUID, scene_id: str, kind: str) -> Setting | None:
        """Of the scene among the others, as people wrote last; None if it is not there. Raises `DocumentUnreadable`."""
        reading = await self._kept.read(document_id)
        characters = await known_characters(self._pool, project_id)
        format = format_of(DEFAULTS[ProjectKind(kind)])

        def read() -> Setting | None:
            story = story_of(reading.content, document_id, reading.head.epoch, reading.seq)
            scene = story.scene(scene_id)
            return None if scene is None else setting_of(story, scene, characters, format, self._picture)

        return await asyncio.to_thread(read)

    async def replay(self, run_id: UUID, user_id: UUID, idempotency_key: str | None = None) -> RunRow:
        """What a run that failed or was stopped was asked for, once more; what it had made is not made again.

        Raises `NoSuchRun`, `RunNotEnded`, and what `request` raises.
        """
        known = await self.run(run_id)
        if known.state not in (State.FAILED, State.CANCELLED):
            raise RunNotEnded(RunNotEnded.__doc__)
        manner = await runs.manner_of_project(self._pool, known.project_id)
        if manner is None:
            raise NoSuchScene(NoSuchScene.__doc__)
        place = _Place(known.project_id, known.document_id, known.scene_id)
        wish = from_json(Wish, known.wish)
        return await self._begin(
            place, user_id, idempotency_key, wish, manner.tenant, lambda scene: known.request, replays=run_id
        )

    async def branch(
        self,
        run_id: UUID,
        frames: str | None,
        change: Change,
        user_id: UUID,
        idempotency_key: str | None = None,
        wish: Wish | None = None,
    ) -> RunRow:
        """A run that goes on from the take of another, or from a set of its frames (`frames.2`).

        Raises `NoSuchRun`, `ParentUnfit`, `ChangeUnfit`, and what `request` raises.
        """
        known = await self.run(run_id)
        manner = await runs.manner_of_project(self._pool, known.project_id)
        if manner is None:
            raise NoSuchScene(NoSuchScene.__doc__)
        child, wished = grown(known, await self.steps.of_run(run_id), frames, change, wish or Wish())
        place, asked = _Place(known.project_id, known.document_id, known.scene_id), to_json(child)
        return await self._begin(place, user_id, idempotency_key, wished, manner.tenant, lambda scene: asked)

    async def _begin(
        self,
        place: "_Place",
        user_id: UUID,
        idempotency_key: str | None,
        wish: Wish,
        tenant: UUID,
        read: Callable[[SceneView], dict[str, Any]],
        replays: UUID | None = None,
    ) -> RunRow:
        """`read` makes the request from the scene as it stands."""
        known = await self._known(user_id, idempotency_key, place.scene_id)
        if known is not None:
            return known
        busy = await runs.unfinished_run_of_scene(self._pool, place.document_id, place.scene_id)
        if busy is not None:  # perhaps by this very key: the same request, sent twice at once
            return await self._overtaken(SceneBusy(run_text(busy.id)), place, user_id, idempotency_key)
        run = NewRun(
            id=self._fresh_id(),
            project_id=place.project_id,
            document_id=place.document_id,
            scene_id=place.scene_id,
            requested_by=user_id,
            idempotency_key=idempotency_key,
            request={},
            wish=to_json(wish),
            traceparent=trace.traceparent(),
            replays=replays,
        )
        rings: list[Ring] = []

        def unlocked(scene: SceneView) -> dict[str, Any]:
            if scene.locked:
                raise SceneLocked(SceneLocked.__doc__)
            return read(scene)

        async def begin(connection: Connection, request: Mapping[str, Any]) -> None:
            graph = graph_of(request, run_text(run.id), wish)
            rings[:] = await self.steps.begin(connection, run.id, tenant, Priority.INTERACTIVE, graph)

        try:
            with trace.binding(run=run_text(run.id)):
                await self.scribe.requested(run, unlocked, begin)
        except asyncpg.UniqueViolationError as error:  # somebody was faster: the same key, or another run of the scene
            return await self._overtaken(error, place, user_id, idempotency_key)
        await self.steps.ring(rings)
        await self.project(place.document_id)
        return await self.run(run.id)

    async def run(self, run_id: UUID) -> RunRow:
        """Raises `NoSuchRun`."""
        row = await runs.run_of_id(self._pool, run_id)
        if row is None:
            raise NoSuchRun(NoSuchRun.__doc__)
        return row

    async def cancel(self, run_id: UUID, user_id: UUID) -> RunRow:
        """From here on nothing of the run appears; a run that is cancelled already is simply answered.

        Raises `NoSuchRun`, `RunFinished`.
        """
        asked = await runs.ask_cancel(self._pool, run_id)
        if asked is None:
            row = await self.run(run_id)
            if row.state == State.CANCELLED:
                return row
            raise RunFinished(RunFinished.__doc__)
        with suppress(StoreAway):  # a worker that does not hear it sees it when it renews or writes
            await self._bus.publish(CANCEL_CHANNEL, json.dumps({"run": run_text(run_id)}).encode())
        with suppress(StoreAway):
            await self.complete_cancel(run_id)
        return await self.run(run_id)

    async def complete_cancel(self, run_id: UUID) -> None:
        """Writes the end of a run whose cancellation was asked for; again, if whoever asked did not come to it."""
        run = await self.run(run_id)
        with suppress(RunFinished):
            await self.scribe.cancelled(run)
            await self.project(run.document_id)

    async def following(self, run: RunRow) -> Next | None:
        """The scene behind it as it would be asked for now; None where there is none, or nobody could ask for it.

        Raises `DocumentUnreadable`, `StoreAway`.
        """
        manner = await runs.manner_of_project(self._pool, run.project_id)
        reading = await self._kept.read(run.document_id)

        def read() -> str | None:
            story = story_of(reading.content, run.document_id, reading.head.epoch, reading.seq)
            found = scene_behind(story, run.scene_id)
            return None if found is None else found.id

        scene_id = await asyncio.to_thread(read)
        if manner is None or scene_id is None:
            return None
        setting = await self._setting(run.project_id, run.document_id, scene_id, manner.kind)
        looks = Looks(self._pool, run.project_id)
        while setting is not None:
            try:
                request = setting.request(manner.brain, looks.find)
                check(request)
            except LookNotRead as missing:
                await looks.read(missing)
            except SceneTooLong:
                break
            else:
                return Next(run.project_id, manner.tenant, run.requested_by, request)
        return None

    async def project(self, document_id: UUID) -> None:
        """Rows of scenes follow the document; a hub that hosts it would do the same a second later."""
        with suppress(StorageError, DocumentsError):
            await self._projector.project(document_id)

    # -- workers -----------------------------------------------------------------------------------

    async def fail(self, held: Held, error: Exception) -> None:
        """The end, with a code and a sentence for people."""
        code = str(getattr(error, "code", "generation.internal"))
        moment = Moment(State.FAILED, held.step.name, held.run.pct)
        with suppress(Fenced):  # whoever holds it now decides
            await self.scribe.failed(held, moment, code, message_of(error))

    async def _known(self, user_id: UUID, key: str | None, scene_id: str) -> RunRow | None:
        row = None if key is None else await runs.run_of_key(self._pool, user_id, key)
        if row is not None and row.scene_id != scene_id:
            raise KeyReused(KeyReused.__doc__)
        return row

    async def _overtaken(self, error: Exception, place: "_Place", user_id: UUID, key: str | None) -> RunRow:
        known = await self._known(user_id, key, place.scene_id)
        if known is not None:
            return known
        busy = await runs.unfinished_run_of_scene(self._pool, place.document_id, place.scene_id)
        if busy is not None:
            raise SceneBusy(run_text(busy.id)) from error
        raise error


@dataclass(frozen=True, slots=True)
class _Place:
    """A scene and where it is."""

    project_id: UUID
    document_id: UUID
    scene_id: str
