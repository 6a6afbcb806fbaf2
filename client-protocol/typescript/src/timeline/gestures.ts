/**
 * The gestures of a timeline, the same as `sync/timeline/gestures.py`: each is one transaction that writes the fewest
 * registers, so that others' survive (docs/timeline.md). They know nothing of pages or pointers.
 */

import { GestureImpossible } from "../gesture.ts";
import { compareText } from "../json.ts";
import { entities } from "../registers.ts";
import { insertedKey } from "../storyboard/order-key.ts";
import { MAIN_TRACK, RATIO_MAX, readTracks, RECOVERED } from "./content.ts";
import { check, Hand, type Registers } from "./hand.ts";

/** One person's hands on the document. */
export class Timeline extends Hand {
  // Clips come and go -----------------------------------------------------------------------------------

  /** `at`: on the main track the index among its clips, on others the frame. Answers the clip's id. */
  insert(track: string, at: number, frames: number, registers: Registers = {}): string {
    return this.gesture(() => this.inserted(track, at, frames, registers));
  }

  /** What is there makes room; what it covers is deleted. Nothing else moves. */
  overwrite(track: string, frame: number, frames: number, registers: Registers = {}): string {
    return this.gesture(() => {
      const stop = frame + frames;
      for (const each of this.on(track)) {
        if (each.start < frame && each.start + each.frames > stop) {
          this.splitAt(each.clip.id, stop);
        }
      }
      this.look();
      for (const each of this.on(track)) {
        this.makeRoom(each, frame, stop);
      }
      if (track !== MAIN_TRACK) {
        return this.inserted(track, frame, frames, registers);
      }
      this.look();
      const index = this.on(track).filter((each) => each.start + each.frames <= frame).length;
      return this.inserted(track, index, frames, registers);
    });
  }

  /** On the main track what follows moves up. */
  rippleDelete(clip: string): void {
    this.gesture(() => {
      this.place(clip);
      this.set(clip, "del", this.hands.mark);
    });
  }

  /** On the main track a gap stays where it was. */
  lift(clip: string): void {
    this.gesture(() => {
      if (this.place(clip).track === MAIN_TRACK) {
        this.write(clip, "src", { k: "gap" });
      } else {
        this.set(clip, "del", this.hands.mark);
      }
    });
  }

  restore(clip: string): void {
    this.gesture(() => {
      this.set(clip, "del", null);
    });
  }

  // Where -------------------------------------------------------------------------------------------------

  /** To a frame of its free track. */
  move(clip: string, frame: number): void {
    this.gesture(() => {
      const each = this.place(clip);
      if (each.track === MAIN_TRACK) {
        throw new GestureImpossible("on the main track clips are reordered");
      }
      this.write(clip, "z", each.clip.z + Math.max(0, frame) - each.start);
    });
  }

  /** To an index among the other clips of the main track. */
  reorder(clip: string, index: number): void {
    this.gesture(() => {
      if (this.place(clip).track !== MAIN_TRACK) {
        throw new GestureImpossible("only the main track has an order");
      }
      this.write(clip, "ord", this.keyAt(index, clip));
    });
  }

  /** It stays at its frame; on the main track, in the order of that frame. */
  changeTrack(clip: string, track: string): void {
    this.gesture(() => {
      const each = this.place(clip);
      this.checkTrack(track);
      if (track === MAIN_TRACK) {
        const index = this.on(MAIN_TRACK).filter((other) => other.start + Math.floor(other.frames / 2) <= each.start).length;
        this.write(clip, "ord", this.keyAt(index, clip));
      } else if (each.track === MAIN_TRACK) {
        this.write(clip, "z", each.start - each.in);
      }
      this.write(clip, "t", track);
    });
  }

  /** It goes from now on where `to`, a clip of the main track, goes. */
  anchor(clip: string, to: string): void {
    this.gesture(() => {
      const each = this.place(clip);
      const base = this.place(to);
      if (base.track !== MAIN_TRACK || each.track === MAIN_TRACK) {
        throw new GestureImpossible("clips of other tracks are anchored to those of the main track");
      }
      if (each.clip.anchor !== null) {
        this.write(clip, "z", each.start - each.in);
      }
      const home = base.start - base.in;
      check(home);
      this.write(clip, "anc", { c: to, h: home });
    });
  }

  unanchor(clip: string): void {
    this.gesture(() => {
      const each = this.place(clip);
      if (each.clip.anchor !== null) {
        this.write(clip, "z", each.start - each.in);
        this.write(clip, "anc", null);
      }
    });
  }

  /** Picture and sound that belong together: shown when they are out of step, never forced. */
  link(...clips: readonly string[]): void {
    this.gesture(() => {
      const name = this.newId("lnk");
      for (const clip of clips) {
        this.place(clip);
        this.write(clip, "lnk", name);
      }
    });
  }

  unlink(clip: string): void {
    this.gesture(() => {
      this.place(clip);
      this.write(clip, "lnk", null);
    });
  }

  // How much ----------------------------------------------------------------------------------------------

  /** Local frames, positive: it begins later. One frame always stays. */
  trimHead(clip: string, frames: number): void {
    this.gesture(() => {
      this.cutHead(this.place(clip), frames);
    });
  }

  /** Local frames, negative: it ends earlier. One frame always stays. */
  trimTail(clip: string, frames: number): void {
    this.gesture(() => {
      this.cutTail(this.place(clip), frames);
    });
  }

  /** Other media in the same window. */
  slip(clip: string, frames: number): void {
    this.gesture(() => {
      this.write(clip, "slip", this.place(clip).clip.slip + frames);
    });
  }

  /** It moves between its neighbours, which make room. */
  slide(clip: string, frames: number): void {
    this.gesture(() => {
      const each = this.place(clip);
      const before = this.touching(each, true);
      const after = this.touching(each, false);
      const by = frames > 0 ? Math.min(frames, after.out - after.in - 1) : Math.max(frames, before.in + 1 - before.out);
      this.cutTail(before, by);
      this.cutHead(after, by);
      if (each.track !== MAIN_TRACK) {
        this.write(clip, "z", each.clip.z + by);
      }
    });
  }

  /** The cut between it and the next clip moves. */
  roll(clip: string, frames: number): void {
    this.gesture(() => {
      const each = this.place(clip);
      const after = this.touching(each, false);
      const by = Math.max(each.in + 1 - each.out, Math.min(frames, after.out - after.in - 1));
      if (each.isCut && after.clip.root === each.clip.root && after.clip.cut === each.out) {
        this.set(after.clip.id, "in", after.in + by);
        this.set(after.clip.id, "cut", each.out + by);
      } else {
        this.cutTail(each, by);
        this.cutHead(after, by);
      }
    });
  }

  /** Speed as a fraction; it keeps its start and its media. */
  retime(clip: string, numerator: number, denominator: number): void {
    this.gesture(() => {
      const fits = (part: number): boolean => Number.isInteger(part) && part >= 1 && part <= RATIO_MAX;
      if (!fits(numerator) || !fits(denominator)) {
        throw new GestureImpossible(`a speed is a fraction of whole numbers from 1 to ${RATIO_MAX}`);
      }
      this.place(clip);
      this.write(clip, "spd", [numerator, denominator]);
    });
  }

  /** At a frame of the timeline within it. Answers the later piece. */
  split(clip: string, frame: number): string {
    return this.gesture(() => this.splitAt(clip, frame));
  }

  /** The next piece of the same clip becomes part of it again. */
  join(clip: string): void {
    this.gesture(() => {
      const each = this.place(clip);
      const after = this.pieces(each).find((other) => other.cut === each.out);
      if (!each.isCut || after === undefined) {
        throw new GestureImpossible("nothing was split off there");
      }
      const end = this.film().placed.get(after.id)?.out ?? after.out;
      this.set(after.id, "del", this.hands.mark);
      this.set(after.id, "cut", Math.max(end, each.out));
    });
  }

  // Tracks and markers ------------------------------------------------------------------------------------

  addTrack(kind: string, name: string): string {
    return this.gesture(() => {
      const track = this.newId("trk");
      const held = [...readTracks(this.content).values()].filter((other) => entities(this.content, "tracks").has(other.id));
      const others = held.sort((a, b) => compareText(a.ord, b.ord) || compareText(a.id, b.id));
      const [ord, moved] = insertedKey(others.map((other) => other.ord), others.length, this.hands.random);
      for (const [place, key] of moved) {
        this.put("tracks", others[place]?.id ?? "", "ord", key);
      }
      this.create("tracks", track, { k: kind, mode: "free", ord, name: name.slice(0, 80), on: true, lock: false });
      return track;
    });
  }

  /** Its clips are recovered, not lost. */
  removeTrack(track: string): void {
    this.gesture(() => {
      if (track === MAIN_TRACK || track === RECOVERED) {
        throw new GestureImpossible("this track always stays");
      }
      this.checkTrack(track);
      this.put("tracks", track, "del", this.hands.mark);
    });
  }

  /** On the timeline, or on a clip at that frame of the timeline, with which it moves. */
  marker(frame: number, name: string, clip: string | null = null): string {
    return this.gesture(() => {
      const marker = this.newId("mrk");
      let on: Registers = { on: "tl", f: frame };
      if (clip !== null) {
        const each = this.place(clip);
        on = { on: "clip", c: clip, f: frame - each.start + each.in };
      }
      this.create("markers", marker, { ...on, d: 0, k: "note", name: name.slice(0, 120) });
      return marker;
    });
  }
}
