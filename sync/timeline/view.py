"""What is seen of a timeline, as JSON: tracks in their order, the clips on them, markers."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from sync.registers import Content, entities, id_or_none, is_deleted
from sync.timeline.content import MAIN_TRACK, RECOVERED, Track, whole
from sync.timeline.places import Placed


class _Shown(NamedTuple):
    """What a clip's view was made of: while these are the same objects, so is the view."""

    each: Placed
    after: Placed | None
    first: Placed | None
    view: dict[str, Any]


class Views:
    """Kept while the film changes. A view that was given out is never changed: another takes its place."""

    def __init__(self) -> None:
        self._clips: dict[str, _Shown] = {}
        self._tracks: dict[str, dict[str, Any]] = {}
        self._ends: dict[str, int] = {}

    def view(
        self, content: Content, tracks: Mapping[str, Track], placed: Mapping[str, Placed], changed: Collection[str]
    ) -> dict[str, Any]:
        """`changed`: tracks on which something is elsewhere than in the last view."""
        links = _links(placed)
        for key in self._tracks.keys() - tracks.keys():
            del self._tracks[key]
        again = {key for key in tracks if key in changed or key not in self._tracks} | {RECOVERED}
        again.update(each.track for each in placed.values() if each.clip.link is not None)
        on: dict[str, list[Placed]] = {key: [] for key in again}
        for each in placed.values():
            if each.track in on:
                on[each.track].append(each)
        for key in again:
            track = tracks.get(key)
            self._show(key, "video" if track is None else track.kind, on[key], links)
        order = sorted(tracks.values(), key=lambda track: (track.ord, track.id))
        shown = [{**self._tracks[track.id], "k": track.kind} for track in order]
        if on[RECOVERED]:
            shown.append(self._tracks[RECOVERED])
        ends = [self._ends[each["id"]] for each in shown]
        return {"frames": max(ends, default=0), "tracks": shown, "markers": _markers(content, placed)}

    def _show(self, key: str, kind: str, clips: list[Placed], links: Mapping[str, Placed]) -> None:
        clips.sort(key=_order)
        views = []
        for place, each in enumerate(clips):
            after = clips[place + 1] if place + 1 < len(clips) else None
            first = None if each.clip.link is None else links[each.clip.link]
            old = self._clips.get(each.clip.id)
            if old is None or old.each is not each or old.after is not after or old.first is not first:
                old = _Shown(each, after, first, _clip(each, after, first))
                self._clips[each.clip.id] = old
            views.append(old.view)
        lanes = max([each.lane + 1 for each in clips], default=0)
        self._tracks[key] = {"id": key, "k": kind, "lanes": lanes, "clips": views}
        self._ends[key] = max([each.start + each.frames for each in clips], default=0)


def _order(each: Placed) -> tuple[int, int, str]:
    return each.lane, each.start, each.clip.id


def _links(placed: Mapping[str, Placed]) -> dict[str, Placed]:
    """The first clip, by id, of those that are linked."""
    links: dict[str, Placed] = {}
    for each in placed.values():
        link = each.clip.link
        if link is not None and (link not in links or each.clip.id < links[link].clip.id):
            links[link] = each
    return links


def _clip(each: Placed, after: Placed | None, first: Placed | None) -> dict[str, Any]:
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
    if clip.dissolve is not None and (dissolve := _dissolve(each, after)) is not None:
        shown["xo"] = dissolve
    if first is not None and (off := _out_of_sync(each, first)) != 0:
        shown["off"] = off
    return shown


def _dissolve(each: Placed, after: Placed | None) -> dict[str, Any] | None:
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


def _markers(content: Content, placed: Mapping[str, Placed]) -> list[dict[str, Any]]:
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
