"""The clips of a timeline as they are read, and what is wrong with them, kept while they change.

One round of `resolve`. A clip depends on those that it was split from and on its anchor, and on nothing else of the
document but its tracks, so a change is followed to the few clips that it reaches.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence

from sync.registers import Raw, id_or_none
from sync.repair import Repair
from sync.timeline.content import FRAMES_MAX, MAIN_TRACK, RECOVERED, Clip, Track, read_clip

Window = tuple[int, int, bool]
"""From and to, in local frames, and whether it ends where another piece of the same clip begins."""


class Film:
    """`raws`: the registers of clips by id, as whoever made this film keeps them: after a change he says `take`."""

    def __init__(self, raws: Mapping[str, Raw], tracks: Mapping[str, Track]) -> None:
        self.tracks = tracks
        self.clips: dict[str, Clip] = {}
        self.families: dict[str, list[Clip]] = {}
        self.windows: dict[str, Window] = {}
        self.held: dict[str, set[str]] = {}
        """By the clip that they are anchored to."""
        self._raws = raws
        self._of: dict[str, str] = {}
        self._pieces: dict[str, set[str]] = {}
        """Clips by the one that they say they were split from, whether that is there or not."""
        self._families_to_check: set[str] = set()
        self._clips_to_check: set[str] = set()

    def take(self, changed: Collection[str]) -> set[str]:
        """Reads them again, those that are new or gone too; returns every clip that is read anew for it."""
        for clip_id in changed:
            self._note_origin(clip_id)
        reached = self._with_pieces(changed)
        roots = {clip.root for clip_id in reached if (clip := self.clips.get(clip_id)) is not None}
        for clip_id in reached:
            if (old := self.clips.pop(clip_id, None)) is not None and old.anchor is not None:
                self.held[old.anchor.clip].discard(clip_id)
        for root in roots:
            self.families[root] = [clip for clip in self.families[root] if clip.id not in reached]
        for clip_id in reached:
            if clip_id in self._raws:
                self._add(read_clip(self._raws, clip_id))
                roots.add(self.clips[clip_id].root)
            else:
                self.windows.pop(clip_id, None)
        for root in roots:
            self._settle(root)
            reached.update(clip.id for clip in self.families.get(root, ()))
        self._clips_to_check |= reached
        for clip_id in reached:
            self._clips_to_check |= self.held.get(clip_id, set())
        return reached

    def retrack(self, tracks: Mapping[str, Track]) -> None:
        """Other tracks: every clip may be on another one."""
        self.tracks = tracks
        self._clips_to_check.update(self.clips)

    def track_of(self, clip: Clip) -> str:
        return clip.track if clip.track is not None and clip.track in self.tracks else RECOVERED

    def _note_origin(self, clip_id: str) -> None:
        raw = self._raws.get(clip_id)
        origin = None if raw is None else id_or_none(raw.get("of"))
        old = self._of.pop(clip_id, None)
        if old is not None and old != origin:
            self._pieces[old].discard(clip_id)
        if origin is not None:
            self._of[clip_id] = origin
            self._pieces.setdefault(origin, set()).add(clip_id)

    def _with_pieces(self, changed: Collection[str]) -> set[str]:
        """And all that was split from them, from those, and so on: pieces inherit."""
        found = set(changed)
        left = list(found)
        while left:
            pieces = self._pieces.get(left.pop())
            if pieces:
                left += pieces - found
                found |= pieces
        return found

    def _add(self, clip: Clip) -> None:
        self.clips[clip.id] = clip
        self.families.setdefault(clip.root, []).append(clip)
        if clip.anchor is not None:
            self.held.setdefault(clip.anchor.clip, set()).add(clip.id)

    def _settle(self, root: str) -> None:
        family = self.families[root]
        if not family:
            del self.families[root]
            self._families_to_check.discard(root)
            return
        if len(family) > 1:
            family.sort(key=_piece_order)
        self._see(family)
        self._families_to_check.add(root)

    def _see(self, family: Sequence[Clip]) -> None:
        """What of each piece is seen: not what its ancestors have trimmed off, not beyond the next piece."""
        if len(family) == 1:
            clip = family[0]
            self.windows[clip.id] = (clip.in_, clip.out, False)
            return
        for place, clip in enumerate(family):
            start, end = clip.in_, clip.out
            for parent in clip.line:
                start = max(start, self.clips[parent].in_)
            following = family[place + 1].cut if place + 1 < len(family) else None
            if following is not None and following < end:
                self.windows[clip.id] = (start, following, True)
            else:
                self.windows[clip.id] = (start, end, False)

    # Repairs -------------------------------------------------------------------------------------------

    def repairs(self) -> list[Repair]:
        """Of what was read since it was last found in order; first those of pieces, then those of single clips."""
        found: list[Repair] = []
        for root in sorted(self._families_to_check):
            made = list(self._of_family(self.families[root]))
            if not made:
                self._families_to_check.discard(root)
            found += made
        if found:
            return found
        for clip_id in sorted(self._clips_to_check):
            clip = self.clips.get(clip_id)
            made = [] if clip is None else list(self._of_clip(clip))
            if not made:
                self._clips_to_check.discard(clip_id)
            found += made
        return found

    def _of_family(self, family: Sequence[Clip]) -> Iterator[Repair]:
        live = [clip for clip in family if not clip.is_deleted]
        if not live:
            return
        if len(live) > 1 and (repeated := list(self._repeated(live))):
            yield from repeated
            return
        empty = [clip for clip in live if self.windows[clip.id][0] >= self.windows[clip.id][1]]
        kept = None if len(empty) < len(live) else empty[0]
        for clip in empty:
            if clip is not kept:
                yield Repair("clips", clip.id, "del", {"by": "repair", "at": 0}, "empty piece")
        if kept is not None and len(empty) == 1:
            yield from self._of_last(kept)

    def _repeated(self, live: Sequence[Clip]) -> Iterator[Repair]:
        """A later piece does not show what an earlier one shows."""
        shown = _Shown()
        for clip in live:
            start, end, _ = self.windows[clip.id]
            if start >= end:
                continue
            if (last := shown.end_before(end)) > start:
                yield Repair("clips", clip.id, "in", last, "repeated media")
            shown.add(start, end)

    def _of_last(self, clip: Clip) -> Iterator[Repair]:
        """All pieces were trimmed away by people who did not know of each other: one frame of one stays."""
        start, _, is_cut = self.windows[clip.id]
        if start == FRAMES_MAX:  # there is no frame behind it
            for each in (clip, *(self.clips[parent] for parent in clip.line)):
                if each.in_ == FRAMES_MAX:
                    yield Repair("clips", each.id, "in", FRAMES_MAX - 1, "length")
            return
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


class _Shown:
    """Windows of media, of which only those are kept that end behind all that begin earlier."""

    def __init__(self) -> None:
        self._begins: list[int] = []
        self._ends: list[int] = []

    def end_before(self, frame: int) -> int:
        """The last end of those that begin before `frame`."""
        place = bisect_left(self._begins, frame)
        return self._ends[place - 1] if place else -FRAMES_MAX

    def add(self, begin: int, end: int) -> None:
        place = bisect_right(self._begins, begin)
        if place and self._ends[place - 1] >= end:
            return
        behind = bisect_right(self._ends, end, place)
        self._begins[place:behind] = [begin]
        self._ends[place:behind] = [end]


def _piece_order(clip: Clip) -> tuple[int, int, str]:
    return (0, 0, clip.id) if clip.cut is None else (1, clip.cut, clip.id)
