"""Points in a document's past, and the readable difference between two contents. Pure: no IO, no clock.

What a document held at a point comes from `reader.py`.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any, Literal
from uuid import UUID

from services.history.content import Content, SharedMap, SharedText, is_deleted, plain, same
from services.history.errors import DiffTooBig, LabelUnfit, NoSuchPoint
from services.history.restore import edges
from sync import ids
from sync.errors import MalformedId

LABEL_CHARS_MAX = 120
VERSIONS_MAX = 1_000
VERSIONS_PAGE_MAX = 100
VERSION_PREFIX = "ver"
DIFF_BYTES_MAX = 1024 * 1024
SAME_CHARS_MAX = 40
"""Of unchanged text, beside what changed."""
WORDS_MAX = 2_000
"""A longer changed passage is shown as removed and added: matching its words would take too long."""
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
_SEQUENCE = re.compile(r"\d{1,18}", re.ASCII)

Change = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Sequence:
    """After the row of this number; 0 is before the first."""

    seq: int


@dataclass(frozen=True, slots=True)
class Moment:
    """After the last row written by then."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Named:
    """Where a version's label is."""

    version_id: UUID


@dataclass(frozen=True, slots=True)
class Newest:
    """At the head."""


Point = Sequence | Moment | Named | Newest


def parse_point(text: str | None) -> Point:
    """`1234`, `ver_...`, a time with its offset, or nothing for the newest. Raises `NoSuchPoint`."""
    if text is None:
        return Newest()
    if _SEQUENCE.fullmatch(text):
        return Sequence(int(text))
    if text.startswith(f"{VERSION_PREFIX}_"):
        try:
            return Named(ids.from_text(VERSION_PREFIX, text))
        except MalformedId as error:
            raise NoSuchPoint(f"{text[:40]!r} is no version") from error
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise NoSuchPoint(f"{text[:40]!r} is no sequence, no version and no time") from error
    return at_moment(moment)


def at_moment(moment: datetime) -> Moment:
    """Raises `NoSuchPoint` for a time that does not say where it is counted."""
    if moment.tzinfo is None:
        raise NoSuchPoint("a time needs its offset, as in 2026-01-31T12:00:00Z")
    return Moment(moment)


def checked_label(label: str) -> str:
    """Raises `LabelUnfit`."""
    label = label.strip()
    if not 0 < len(label) <= LABEL_CHARS_MAX:
        raise LabelUnfit(LabelUnfit.__doc__)
    return label


# Differences -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of text that stayed (shortened), went or came."""

    op: Literal["same", "removed", "added"]
    text: str


@dataclass(frozen=True, slots=True)
class KeyChange:
    """`before` and `after` as JSON, None also where there was nothing; `words` instead of both where a text changed."""

    key: str
    before: Any = None
    after: Any = None
    words: tuple[Words, ...] | None = None


@dataclass(frozen=True, slots=True)
class EntityChange:
    """One entity that came, went or changed; of a plain value of the root, `keys` has one change with an empty key."""

    root: str
    entity: str
    change: Change
    keys: tuple[KeyChange, ...]


def difference(before: Content, after: Content, bytes_max: int = DIFF_BYTES_MAX) -> list[EntityChange]:
    """In the order of roots and names. An entity that is marked as deleted is gone. Raises `DiffTooBig`."""
    changes: list[EntityChange] = []
    size = 0
    for change in _changes(before, after):
        size += _size(change)
        if size > bytes_max:
            raise DiffTooBig(bytes_max)
        changes.append(change)
    return changes


def _changes(before: Content, after: Content) -> Iterator[EntityChange]:
    for root in sorted(before.keys() | after.keys()):
        old, new = before.get(root, SharedMap()), after.get(root, SharedMap())
        for entity in sorted(old.keys() | new.keys()):
            if entity in old and entity in new and same(old[entity], new[entity]):
                continue
            keys = _keys(_registers(old, entity), _registers(new, entity))
            yield EntityChange(root, entity, _kind(old, new, entity), keys)


def _kind(old: SharedMap, new: SharedMap, entity: str) -> Change:
    was = entity in old and not is_deleted(old[entity])
    is_now = entity in new and not is_deleted(new[entity])
    if was == is_now:
        return "changed"
    return "added" if is_now else "removed"


def _registers(root: SharedMap, entity: str) -> dict[str, Any]:
    if entity not in root:
        return {}
    found = root[entity]
    return found if isinstance(found, SharedMap) else {"": found}


def _keys(old: dict[str, Any], new: dict[str, Any]) -> tuple[KeyChange, ...]:
    changes: list[KeyChange] = []
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        if key in old and key in new and same(before, after):
            continue
        if isinstance(before, SharedText) and isinstance(after, SharedText):
            changes.append(KeyChange(key, words=word_difference(before, after)))
        else:
            changes.append(KeyChange(key, plain(before), plain(after)))
    return tuple(changes)


def word_difference(before: str, after: str) -> tuple[Words, ...]:
    """Removed and added words, each with a little of what stands round it."""
    head, tail = edges(before, after)
    head = _word_start(before, after, head)
    tail = _word_end(before, after, tail)
    pieces = [Words("same", before[:head])]
    pieces += _matched(before[head : len(before) - tail], after[head : len(after) - tail])
    pieces.append(Words("same", before[len(before) - tail :]))
    shown = [_shortened(piece) if piece.op == "same" else piece for piece in pieces]
    return tuple(piece for piece in shown if piece.text)


def _word_start(before: str, after: str, head: int) -> int:
    """Back to the beginning of the word in which the two part."""
    if _in_word(before, head) or _in_word(after, head):
        while head and _is_word(before[head - 1]):
            head -= 1
    return head


def _word_end(before: str, after: str, tail: int) -> int:
    if _in_word(before, len(before) - tail) or _in_word(after, len(after) - tail):
        while tail and _is_word(before[len(before) - tail]):
            tail -= 1
    return tail


def _in_word(text: str, place: int) -> bool:
    return 0 < place < len(text) and _is_word(text[place - 1]) and _is_word(text[place])


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _matched(before: str, after: str) -> Iterator[Words]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(old), len(new)) > WORDS_MAX:
        yield Words("removed", before)
        yield Words("added", after)
        return
    for op, start, end, begin, stop in SequenceMatcher(None, old, new).get_opcodes():
        if op == "equal":
            yield Words("same", "".join(old[start:end]))
            continue
        yield Words("removed", "".join(old[start:end]))
        yield Words("added", "".join(new[begin:stop]))


def _shortened(piece: Words) -> Words:
    if len(piece.text) <= 2 * SAME_CHARS_MAX:
        return piece
    return Words("same", f"{piece.text[:SAME_CHARS_MAX]} … {piece.text[-SAME_CHARS_MAX:]}")


def _size(change: EntityChange) -> int:
    """Bytes of its JSON, roughly."""
    size = len(change.root) + len(change.entity) + 50
    for key in change.keys:
        size += len(key.key.encode()) + 40
        if key.words is None:
            size += len(json.dumps([key.before, key.after], ensure_ascii=False).encode(errors="replace"))
        else:
            size += sum(len(piece.text.encode(errors="replace")) + 30 for piece in key.words)
    return size
