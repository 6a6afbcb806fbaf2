"""Makes what clients may write in a document equal to an earlier content, by the fewest edits (consistency.md C12).

Works on a pycrdt document inside the caller's transaction; which content, and who may, is decided elsewhere.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from pycrdt import Array, Doc, Map, Text

from services.history.content import Content, SharedArray, SharedMap, SharedText, is_deleted, same, value_of
from sync import ids
from sync.errors import SceneLocked
from sync.locks import PARTS, Lock, locks_of
from sync.schema import Ownership

FREE_ROOT = "ext"
"""Here nothing has a mark of deletion: what is too much goes."""

Write = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that was left as it is. `why` is a stable code."""

    root: str
    entity: str
    key: str | None
    why: str


@dataclass(slots=True)
class Outcome:
    """What was written. `written`: (root, entity, key); None for a whole entity or a value of the root itself."""

    written: list[tuple[str, str, str | None]] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)


def restore(
    doc: Doc[Any], target: Content, ownership: Ownership, mark: dict[str, Any], *, despite_locks: bool = False
) -> Outcome:
    """`mark`: what `del` becomes of entities that the target does not have. Locked scenes and their shots are kept."""
    outcome = Outcome()
    locks = {} if despite_locks else locks_of(doc)
    for root in sorted(ownership.roots - ownership.server_roots):
        here = doc.get(root, type=Map)
        there = target.get(root, SharedMap())
        current = {entity: value_of(value) for entity, value in here.items()}
        for entity in sorted(current.keys() | there.keys()):
            if entity in current and entity in there and same(current[entity], there[entity]):
                continue
            writes = _plan(here, root, entity, current, there, ownership, mark)
            if writes and locked_by(root, entity, locks, current.get(entity), there.get(entity)) is not None:
                outcome.kept.append(Kept(root, entity, None, SceneLocked.code))
                continue
            for key, write in writes:
                write()
                outcome.written.append((root, entity, key))
    return outcome


def _plan(
    here: Map[Any],
    root: str,
    entity: str,
    current: dict[str, Any],
    there: SharedMap,
    ownership: Ownership,
    mark: dict[str, Any],
) -> list[tuple[str | None, Write]]:
    """What has to be written, key by key."""
    old, new = current.get(entity), there.get(entity)
    if entity not in there:
        if not isinstance(old, SharedMap) or root == FREE_ROOT:
            return [(None, partial(here.pop, entity))]
        return [] if is_deleted(old) else [("del", partial(here[entity].__setitem__, "del", mark))]
    servers = ownership.server_keys.get(root, frozenset())
    if isinstance(old, SharedMap) and isinstance(new, SharedMap):
        return [
            (key, partial(converge, here[entity], key, key in new, new.get(key)))
            for key in sorted((old.keys() | new.keys()) - servers)
            if not (key in old and key in new and same(old[key], new[key]))
        ]
    if isinstance(new, SharedMap):
        new = SharedMap((key, value) for key, value in new.items() if key not in servers)
    return [(None, partial(here.__setitem__, entity, fresh(new)))]


def deletion_mark(user_id: UUID, now: datetime) -> dict[str, Any]:
    """What `del` holds of an entity that goes."""
    return {"by": ids.to_text("usr", user_id), "at": now.isoformat(timespec="seconds")}


def locked_by(root: str, entity: str, locks: Mapping[str, Lock], *states: Any) -> SceneLocked | None:
    """The refusal if the entity is a locked scene (C17), or in one of its `states` a part of one."""
    scenes: set[Any] = {entity} if root == "scenes" else set()
    if root in PARTS:
        scenes = {state.get("par") for state in states if isinstance(state, SharedMap)}
    held = [scene for scene in scenes if scene in locks and locks[scene].covers(root, None)]
    return SceneLocked(held[0], locks[held[0]].by, locks[held[0]].why) if held else None


def converge(parent: Map[Any], key: str, present: bool, wanted: Any) -> None:
    """`parent[key]` becomes `wanted`, or goes; shared types of the same kind are edited and not replaced."""
    if not present:
        if key in parent:
            del parent[key]
        return
    shown = parent.get(key)
    if isinstance(shown, Text) and isinstance(wanted, SharedText):
        splice(shown, wanted)
    elif isinstance(shown, Map) and isinstance(wanted, SharedMap):
        for each in sorted(set(shown.keys()) | wanted.keys()):
            converge(shown, each, each in wanted, wanted.get(each))
    elif isinstance(shown, Array) and isinstance(wanted, SharedArray):
        _splice_array(shown, wanted)
    elif key not in parent or not same(value_of(shown), wanted):
        parent[key] = fresh(wanted)


def fresh(value: Any) -> Any:
    """New shared types, not in a document yet, for those that `value` remembers."""
    match value:
        case SharedText():
            return Text(str(value))
        case SharedMap():
            return Map({key: fresh(item) for key, item in value.items()})
        case SharedArray():
            return Array([fresh(item) for item in value])
        case _:
            return value


def splice(text: Text, wanted: str) -> None:
    """Replaces only the part that differs, so that others' carets and concurrent typing survive."""
    old = str(text)
    head, tail = edges(old, wanted)
    # pycrdt counts text in UTF-8 bytes, and code points are whole in both
    start, end = len(old[:head].encode()), len(old[: len(old) - tail].encode())
    if end > start:
        del text[start:end]
    middle = wanted[head : len(wanted) - tail]
    if middle:
        text.insert(start, middle)


def edges(one: str, other: str) -> tuple[int, int]:
    """How many characters both begin with, and how many of the rest both end with."""
    most = min(len(one), len(other))
    head = next((place for place in range(most) if one[place] != other[place]), most)
    tail = 0
    while tail < most - head and one[-1 - tail] == other[-1 - tail]:
        tail += 1
    return head, tail


def _splice_array(array: Array[Any], wanted: SharedArray) -> None:
    old = value_of(array)
    most = min(len(old), len(wanted))
    head = next((place for place in range(most) if not same(old[place], wanted[place])), most)
    tail = 0
    while tail < most - head and same(old[-1 - tail], wanted[-1 - tail]):
        tail += 1
    for place in range(len(old) - tail - 1, head - 1, -1):
        del array[place]
    for place in range(head, len(wanted) - tail):
        array.insert(place, fresh(wanted[place]))
