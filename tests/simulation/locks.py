"""Locks of scenes: who sets them, what the commit does with edits that one overtakes, and the oracle of both.

The oracle looks at every row of the log as it is written: none changes a locked scene, unless the server says so.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from random import Random
from typing import Any
from uuid import UUID

from pycrdt import Doc, Map

from services.locks.overtaken import hold_out
from sync.effects import Batch
from sync.locks import locks_of
from sync.storyboard import server

ABOUT = frozenset(("lock", "st"))
"""Keys that say something about the scene and are not what it is."""
MARK = {"by": "", "at": 1}


class Guard:
    """Follows the log of one epoch, row by row."""

    def __init__(self) -> None:
        self._doc: Doc[Any] = Doc()
        self._held: dict[str, Mapping[str, Any]] = {}

    @property
    def locked(self) -> list[str]:
        return sorted(self._held)

    def row(self, update: bytes, *, despite_locks: bool) -> None:
        self._doc.apply_update(update)
        scenes = self._doc.get("scenes", type=Map)
        now: dict[str, Mapping[str, Any]] = {scene: _content(scenes[scene]) for scene in locks_of(self._doc)}
        for scene, content in now.items():
            known = self._held.get(scene)
            assert known is None or despite_locks or known == content, f"{scene} was changed though it is locked"
        self._held = now


def _content(scene: Map[Any]) -> dict[str, Any]:
    return {key: value for key, value in (scene.to_py() or {}).items() if key not in ABOUT}


def lock_or_unlock(doc: Doc[Any], rng: Random) -> str | None:
    """What the server does to one of its scenes: `lock`, `unlock`; None: there is none."""
    scenes = sorted(doc.get("scenes", type=Map).keys())
    if not scenes:
        return None
    scene = rng.choice(scenes)
    is_locked = scene in locks_of(doc)
    server.set_keys(doc, scene, {"lock": None if is_locked else {"by": "usr_x", "at": 1, "why": "final"}})
    return "unlock" if is_locked else "lock"


def accept(doc: Doc[Any], scene: str, number: int) -> None:
    """An owner takes a proposal in, despite the lock."""
    server.set_keys(doc, scene, {"title": f"accepted {number}"})


def overtaken(doc: Doc[Any], batches: Sequence[Batch]) -> dict[UUID, bytes]:
    """The rows that are written instead of these edits, as `OvertakenEdits` does. `doc` stands at the head."""
    rows: dict[UUID, bytes] = {}
    for _, group in groupby(batches, key=lambda batch: batch.actor):
        done = list(group)
        out = hold_out(doc, [batch.bytes for batch in done], MARK)
        if out is not None:
            assert out.proposal, "an edit is lost"
            rows[done[0].batch_id] = out.row
    return rows
