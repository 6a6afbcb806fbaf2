"""Reading what documents show: shots of a scene; tracks, clips, markers and named cuts of a timeline.

The rows are written by `projections.py`, whose types they have.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

import asyncpg

from storage.postgres import Executor
from storage.sql import load
from storage.tables.projections import ClipRow, CutRow, MarkerRow, Row, ShotRow, TrackRow

_QUERIES = load(__file__)

AnyRow = TypeVar("AnyRow", bound=Row)


@dataclass(frozen=True, slots=True)
class Shown(Generic[AnyRow]):
    """Rows, each with the sequence that last changed it. All of them show the document at `seq` of `epoch`; 0: nothing
    of it has been shown yet."""

    epoch: int
    seq: int
    rows: list[tuple[int, AnyRow]]


@dataclass(frozen=True, slots=True)
class Place:
    """Behind which row a page begins. `number`: its first frame, or its moment."""

    number: int
    id: str


@dataclass(frozen=True, slots=True)
class Window:
    """Only clips of this track, only what is seen between these frames: `end` is behind the last. None: all."""

    track_id: str | None = None
    start: int | None = None
    end: int | None = None


async def shots(executor: Executor, document_id: UUID, scene_id: str) -> Shown[ShotRow]:
    """In the order of the scene."""
    return _shown(ShotRow, await executor.fetch(_QUERIES["shots"], document_id, scene_id))


async def tracks(executor: Executor, document_id: UUID) -> Shown[TrackRow]:
    """In the order of the timeline."""
    return _shown(TrackRow, await executor.fetch(_QUERIES["tracks"], document_id))


async def clips(
    executor: Executor, document_id: UUID, window: Window, limit: int, after: Place | None = None
) -> Shown[ClipRow]:
    """By first frame."""
    among = (window.track_id, window.start, window.end)
    return _shown(ClipRow, await executor.fetch(_QUERIES["clips"], document_id, *among, *_behind(after), limit))


async def markers(executor: Executor, document_id: UUID, limit: int, after: Place | None = None) -> Shown[MarkerRow]:
    """By frame."""
    return _shown(MarkerRow, await executor.fetch(_QUERIES["markers"], document_id, *_behind(after), limit))


async def cuts(executor: Executor, document_id: UUID, limit: int, after: Place | None = None) -> Shown[CutRow]:
    """Newest first."""
    return _shown(CutRow, await executor.fetch(_QUERIES["cuts"], document_id, *_behind(after), limit))


def _behind(after: Place | None) -> tuple[int | None, str | None]:
    return (None, None) if after is None else (after.number, after.id)


def _shown(kind: type[AnyRow], records: Sequence[asyncpg.Record]) -> Shown[AnyRow]:
    """The document is there: who asks was let in."""
    first = records[0]
    there = [record for record in records if record["id"] is not None]
    rows = [(record["seq"], kind(*(record[name] for name in kind._fields))) for record in there]
    return Shown(first["epoch"], first["projected_seq"], rows)
