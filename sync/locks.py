"""What is locked in a document, and which edits that refuses (consistency.md C17, decision 0021).

A lock is the key `lock`. That of a scene only the server writes, and who may is `services/locks`; tracks and clips are
locked and unlocked by whoever may edit, against mishaps.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from pycrdt import Doc, Map

from sync.errors import ClipLocked, SceneLocked
from sync.index import Judgement
from sync.strict_json import parse as parse_json
from sync.touch import Touch
from sync.update import ANY, JSON, Update

PARTS: Final = ("shots", "beats")
"""Roots whose entities belong to the scene that their `par` names."""
FILM: Final = ("tracks", "clips")
"""Roots whose entities whoever may edit locks against mishaps."""
_NOT_READ: Final = frozenset(("ord", "par", "want"))
"""Keys of a scene that no generation reads: where it stands, and which take is shown."""


@dataclass(frozen=True, slots=True)
class Lock:
    """`by`: the id of a user. `why`: for people. `run`: the generation that holds it, if one does."""

    by: str
    why: str
    run: str | None

    def covers(self, root: str, key: str | None) -> bool:
        """Whether `key` of the scene or of a part of it is locked; None is the entity itself.

        A generation locks what it reads, people lock all.
        """
        return self.run is None or root == "shots" or (root == "scenes" and key not in _NOT_READ)


def lock_of(scene: object) -> Lock | None:
    """Of a scene as it stands in a document, or in its JSON."""
    value = scene.get("lock") if isinstance(scene, Map | dict) else None
    if value is None:
        return None
    if not isinstance(value, dict):  # of a document from before the schema
        return Lock("", "", None)
    run = value.get("run")
    return Lock(str(value.get("by") or ""), str(value.get("why") or ""), run if isinstance(run, str) else None)


def locks_of(doc: Doc[Any]) -> dict[str, Lock]:
    """Every lock of a document, by scene."""
    found = ((scene_id, lock_of(scene)) for scene_id, scene in doc.get("scenes", type=Map).items())
    return {scene_id: lock for scene_id, lock in found if lock is not None}


def scene_of(doc: Doc[Any], root: str, entity: str) -> str | None:
    """The scene to which an entity belongs now; None: to none."""
    if root == "scenes":
        return entity
    if root not in PARTS:
        return None
    part = doc.get(root, type=Map).get(entity)
    scene = part.get("par") if isinstance(part, Map) else None
    return scene if isinstance(scene, str) else None


class Locks:
    """Those of a live document. Without a lock an edit costs one look at an empty map."""

    __slots__ = ("_doc", "clips", "scenes")

    def __init__(self, doc: Doc[Any]) -> None:
        self._doc = doc
        self.scenes: dict[str, Lock] = {}
        self.clips: set[tuple[str, str]] = set()
        """Clips and tracks: (root, id)."""

    def turn_to(self, doc: Doc[Any]) -> None:
        """Another replica, which is empty."""
        self._doc = doc
        self.scenes.clear()
        self.clips.clear()

    def read_again(self, places: Iterable[tuple[str, str]]) -> None:
        """Of entities whose lock was written."""
        for root, entity in places:
            if root == "scenes":
                self._read_scene(entity)
            elif root in FILM:
                shown = self._doc.get(root, type=Map).get(entity)
                if isinstance(shown, Map) and shown.get("lock") is True:
                    self.clips.add((root, entity))
                else:
                    self.clips.discard((root, entity))

    def _read_scene(self, scene_id: str) -> None:
        lock = lock_of(self._doc.get("scenes", type=Map).get(scene_id))
        if lock is None:
            self.scenes.pop(scene_id, None)
        else:
            self.scenes[scene_id] = lock

    def check(self, judgement: Judgement) -> None:
        """Raises `SceneLocked` or `ClipLocked` for the first place that is locked."""
        if self.scenes:
            self._check_scenes(judgement)
        if self.clips:
            self._check_clips(judgement)

    def _check_clips(self, judgement: Judgement) -> None:
        update = judgement.update
        opened = {
            (touch.root, touch.entity)
            for touch in judgement.touches
            if touch.key == "lock" and _written(touch, update) is not True
        }
        locked = self.clips - opened
        tracks: dict[str, object] = {}
        for touch in judgement.touches:
            if touch.root not in FILM or touch.entity is None or touch.key == "lock":
                continue
            places: list[tuple[str, object]] = [(touch.root, touch.entity)]
            if touch.root == "clips":
                if touch.entity not in tracks:
                    clip = self._doc.get("clips", type=Map).get(touch.entity)
                    tracks[touch.entity] = clip.get("t") if isinstance(clip, Map) else None
                places.append(("tracks", tracks[touch.entity]))
                if touch.key == "t":
                    places.append(("tracks", _written(touch, update)))
            for root, entity in places:
                if isinstance(entity, str) and (root, entity) in locked:
                    raise ClipLocked(f"{root}.{entity} is locked")

    def _check_scenes(self, judgement: Judgement) -> None:
        asked: dict[tuple[str, str], str | None] = {}
        for touch in judgement.touches:
            if touch.entity is None:
                continue
            place = (touch.root, touch.entity)
            if place not in asked:
                asked[place] = scene_of(self._doc, touch.root, touch.entity)
            self._check(touch, asked[place])
            if touch.key == "par" and touch.root in PARTS:
                self._check(touch, _written(touch, judgement.update))

    def _check(self, touch: Touch, scene: object) -> None:
        lock = self.scenes.get(scene) if isinstance(scene, str) else None
        if lock is not None and lock.covers(touch.root, touch.key):
            raise SceneLocked(str(scene), lock.by, lock.why)


def _written(touch: Touch, update: Update) -> object:
    """The value that is set; None for what is no plain value."""
    struct = touch.struct
    if struct is None:
        return None
    if struct.kind == ANY:
        return update.values(struct)[-1]
    if struct.kind == JSON:
        text = update.json(struct)[-1]
        return None if text == "undefined" else parse_json(text)
    return None
