"""Whether an edit of the server touches what is locked (consistency.md C17), as the events of the edit tell.

Events are enough for what the server does, which nobody forges, and for what was admitted already; a client's update is
judged by `sync.locks`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

from pycrdt import Doc, Map

from sync.errors import SceneLocked
from sync.locks import PARTS, lock_of, scene_of


class Written(NamedTuple):
    """`before`: the other scene of a part that is moved, from which or to which."""

    root: str
    entity: str
    key: str | None
    before: object = None


@contextmanager
def keeping_locks(doc: Doc[Any]) -> Iterator[None]:
    """Round a transaction. Raises `SceneLocked` behind it: the document then holds the edit, and is worthless."""
    with noting(doc) as written:
        yield
    refusal = first_locked(doc, written)
    if refusal is not None:
        raise refusal


@contextmanager
def noting(doc: Doc[Any]) -> Iterator[list[Written]]:
    """Round a transaction: what it has written in scenes and their parts is in the list behind it."""
    written: list[Written] = []
    roots = [(root, doc.get(root, type=Map)) for root in ("scenes", *PARTS)]
    watches = [(shared, shared.observe_deep(partial(_note, written, root))) for root, shared in roots]
    try:
        yield written
    finally:
        for shared, watch in watches:
            shared.unobserve(watch)


def first_locked(doc: Doc[Any], written: Sequence[Written]) -> SceneLocked | None:
    """The refusal of the first of them that is locked; `doc` is as it is behind the edit."""
    scenes = doc.get("scenes", type=Map)
    for each in written:
        for scene in (scene_of(doc, each.root, each.entity), each.before):
            lock = lock_of(scenes.get(scene)) if isinstance(scene, str) else None
            if lock is not None and lock.covers(each.root, each.key):
                return SceneLocked(str(scene), lock.by, lock.why)
    return None


def _note(written: list[Written], root: str, events: list[Any]) -> None:
    for event in events:
        path = event.path
        if len(path) > 1:  # inside a text or another nested type
            written.append(Written(root, path[0], path[1]))
            continue
        for key, change in event.keys.items():
            if not path:
                written.append(Written(root, key, None))
            else:
                before = change.get("oldValue") if key == "par" and root in PARTS else None
                written.append(Written(root, path[0], key, before))
