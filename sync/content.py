"""What a room needs of its document's content, wherever that lives: in this process, or in another one (`remote`)."""

import builtins
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sync.announcer import Announcer
from sync.index import Judgement
from sync.judge import Judge
from sync.limits import Limits
from sync.names import Kind
from sync.replica import Replica
from sync.schema import SCHEMAS


class Holder(Protocol):
    """A live document. What is in another process may raise `ContentLost` and `ContentFailed` from every method that
    does not say otherwise, and is waited for: not on an event loop."""

    announcer: Announcer
    bytes: int
    """About how large the document is when encoded."""

    @property
    def is_at_rest(self) -> bool:
        """Only its bytes are here: `wake` comes before the content's judge is asked. At once, as `state_vector`."""

    def rest(self) -> None:
        """Nobody has changed it for a while."""

    def wake(self) -> None:
        """After a rest."""

    def holds(self, data: builtins.bytes) -> bool:
        """At rest, whether there is nothing new in an update. Raises `MalformedUpdate`."""

    def state_vector(self) -> builtins.bytes:
        """At once, in any thread that has the room."""

    def difference(self, state_vector: builtins.bytes) -> builtins.bytes:
        """What somebody with this (checked) state vector lacks, and the whole delete set."""

    def encode(self) -> builtins.bytes:
        """All of it as one update."""

    def apply(self, judgement: Judgement) -> None:
        """What the content's judge has just let pass. Raises whatever native code raises."""

    def load(self, data: builtins.bytes) -> None:
        """A snapshot or a row of the log: judged when it was admitted."""


@dataclass(frozen=True, slots=True)
class Content:
    """`is_remote`: in another process."""

    holder: Holder
    judge: Judge
    is_remote: bool


def loaded_here(
    kind: Kind,
    server_client: int,
    limits: Limits,
    announcer: Announcer | None,
    states: Sequence[bytes],
    *,
    rests: bool = False,
) -> Content:
    """With `states`, in order. `rests`: there is one, a snapshot, and it need not be looked into before an edit."""
    replica = Replica(server_client, announcer)
    judge = Judge(replica.index, SCHEMAS[kind], replica.locks, limits.document_bytes_max, replica.announcer.alive)
    if rests:
        (whole,) = states
        replica.begin_at_rest(whole)
    else:
        for state in states:
            replica.load(state)
    return Content(replica, judge, is_remote=False)
