"""The last refusals of this hub, for operators: codes, ids and times, never content, in bounded memory.

Not a log and not a count: both are elsewhere.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from realtime.refusals import Refusal
from sync.errors import MalformedName
from sync.names import parse

RECENT_REFUSALS_MAX = 200


@dataclass(frozen=True, slots=True)
class Refused:
    """`at_s`: seconds since 1970. `document`: its wire name, "" where the client named none. `actor`: who was known."""

    at_s: float
    code: int
    reason: str
    document: str
    actor: UUID | None


class RecentRefusals:
    """The newest `RECENT_REFUSALS_MAX`."""

    def __init__(self) -> None:
        self._refused: deque[Refused] = deque(maxlen=RECENT_REFUSALS_MAX)

    def add(self, refusal: Refusal, document: str, actor: UUID | None, at_s: float) -> Refused:
        """`document` as the client wrote it: what is not a name is not kept, for it may be anything."""
        refused = Refused(at_s, int(refusal.code), refusal.reason, _name(document), actor)
        self._refused.append(refused)
        return refused

    def newest_first(self) -> Sequence[Refused]:
        return tuple(reversed(self._refused))


def _name(text: str) -> str:
    try:
        return str(parse(text))
    except MalformedName:
        return ""
