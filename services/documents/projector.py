"""Shows a storyboard as rows of `scenes`, so that readers never open a document (documents.md A10).

It decides nothing about when: the hub calls it after a second of quiet, other doors after an edit of their own.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

import asyncpg

from services.documents.editor import DocumentEditor
from services.documents.replica import guarded
from storage.bus import Bus
from storage.errors import StoreAway
from storage.events import ProjectFeed, append_events
from storage.postgres import store_away
from storage.tables.projections import ProjectedScene, Projection, is_current, project_scenes
from sync import ids
from sync.errors import MalformedId
from sync.names import Kind
from sync.storyboard.read import SceneView, scenes_in_order

SCENE_EVENTS_MAX = 100
"""Of one projection; when more scenes changed, one event says that they did and its readers read the rows."""
INT32_MAX = 2**31 - 1


class Projector:
    """One projection of a document runs at a time, whichever process it runs in."""

    def __init__(self, editor: DocumentEditor, pool: asyncpg.Pool, bus: Bus) -> None:
        self._editor = editor
        self._pool = pool
        self._feed = ProjectFeed(bus)

    async def project(self, document_id: UUID) -> bool:
        """False: the rows showed something as new already, or the document is no storyboard.

        Raises `StoreAway`, `DocumentMissing`, `DocumentUnreadable`.
        """
        with store_away():
            if await is_current(self._pool, document_id):
                return False  # the usual case when a document is opened: nothing of it has to be read
        loaded = await self._editor.load(document_id)
        if loaded.head.kind != Kind.STORYBOARD.value:
            return False
        with guarded(loaded.announcement):
            scenes = [_projected(view) for view in scenes_in_order(loaded.doc)]
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                projection = await project_scenes(connection, document_id, loaded.head.epoch, loaded.seq, scenes)
                cursors = []
                if projection is not None:
                    cursors = await append_events(connection, projection.project_id, _events(projection))
        if projection is not None and cursors:
            with suppress(StoreAway):  # followers also look by themselves
                await self._feed.publish(projection.project_id, {"type": "event", "cursor": cursors[-1]})
        return projection is not None


def _projected(view: SceneView) -> ProjectedScene:
    return ProjectedScene(
        id=view.id,
        position=view.position,
        number=_storable(view.num),
        title=_storable(view.title),
        slug=_storable(view.slug),
        prompt=_storable(view.prompt),
        status=_storable(view.st),
        current_take=_take_id(view.cur),
        est_frames=view.est_f if view.est_f is not None and abs(view.est_f) <= INT32_MAX else None,
    )


def _storable(value: Any) -> Any:
    """PostgreSQL's text holds every character but NUL, which a client may well write."""
    match value:
        case str():
            return value.replace("\x00", "\ufffd")
        case dict():
            return {_storable(key): _storable(item) for key, item in value.items()}
        case list():
            return [_storable(item) for item in value]
        case _:
            return value


def _take_id(text: str | None) -> UUID | None:
    if text is None:
        return None
    try:
        return ids.from_text("tak", text)
    except MalformedId:
        return None


def _events(projection: Projection) -> list[tuple[str, Mapping[str, Any]]]:
    if len(projection.changed) + len(projection.removed) > SCENE_EVENTS_MAX:
        return [("scene", {"scn": None, "many": True})]
    changed = [("scene", {"scn": after.id, **_difference(before, after)}) for before, after in projection.changed]
    return [*changed, *(("scene", {"scn": scene_id, "removed": True}) for scene_id in projection.removed)]


def _difference(before: ProjectedScene | None, after: ProjectedScene) -> dict[str, Any]:
    """What changed, under the names of the JSON snapshot; everything of a new scene."""
    old = None if before is None else _public(before)
    return {key: value for key, value in _public(after).items() if old is None or old[key] != value}


def _public(scene: ProjectedScene) -> dict[str, Any]:
    take = scene.current_take
    return {
        "position": scene.position,
        "num": scene.number,
        "title": scene.title,
        "slug": scene.slug,
        "prompt": scene.prompt,
        "status": scene.status,
        "take": None if take is None else ids.to_text("tak", take),
        "est_f": scene.est_frames,
    }
