"""Who follows projects through this process: how many streams a user may have open, and their common end.

Not what they are told: `follower.py`.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from api.errors import StreamsFull

STREAMS_PER_USER_MAX = 32


class Audience:
    """`closing` is set when every stream has to end, because the server stops."""

    def __init__(self) -> None:
        self.closing = asyncio.Event()
        self._open: Counter[UUID] = Counter()

    @contextmanager
    def join(self, user_id: UUID) -> Iterator[None]:
        """Raises `StreamsFull`."""
        self.check(user_id)
        self._open[user_id] += 1
        try:
            yield
        finally:
            self._open[user_id] -= 1
            if not self._open[user_id]:
                del self._open[user_id]

    def check(self, user_id: UUID) -> None:
        """Raises `StreamsFull`."""
        if self._open[user_id] >= STREAMS_PER_USER_MAX:
            raise StreamsFull(
                f"You follow {STREAMS_PER_USER_MAX} streams already; close one.", limit=STREAMS_PER_USER_MAX
            )

    def __len__(self) -> int:
        return self._open.total()

    def close(self) -> None:
        """Ends every stream; later ones end at once."""
        self.closing.set()
