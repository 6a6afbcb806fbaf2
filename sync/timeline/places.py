"""Where the clips of a film are: on the main track one after another, on the others where they say."""

from bisect import bisect_left, insort
from collections.abc import Collection
from dataclasses import dataclass
from heapq import heappop, heappush

from sync.timeline.content import MAIN_TRACK, Clip
from sync.timeline.film import Film

MainKey = tuple[str, str, int, str]
"""Order key, first of the pieces, what it begins with, id: pieces stay together and ties fall alike everywhere."""


@dataclass(slots=True, init=False)
class Placed:
    """A clip as it is seen: `start` and `frames` on the timeline, `in_` and `out` in its local frames.

    `is_cut`: its end is where another piece of the same clip begins.
    """

    clip: Clip
    track: str
    lane: int
    start: int
    frames: int
    in_: int
    out: int
    is_cut: bool

    def __init__(
        self, clip: Clip, track: str, lane: int, start: int, frames: int, in_: int, out: int, is_cut: bool
    ) -> None:
        self.clip = clip
        self.track = track
        self.lane = lane
        self.start = start
        self.frames = frames
        self.in_ = in_
        self.out = out
        self.is_cut = is_cut


class Places:
    """Kept while the film changes: what stays where it was stays the same object."""

    def __init__(self, film: Film) -> None:
        self.placed: dict[str, Placed] = {}
        self.changed: set[str] = set()
        """Tracks on which something is elsewhere than before the last `place`, or has gone."""
        self._film = film
        self._track: dict[str, str] = {}
        self._on: dict[str, set[str]] = {}
        self._main: list[MainKey] = []
        self._main_keys: dict[str, MainKey] = {}

    def place(self, changed: Collection[str]) -> None:
        """After `changed` was taken by the film: they, and all that goes where they go."""
        self.changed = set()
        for clip_id in changed:
            self._sort(clip_id)
        moved = self._magnetic(changed) if MAIN_TRACK in self.changed else set()
        for clip_id in moved:
            for held in self._film.held.get(clip_id, ()):
                if held in self._track:
                    self.changed.add(self._track[held])
        for track in sorted(self.changed):
            if track != MAIN_TRACK:
                self._free(track)

    def _sort(self, clip_id: str) -> None:
        """On to its track, off its old one."""
        clip = self._film.clips.get(clip_id)
        track = None if clip is None or clip.is_deleted else self._film.track_of(clip)
        old = self._track.pop(clip_id, None)
        if old is not None:
            self.changed.add(old)
            self._on[old].discard(clip_id)
            if old == MAIN_TRACK:
                key = self._main_keys.pop(clip_id)
                del self._main[bisect_left(self._main, key)]
        if clip is None or track is None:
            self.placed.pop(clip_id, None)
            return
        self.changed.add(track)
        self._track[clip_id] = track
        self._on.setdefault(track, set()).add(clip_id)
        if track == MAIN_TRACK:
            key = (clip.ord, clip.root, self._film.windows[clip_id][0], clip_id)
            self._main_keys[clip_id] = key
            insort(self._main, key)

    def _magnetic(self, changed: Collection[str]) -> set[str]:
        """One after another. Returns who is elsewhere than before, or shows something else."""
        moved = set()
        at = 0
        for key in self._main:
            clip_id = key[3]
            old = self.placed.get(clip_id)
            if old is None or old.start != at or clip_id in changed:
                old = self._put(self._film.clips[clip_id], MAIN_TRACK, 0, at)
                moved.add(clip_id)
            at += old.frames
        return moved

    def _free(self, track: str) -> None:
        """Each where it says, in the first lane that is free there: overlap is no loss."""
        clips = self._film.clips
        starts = sorted([(self._start(clips[clip_id]), clip_id) for clip_id in self._on[track]])
        taken: list[tuple[int, int]] = []
        free: list[int] = []
        for start, clip_id in starts:
            while taken and taken[0][0] <= start:
                heappush(free, heappop(taken)[1])
            lane = heappop(free) if free else len(taken)
            placed = self._put(clips[clip_id], track, lane, start)
            heappush(taken, (start + placed.frames, lane))

    def _put(self, clip: Clip, track: str, lane: int, start: int) -> Placed:
        in_, out, is_cut = self._film.windows[clip.id]
        frames = max(1, scaled(out - in_, clip.speed))
        placed = Placed(clip, track, lane, start, frames, in_, out, is_cut)
        old = self.placed.get(clip.id)
        if old is not None and old.clip is clip and old == placed:
            return old
        self.placed[clip.id] = placed
        return placed

    def _start(self, clip: Clip) -> int:
        """A retimed clip turns about the head of its first piece."""
        begin = self._film.windows[clip.id][0]
        head = self._film.windows[self._film.families[clip.root][0].id][0] if clip.line else begin
        start = clip.z + head + scaled(begin - head, clip.speed)
        if clip.anchor is not None and self._track.get(clip.anchor.clip) == MAIN_TRACK:
            base = self.placed[clip.anchor.clip]
            start += base.start - base.in_ - clip.anchor.home
        return max(0, start)


def scaled(frames: int, speed: tuple[int, int]) -> int:
    """Media frames as timeline frames, rounded half up."""
    numerator, denominator = speed
    if numerator == denominator:
        return frames
    return (2 * frames * denominator + numerator) // (2 * numerator)
