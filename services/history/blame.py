"""Who changed what, read from rows of the log by what their structs touch. Pure: nothing is applied.

Authors are told by the row; of a row that somebody else brought, by the owner of each client id (decision 0006).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from storage.log import Row
from sync.errors import SyncError
from sync.index import StructIndex
from sync.update import parse

QUIET_S = 30.0
"""A pause after which the same author's next row begins a new piece of work."""
ENTITIES_SHOWN_MAX = 20
"""Of one piece of work; its counts tell of all."""


class Register(NamedTuple):
    """What can be changed: one key of an entity; `key` None: the entity itself, or a plain value of the root."""

    root: str
    entity: str
    key: str | None


@dataclass(frozen=True, slots=True)
class RowTouch:
    """One register that a row changed. `inside`: somewhere within a text, map or array, not the register itself."""

    register: Register
    author: UUID | None
    inside: bool


@dataclass(frozen=True, slots=True)
class Walked:
    """A row and what it touched, each register once."""

    row: Row
    touches: tuple[RowTouch, ...]


@dataclass(slots=True)
class Work:
    """Rows of one author with no long pause between them. `author` None: the server itself."""

    author: UUID | None
    first_seq: int
    last_seq: int
    began_at: datetime
    ended_at: datetime
    rows: int = 0
    relayed: int = 0
    origins: set[str] = field(default_factory=set)
    touched: set[tuple[str, str]] = field(default_factory=set)

    @property
    def counts(self) -> dict[str, int]:
        """How many entities of each root."""
        return dict(sorted(Counter(root for root, _ in self.touched).items()))

    @property
    def entities(self) -> list[str]:
        """The first of them by name."""
        return sorted({entity for _, entity in self.touched})[:ENTITIES_SHOWN_MAX]


@dataclass(frozen=True, slots=True)
class LastChange:
    """The last row that changed a key of the entity, or took it away."""

    register: Register
    author: UUID | None
    seq: int
    at: datetime
    origin: str


class Walk:
    """Stands at a sequence; each row moves it on. `owners`: whose each client id is."""

    def __init__(self, owners: Mapping[int, UUID], quarantined: frozenset[bytes]) -> None:
        self._index = StructIndex()
        self._owners = owners
        self._quarantined = quarantined

    def load(self, states: Iterable[bytes]) -> None:
        """What was there before, without looking at it."""
        for state in states:
            if not self._skips(state):
                self._index.load(parse(state))

    def step(self, row: Row) -> Walked:
        """What the row touched. One whose structs the index does not take, an old row, counts without touches."""
        if self._skips(row.bytes):
            return Walked(row, ())
        try:
            judgement = self._index.check(parse(row.bytes))
            self._index.admit(judgement)
        except SyncError:
            self._index.load(parse(row.bytes))
            return Walked(row, ())
        touches: dict[RowTouch, None] = {}
        for touch in judgement.touches:
            if touch.entity is None:
                continue
            author = row.actor
            if row.relayed_by is not None and touch.op == "insert":
                author = self._owners.get(touch.client, author)
            register = Register(touch.root, touch.entity, touch.key)
            touches[RowTouch(register, author, touch.depth > 2)] = None
        return Walked(row, tuple(touches))

    def _skips(self, data: bytes) -> bool:
        return bool(self._quarantined) and sha256(data).digest() in self._quarantined


def gathered(walked: Iterable[Walked], works_max: int) -> tuple[list[Work], int | None]:
    """(pieces of work in the order of their beginning, the last sequence that is in them if rows were left over)."""
    works: list[Work] = []
    open_works: dict[UUID | None, Work] = {}
    last_seq: int | None = None
    for each in walked:
        row = each.row
        work = open_works.get(row.actor)
        if work is None or row.created_at - work.ended_at > timedelta(seconds=QUIET_S):
            if len(works) == works_max:
                return works, last_seq
            work = Work(row.actor, row.seq, row.seq, row.created_at, row.created_at)
            works.append(work)
            open_works[row.actor] = work
        work.rows += 1
        work.relayed += row.relayed_by is not None
        work.origins.add(row.origin)
        work.last_seq, work.ended_at = row.seq, max(work.ended_at, row.created_at)
        work.touched.update((touch.register.root, touch.register.entity) for touch in each.touches)
        last_seq = row.seq
    return works, None


def last_changes(walked: Iterable[Walked], entity: str) -> list[LastChange]:
    """Of every key of the entity, in whichever roots it is."""
    found: dict[Register, LastChange] = {}
    for each in walked:
        for touch in each.touches:
            if touch.register.entity == entity:
                row = each.row
                found[touch.register] = LastChange(touch.register, touch.author, row.seq, row.created_at, row.origin)
    return [found[register] for register in sorted(found, key=lambda key: (key.root, key.key or ""))]
