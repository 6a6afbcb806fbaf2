"""Old rows of the log as one object: how they are packed, and how a page of them is read (consistency.md C15).

When and which rows move is decided in `mover.py`. The format is plain enough to be read without this program:
zlib over a line of JSON that describes the rows, and behind it their bytes one after another.
"""

import asyncio
import json
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from storage.errors import ObjectCorrupt, ObjectMissing, SegmentLost
from storage.log_model import Row
from storage.objects import Objects

CONTENT_TYPE = "application/vnd.storyforge.log-segment"
FORMAT = 1

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def pack(rows: Sequence[Row]) -> bytes:
    """The same rows always give the same bytes."""
    columns = [
        [
            row.seq,
            row.batch_id.hex,
            row.actor and row.actor.hex,
            row.origin,
            row.relayed_by and row.relayed_by.hex,
            (row.created_at - _BEGINNING) // _MICROSECOND,
            len(row.bytes),
        ]
        for row in rows
    ]
    described = json.dumps({"format": FORMAT, "rows": columns}, separators=(",", ":")).encode()
    return zlib.compress(b"".join((described, b"\n", *(row.bytes for row in rows))))


def unpack(data: bytes) -> list[Row]:
    """What `pack` was given. The object's hash was checked: anything else is an error of ours."""
    described, _, content = zlib.decompress(data).partition(b"\n")
    header = json.loads(described)
    assert header["format"] == FORMAT, header["format"]
    return list(_rows(header["rows"], content))


def _rows(columns: Sequence[Sequence[Any]], content: bytes) -> Iterator[Row]:
    start = 0
    for seq, batch_id, actor, origin, relayed_by, written_us, size in columns:
        yield Row(
            seq,
            UUID(batch_id),
            actor and UUID(actor),
            origin,
            relayed_by and UUID(relayed_by),
            _BEGINNING + written_us * _MICROSECOND,
            content[start : start + size],
        )
        start += size
    assert start == len(content), "a segment holds its rows and nothing else"


async def read_segment(objects: Objects, hash: str) -> list[Row]:
    """All rows of it. Raises `SegmentLost`, `StoreAway`."""
    try:
        data = await objects.get(hash)
    except (ObjectMissing, ObjectCorrupt) as error:
        raise SegmentLost(f"{hash}: {error.code}") from error
    return await asyncio.to_thread(unpack, data)


def page_of(rows: Sequence[Row], after: int, limit_rows: int, limit_bytes: int) -> list[Row]:
    """Those with `seq > after`: the first always, after it as many as fit."""
    page: list[Row] = []
    size = 0
    for row in rows:
        if row.seq <= after:
            continue
        size += len(row.bytes)
        if page and (len(page) == limit_rows or size > limit_bytes):
            break
        page.append(row)
    return page
