"""Pieces of work: one author's rows without a long pause, and what they touched."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from pycrdt import Doc, Map, TransactionEvent

from services.history.blame import ENTITIES_SHOWN_MAX, Register, Walk, gathered, last_changes
from storage.log import Row

ADA, BOB = uuid4(), uuid4()
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Log:
    """Rows of one document, written at given seconds."""

    def __init__(self) -> None:
        self.doc: Doc[Any] = Doc()
        self.rows: list[Row] = []

    def write(self, actor: UUID | None, at_s: float, values: dict[str, object], relayed_by: UUID | None = None) -> None:
        updates: list[bytes] = []

        def note(event: TransactionEvent) -> None:
            updates.append(event.update)

        subscription = self.doc.observe(note)
        with self.doc.transaction():
            self.doc.get("ext", type=Map).update(values)
        self.doc.unobserve(subscription)
        at = NOON + timedelta(seconds=at_s)
        self.rows.append(Row(len(self.rows) + 1, uuid4(), actor, "edit", relayed_by, at, updates[0]))

    def walk(self, owners: dict[int, UUID] | None = None) -> Any:
        walk = Walk(owners or {}, frozenset())
        return [walk.step(row) for row in self.rows]


def test_a_pause_begins_another_piece_of_work() -> None:
    log = Log()
    for at_s in (0, 30, 60.5, 61):
        log.write(ADA, at_s, {"key": at_s})
    works, cut = gathered(log.walk(), 10)
    assert [(work.first_seq, work.last_seq) for work in works] == [(1, 2), (3, 4)] and cut is None


def test_two_at_once_are_two_pieces_and_the_server_has_its_own() -> None:
    log = Log()
    for number, actor in enumerate((ADA, BOB, ADA, None, BOB)):
        log.write(actor, number, {f"k{number}": 1})
    works, _ = gathered(log.walk(), 10)
    assert [(work.author, work.rows) for work in works] == [(ADA, 2), (BOB, 2), (None, 1)]


def test_a_full_page_ends_before_the_row_that_would_not_fit() -> None:
    log = Log()
    for number, actor in enumerate((ADA, ADA, BOB)):
        log.write(actor, number, {"key": number})
    works, cut = gathered(log.walk(), 1)
    assert ([work.rows for work in works], cut) == ([2], 2)


def test_counts_tell_of_all_and_names_of_the_first() -> None:
    log = Log()
    log.write(ADA, 0, {f"k{number:02}": 1 for number in range(30)})
    (work,), _ = gathered(log.walk(), 1)
    assert work.counts == {"ext": 30} and len(work.entities) == ENTITIES_SHOWN_MAX


def test_who_brought_it_did_not_write_it() -> None:
    log = Log()
    log.write(BOB, 0, {"key": 1}, relayed_by=BOB)
    (change,) = last_changes(log.walk({log.doc.client_id: ADA}), "key")
    assert (change.register, change.author) == (Register("ext", "key", None), ADA)


def test_a_row_that_cannot_be_read_against_the_index_has_no_touches() -> None:
    log = Log()
    log.write(ADA, 0, {"key": 1})
    walk = Walk({}, frozenset())
    walk.step(log.rows[0])
    assert walk.step(log.rows[0]).touches == ()
