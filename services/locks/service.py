"""People lock scenes, approve them, and unlock them. A generation does so by itself (`services.generation.scribe`).

What a lock refuses is `sync.locks`.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
from pycrdt import Doc, Map

from services.documents.editor import DocumentEditor
from services.documents.projector import Projector
from services.generation.model import State
from services.locks.errors import LockOfAnother, LockOfRun, NoSuchScene, TakeNotShown
from services.users.access import DocumentAccess, access_document
from services.users.model import Actor, Need
from storage.bus import Bus
from storage.errors import StoreAway
from storage.events import ProjectFeed, append_event
from storage.postgres import Connection
from storage.tables import documents, runs
from sync import ids
from sync.errors import MalformedId
from sync.locks import Lock, lock_of

ORIGIN = "lock"
WHY_CHARS_MAX = 300
_OVER: Final = frozenset(state.value for state in State if state.terminal)


@dataclass(frozen=True, slots=True)
class Locked:
    """As the document says it. `at`: ms since 1970. `seq`: edits behind this row meet the lock."""

    scene: str
    by: UUID
    at: int
    why: str
    take: str | None
    seq: int


class SceneLocks:
    """Of all storyboards."""

    def __init__(self, pool: asyncpg.Pool, editor: DocumentEditor, projector: Projector, bus: Bus) -> None:
        self._pool = pool
        self._editor = editor
        self._projector = projector
        self._feed = ProjectFeed(bus)

    async def lock(
        self, actor: Actor, document_id: UUID, scene_id: str, why: str, take: str | None, now_s: float
    ) -> Locked:
        """`take`: the one that is approved by it, which the scene must show. One's own lock may be written anew.

        Raises `NoSuchDocument`, `Forbidden`, `NoSuchScene`, `LockOfRun`, `LockOfAnother`, `TakeNotShown`.
        """
        access = await access_document(self._pool, actor, document_id, Need.EDIT)
        user, at = ids.to_text("usr", actor.user_id), int(now_s * 1000)

        def change(doc: Doc[Any]) -> None:
            scene, held = _scene(doc, scene_id)
            if held is not None and held.by != user:
                raise LockOfAnother(LockOfAnother.__doc__)
            if take is not None and scene.get("cur") != take:
                raise TakeNotShown(TakeNotShown.__doc__)
            scene["lock"] = {"by": user, "at": at, "why": why, "take": take}
            scene["st"] = "locked"

        seq = await self._edit(access, actor, scene_id, change, {"by": user, "why": why, "take": take})
        return Locked(scene_id, actor.user_id, at, why, take, seq)

    async def unlock(self, actor: Actor, document_id: UUID, scene_id: str) -> None:
        """By whoever locked it, or an owner. A scene that is not locked stays so.

        Raises `NoSuchDocument`, `Forbidden`, `NoSuchScene`, `LockOfRun`, `LockOfAnother`.
        """
        access = await access_document(self._pool, actor, document_id, Need.EDIT)
        user, is_owner = ids.to_text("usr", actor.user_id), access.role.may(Need.ADMIN)

        def change(doc: Doc[Any]) -> None:
            scene, held = _scene(doc, scene_id)
            if scene.get("lock") is None:
                return
            if held is not None and held.by != user and not is_owner:
                raise LockOfAnother(LockOfAnother.__doc__)
            scene["lock"] = None
            scene["st"] = "complete" if scene.get("cur") else "draft"

        await self._edit(access, actor, scene_id, change, None)

    async def _edit(
        self,
        access: DocumentAccess,
        actor: Actor,
        scene_id: str,
        change: Callable[[Doc[Any]], None],
        locked: dict[str, Any] | None,
    ) -> int:
        document_id = access.document_id
        await self._lift_stale(document_id, scene_id)
        cursor: int | None = None

        async def within(connection: Connection, seq: int) -> None:
            nonlocal cursor
            if locked is not None:
                await documents.note_lock(connection, document_id, seq)
            payload = {"scn": scene_id, "lock": locked, "actor": ids.to_text("usr", actor.user_id)}
            cursor = await append_event(connection, access.project_id, "lock", payload, document_id)

        result = await self._editor.edit(
            document_id,
            change,
            origin=ORIGIN,
            batch_id=uuid4(),
            within=within,
            actor=actor.user_id,
            keeps_locks=False,
        )
        with suppress(StoreAway):  # only speed: followers read the rows all the same
            await self._feed.publish(access.project_id, {"type": "event", "cursor": cursor})
        await self._projector.project(document_id)
        return result.seq

    async def _lift_stale(self, document_id: UUID, scene_id: str) -> None:
        """The lock of a generation ends with its run; one whose run is over or unknown, as after a restore, is lifted.

        Raises `LockOfRun`, `NoSuchScene`.
        """
        loaded = await self._editor.load(document_id)
        held = lock_of(loaded.doc.get("scenes", type=Map).get(scene_id))
        if held is None or held.run is None:
            return
        stale, run_id = held.run, _run_id(held.run)
        run = None if run_id is None else await runs.run_of_id(self._pool, run_id)
        if run is not None and run.state not in _OVER:
            raise LockOfRun(LockOfRun.__doc__)

        def change(doc: Doc[Any]) -> None:
            scene = doc.get("scenes", type=Map)[scene_id]
            now = lock_of(scene)
            if now is not None and now.run == stale:
                scene["lock"] = None

        await self._editor.edit(document_id, change, origin=ORIGIN, batch_id=uuid4(), keeps_locks=False)


def _scene(doc: Doc[Any], scene_id: str) -> tuple[Map[Any], Lock | None]:
    """Raises `NoSuchScene`, also for a deleted one, and `LockOfRun`."""
    scene = doc.get("scenes", type=Map).get(scene_id)
    if not isinstance(scene, Map) or scene.get("del") is not None:
        raise NoSuchScene(NoSuchScene.__doc__)
    held = lock_of(scene)
    if held is not None and held.run is not None:
        raise LockOfRun(LockOfRun.__doc__)
    return scene, held


def _run_id(text: str) -> UUID | None:
    try:
        return ids.from_text("run", text)
    except MalformedId:
        return None
