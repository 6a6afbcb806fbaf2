"""One hub of the world, where it may die, and native code that fails on poison."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sync.effects import Batch, Keep
from sync.index import Judgement
from sync.room import Room
from tests.simulation.client import POISON, Client


class Panic(BaseException):
    """What pycrdt raises is no Exception either."""


class Died(Exception):
    """A node has come to the point at which it is to die."""

    def __init__(self, node: "Node", point: str) -> None:
        super().__init__(point)
        self.node = node
        self.point = point


@dataclass(slots=True)
class Node:
    """A hub. `room` is None while nobody needs it or the hub is down.

    `unwritten`: batches on their way to the log, in order, with the room that decided them. `in_flight`: how many of
    them are in the commit whose answer is still to come. `slow`: the store does not take anything. `cut`: no bus.
    """

    number: int
    room: Room | None = None
    unwritten: deque[tuple[Room, Batch]] = field(default_factory=deque)
    in_flight: int = 0
    said: dict[UUID, int] = field(default_factory=dict)
    """The last answer of the log, which may come twice."""
    reads: int = 0
    sessions: dict[int, Client] = field(default_factory=dict)
    armed: str = ""
    slow: bool = False
    cut: bool = False
    kept: Keep | None = None
    """The newest refused edit."""


def hears(node: Node, session: int) -> bool:
    """Edits go only to whom the hub has told what they rest on: a client that holds an edit without its base would
    bring that back after a crash, and be refused for it (seeds 152 and 582 of the first run)."""
    known = None if node.room is None else node.room.sessions.get(session)  # None: about to hear that it is refused
    return known is not None and known.step1s > 0


def make_fragile(room: Room) -> None:
    """Its native code panics on poison."""
    replica: Any = room._replica
    apply = replica.apply

    def fragile(judgement: Judgement) -> None:
        if POISON.encode() in judgement.update.data:
            raise Panic(POISON)
        apply(judgement)

    replica.apply = fragile
