"""Writing what documents show: only what differs, and never with something older (consistency.md C16).

`seq` of a row is the sequence that last changed it; `documents.projected_seq` is what all rows together show.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from datetime import timedelta
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from storage.postgres import Connection, Executor
from storage.sql import load

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class ProjectedScene:
    """One scene. `position`: from 0, in story order; `current_take`: its row's id."""

    id: str
    position: int
    number: str
    title: str
    slug: dict[str, Any]
    prompt: str
    status: str
    current_take: UUID | None
    est_frames: int | None


class ShotRow(NamedTuple):
    """One shot. `position`: from 0, within its scene."""

    id: str
    scene_id: str
    position: int
    size: str | None
    angle: str | None
    move: str | None
    lens_mm: int | None
    frames: int | None
    description: str


class TrackRow(NamedTuple):
    """One track. `lanes`: how many rows its clips need."""

    id: str
    position: int
    kind: str
    name: str
    language: str | None
    lanes: int
    is_on: bool
    is_muted: bool
    is_solo: bool


class ClipRow(NamedTuple):
    """One clip as it is seen. `source` and `dissolve`: JSON. The units are in schema.sql."""

    id: str
    track_id: str
    lane: int
    start_frame: int
    frames: int
    in_frame: int
    out_frame: int
    media_frame: int
    speed_num: int
    speed_den: int
    scene_id: str | None
    shot_id: str | None
    source: str | None
    dissolve: str | None
    anchor_id: str | None
    off_frames: int
    is_on: bool


class MarkerRow(NamedTuple):
    """One marker, at a frame of the timeline. `clip_id`: with which it moves."""

    id: str
    frame: int
    frames: int
    kind: str | None
    name: str
    note: str
    colour: str | None
    clip_id: str | None


class CutRow(NamedTuple):
    """One named revision. `hash`: sha256 of its content."""

    id: str
    title: str
    named_by: str | None
    named_at_ms: int | None
    snapshot: str | None
    hash: str | None


class TextRow(NamedTuple):
    """What can be found of a scene, a shot or a marker (`kind`). `scene_id`: whose it is."""

    kind: str
    id: str
    scene_id: str | None
    title: str
    body: str


Row: TypeAlias = ShotRow | TrackRow | ClipRow | MarkerRow | CutRow

_PUT: dict[type[Row], str] = {
    ShotRow: "put_shots",
    TrackRow: "put_tracks",
    ClipRow: "put_clips",
    MarkerRow: "put_markers",
    CutRow: "put_cuts",
}


@dataclass(frozen=True, slots=True)
class SceneChanges:
    """What one projection changed. `before`: None for a scene that is new."""

    changed: list[tuple[ProjectedScene | None, ProjectedScene]]
    removed: list[str]


@dataclass(frozen=True, slots=True)
class Projection:
    """One document at one sequence. The caller's transaction goes from `begin` to `end`."""

    connection: Connection
    document_id: UUID
    project_id: UUID
    epoch: int
    seq: int

    async def put_scenes(self, scenes: Sequence[ProjectedScene]) -> SceneChanges:
        """Compared here and not by the statement: followers are told what a scene was before."""
        shown = {
            row["id"]: ProjectedScene(**{**dict(row), "slug": json.loads(row["slug"])})
            for row in await self.connection.fetch(_QUERIES["shown"], self.document_id)
        }
        changed = [(shown.get(scene.id), scene) for scene in scenes if shown.get(scene.id) != scene]
        removed = sorted(shown.keys() - {scene.id for scene in scenes})
        if changed:
            rows = [(*astuple(scene)[:4], json.dumps(scene.slug), *astuple(scene)[5:]) for _, scene in changed]
            columns = [list(column) for column in zip(*rows, strict=True)]
            await self.connection.execute(_QUERIES["put"], self.document_id, self.project_id, self.seq, *columns)
        if removed:
            await self.connection.execute(_QUERIES["remove"], self.document_id, removed)
        return SceneChanges(changed, removed)

    async def put(self, kind: type[Row], rows: Sequence[Row]) -> int:
        """All rows of a table, each of `kind`; returns how many were written or went. The others stay untouched."""
        columns = _columns(kind, rows)
        return int(await self.connection.fetchval(_QUERIES[_PUT[kind]], self.document_id, self.seq, *columns))

    async def put_texts(self, rows: Sequence[TextRow], words_of: Callable[[str], str]) -> int:
        """All texts; returns how many were written. `words_of` is asked for the words of those alone."""
        stale = await self.connection.fetch(_QUERIES["stale_texts"], self.document_id, *_columns(TextRow, rows))
        if stale:
            written = [rows[record["place"] - 1] for record in stale]
            columns = _columns(TextRow, written)
            for texts in columns[-2:]:
                columns.append([words_of(text) for text in texts])
            arguments = (self.document_id, self.seq, self.project_id, *columns)
            await self.connection.execute(_QUERIES["put_texts"], *arguments)
        return len(stale)

    async def end(self) -> None:
        ended = await self.connection.execute(_QUERIES["end"], self.document_id, self.epoch, self.seq)
        if ended != "UPDATE 1":
            raise AssertionError("projectors of a document take turns")


async def is_current(executor: Executor, document_id: UUID) -> bool:
    """Whether the rows show the head. False for a document that is not there."""
    return bool(await executor.fetchval(_QUERIES["is_current"], document_id))


async def forgotten(executor: Executor, after: UUID, quiet: timedelta, limit: int) -> list[tuple[UUID, int]]:
    """(id, sequence) of documents behind `after` that changed so long ago and are still not shown as they are."""
    return [(row["id"], row["seq"]) for row in await executor.fetch(_QUERIES["forgotten"], after, quiet, limit)]


async def begin(connection: Connection, document_id: UUID, epoch: int, seq: int) -> Projection | None:
    """In the caller's transaction. None: something as new is there already, or the epoch is over."""
    await connection.execute(_QUERIES["begin"], document_id.hex)
    document = await connection.fetchrow(_QUERIES["projected"], document_id)
    if document is None or document["epoch"] != epoch or document["projected_seq"] >= seq:
        return None
    return Projection(connection, document_id, document["project_id"], epoch, seq)


def _columns(kind: type[Row] | type[TextRow], rows: Sequence[Row | TextRow]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in kind._fields]
