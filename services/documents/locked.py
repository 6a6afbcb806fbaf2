"""Whether an edit of the server touches what is locked (consistency.md C17), as the events of the edit tell.

Events are enough here, as nobody forges what the server does; a client's update is judged by `sync.locks`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

from pycrdt import Doc, Map

from sync.errors import SceneLocked
from sync.locks import PARTS, lock_of, scene_of


class _Written(NamedTuple):
    """`before`: the scene to which a part belonged, where the edit moves it."""

    root: str
    entity: str
    key: str | None
    before: object = None


@contextmanager
def keeping_locks(doc: Doc[Any]) -> Iterator[None]:
    """Round a transaction. Raises `SceneLocked` behind it: the document then holds the edit, and is worthless."""
    written: list[_Written] = []
    roots = [(root, doc.get(root, type=Map)) for root in ("scenes", *PARTS)]
    watches = [(shared, shared.observe_deep(partial(_note, written, root))) for root, shared in roots]
    try:
        yield
    finally:
        for shared, watch in watches:
            shared.unobserve(watch)
    scenes = doc.get("scenes", type=Map)
    for each in written:
        for scene in (scene_of(doc, each.root, each.entity), each.before):
            lock = lock_of(scenes.get(scene)) if isinstance(scene, str) else None
            if lock is not None and lock.covers(each.root, each.key):
                raise SceneLocked(str(scene), lock.by, lock.why)


def _note(written: list[_Written], root: str, events: list[Any]) -> None:
    for event in events:
        path = event.path
        if len(path) > 1:  # inside a text or another nested type
            written.append(_Written(root, path[0], path[1]))
            continue
        for key, change in event.keys.items():
            if not path:
                written.append(_Written(root, key, None))
            else:
                before = change.get("oldValue") if key == "par" and root in PARTS else None
                written.append(_Written(root, path[0], key, before))
