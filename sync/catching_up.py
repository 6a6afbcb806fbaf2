"""Rows that others have committed: applied strictly in sequence; a gap is read from the log (consistency.md C10)."""

from collections.abc import Sequence
from hashlib import sha256

from sync.content import Holder
from sync.effects import Broken, Effect, ReadLog, Relay
from sync.errors import ContentLost
from sync.messages import Update
from sync.order import Order
from sync.relay import CommittedRow


class CatchingUp:
    """Of one room. `quarantined`: digests of updates that are never applied again."""

    def __init__(self, order: Order, replica: Holder, quarantined: frozenset[bytes]) -> None:
        self._order = order
        self._replica = replica
        self._quarantined = quarantined

    def move(self, replica: Holder) -> None:
        """The content goes on elsewhere, as it is now."""
        self._replica = replica

    def is_quarantined(self, update: bytes) -> bool:
        return bool(self._quarantined) and sha256(update).digest() in self._quarantined

    def offer(self, rows: Sequence[CommittedRow]) -> None:
        self._order.offer(rows)

    def apply(self) -> list[Effect]:
        """What is next in sequence, relayed to everybody."""
        effects: list[Effect] = []
        for update in self._order.next_rows():
            if self.is_quarantined(update):
                continue
            try:
                self._replica.load(update)
            except ContentLost:
                raise
            except BaseException as error:
                return [*effects, Broken(f"row {self._order.seq}: {type(error).__name__}", None)]
            effects.append(Relay(Update(update), None))
        return effects

    def read_on(self) -> list[Effect]:
        """Asks for rows behind the newest that is here, once at a time."""
        if self._order.reading:
            return []
        self._order.reading = True
        return [ReadLog(self._order.seq)]
