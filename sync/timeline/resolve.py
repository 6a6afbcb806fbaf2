"""`resolve`: the film that a timeline document shows, and what has to be written so that it says so itself.

A pure function of the converged content: no clock, no arrival order, no random choice. It ends in a fixpoint: with its
repairs written there is nothing left to repair. The same function is `timeline/resolve.ts`, held to the same fixtures
byte for byte. Every repair has a name; docs/timeline.md says what each is for.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync import ids
from sync.registers import Content, Raw, entities, id_or_none, is_deleted
from sync.repair import Repair
from sync.timeline.content import FRAMES_MAX, MAIN_TRACK, RECOVERED, Clip, Track, read_clips, read_tracks, whole

ROUNDS_MAX = 64
"""A repair may make another necessary. Four rounds are the most that random edits have needed."""
TRIMMED = "trimmed to nothing"


@dataclass(frozen=True, slots=True)
class Placed:
    """A clip as it is seen: `start` and `frames` on the timeline, `in_` and `out` in its local frames."""

    clip: Clip
    track: str
    lane: int
    start: int
    frames: int
    in_: int
    out: int
    is_cut: bool
    """Its end is where another piece of the same clip begins."""


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
    raws: dict[str, dict[str, Any]] = {key: dict(raw) for key, raw in entities(content, "clips").items()}
    tracks = read_tracks(content)
    repairs: dict[tuple[str, str, str], Repair] = {}
    for repair in _of_tracks(content):
        repairs[repair.root, repair.id, repair.key or ""] = repair
    for _ in range(ROUNDS_MAX):
        film = _Film(raws, tracks)
        found = film.repairs()
        if not found:
            break
        for repair in found:
            repairs[repair.root, repair.id, repair.key or ""] = repair
            if repair.root == "clips" and repair.key is not None:
                raws[repair.id][repair.key] = repair.value
    made = [repairs[key] for key in sorted(repairs)]
    made += _markers(content, [repair for repair in made if repair.name == "length" and repair.key == "out"])
    placed = film.placed()
    return Resolved(placed, _view(content, tracks, placed), tuple(made))


def _of_tracks(content: Content) -> Iterator[Repair]:
    for key, raw in sorted(entities(content, "tracks").items()):
        if key == MAIN_TRACK:
            if is_deleted(raw):
                yield Repair("tracks", key, "del", None, "main track")
            if raw.get("mode") != "mag":
                yield Repair("tracks", key, "mode", "mag", "main track")
        elif raw.get("mode") != "free":
            yield Repair("tracks", key, "mode", "free", "main track")


def _markers(content: Content, trimmed: Sequence[Repair]) -> list[Repair]:
    """Where something was trimmed to nothing by two people at once, somebody has to look."""
    known = entities(content, "markers")
    made = []
    for repair in trimmed:
        marker = ids.derived("mrk", repair.id, TRIMMED)
        if marker not in known:
            value = {"on": "clip", "c": repair.id, "f": 0, "d": 0, "k": "todo", "name": TRIMMED}
            made.append(Repair("markers", marker, None, value, "length"))
    return made


class _Film:
    """One round: the clips as they are read, and what follows from them."""

    def __init__(self, raws: Mapping[str, Raw], tracks: Mapping[str, Track]) -> None:
        self.tracks = tracks
        self.clips = read_clips(raws)
        self.families: dict[str, list[Clip]] = {}
        for clip in self.clips.values():
            self.families.setdefault(clip.root, []).append(clip)
        self.windows: dict[str, tuple[int, int, bool]] = {}
        for family in self.families.values():
            if len(family) > 1:
                family.sort(key=_piece_order)
            self._see(family)

    def _see(self, family: Sequence[Clip]) -> None:
        """What of each piece is seen: not what its ancestors have trimmed off, not beyond the next piece."""
        if len(family) == 1:
            (clip,) = family
            self.windows[clip.id] = (clip.in_, clip.out, False)
            return
        for place, clip in enumerate(family):
            start, end = clip.in_, clip.out
            for parent in clip.line:
                start = max(start, self.clips[parent].in_)
            following = family[place + 1].cut if place + 1 < len(family) else None
            is_cut = following is not None and following < end
            self.windows[clip.id] = (start, following if is_cut and following is not None else end, is_cut)

    def track_of(self, clip: Clip) -> str:
        return clip.track if clip.track is not None and clip.track in self.tracks else RECOVERED

    # Repairs -------------------------------------------------------------------------------------------

    def repairs(self) -> list[Repair]:
        found: list[Repair] = []
        for root in sorted(self.families):
            found += self._of_family(self.families[root])
        if found:
            return found
        for clip_id in sorted(self.clips):
            found += self._of_clip(self.clips[clip_id])
        return found

    def _of_family(self, family: Sequence[Clip]) -> Iterator[Repair]:
        live = [clip for clip in family if not clip.is_deleted]
        if not live:
            return
        if len(live) > 1 and (repeated := list(self._repeated(live))):
            yield from repeated
            return
        empty = [clip for clip in live if self.windows[clip.id][0] >= self.windows[clip.id][1]]
        if len(live) == 1 and len(family) == 1 and empty:
            yield Repair("clips", live[0].id, "out", min(live[0].in_ + 1, FRAMES_MAX), "length")
            return
        kept = None if len(empty) < len(live) else empty[0]
        for clip in empty:
            if clip is not kept:
                yield Repair("clips", clip.id, "del", {"by": "repair", "at": 0}, "empty piece")
        if kept is not None and len(empty) == 1:
            yield from self._of_last(kept)

    def _repeated(self, live: Sequence[Clip]) -> Iterator[Repair]:
        """A later piece does not show what an earlier one shows."""
        for place, clip in enumerate(live):
            start, end, _ = self.windows[clip.id]
            earlier = (self.windows[other.id] for other in live[:place])
            ends = [other_end for begin, other_end, _ in earlier if max(start, begin) < min(end, other_end)]
            if ends:
                yield Repair("clips", clip.id, "in", max(ends), "repeated media")

    def _of_last(self, clip: Clip) -> Iterator[Repair]:
        """All pieces were trimmed away by people who did not know of each other: one frame of one stays."""
        start, _, is_cut = self.windows[clip.id]
        if not is_cut:
            yield Repair("clips", clip.id, "out", start + 1, "length")
        family = self.families[clip.root]
        for other in family[family.index(clip) + 1 :]:
            if other.cut is not None and other.cut <= start:
                yield Repair("clips", other.id, "cut", start + 1, "length")

    def _of_clip(self, clip: Clip) -> Iterator[Repair]:
        if clip.is_deleted:
            return
        if clip.track != RECOVERED and self.track_of(clip) == RECOVERED:
            yield Repair("clips", clip.id, "t", RECOVERED, "orphan")
        if clip.has_anchor and not self._holds(clip):
            yield Repair("clips", clip.id, "anc", None, "anchor")

    def _holds(self, clip: Clip) -> bool:
        """Whether its anchor is a live clip of the main track; so anchors make no circles."""
        target = self.clips.get(clip.anchor.clip) if clip.anchor is not None else None
        return target is not None and not target.is_deleted and self.track_of(target) == MAIN_TRACK

    # Places --------------------------------------------------------------------------------------------

    def placed(self) -> dict[str, Placed]:
        by_track: dict[str, list[Clip]] = {}
        for clip in self.clips.values():
            if not clip.is_deleted:
                by_track.setdefault(self.track_of(clip), []).append(clip)
        placed = self._magnetic(by_track.pop(MAIN_TRACK, []))
        main = dict(placed)
        for track in sorted(by_track):
            placed.update(self._free(track, by_track[track], main))
        return placed

    def _frames(self, clip: Clip) -> int:
        start, end, _ = self.windows[clip.id]
        return max(1, scaled(end - start, clip.speed))

    def _magnetic(self, clips: list[Clip]) -> dict[str, Placed]:
        """One after another; pieces of a split stay together and ties fall alike everywhere."""
        clips.sort(key=lambda clip: (clip.ord, clip.root, self.windows[clip.id][0], clip.id))
        placed: dict[str, Placed] = {}
        at = 0
        for clip in clips:
            frames = self._frames(clip)
            placed[clip.id] = Placed(clip, MAIN_TRACK, 0, at, frames, *self.windows[clip.id])
            at += frames
        return placed

    def _free(self, track: str, clips: Sequence[Clip], main: Mapping[str, Placed]) -> dict[str, Placed]:
        """Each where it says, in the first lane that is free there: overlap is no loss."""
        starts = sorted((self._start(clip, main), clip.id) for clip in clips)
        placed: dict[str, Placed] = {}
        ends: list[int] = []
        for start, clip_id in starts:
            clip = self.clips[clip_id]
            lane = next((lane for lane, end in enumerate(ends) if end <= start), len(ends))
            if lane == len(ends):
                ends.append(0)
            frames = self._frames(clip)
            ends[lane] = start + frames
            placed[clip_id] = Placed(clip, track, lane, start, frames, *self.windows[clip_id])
        return placed

    def _start(self, clip: Clip, main: Mapping[str, Placed]) -> int:
        """A retimed clip turns about the head of its first piece."""
        head = self.windows[self.families[clip.root][0].id][0] if clip.line else self.windows[clip.id][0]
        start = clip.z + head + scaled(self.windows[clip.id][0] - head, clip.speed)
        if clip.anchor is not None:
            base = main.get(clip.anchor.clip)
            if base is not None:
                start += base.start - base.in_ - clip.anchor.home
        return max(0, start)


def _piece_order(clip: Clip) -> tuple[int, int, str]:
    return (0, 0, clip.id) if clip.cut is None else (1, clip.cut, clip.id)


def scaled(frames: int, speed: tuple[int, int]) -> int:
    """Media frames as timeline frames, rounded half up."""
    numerator, denominator = speed
    return (2 * frames * denominator + numerator) // (2 * numerator)


# The view ----------------------------------------------------------------------------------------------


def _view(content: Content, tracks: Mapping[str, Track], placed: Mapping[str, Placed]) -> dict[str, Any]:
    by_track: dict[str, list[Placed]] = {key: [] for key in tracks}
    for each in placed.values():
        by_track.setdefault(each.track, []).append(each)
    links: dict[str, Placed] = {}
    for key in sorted(placed):
        if (link := placed[key].clip.link) is not None:
            links.setdefault(link, placed[key])
    order = sorted(tracks.values(), key=lambda track: (track.ord, track.id))
    shown = [_track_view(track.id, track.kind, by_track[track.id], links) for track in order]
    if by_track.get(RECOVERED):
        shown.append(_track_view(RECOVERED, "video", by_track[RECOVERED], links))
    ends = [each.start + each.frames for each in placed.values()]
    return {"frames": max(ends, default=0), "tracks": shown, "markers": _marker_views(content, placed)}


def _track_view(key: str, kind: str, clips: list[Placed], links: Mapping[str, Placed]) -> dict[str, Any]:
    clips.sort(key=lambda each: (each.lane, each.start, each.clip.id))
    lanes = max((each.lane + 1 for each in clips), default=0)
    views = [_clip_view(each, after, links) for each, after in zip(clips, [*clips[1:], None], strict=False)]
    return {"id": key, "k": kind, "lanes": lanes, "clips": views}


def _clip_view(each: Placed, after: Placed | None, links: Mapping[str, Placed]) -> dict[str, Any]:
    clip = each.clip
    shown: dict[str, Any] = {
        "id": clip.id,
        "lane": each.lane,
        "start": each.start,
        "frames": each.frames,
        "in": each.in_,
        "out": each.out,
        "media": each.in_ + clip.slip,
        "scn": clip.scene,
    }
    if clip.speed != (1, 1):
        shown["spd"] = list(clip.speed)
    if clip.anchor is not None and each.track != MAIN_TRACK:
        shown["anc"] = clip.anchor.clip
    if (dissolve := _dissolve_view(each, after)) is not None:
        shown["xo"] = dissolve
    if clip.link is not None and (off := _out_of_sync(each, links[clip.link])) != 0:
        shown["off"] = off
    return shown


def _dissolve_view(each: Placed, after: Placed | None) -> dict[str, Any] | None:
    """Into the next clip, if it follows at once; at most half of either. The register keeps what was wanted."""
    if each.clip.dissolve is None or each.is_cut or after is None or after.lane != each.lane:
        return None
    if after.start != each.start + each.frames:
        return None
    kind, wanted, wanted_before = each.clip.dissolve
    before = min(wanted_before, each.frames // 2)
    behind = min(wanted - wanted_before, after.frames // 2)
    return {"k": kind, "d": before + behind, "a": before} if before + behind > 0 else None


def _out_of_sync(each: Placed, first: Placed) -> int:
    """Frames against the first of the linked clips; never forced."""
    return (each.start - each.in_ - each.clip.slip) - (first.start - first.in_ - first.clip.slip)


def _marker_views(content: Content, placed: Mapping[str, Placed]) -> list[dict[str, Any]]:
    shown = []
    for key, raw in entities(content, "markers").items():
        if is_deleted(raw):
            continue
        frame = whole(raw.get("f"), 0)
        if raw.get("on") == "clip":
            on = placed.get(id_or_none(raw.get("c")) or "")
            if on is None:
                continue
            frame += on.start - on.in_
        shown.append({"id": key, "at": frame, "d": whole(raw.get("d"), 0, 0)})
    return sorted(shown, key=lambda marker: (marker["at"], marker["id"]))
