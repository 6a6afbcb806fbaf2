"""Group commit: many rooms' batches, one transaction (consistency.md C9, C10).

One commit in flight, so each document's batches reach the log in the order in which they were submitted.
"""

import asyncio
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from uuid import UUID

from storage.errors import BacklogFull, CommitterClosed, StorageError, StoreAway
from storage.log import Appendable, AppendResult, Committed, DocumentKey, DocumentLog

GATHER_S = 0.002
ROWS_MAX = 500
"""Of one commit; a single larger submission still goes."""
COMMIT_BYTES_MAX = 8 * 1024 * 1024
BACKLOG_BYTES_MAX = 64 * 1024 * 1024
BACK_OFF_FIRST_S = 0.01
BACK_OFF_MAX_S = 1.0
POSTPONED_FIRST_S = 0.002
POSTPONED_MAX_S = 0.05
DRAIN_TIMEOUT_S = 10.0


@dataclass(slots=True, eq=False)
class Submission:
    """What one `submit` waits for."""

    batches: tuple[Appendable, ...]
    done: asyncio.Future[Committed]
    bytes: int


@dataclass(slots=True)
class Lane:
    """One document's submissions, first in first out."""

    waiting: deque[Submission] = field(default_factory=deque)
    not_before: float = 0.0
    postponed: int = 0
    alone: bool = False
    """After a rejection: one submission a commit, so that those before the bad one are not lost with it."""
    refusal: StorageError | None = None
    """Set for the rest of the loop's turn in which submissions failed: their owner has not heard of it yet."""


class GroupCommitter:
    """Owns the task that commits; leaving the context commits what waits first."""

    def __init__(
        self,
        log: DocumentLog,
        rng: random.Random | None = None,
        *,
        gather_s: float = GATHER_S,
        rows_max: int = ROWS_MAX,
        backlog_bytes_max: int = BACKLOG_BYTES_MAX,
        drain_timeout_s: float = DRAIN_TIMEOUT_S,
    ) -> None:
        self._log = log
        self._rng = rng or random.Random()
        self._gather_s = gather_s
        self._rows_max = rows_max
        self._backlog_bytes_max = backlog_bytes_max
        self._drain_timeout_s = drain_timeout_s
        self._lanes: dict[DocumentKey, Lane] = {}
        self._backlog_bytes = 0
        self._backlog_rows = 0
        self._in_flight: dict[DocumentKey, list[Submission]] = {}
        self._changed = asyncio.Event()
        self._full = asyncio.Event()
        self._closing = False
        self._group = asyncio.TaskGroup()
        self._task: asyncio.Task[None] | None = None

    @property
    def backlog_bytes(self) -> int:
        """Bytes submitted and not yet committed."""
        return self._backlog_bytes

    async def __aenter__(self) -> "GroupCommitter":
        self._loop = asyncio.get_running_loop()  # to ask again for each submission costs a system call
        await self._group.__aenter__()
        self._task = self._group.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._closing = True
        self._changed.set()
        assert self._task is not None
        try:
            await asyncio.wait([self._task], timeout=self._drain_timeout_s)
        finally:
            self._task.cancel()
            # Only a cancellation concerns the group: it may be its own, after the task failed.
            cancelled = (kind, error, traceback) if isinstance(error, asyncio.CancelledError) else (None, None, None)
            await self._group.__aexit__(*cancelled)

    def submit(self, key: DocumentKey, batches: Sequence[Appendable]) -> asyncio.Future[Committed]:
        """Resolves when all of `batches` are in the log. Raises `BacklogFull`, `CommitterClosed`.

        The future fails with `EpochChanged`, `DocumentMissing` or `BatchRejected`; then everything of that document
        that was submitted later, until its owner could hear of it, fails with the same error and is not in the log.
        """
        if self._closing:
            raise CommitterClosed("the committer is closing")
        size = sum(len(batch.bytes) for batch in batches)
        if self._backlog_bytes + size > self._backlog_bytes_max:
            raise BacklogFull(f"{self._backlog_bytes} of {self._backlog_bytes_max} bytes wait for their commit")
        done: asyncio.Future[Committed] = self._loop.create_future()
        lane = self._lanes.setdefault(key, Lane())
        if lane.refusal is not None:
            done.set_exception(lane.refusal)
            return done
        lane.waiting.append(Submission(tuple(batches), done, size))
        self._backlog_bytes += size
        self._backlog_rows += len(batches)
        self._changed.set()
        if self._backlog_rows >= self._rows_max:
            self._full.set()
        return done

    async def _run(self) -> None:
        try:
            while await self._something_due():
                self._in_flight = self._take()
                result = await self._append({key: _batches(group) for key, group in self._in_flight.items()})
                self._settle(result)
        finally:
            self._fail_everything(CommitterClosed("closed before the commit"))

    async def _something_due(self) -> bool:
        """Waits for work, and then a moment longer for more of it. False: closing, and nothing is left."""
        while True:
            now = asyncio.get_running_loop().time()
            waits = [lane.not_before - now for lane in self._lanes.values() if lane.waiting]
            if not waits and self._closing:
                return False
            if waits and min(waits) <= 0:
                await self._gather()
                return True
            self._changed.clear()
            await _wait(self._changed, min(waits) if waits else None)

    async def _gather(self) -> None:
        self._full.clear()
        if self._backlog_rows < self._rows_max and not self._closing:
            await _wait(self._full, self._gather_s)

    def _take(self) -> dict[DocumentKey, list[Submission]]:
        """The next commit. Lanes take turns: those that were taken from go to the end of the line."""
        now = asyncio.get_running_loop().time()
        taken: dict[DocumentKey, list[Submission]] = {}
        documents: set[UUID] = set()
        rows = size = 0
        for key, lane in list(self._lanes.items()):
            if lane.not_before > now or key.document_id in documents:
                continue  # postponed, or the same document is taken in another epoch
            while lane.waiting and not (lane.alone and key in taken):
                first = lane.waiting[0]
                if taken and (rows + len(first.batches) > self._rows_max or size + first.bytes > COMMIT_BYTES_MAX):
                    break
                taken.setdefault(key, []).append(lane.waiting.popleft())
                documents.add(key.document_id)
                rows += len(first.batches)
                size += first.bytes
        for key in taken:
            self._lanes[key] = self._lanes.pop(key)
        return taken

    async def _append(self, groups: dict[DocumentKey, list[Appendable]]) -> AppendResult:
        """The same rows until PostgreSQL answers: a commit whose outcome is unknown is repeated, never skipped."""
        back_off_s = BACK_OFF_FIRST_S
        while True:
            try:
                return await self._log.append(groups)
            except StoreAway:
                await asyncio.sleep(back_off_s * self._rng.uniform(0.5, 1.0))
                back_off_s = min(back_off_s * 2, BACK_OFF_MAX_S)

    def _settle(self, result: AppendResult) -> None:
        in_flight, self._in_flight = self._in_flight, {}
        for committed in result.committed:
            key = DocumentKey(committed.document_id, committed.epoch)
            self._lanes[key].postponed = 0
            submissions = in_flight[key]
            for submission in submissions:
                self._finish(submission, committed if len(submissions) == 1 else _part(committed, submission))
        for key in result.postponed:
            self._postpone(self._lanes[key], in_flight[key])
        for key, error in result.rejected.items():
            self._reject(key, in_flight[key], error)
        for key in in_flight:
            lane = self._lanes[key]
            if not lane.waiting and lane.refusal is None:
                del self._lanes[key]

    def _postpone(self, lane: Lane, submissions: list[Submission]) -> None:
        delay_s = min(POSTPONED_FIRST_S * 2**lane.postponed, POSTPONED_MAX_S)
        lane.postponed += 1
        lane.not_before = asyncio.get_running_loop().time() + delay_s
        lane.waiting.extendleft(reversed(submissions))

    def _reject(self, key: DocumentKey, submissions: list[Submission], error: StorageError) -> None:
        lane = self._lanes[key]
        if len(submissions) > 1:
            lane.alone = True
            lane.waiting.extendleft(reversed(submissions))
            return
        lane.refusal = error
        later, lane.waiting = lane.waiting, deque()
        for submission in (*submissions, *later):
            self._finish(submission, error)
        # Behind the callbacks of the futures above: what stands on a refused edit cannot slip in before they ran.
        asyncio.get_running_loop().call_soon(self._reopen, key)

    def _reopen(self, key: DocumentKey) -> None:
        self._lanes.pop(key, None)

    def _finish(self, submission: Submission, outcome: Committed | StorageError) -> None:
        self._backlog_bytes -= submission.bytes
        self._backlog_rows -= len(submission.batches)
        if submission.done.done():  # its owner went away
            return
        if isinstance(outcome, StorageError):
            submission.done.set_exception(outcome)
        else:
            submission.done.set_result(outcome)

    def _fail_everything(self, error: StorageError) -> None:
        self._closing = True
        groups = [*self._in_flight.values(), *(lane.waiting for lane in self._lanes.values())]
        for submission in [submission for group in groups for submission in group]:
            self._finish(submission, error)
        self._in_flight.clear()
        self._lanes.clear()


async def _wait(event: asyncio.Event, timeout_s: float | None) -> None:
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        pass


def _batches(submissions: Sequence[Submission]) -> list[Appendable]:
    return [batch for submission in submissions for batch in submission.batches]


def _part(committed: Committed, submission: Submission) -> Committed:
    seqs = {batch.batch_id: committed.seqs[batch.batch_id] for batch in submission.batches}
    first_seq = min(seqs.values(), default=committed.first_seq)
    return Committed(committed.document_id, committed.epoch, first_seq, committed.head_seq, seqs)
