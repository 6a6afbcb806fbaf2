"""A segment gives back exactly the rows that went into it, and its pages are those of the log (C15)."""

from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID, uuid4

import pytest

from storage.errors import ObjectCorrupt, ObjectMissing, SegmentLost
from storage.log_model import Row
from storage.objects import Objects
from storage.segments import pack, page_of, read_segment, unpack

WRITTEN_AT = datetime(2026, 3, 1, 12, 30, 15, 123_457, tzinfo=UTC)


def row(seq: int, data: bytes = b"x", actor: UUID | None = None, relayed_by: UUID | None = None) -> Row:
    return Row(seq, uuid4(), actor, "édit", relayed_by, WRITTEN_AT + timedelta(microseconds=seq), data)


def test_rows_come_back_with_everything_that_history_tells() -> None:
    rows = [row(7, b"", uuid4()), row(8, bytes(range(256)), uuid4(), uuid4()), row(9, b"\n\n{", None), row(10)]
    assert unpack(pack(rows)) == rows


def test_the_same_rows_have_one_name() -> None:
    rows = [row(1, b"a"), row(2, b"b")]
    assert pack(rows) == pack(list(rows)) != pack(rows[:1])


def test_what_repeats_itself_takes_little_room() -> None:
    actor = uuid4()
    rows = [row(seq, b"the same key of the same scene again" * 3, actor) for seq in range(1, 1001)]
    assert len(pack(rows)) < sum(len(each.bytes) for each in rows) / 2


@pytest.mark.parametrize(
    ("after", "limit_rows", "limit_bytes", "seqs"),
    [
        (0, 10, 100, [1, 2, 3]),
        (1, 10, 100, [2, 3]),
        (0, 2, 100, [1, 2]),
        (0, 10, 8, [1, 2]),
        (0, 10, 7, [1]),
        (1, 10, 1, [2]),  # the first always comes
        (3, 10, 100, []),
    ],
)
def test_a_page_ends_where_the_logs_would(after: int, limit_rows: int, limit_bytes: int, seqs: list[int]) -> None:
    rows = [row(seq, b"four") for seq in (1, 2, 3)]
    assert [each.seq for each in page_of(rows, after, limit_rows, limit_bytes)] == seqs


@pytest.mark.parametrize("error", [ObjectMissing, ObjectCorrupt])
async def test_an_object_that_is_gone_is_a_lost_segment(error: type[Exception]) -> None:
    class Empty:
        async def get(self, hash: str) -> bytes:
            raise error(hash)

    with pytest.raises(SegmentLost):
        await read_segment(cast(Objects, Empty()), "0" * 64)
