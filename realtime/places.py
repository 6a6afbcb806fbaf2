"""Where a room's content lives, and so where what takes long is done with it: a thread here, or another process."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from storage.announcements import Announcement, Announcements

Result = TypeVar("Result")


class Place(Protocol):
    """`is_lost`: the content is gone; the log has it."""

    @property
    def is_lost(self) -> bool: ...

    async def run(self, work: Callable[[], Result]) -> Result:
        """`work` beside the loop, where the content may be asked. Raises `ContentLost`, `ContentFailed`."""

    async def leave(self) -> None:
        """The room needs its content no more."""


@dataclass(frozen=True, slots=True)
class Here:
    """In this process, whose threads share the interpreter's lock with the loop: only for what is small."""

    announcements: Announcements
    announcement: Announcement

    @property
    def is_lost(self) -> bool:
        return False

    async def run(self, work: Callable[[], Result]) -> Result:
        def announced() -> Result:
            with self.announcements.apart(self.announcement):
                return work()

        return await asyncio.to_thread(announced)  # a hub that ends meanwhile leaves the room to its thread

    async def leave(self) -> None: ...
