"""Whether an edit of the server touches what is locked (consistency.md C17), as the events of the edit tell.

Events are enough for what the server does, which nobody forges, and for what was admitted already; a client's update is
judged by `sync.locks`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

from pycrdt import Doc, Map

from sync.errors import ClipLocked, SceneLocked
from sync.locks import FILM, PARTS, lock_of, scene_of


class Written(NamedTuple):
    """`before`: of a part the other scene, of a clip the other track, from which it is moved or to which.

    Of a lock of a track or a clip: what it was.
    """

    root: str
    entity: str
    key: str | None
    before: object = None


@contextmanager
def keeping_locks(doc: Doc[Any]) -> Iterator[None]:
    """Round a transaction. Raises `SceneLocked` or `ClipLocked` behind it: the document then holds the edit, and is
    worthless."""
    with noting(doc) as written:
        yield
    refusal = first_locked(doc, written) or first_held(doc, written)
    if refusal is not None:
        raise refusal


@contextmanager
def noting(doc: Doc[Any]) -> Iterator[list[Written]]:
    """Round a transaction: what it has written in scenes and their parts, tracks and clips is in the list behind it."""
    written: list[Written] = []
    roots = [(root, doc.get(root, type=Map)) for root in ("scenes", *PARTS, *FILM)]
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


def first_held(doc: Doc[Any], written: Sequence[Written]) -> ClipLocked | None:
    """As `first_locked`, of tracks and clips. Whoever unlocks one may change it by the same edit."""
    earlier = {(each.root, each.entity): each.before for each in written if each.key == "lock"}
    for each in written:
        if each.root not in FILM or each.key == "lock":
            continue
        places: list[tuple[str, object]] = [(each.root, each.entity)]
        if each.root == "clips":
            clip = doc.get("clips", type=Map).get(each.entity)
            places += [("tracks", clip.get("t") if isinstance(clip, Map) else None), ("tracks", each.before)]
        for root, entity in places:
            if isinstance(entity, str) and _is_held(doc, root, entity) and earlier.get((root, entity), True) is True:
                return ClipLocked(f"{root}.{entity} is locked")
    return None


def _is_held(doc: Doc[Any], root: str, entity: str) -> bool:
    shown = doc.get(root, type=Map).get(entity)
    return isinstance(shown, Map) and shown.get("lock") is True


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
                is_told = (key == "par" and root in PARTS) or (root in FILM and key in ("t", "lock"))
                before = change.get("oldValue") if is_told else None
                written.append(Written(root, path[0], key, before))
