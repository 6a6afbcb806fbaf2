"""Finds out what ended a process, and sees to it that it ends no other (consistency.md C5).

What a client brought and native code failed on is guilty at once: nobody has it acknowledged. Everything else is tried
in a child first, as a process is also killed by operators, by the kernel for want of memory, and in the middle of
innocent work. Rows of the log that end the child are skipped from then on; the log keeps them.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from services.inquest.errors import TrialUnclear
from services.inquest.trial import Ended
from storage.announcements import Death, Suspect
from storage.errors import DocumentMissing, StoreAway
from storage.log import DocumentLog
from storage.quarantine import Quarantine
from storage.snapshots import Snapshots
from sync.names import Kind

POISONS_MAX = 3
"""Found one after another in one document before it is left as it is."""
STORE_RETRY_S = 0.5

Trial = Callable[[Kind, Sequence[bytes]], Coroutine[Any, Any, Ended]]
Verdict = Callable[[str], None]
"""Counts one: `innocent`, `quarantined`, `unreadable` or `unclear`."""

log = logging.getLogger("storyforge.inquest")


@dataclass(frozen=True, slots=True)
class InquestParts:
    """What an inquest works with."""

    log: DocumentLog
    snapshots: Snapshots
    quarantine: Quarantine
    trial: Trial
    verdict: Verdict


class Inquest:
    """Into the deaths of processes that ran here, before or as children. A document concerned stays shut meanwhile."""

    def __init__(self, deaths: Sequence[Death], parts: InquestParts) -> None:
        self._parts = parts
        self._deaths = list(deaths)
        self._shut: dict[UUID, asyncio.Event] = {}
        self._shut_those_of(deaths)

    def _shut_those_of(self, deaths: Sequence[Death]) -> None:
        for death in deaths:
            for suspect in death.suspects:
                event = self._shut.get(suspect.document_id)
                if event is None or event.is_set():
                    self._shut[suspect.document_id] = asyncio.Event()

    async def over(self, document_id: UUID) -> None:
        """Returns once nothing is suspected of this document any more."""
        if document_id in self._shut:
            await self._shut[document_id].wait()

    async def hold(self) -> None:
        """All of it. A store that is away is waited for: nothing can be opened without it either."""
        await self._examine_all(self._deaths)

    def begin(self, deaths: Sequence[Death]) -> Coroutine[Any, Any, None]:
        """Of children that ended meanwhile: the documents concerned are shut at once, what is returned holds it."""
        self._shut_those_of(deaths)
        return self._examine_all(deaths)

    async def _examine_all(self, deaths: Sequence[Death]) -> None:
        for death in deaths:
            if death.fault:
                log.error("process.faulted", extra={"traceback": death.fault})
        suspects: dict[UUID, list[tuple[Suspect, bool]]] = {}
        for death in deaths:
            for suspect in death.suspects:
                suspects.setdefault(suspect.document_id, []).append((suspect, bool(death.fault)))
        for document_id, of_document in suspects.items():
            event = self._shut[document_id]
            for suspect, is_fault in of_document:
                await self._examine_patiently(suspect, is_fault)
            event.set()
        for death in deaths:
            death.forget()

    async def _examine_patiently(self, suspect: Suspect, is_fault: bool) -> None:
        is_noted = False
        while True:
            try:
                if is_fault and not is_noted:
                    await self._parts.quarantine.note_fault(suspect.document_id, "native code ended a process")
                    is_noted = True
                await self._examine(suspect, is_fault)
            except StoreAway as error:
                log.warning("inquest.store_away", extra={"error": str(error)})
                await asyncio.sleep(STORE_RETRY_S)
                continue
            except DocumentMissing:
                pass  # deleted meanwhile
            except TrialUnclear as error:
                log.error("inquest.unclear", extra={"document": str(suspect.document_id), "error": str(error)})
                self._parts.verdict("unclear")
            return

    async def _examine(self, suspect: Suspect, is_fault: bool) -> None:
        found = 0
        if not suspect.is_logged and suspect.data != b"" and is_fault:
            await self._quarantine(suspect.document_id, suspect.digest, suspect.data or b"", "ended a process")
            found = 1
        document = await self._read(suspect.document_id)
        if not suspect.is_logged and suspect.data and not is_fault:
            ended = await self._parts.trial(document.kind, [*document.states, suspect.data])
            if not ended.is_whole and (await self._parts.trial(document.kind, document.states)).is_whole:
                await self._quarantine(suspect.document_id, suspect.digest, suspect.data, ended.how)
                found = 1
        found += await self._clean(document)
        if not found:
            self._parts.verdict("innocent")

    async def _clean(self, document: "_Document") -> int:
        """Rows that end a child, and those that rest on them, leave what is opened; how many they were."""
        found = 0
        for _ in range(POISONS_MAX):
            ended = await self._parts.trial(document.kind, document.states)
            if ended.lacking:
                found += len(ended.lacking)
                await self._leave_out(document, ended.lacking, "rests on what is quarantined")
                continue
            if ended.is_whole:
                return found
            guilty = ended.at if ended.at is not None else await self._search(document)
            if guilty < document.snapshots:
                break
            found += 1
            await self._leave_out(document, [guilty], ended.how)
        self._parts.verdict("unreadable")
        log.error("document.unreadable", extra={"document": str(document.id)})
        return found

    async def _search(self, document: "_Document") -> int:
        """The state whose coming makes the document unreadable, the newest first: backwards in growing steps, then
        by halves."""
        dies, lives, step = len(document.states), len(document.states) - 1, 1
        while lives > 0 and not (await self._parts.trial(document.kind, document.states[:lives])).is_whole:
            dies, step = lives, step * 2
            lives = max(0, lives - step)
        while dies - lives > 1:
            middle = (dies + lives) // 2
            if (await self._parts.trial(document.kind, document.states[:middle])).is_whole:
                lives = middle
            else:
                dies = middle
        return dies - 1

    async def _leave_out(self, document: "_Document", places: Sequence[int], why: str) -> None:
        for place in sorted(places, reverse=True):
            state = document.states.pop(place)
            await self._parts.quarantine.add(document.id, state, f"log: {why}")
            self._parts.verdict("quarantined")
            log.error("document.poisoned", extra={"document": str(document.id), "reason": why, "bytes": len(state)})

    async def _quarantine(self, document_id: UUID, digest: bytes, data: bytes, why: str) -> None:
        await self._parts.quarantine.add_digest(document_id, digest, data, f"client: {why}")
        self._parts.verdict("quarantined")
        log.error("document.poisoned", extra={"document": str(document_id), "reason": why, "bytes": len(data)})

    async def _read(self, document_id: UUID) -> "_Document":
        head = await self._parts.log.head(document_id)
        quarantined = await self._parts.quarantine.digests(document_id)
        snapshot = await self._parts.snapshots.latest(document_id, head.epoch)
        states = [] if snapshot is None else [snapshot.bytes]
        document = _Document(document_id, Kind(head.kind), states, len(states))
        async for row in self._parts.log.tail(document_id, head.epoch, 0 if snapshot is None else snapshot.seq):
            if sha256(row.bytes).digest() not in quarantined:
                states.append(row.bytes)
        return document


@dataclass(frozen=True, slots=True)
class _Document:
    """`states`: `snapshots` of them (0 or 1), then rows."""

    id: UUID
    kind: Kind
    states: list[bytes]
    snapshots: int
