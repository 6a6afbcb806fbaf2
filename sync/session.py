"""One participant in one room: who it is, what it may do, and what it is owed. State only; the room decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from sync.errors import SceneLocked
from sync.presence import Person, Presence


class Awaited(Enum):
    """What a parked update waits for."""

    STRUCTS = auto()
    """It refers to what is not here; its bringer is asked once."""
    OWNER = auto()
    """It carries edits of somebody who is here and will bring them."""
    REST = auto()
    """It is refused, as soon as all that rests on it has come too."""
    LOG = auto()
    """It carries what only the server may write, perhaps of a row that this node has not read yet."""


@dataclass(frozen=True, slots=True)
class Parked:
    """`name`: under which its bringer is owed an acknowledgement, empty where the dialect only counts; None: none."""

    update: bytes
    name: bytes | None
    in_step2: bool
    awaited: Awaited


@dataclass(slots=True)
class Session:
    """`held_acks`: names of messages that wait for its first `Step2`. `clients`: the ids it has written under.

    `is_told`: its dialect has a word for acknowledgements. `resets`: it is told to start anew where others are sent
    away, and `fenced` until it does.
    `unasked_step2s`: answers to a `Step1` that the server sent of its own accord, so that nobody waits for their ack.
    """

    id: int
    person: Person
    may_write: bool
    is_told: bool = True
    clients: frozenset[int] = frozenset()
    synced: bool = False
    step1s: int = 0
    unasked_step2s: int = 0
    held_acks: list[bytes] = field(default_factory=list)
    resets: bool = False
    fenced: bool = False
    parked: list[Parked] = field(default_factory=list)
    parked_since_s: float = 0.0
    asked: bool = False
    log_was_read: bool = False
    refusal: SceneLocked | None = None
    """For what it is refused when its next `Step2` has come."""

    def waits_for(self, awaited: Awaited) -> bool:
        return any(item.awaited is awaited for item in self.parked)

    @property
    def may_be_asked(self) -> bool:
        """Whether only this session itself can complete what it has sent."""
        return bool(self.parked) and all(item.awaited is Awaited.STRUCTS for item in self.parked)


class Attendance:
    """Who is here. Apart from the room, which would otherwise be held by what it holds, and outlive its closing."""

    def __init__(self, presence: Presence, sessions: Mapping[int, Session]) -> None:
        self._presence = presence
        self._sessions = sessions

    def is_live(self, client: int) -> bool:
        """Whether the session that writes under this id is here, or present through another node."""
        if self._presence.has(client):
            return True
        return any(client in session.clients for session in self._sessions.values())
