"""`resolve`: the film that a timeline document shows, and what has to be written so that it says so itself.

A pure function of the converged content: no clock, no arrival order, no random choice. It ends in a fixpoint: with its
repairs written there is nothing left to repair. The same function is `timeline/resolve.ts`, held to the same fixtures
byte for byte. Every repair has a name; docs/timeline.md says what each is for.

`LiveFilm` is the same for a document that changes: it follows each change to what it reaches.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync import ids
from sync.registers import Content, Raw, entities, is_deleted, is_id
from sync.repair import Repair
from sync.timeline.content import MAIN_TRACK, read_tracks
from sync.timeline.film import Film
from sync.timeline.places import Placed, Places
from sync.timeline.view import Views

ROUNDS_MAX = 64
"""A repair may make another necessary. Four rounds are the most that random edits have needed."""
TRIMMED = "trimmed to nothing"

Changed = Mapping[str, Collection[str]]
"""By root, the ids of the entities that are not what they were."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """`placed`: live clips by id. `view`: all that is seen, as JSON. `repairs`: in the order of root, id, key."""

    placed: Mapping[str, Placed]
    view: dict[str, Any]
    repairs: tuple[Repair, ...]


def canonical(value: Any) -> str:
    """JSON of which there is one form."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def resolve(content: Content) -> Resolved:
    """Raises nothing, whatever is in the document."""
    return LiveFilm(content).resolved


class LiveFilm:
    """`content` belongs to whoever made this and changes it: then `follow` says what the document shows now."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._raws: dict[str, Raw] = {}
        """The document's own, but for those that are repaired."""
        self._repaired: set[str] = set()
        self._film = Film(self._raws, read_tracks(content))
        self._places = Places(self._film)
        self._views = Views()
        self.resolved = self._resolve(set(entities(content, "clips")))

    def follow(self, changed: Changed) -> Resolved:
        """Work in proportion to what is elsewhere than before. What was given out earlier stays as it is."""
        clips = {clip_id for clip_id in changed.get("clips", ()) if is_id(clip_id)}
        if changed.get("tracks"):
            tracks = read_tracks(self._content)
            if tracks != self._film.tracks:
                self._film.retrack(tracks)
                clips.update(self._raws)
        self.resolved = self._resolve(clips)
        return self.resolved

    def _resolve(self, clips: set[str]) -> Resolved:
        reached = self._read(clips | self._repaired)
        repairs = {_key(repair): repair for repair in _of_tracks(self._content)}
        for _ in range(ROUNDS_MAX):
            found = self._film.repairs()
            if not found:
                break
            repairs.update((_key(repair), repair) for repair in found)
            reached |= self._repair(found)
        self._places.place(reached)
        made = [repairs[key] for key in sorted(repairs)]
        made += _of_markers(self._content, made)
        placed = dict(self._places.placed)
        view = self._views.view(self._content, self._film.tracks, placed, self._places.changed)
        return Resolved(placed, view, tuple(made))

    def _read(self, clips: Collection[str]) -> set[str]:
        """As the document has them."""
        self._repaired.clear()
        there = self._content.get("clips")
        for clip_id in clips:
            raw = there.get(clip_id) if isinstance(there, Mapping) else None
            if isinstance(raw, Mapping):
                self._raws[clip_id] = raw
            else:
                self._raws.pop(clip_id, None)
        return self._film.take(clips)

    def _repair(self, repairs: Sequence[Repair]) -> set[str]:
        """As they will be."""
        for repair in repairs:
            self._raws[repair.id] = {**self._raws[repair.id], str(repair.key): repair.value}
        repaired = {repair.id for repair in repairs}
        self._repaired |= repaired
        return self._film.take(repaired)


def _key(repair: Repair) -> tuple[str, str, str]:
    return repair.root, repair.id, repair.key or ""


def _of_tracks(content: Content) -> Iterator[Repair]:
    for key, raw in sorted(entities(content, "tracks").items()):
        if key == MAIN_TRACK:
            if is_deleted(raw):
                yield Repair("tracks", key, "del", None, "main track")
            if raw.get("mode") != "mag":
                yield Repair("tracks", key, "mode", "mag", "main track")
        elif raw.get("mode") != "free":
            yield Repair("tracks", key, "mode", "free", "main track")


def _of_markers(content: Content, repairs: Sequence[Repair]) -> list[Repair]:
    """Where something was trimmed to nothing by two people at once, somebody has to look."""
    known = entities(content, "markers")
    made = []
    for repair in repairs:
        if repair.name != "length" or repair.key != "out":
            continue
        marker = ids.derived("mrk", repair.id, TRIMMED)
        if marker not in known:
            value = {"on": "clip", "c": repair.id, "f": 0, "d": 0, "k": "todo", "name": TRIMMED}
            made.append(Repair("markers", marker, None, value, "length"))
    return made
