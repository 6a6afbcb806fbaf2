"""A reviewer who follows the project by Server-Sent Events, as the phone does: a snapshot, then events behind it.

Comes back with `Last-Event-ID` when the stream ends.
"""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import httpx

RETRY_S = 0.2


@dataclass(frozen=True, slots=True)
class Event:
    """`cursor` is None for ticks, which are not numbered."""

    kind: str
    cursor: int | None
    data: dict[str, Any]


@dataclass
class Reviewer:
    """`events`: everything that was seen, in order."""

    http: httpx.AsyncClient
    project: str
    cursor: int = 0
    events: list[Event] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._changed = asyncio.Condition()

    def counts(self) -> Counter[str]:
        return Counter(event.kind for event in self.events)

    def gaps(self) -> int:
        """Numbers that are missing, doubled or out of order among the cursors that were seen."""
        cursors = [event.cursor for event in self.events if event.cursor is not None]
        return sum(1 for one, two in pairwise(cursors) if two != one + 1)

    async def open(self) -> dict[str, Any]:
        """The snapshot from whose cursor on events are read."""
        answer = await self.http.get(f"/v1/projects/{self.project}/snapshot")
        answer.raise_for_status()
        snapshot: dict[str, Any] = answer.json()
        self.cursor = int(snapshot["cursor"])
        return snapshot

    async def follow(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._stream()
            except httpx.TransportError:
                pass  # the node went away: come back where we were
            await asyncio.sleep(RETRY_S)

    async def _stream(self) -> None:
        headers = {"Last-Event-ID": str(self.cursor), "Accept": "text/event-stream"}
        timeout = httpx.Timeout(10.0, read=40.0)
        path = f"/v1/projects/{self.project}/stream"
        async with self.http.stream("GET", path, headers=headers, timeout=timeout) as answer:
            answer.raise_for_status()
            self.connections += 1
            fields: dict[str, str] = {}
            async for line in answer.aiter_lines():
                if line:
                    name, _, value = line.partition(":")
                    fields[name] = value.removeprefix(" ")
                elif fields:
                    await self._take(fields)
                    fields = {}

    async def _take(self, fields: dict[str, str]) -> None:
        if "data" not in fields:
            return  # a comment that keeps the connection alive
        cursor = int(fields["id"]) if fields.get("id") else None
        if cursor is not None:
            self.cursor = cursor
        self.events.append(Event(fields.get("event", "message"), cursor, json.loads(fields["data"])))
        async with self._changed:
            self._changed.notify_all()

    async def until(self, kind: str, timeout_s: float, **wanted: Any) -> Event:
        """The first event of this kind with these fields. Raises TimeoutError."""

        def found() -> Event | None:
            fits = (e for e in self.events if e.kind == kind and all(e.data.get(k) == v for k, v in wanted.items()))
            return next(fits, None)

        async with asyncio.timeout(timeout_s), self._changed:
            while (event := found()) is None:
                await self._changed.wait()
            return event
