"""What this process works on, kept where its end does not take it along (consistency.md C5).

One file of mapped memory a process: writing to it is no system call, and the kernel keeps it however the process ends.
Its owner holds a lock on it for life, so whoever gets the lock reads what a dead process left behind. Beside it stands
what `faulthandler` wrote, if native code brought the process down: a process that was only killed leaves that empty.
"""

import fcntl
import mmap
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from queue import SimpleQueue
from struct import Struct
from typing import IO, Self
from uuid import UUID

DATA_BYTES_MAX = 256 * 1024
"""Of larger work only the digest is kept."""
THREADS_MAX = 8
"""That work on documents beside the loop; one more waits for its place."""
SUFFIX = ".announced"
FAULT_SUFFIX = ".fault"
FAULT_BYTES_MAX = 64 * 1024
"""Of a traceback, read back."""

_IDLE, _BUSY = 0, 1
_HEADER = Struct("<B?xxI16s32s")
"""State, is_logged, size of the data, document, sha256 of data that is too large."""
_SLOT_BYTES = 64 + DATA_BYTES_MAX
_LOOP_SLOT = 0


@dataclass(frozen=True, slots=True)
class Suspect:
    """What was being worked on when a process ended. `data` None: too large to keep; empty: the document as it was."""

    document_id: UUID
    data: bytes | None
    digest: bytes
    is_logged: bool


@dataclass(frozen=True, slots=True)
class Death:
    """A process of this folder has ended. `fault`: what native code left for people, empty if it did not fail."""

    file: Path
    suspects: tuple[Suspect, ...]
    fault: str

    def forget(self) -> None:
        """Once everything that follows from it is stored."""
        self.file.with_suffix(FAULT_SUFFIX).unlink(missing_ok=True)
        self.file.unlink(missing_ok=True)


class Announcement:
    """Of one document: `sync.announcer.Announcer` in mapped memory."""

    __slots__ = ("_at", "_document", "_map", "_owner", "document_id", "is_busy")

    def __init__(self, owner: "Announcements", mapped: mmap.mmap, document_id: UUID) -> None:
        self.document_id = document_id
        self._owner = owner
        self._map = mapped
        self._document = document_id.bytes
        self._at = _LOOP_SLOT
        self.is_busy = False

    def begin(self, data: bytes, is_logged: bool) -> None:
        size, at = len(data), self._at
        digest = b""
        if size <= DATA_BYTES_MAX:
            self._map[at + 64 : at + 64 + size] = data
        elif not is_logged:
            digest = sha256(data).digest()
        _HEADER.pack_into(self._map, at, _BUSY, is_logged, size, self._document, digest)
        self.is_busy = True

    def end(self) -> None:
        self._map[self._at] = _IDLE
        self.is_busy = False

    def alive(self) -> None:
        """On the loop it puts off the end of this process; beside it the loop does so itself."""
        if self._at == _LOOP_SLOT:
            self._owner.put_off()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Round work on the document as it is; within other announced work it changes nothing."""
        if self.is_busy:
            yield
            return
        self.begin(b"", True)
        try:
            yield
        finally:
            self.end()


class Announcements:
    """Of one process. `folder`: where those of its children belong too. `fault_file`: where its tracebacks go.

    `put_off`: whatever ends it for standing still waits.
    """

    def __init__(self, mapped: mmap.mmap, fault_file: IO[bytes] | None, folder: Path | None = None) -> None:
        self.folder = folder
        self.fault_file = fault_file
        self.put_off: Callable[[], None] = _nobody_waits
        self._map = mapped
        self._free: SimpleQueue[int] = SimpleQueue()
        for slot in range(1, THREADS_MAX + 1):
            self._free.put(slot * _SLOT_BYTES)

    @classmethod
    def nowhere(cls) -> Self:
        """Nobody will read them: a process that nobody starts again."""
        return cls(mmap.mmap(-1, (THREADS_MAX + 1) * _SLOT_BYTES), None)

    def of(self, document_id: UUID) -> Announcement:
        """For work in the loop's thread."""
        return Announcement(self, self._map, document_id)

    @contextmanager
    def apart(self, announcement: Announcement) -> Iterator[None]:
        """Within it the document is worked on in this thread, which is not the loop's. May wait for a place."""
        place = self._free.get()
        announcement._at = place
        try:
            yield
        finally:
            announcement._at = _LOOP_SLOT
            self._free.put(place)


def _nobody_waits() -> None:
    """Of a process that nobody ends."""


@contextmanager
def announcing(folder: Path) -> Iterator[Announcements]:
    """A file of our own in `folder`; it goes when the process ends in order."""
    file = folder / f"{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}"
    fault_file = file.with_suffix(FAULT_SUFFIX)
    unlocked = file.with_suffix(".new")
    with unlocked.open("xb+") as opened, fault_file.open("xb") as fault:
        fcntl.flock(opened, fcntl.LOCK_EX)
        unlocked.rename(file)  # under this name nobody finds it without its lock
        os.ftruncate(opened.fileno(), (THREADS_MAX + 1) * _SLOT_BYTES)
        try:
            with mmap.mmap(opened.fileno(), 0) as mapped:
                yield Announcements(mapped, fault, folder)
        finally:
            file.unlink(missing_ok=True)
            fault_file.unlink(missing_ok=True)


def deaths(folder: Path, pid: int | None = None) -> list[Death]:
    """Of processes that left something unfinished in `folder`. Files without any of that are removed.

    `pid`: only of that one, which was ours.
    """
    found = []
    for file in sorted(folder.glob(f"{'' if pid is None else f'{pid}-'}*{SUFFIX}")):
        with suppress(FileNotFoundError), file.open("rb") as opened:  # another process looks for them too
            try:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # its owner lives
            death = Death(file, tuple(_suspects(opened)), _fault(file.with_suffix(FAULT_SUFFIX)))
            if death.suspects or death.fault:
                found.append(death)
            else:
                death.forget()
    return found


def _suspects(opened: IO[bytes]) -> Iterator[Suspect]:
    content = opened.read()
    for at in range(0, len(content) - _SLOT_BYTES + 1, _SLOT_BYTES):
        state, is_logged, size, document, digest = _HEADER.unpack_from(content, at)
        if state != _BUSY:
            continue
        data = content[at + 64 : at + 64 + size] if size <= DATA_BYTES_MAX else None
        digest = digest if data is None else sha256(data).digest()
        yield Suspect(UUID(bytes=document), data, digest, is_logged)


def _fault(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(FAULT_BYTES_MAX).decode(errors="replace")
    except FileNotFoundError:
        return ""
