"""Takes one author's work since a point back, register by register, where nobody else has built on it.

`trace` looks at the log; `undo` edits a document inside the caller's transaction.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pycrdt import Doc, Map

from services.documents.replica import Replica, apply_rows
from services.history.blame import Register, Walk
from services.history.content import SharedArray, SharedMap, SharedText, is_deleted, same, value_of
from services.history.restore import FREE_ROOT, Kept, Outcome, converge, fresh, locked_by
from storage.log import Row
from sync.locks import locks_of
from sync.schema import Ownership

SHARED = "undo.shared"
"""Others have worked inside the same text, list or entity since."""
OVERWRITTEN = "undo.overwritten"
MOVED = "undo.changed_meanwhile"
GONE = "undo.entity_gone"


@dataclass(frozen=True, slots=True)
class Held:
    """What a register held; `present` tells null from nothing."""

    present: bool
    value: Any = None

    def is_as(self, other: "Held") -> bool:
        return self.present == other.present and same(self.value, other.value)

    @property
    def is_shared(self) -> bool:
        return isinstance(self.value, SharedText | SharedMap | SharedArray)


@dataclass(slots=True)
class Trace:
    """One register since the point: who wrote it, what it held before the author did, and in the end."""

    last: UUID | None = None
    authors: set[UUID | None] = field(default_factory=set)
    before: Held | None = None
    after: Held = field(default_factory=lambda: Held(False))


def trace(replica: Replica, walk: Walk, rows: Sequence[Row], author: UUID) -> dict[Register, Trace]:
    """Of every register touched. `replica` and `walk` stand before the first row; native code, so not on the loop."""
    traces: dict[Register, Trace] = {}
    entities: dict[Register, Held] = {}  # as they were before the author did anything in them
    for row in rows:
        for touch in walk.step(row).touches:
            found = traces.setdefault(touch.register, Trace())
            if touch.author == author:
                entity = touch.register._replace(key=None)
                if entity not in entities:
                    entities[entity] = held(replica.doc, entity)
                if found.before is None:
                    found.before = entities[entity] if touch.register == entity else held(replica.doc, touch.register)
            found.authors.add(touch.author)
            found.last = touch.author
        apply_rows(replica, [row])
    for register, found in traces.items():
        found.after = held(replica.doc, register)
    return traces


def held(doc: Doc[Any], register: Register) -> Held:
    """What the register holds now."""
    place: Any = doc.get(register.root, type=Map)
    name = register.entity
    if register.key is not None:
        place, name = place.get(register.entity), register.key
    if not isinstance(place, Map) or name not in place:
        return Held(False)
    return Held(True, value_of(place.get(name)))


def undo(
    doc: Doc[Any], traces: Mapping[Register, Trace], author: UUID, ownership: Ownership, mark: dict[str, Any]
) -> Outcome:
    """`mark`: what `del` becomes of entities that the author made."""
    outcome = Outcome()
    locks = locks_of(doc)
    writers = _writers(traces, ownership)
    for register, before, found in _of_author(traces, ownership):
        now = held(doc, register)
        if now.is_as(before) or (not before.present and is_deleted(now.value)):
            continue
        entity = held(doc, Register(register.root, register.entity, None)).value
        why = _obstacle(register, before, now, found, author, writers[register.root, register.entity], entity)
        if why is None:
            refusal = locked_by(register.root, register.entity, locks, entity, _back_to(register, before))
            why = None if refusal is None else refusal.code
        if why is not None:
            outcome.kept.append(Kept(register.root, register.entity, register.key, why))
            continue
        _put_back(doc, register, before, now, ownership, mark)
        outcome.written.append((register.root, register.entity, register.key))
    return outcome


def _back_to(register: Register, before: Held) -> Any:
    """Of the entity, as far as it says to which scene it would belong again."""
    if register.key is None:
        return before.value
    return SharedMap({"par": before.value}) if register.key == "par" else None


def _of_author(traces: Mapping[Register, Trace], ownership: Ownership) -> Iterator[tuple[Register, Held, Trace]]:
    """What clients may write, in order; the keys of an entity that the author made or took away go with it."""
    for register in sorted(traces, key=lambda each: (each.root, each.entity, each.key or "")):
        found = traces[register]
        if found.before is None or ownership.is_servers(register.root, register.key):
            continue
        if register.key is not None:
            whole = traces.get(Register(register.root, register.entity, None))
            if whole is not None and whole.before is not None:
                continue
        yield register, found.before, found


def _obstacle(
    register: Register,
    before: Held,
    now: Held,
    found: Trace,
    author: UUID,
    writers: set[UUID | None],
    entity: Any,
) -> str | None:
    """Why the register must stay as it is. `writers`: of anything in the entity."""
    if register.key is not None and not isinstance(entity, SharedMap):
        return GONE
    authors = writers if register.key is None else found.authors
    if (before.is_shared or now.is_shared) and authors != {author}:
        return SHARED
    if found.last != author:
        return OVERWRITTEN
    return None if now.is_as(found.after) else MOVED


def _writers(traces: Mapping[Register, Trace], ownership: Ownership) -> dict[tuple[str, str], set[UUID | None]]:
    """Who wrote anything that clients may write, by entity."""
    writers: dict[tuple[str, str], set[UUID | None]] = {}
    for register, found in traces.items():
        if not ownership.is_servers(register.root, register.key):
            writers.setdefault((register.root, register.entity), set()).update(found.authors)
    return writers


def _put_back(
    doc: Doc[Any], register: Register, before: Held, now: Held, ownership: Ownership, mark: dict[str, Any]
) -> None:
    root = doc.get(register.root, type=Map)
    if register.key is not None:
        converge(root[register.entity], register.key, before.present, before.value)
    elif not before.present and isinstance(now.value, SharedMap) and register.root != FREE_ROOT:
        root[register.entity]["del"] = mark
    elif isinstance(before.value, SharedMap):
        servers = ownership.server_keys.get(register.root, frozenset())
        kept = SharedMap((key, value) for key, value in before.value.items() if key not in servers)
        if isinstance(now.value, SharedMap):
            for key in sorted((kept.keys() | now.value.keys()) - servers):
                converge(root[register.entity], key, key in kept, kept.get(key))
        else:
            root[register.entity] = fresh(kept)
    else:
        converge(root, register.entity, before.present, before.value)
