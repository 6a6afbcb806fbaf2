"""The gestures of a timeline: each is one transaction that writes the fewest registers, so that others' survive.

A gesture knows what its person sees (`resolve`) and writes what that means in registers (decision 0016). It never makes
another person's concurrent gesture on the same clip undone, except where both want the same register. The same names
are in `timeline/gestures.ts`.
"""

from typing import Any

from sync.errors import GestureImpossible
from sync.order_keys import inserted
from sync.timeline.content import MAIN_TRACK, RATIO_MAX, RECOVERED, read_tracks
from sync.timeline.hand import Hand, check


class Timeline(Hand):
    """One person's hands on the document."""

    # Clips come and go ---------------------------------------------------------------------------------

    def insert(self, track: str, at: int, frames: int, **registers: Any) -> str:
        """`at`: on the main track the index among its clips, on others the frame. Returns the clip's id."""
        with self._gesture():
            return self._insert(track, at, frames, registers)

    def overwrite(self, track: str, frame: int, frames: int, **registers: Any) -> str:
        """What is there makes room; what it covers is deleted. Nothing else moves."""
        with self._gesture():
            stop = frame + frames
            for each in self._on(track):
                if each.start < frame and each.start + each.frames > stop:
                    self._split(each.clip.id, stop)
            self._look()
            for each in self._on(track):
                end = each.start + each.frames
                if end <= frame or each.start >= stop:
                    continue
                if each.start >= frame and end <= stop:
                    self._set(each.clip.id, "del", self._mark)
                elif each.start < frame:
                    self._trim_tail(each, -self._local(each, end - frame))
                else:
                    self._trim_head(each, self._local(each, stop - each.start))
            if track != MAIN_TRACK:
                return self._insert(track, frame, frames, registers)
            self._look()
            return self._insert(
                track, sum(each.start + each.frames <= frame for each in self._on(track)), frames, registers
            )

    def ripple_delete(self, clip: str) -> None:
        """On the main track what follows moves up."""
        with self._gesture():
            self._place(clip)
            self._set(clip, "del", self._mark)

    def lift(self, clip: str) -> None:
        """On the main track a gap stays where it was."""
        with self._gesture():
            if self._place(clip).track == MAIN_TRACK:
                self._write(clip, "src", {"k": "gap"})
            else:
                self._set(clip, "del", self._mark)

    def restore(self, clip: str) -> None:
        with self._gesture():
            self._set(clip, "del", None)

    # Where ---------------------------------------------------------------------------------------------

    def move(self, clip: str, frame: int) -> None:
        """To a frame of its free track."""
        with self._gesture():
            each = self._place(clip)
            if each.track == MAIN_TRACK:
                raise GestureImpossible("on the main track clips are reordered")
            self._write(clip, "z", each.clip.z + max(0, frame) - each.start)

    def reorder(self, clip: str, index: int) -> None:
        """To an index among the other clips of the main track."""
        with self._gesture():
            if self._place(clip).track != MAIN_TRACK:
                raise GestureImpossible("only the main track has an order")
            self._write(clip, "ord", self._key_at(index, clip))

    def change_track(self, clip: str, track: str) -> None:
        """It stays at its frame; on the main track, in the order of that frame."""
        with self._gesture():
            each = self._place(clip)
            self._check_track(track)
            if track == MAIN_TRACK:
                index = sum(other.start + other.frames // 2 <= each.start for other in self._on(MAIN_TRACK))
                self._write(clip, "ord", self._key_at(index, clip))
            elif each.track == MAIN_TRACK:
                self._write(clip, "z", each.start - each.in_)
            self._write(clip, "t", track)

    def anchor(self, clip: str, to: str) -> None:
        """It goes from now on where `to`, a clip of the main track, goes."""
        with self._gesture():
            each, base = self._place(clip), self._place(to)
            if base.track != MAIN_TRACK or each.track == MAIN_TRACK:
                raise GestureImpossible("clips of other tracks are anchored to those of the main track")
            if each.clip.anchor is not None:
                self._write(clip, "z", each.start - each.in_)
            home = base.start - base.in_
            check(home)
            self._write(clip, "anc", {"c": to, "h": home})

    def unanchor(self, clip: str) -> None:
        with self._gesture():
            each = self._place(clip)
            if each.clip.anchor is not None:
                self._write(clip, "z", each.start - each.in_)
                self._write(clip, "anc", None)

    def link(self, *clips: str) -> None:
        """Picture and sound that belong together: shown when they are out of step, never forced."""
        with self._gesture():
            name = self._new_id("lnk")
            for clip in clips:
                self._place(clip)
                self._write(clip, "lnk", name)

    def unlink(self, clip: str) -> None:
        with self._gesture():
            self._place(clip)
            self._write(clip, "lnk", None)

    # How much ------------------------------------------------------------------------------------------

    def trim_head(self, clip: str, frames: int) -> None:
        """Local frames, positive: it begins later. One frame always stays."""
        with self._gesture():
            self._trim_head(self._place(clip), frames)

    def trim_tail(self, clip: str, frames: int) -> None:
        """Local frames, negative: it ends earlier. One frame always stays."""
        with self._gesture():
            self._trim_tail(self._place(clip), frames)

    def slip(self, clip: str, frames: int) -> None:
        """Other media in the same window."""
        with self._gesture():
            self._write(clip, "slip", self._place(clip).clip.slip + frames)

    def slide(self, clip: str, frames: int) -> None:
        """It moves between its neighbours, which make room."""
        with self._gesture():
            each = self._place(clip)
            before, after = self._touching(each, True), self._touching(each, False)
            if frames > 0:
                frames = min(frames, after.out - after.in_ - 1)
            else:
                frames = max(frames, before.in_ + 1 - before.out)
            self._trim_tail(before, frames)
            self._trim_head(after, frames)
            if each.track != MAIN_TRACK:
                self._write(clip, "z", each.clip.z + frames)

    def roll(self, clip: str, frames: int) -> None:
        """The cut between it and the next clip moves."""
        with self._gesture():
            each = self._place(clip)
            after = self._touching(each, False)
            frames = max(each.in_ + 1 - each.out, min(frames, after.out - after.in_ - 1))
            if each.is_cut and after.clip.root == each.clip.root and after.clip.cut == each.out:
                self._set(after.clip.id, "in", after.in_ + frames)
                self._set(after.clip.id, "cut", each.out + frames)
            else:
                self._trim_tail(each, frames)
                self._trim_head(after, frames)

    def retime(self, clip: str, numerator: int, denominator: int) -> None:
        """Speed as a fraction; it keeps its start and its media."""
        with self._gesture():
            if not (1 <= numerator <= RATIO_MAX and 1 <= denominator <= RATIO_MAX):
                raise GestureImpossible(f"a speed is a fraction of whole numbers from 1 to {RATIO_MAX}")
            self._place(clip)
            self._write(clip, "spd", [numerator, denominator])

    def split(self, clip: str, frame: int) -> str:
        """At a frame of the timeline within it. Returns the later piece."""
        with self._gesture():
            return self._split(clip, frame)

    def join(self, clip: str) -> None:
        """The next piece of the same clip becomes part of it again."""
        with self._gesture():
            each = self._place(clip)
            after = next((other for other in self._pieces(each) if other.cut == each.out), None)
            if not each.is_cut or after is None:
                raise GestureImpossible("nothing was split off there")
            end = self._seen().placed[after.id].out if after.id in self._seen().placed else after.out
            self._set(after.id, "del", self._mark)
            self._set(after.id, "cut", max(end, each.out))

    # Tracks and markers --------------------------------------------------------------------------------

    def add_track(self, kind: str, name: str) -> str:
        with self._gesture():
            track = self._new_id("trk")
            held = [other for other in read_tracks(self._content).values() if other.id in self._content["tracks"]]
            others = sorted(held, key=lambda other: (other.ord, other.id))
            key, moved = inserted([other.ord for other in others], len(others), b"")
            for place, ord in moved.items():
                self._set_track(others[place].id, "ord", ord)
            registers = {"k": kind, "mode": "free", "ord": key, "name": name[:80]}
            self._create("tracks", track, {**registers, "on": True, "lock": False})
            return track

    def remove_track(self, track: str) -> None:
        """Its clips are recovered, not lost."""
        with self._gesture():
            if track in (MAIN_TRACK, RECOVERED):
                raise GestureImpossible("this track always stays")
            self._check_track(track)
            self._set_track(track, "del", self._mark)

    def marker(self, frame: int, name: str, clip: str | None = None) -> str:
        """On the timeline, or on a clip at that frame of the timeline, with which it moves."""
        with self._gesture():
            marker = self._new_id("mrk")
            on: dict[str, Any] = {"on": "tl", "f": frame}
            if clip is not None:
                each = self._place(clip)
                on = {"on": "clip", "c": clip, "f": frame - each.start + each.in_}
            self._create("markers", marker, {**on, "d": 0, "k": "note", "name": name[:120]})
            return marker
