"""The hubs that share a Redis tell each other every second that they are there and how much they hold.

What a hub hears of its own beats is how late the bus is: they wait in the same queues as everybody's edits. Sans-IO.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

CHANNEL = "sf:hubs"
BEAT_INTERVAL_S = 1.0
SILENT_S_MAX = 10.0
"""A hub that has not been heard for so long is gone."""
NEIGHBOURS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Neighbour:
    """`heard_s`: by the clock of whoever heard it."""

    node: UUID
    rooms: int
    sessions: int
    heard_s: float


class Neighbours:
    """`node`: this one, which is among them."""

    def __init__(self, node: UUID) -> None:
        self._node = node
        self._heard: dict[UUID, Neighbour] = {}
        self._beat = 0
        self._sent: tuple[int, float] | None = None
        """Number and time of the newest beat that has not come back."""

    def beat(self, rooms: int, sessions: int, now_s: float) -> bytes:
        """What to publish."""
        self._beat += 1
        self._sent = self._beat, now_s
        said = {"node": self._node.hex, "beat": self._beat, "rooms": rooms, "sessions": sessions}
        return json.dumps(said, separators=(",", ":")).encode()

    def heard(self, payload: bytes, now_s: float) -> float | None:
        """Seconds that the bus took, of our own beat. What is malformed is ignored: a newer hub may say more."""
        try:
            said = json.loads(payload)
            node, beat = UUID(said["node"]), int(said["beat"])
            neighbour = Neighbour(node, int(said["rooms"]), int(said["sessions"]), now_s)
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
        if node in self._heard or len(self._heard) < NEIGHBOURS_MAX:
            self._heard[node] = neighbour
        if node != self._node or self._sent is None or self._sent[0] != beat:
            return None
        lag_s, self._sent = now_s - self._sent[1], None
        return lag_s

    def here(self, now_s: float) -> Sequence[Neighbour]:
        """In the order of their ids."""
        self._heard = {node: one for node, one in self._heard.items() if now_s - one.heard_s <= SILENT_S_MAX}
        return sorted(self._heard.values(), key=lambda one: one.node)
