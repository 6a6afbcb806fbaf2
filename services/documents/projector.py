"""Shows documents as rows, so that readers never open one (documents.md A10): storyboards, and the film of a timeline.

It decides nothing about when: the hub calls it after a second of quiet, other doors after an edit of their own.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

import asyncpg

from services.documents.kept import KeptDocuments
from services.documents.rows import StoryboardRows, TimelineRows, rows_of
from services.search.words import spaced
from storage.bus import Bus
from storage.errors import StoreAway
from storage.events import ProjectFeed, append_events
from storage.postgres import store_away
from storage.tables import projections
from storage.tables.projections import (
    ClipRow,
    CutRow,
    MarkerRow,
    ProjectedScene,
    Projection,
    SceneChanges,
    ShotRow,
    TrackRow,
)
from sync import ids

SCENE_EVENTS_MAX = 100
"""Of one projection; when more scenes changed, one event says that they did and its readers read the rows."""


class Projector:
    """One projection of a document runs at a time, whichever process it runs in."""

    def __init__(self, kept: KeptDocuments, pool: asyncpg.Pool, bus: Bus) -> None:
        self.kept = kept
        self._pool = pool
        self._feed = ProjectFeed(bus)

    async def project(self, document_id: UUID) -> bool:
        """False: the rows showed something as new already.

        Raises `StoreAway`, `DocumentMissing`, `DocumentUnreadable`.
        """
        with store_away():
            if await projections.is_current(self._pool, document_id):
                return False  # the usual case when a document is opened: nothing of it has to be read
        reading = await self.kept.read(document_id)
        rows = await asyncio.to_thread(rows_of, reading)
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                projection = await projections.begin(connection, document_id, reading.head.epoch, reading.seq)
                if projection is None:
                    return False
                events = await _write(projection, rows)
                await projection.end()
                cursors = await append_events(connection, projection.project_id, events, document_id)
        if cursors:
            with suppress(StoreAway):  # followers also look by themselves
                await self._feed.publish(projection.project_id, {"type": "event", "cursor": cursors[-1]})
        return True


async def _write(projection: Projection, rows: StoryboardRows | TimelineRows) -> list[tuple[str, Mapping[str, Any]]]:
    """Returns what followers are told."""
    await projection.put_texts(rows.texts, spaced)
    match rows:
        case StoryboardRows():
            await projection.put(ShotRow, rows.shots)
            return _events(await projection.put_scenes(rows.scenes))
        case TimelineRows():
            changed = await projection.put(TrackRow, rows.tracks)
            changed += await projection.put(ClipRow, rows.clips)
            changed += await projection.put(MarkerRow, rows.markers)
            changed += await projection.put(CutRow, rows.cuts)
            told = {"tl": ids.encode(projection.document_id), "epoch": projection.epoch, "seq": projection.seq}
            return [("timeline", told)] if changed else []


def _events(changes: SceneChanges) -> list[tuple[str, Mapping[str, Any]]]:
    if len(changes.changed) + len(changes.removed) > SCENE_EVENTS_MAX:
        return [("scene", {"scn": None, "many": True})]
    changed = [("scene", {"scn": after.id, **_difference(before, after)}) for before, after in changes.changed]
    return [*changed, *(("scene", {"scn": scene_id, "removed": True}) for scene_id in changes.removed)]


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
