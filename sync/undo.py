"""Undo and redo of what one hand did to a document, and of nothing that others did (consistency.md C20).

pycrdt's own manager brings an older item back and does nothing where somebody has written since, a repair of the server
too. Here a register gets back what it had, as yjs does with `ignoreRemoteMapChanges`. Entities are never removed: undo
of an insertion writes `del`. A text gets its words back as long as nobody else has changed it since.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pycrdt import Doc, Map, Text

from sync.storyboard.hand import write_text

STEPS_MAX = 200
"""Older ones are forgotten."""

Result = TypeVar("Result")


class _Marker:
    """A value that no register has."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


_ABSENT: Final = _Marker("absent")
_DELETED: Final = _Marker("deleted")


@dataclass(frozen=True, slots=True)
class _Change:
    """One register, or one text of an entity."""

    root: str
    id: str
    key: str
    before: Any
    after: Any

    def reversed(self) -> "_Change":
        return _Change(self.root, self.id, self.key, self.after, self.before)


_Step = tuple[_Change, ...]


class Undo:
    """Of one hand. `mark`: what a deletion is written as. `texts`: by root, the register that is a shared text.

    `unmade`: by root, what a deleted entity has to have besides to be as if it had never been made, where it has that
    register: a piece of a clip bounds the one before it also when it is deleted.
    """

    def __init__(
        self,
        doc: Doc[Any],
        roots: Sequence[str],
        mark: Callable[[], Mapping[str, Any]],
        texts: Mapping[str, str | None] | None = None,
        unmade: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self._doc = doc
        self._maps: dict[str, Map[Any]] = {root: doc.get(root, type=Map) for root in roots}
        self._mark = mark
        self._texts = {root: key for root, key in (texts or {}).items() if key is not None}
        self._unmade = unmade or {}
        self._undo: list[_Step] = []
        self._redo: list[_Step] = []

    @property
    def can_undo(self) -> bool:
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        return bool(self._redo)

    def do(self, gesture: Callable[[], Result]) -> Result:
        """What `gesture` writes is one step. What it raises comes out, and nothing is a step then."""
        changes: list[_Change] = []
        with self._watched(changes):
            result = gesture()
        if changes:
            self._undo = [*self._undo, tuple(changes)][-STEPS_MAX:]
            self._redo = []
        return result

    def undo(self) -> bool:
        """False: there is nothing more."""
        return self._move(self._undo, self._redo)

    def redo(self) -> bool:
        """False: nothing was undone, or something was done since."""
        return self._move(self._redo, self._undo)

    def _move(self, source: list[_Step], target: list[_Step]) -> bool:
        if not source:
            return False
        step = source.pop()
        with self._doc.transaction():
            for change in reversed(step):
                self._put_back(change)
        target.append(tuple(change.reversed() for change in reversed(step)))
        return True

    def _put_back(self, change: _Change) -> None:
        entity = self._maps[change.root].get(change.id)
        if not isinstance(entity, Map):
            return
        held = entity.get(change.key)
        if isinstance(held, Text):
            if str(held) == change.after:
                write_text(held, change.before)
        elif change.before is _ABSENT:
            if change.key in entity:
                del entity[change.key]
        else:
            entity[change.key] = dict(self._mark()) if change.before is _DELETED else change.before

    @contextmanager
    def _watched(self, changes: list[_Change]) -> Iterator[None]:
        texts = {root: self._words(root) for root in self._texts if root in self._maps}
        watches = []
        for root, entities in self._maps.items():
            watches.append((entities, entities.observe_deep(_noting(root, self._unmade.get(root, {}), changes))))
        try:
            yield
        finally:
            for entities, watch in watches:
                entities.unobserve(watch)
        for root, before in texts.items():
            now = self._words(root)
            for id, words in before.items():
                if now.get(id, words) != words:
                    changes.append(_Change(root, id, self._texts[root], words, now[id]))

    def _words(self, root: str) -> dict[str, str]:
        key, found = self._texts[root], {}
        for id, entity in self._maps[root].items():
            if isinstance(entity, Map) and isinstance(text := entity.get(key), Text):
                found[id] = str(text)
        return found


def _noting(root: str, unmade: Mapping[str, Any], changes: list[_Change]) -> Callable[[Any], None]:
    def note(events: Sequence[Any]) -> None:
        for event in events:
            keys = getattr(event, "keys", None) or {}
            if not event.path:
                for id, change in keys.items():
                    if change["action"] == "add":
                        changes.append(_Change(root, id, "del", _DELETED, None))
                        made = change["newValue"]
                        held = [key for key in unmade if isinstance(made, Map) and key in made]
                        changes.extend(_Change(root, id, key, unmade[key], made[key]) for key in held)
            elif len(event.path) == 1:
                changes.extend(_registers(root, str(event.path[0]), keys))

    return note


def _registers(root: str, id: str, keys: Mapping[str, Mapping[str, Any]]) -> Iterator[_Change]:
    for key, change in keys.items():
        before, after = change.get("oldValue", _ABSENT), change.get("newValue", _ABSENT)
        if not isinstance(before, Map | Text) and not isinstance(after, Map | Text):
            yield _Change(root, id, key, before, after)
