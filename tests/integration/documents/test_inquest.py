"""Who is found guilty of the end of a process. The children are real; what ends one is a word in the bytes."""

import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio
from pycrdt import Doc, Map

from deploy.trial import PROGRAM
from services.inquest.errors import TrialUnclear
from services.inquest.service import Inquest, InquestParts
from services.inquest.trial import Ended, try_in_child
from storage.announcements import Death, Suspect
from storage.log import Batch, DocumentKey, DocumentLog, Head
from storage.quarantine import Quarantine
from storage.snapshots import Snapshots
from sync.names import Kind

GUILTY = "guilty"
FAULT = "Fatal Python error: Segmentation fault"


class Court:
    """An inquest into one death, with a trial whose verdict is known; `tried`: how many states, each time."""

    def __init__(self, pool: asyncpg.Pool, log: DocumentLog, snapshots: Snapshots, folder: Path) -> None:
        self.quarantine = Quarantine(pool)
        self.verdicts: list[str] = []
        self.tried: list[int] = []
        self.reads_only = False
        """The guilty bytes do no harm when they are applied, only when all is read."""
        self._parts = InquestParts(log, snapshots, self.quarantine, self.trial, self.verdicts.append)
        self._folder = folder

    async def trial(self, kind: Kind, states: Sequence[bytes]) -> Ended:
        self.tried.append(len(states))
        guilty = [place for place, state in enumerate(states) if GUILTY.encode() in state]
        if not guilty:
            return await try_in_child(PROGRAM, kind, states)
        return Ended("signal 11", False, None if self.reads_only else guilty[0], ())

    async def hold(self, document_id: UUID, data: bytes | None, *, is_logged: bool, fault: str = "") -> None:
        file = self._folder / "1-00.announced"
        file.touch()
        suspect = Suspect(document_id, data, Quarantine.digest(data or b"?"), is_logged)
        inquest = Inquest([Death(file, (suspect,), fault)], self._parts)
        await inquest.hold()
        await inquest.over(document_id)
        assert not file.exists()


@pytest.fixture
def court(pool: asyncpg.Pool, log: DocumentLog, snapshots: Snapshots, tmp_path: Path) -> Court:
    return Court(pool, log, snapshots, tmp_path)


class Board:
    """A storyboard whose rows are written by hand, by one client."""

    def __init__(self, head: Head, log: DocumentLog, client: int = 12) -> None:
        self.id = head.document_id
        self._key = DocumentKey(head.document_id, head.epoch)
        self._log = log
        self._doc: Doc[Any] = Doc(client_id=client)

    def made(self, key: str, value: str) -> bytes:
        """An update that rests on those before it."""
        before = self._doc.get_state()
        self._doc.get("ext", type=Map)[key] = value
        return self._doc.get_update(before)

    async def row(self, key: str, value: str) -> bytes:
        update = self.made(key, value)
        await self._log.append({self._key: [Batch(uuid4(), None, "edit", update)]})
        return update


@pytest_asyncio.fixture
async def head(new_storyboard: Callable[[], Awaitable[Head]]) -> Head:
    return await new_storyboard()


@pytest.fixture
def board(head: Head, log: DocumentLog) -> Board:
    return Board(head, log)


async def digests(court: Court, board: Board) -> frozenset[bytes]:
    return await court.quarantine.digests(board.id)


async def test_c5_who_was_killed_in_innocent_work_has_brought_nothing_bad(court: Court, board: Board) -> None:
    await court.hold(board.id, board.made("a", "1"), is_logged=False)
    assert await digests(court, board) == frozenset()
    assert court.verdicts == ["innocent"]
    assert not await court.quarantine.is_read_only(board.id)


async def test_c5_what_a_client_brought_and_a_child_dies_of_is_quarantined(court: Court, board: Board) -> None:
    poison = board.made("a", GUILTY)
    await court.hold(board.id, poison, is_logged=False)
    assert await digests(court, board) == {Quarantine.digest(poison)}
    assert court.verdicts == ["quarantined"]


async def test_c5_what_native_code_failed_on_is_guilty_at_once(court: Court, board: Board) -> None:
    poison = board.made("a", "looks like any other")
    await court.hold(board.id, poison, is_logged=False, fault=FAULT)
    assert await digests(court, board) == {Quarantine.digest(poison)}
    assert court.tried == [1]  # only that the document opens without it


async def test_c5_of_bytes_too_large_to_keep_the_digest_is_enough(court: Court, board: Board) -> None:
    await court.hold(board.id, None, is_logged=False, fault=FAULT)
    assert await digests(court, board) == {Quarantine.digest(b"?")}


@pytest.mark.parametrize("reads_only", [False, True])
async def test_c5_the_guilty_row_of_the_log_is_found_among_many(
    court: Court, head: Head, log: DocumentLog, reads_only: bool
) -> None:
    board, other = Board(head, log), Board(head, log, client=13)
    for number in range(5):
        await board.row(f"before{number}", "1")
    poison = await other.row("bad", GUILTY)
    for number in range(3):
        await board.row(f"after{number}", "1")
    court.reads_only = reads_only
    await court.hold(board.id, b"", is_logged=True, fault=FAULT)
    assert await digests(court, board) == {Quarantine.digest(poison)}


async def test_c5_rows_that_rest_on_the_guilty_one_go_with_it(court: Court, board: Board) -> None:
    await board.row("a", "1")
    poison = await board.row("bad", GUILTY)
    next_row = await board.row("b", "2")
    await court.hold(board.id, b"", is_logged=True, fault=FAULT)
    assert await digests(court, board) == {Quarantine.digest(poison), Quarantine.digest(next_row)}


async def test_c5_a_snapshot_that_cannot_be_opened_is_said_and_nothing_is_hidden(
    court: Court, board: Board, snapshots: Snapshots
) -> None:
    update = await board.row("a", GUILTY)
    await snapshots.put(board.id, 1, 2, update)
    await court.hold(board.id, b"", is_logged=True, fault=FAULT)
    assert await digests(court, board) == frozenset()
    assert "unreadable" in court.verdicts


async def test_c5_two_faults_make_a_document_read_only_until_it_is_forgiven(court: Court, board: Board) -> None:
    for _ in range(2):
        assert not await court.quarantine.is_read_only(board.id)
        await court.hold(board.id, b"", is_logged=True, fault=FAULT)
    assert await court.quarantine.is_read_only(board.id)
    assert await court.quarantine.forgive(board.id) == 2
    assert not await court.quarantine.is_read_only(board.id)
    assert await court.quarantine.forgive(board.id) == 0


async def test_a_document_deleted_meanwhile_is_no_case(court: Court) -> None:
    await court.hold(uuid4(), b"bytes", is_logged=False)
    assert court.verdicts == []


async def test_what_is_not_suspected_is_open(court: Court) -> None:
    await Inquest([], court._parts).over(uuid4())


# The child ---------------------------------------------------------------------------------------------


async def test_a_trial_reads_a_whole_document(board: Board) -> None:
    ended = await try_in_child(PROGRAM, Kind.STORYBOARD, [board.made("a", "1"), board.made("b", "2")])
    assert ended == Ended("exit code 0", True, None, ())


async def test_a_trial_tells_which_state_it_died_of_and_which_lack_something(board: Board) -> None:
    first, second, third = (board.made(key, "1") for key in "abc")
    assert (await try_in_child(PROGRAM, Kind.STORYBOARD, [first, third])).lacking == (1,)
    ended = await try_in_child(PROGRAM, Kind.STORYBOARD, [first, second, b"\x01garbage"])
    assert (ended.is_whole, ended.at) == (False, 2)


@pytest.mark.parametrize(
    "spins",
    [
        "import re; re.match(r'(a+)+$', 'a' * 64 + 'b')",
        "import ctypes; ctypes.string_at(0)",
    ],
)
async def test_a_trial_ends_whatever_native_code_does(board: Board, spins: str) -> None:
    inside = f"""
import sys
from services.inquest import child
from sync.names import Kind
def spin(text):
    {spins}
child.parse = spin
child.main(Kind(sys.argv[1]), 0.5)
"""
    program = partial(try_in_child, (sys.executable, "-P", "-c", inside))
    ended = await program(Kind.STORYBOARD, [board.made("a", "1")])
    assert (ended.is_whole, ended.at) == (False, 0)
    assert ended.how.startswith("signal")


async def test_a_child_that_cannot_be_started_is_no_verdict() -> None:
    with pytest.raises(TrialUnclear):
        await try_in_child(("/does/not/exist",), Kind.STORYBOARD, [])
