/** A picture to paint on, with a finger, a pen or a mouse: what is painted is a mask. It sends nothing. */

import type { Point, Stroke } from "../http/variation.ts";
import { element } from "../page/element.ts";

/** The most that one mask may have; further strokes are not taken. */
const POINTS_MAX = 2000;
const STROKES_MAX = 50;
/** A pointer that has moved less than this has drawn nothing new: a share of the width. */
const STEP = 0.004;

export class MaskPad {
  readonly element = element("div", { className: "mask" });
  readonly #picture = element("img", { className: "mask-picture", alt: "The picture, to paint on", draggable: false });
  readonly #canvas = element("canvas", { className: "mask-canvas" });
  #strokes: Stroke[] = [];
  #points: Point[] | null = null;
  radius = 0.05;

  constructor(private readonly onChange: () => void) {
    this.element.append(this.#picture, this.#canvas);
    this.#picture.addEventListener("load", () => { this.#draw(); });
    this.#canvas.addEventListener("pointerdown", (event) => { this.#begin(event); });
    this.#canvas.addEventListener("pointermove", (event) => { this.#go(event); });
    this.#canvas.addEventListener("pointerup", () => { this.#end(); });
    this.#canvas.addEventListener("pointercancel", () => { this.#end(); });
  }

  get strokes(): readonly Stroke[] {
    return this.#strokes;
  }

  /** Another picture, and nothing painted on it. */
  show(url: string): void {
    this.#picture.src = url;
    this.clear();
  }

  undo(): void {
    this.#strokes.pop();
    this.#changed();
  }

  clear(): void {
    this.#strokes = [];
    this.#points = null;
    this.#changed();
  }

  #begin(event: PointerEvent): void {
    if (event.button !== 0 || this.#strokes.length >= STROKES_MAX) {
      return;
    }
    event.preventDefault();
    this.#canvas.setPointerCapture(event.pointerId);
    this.#points = [this.#at(event)];
    this.#draw();
  }

  #go(event: PointerEvent): void {
    const last = this.#points?.at(-1);
    if (this.#points === null || last === undefined || this.#count() >= POINTS_MAX) {
      return;
    }
    const point = this.#at(event);
    if (Math.hypot(point[0] - last[0], point[1] - last[1]) >= STEP) {
      this.#points.push(point);
      this.#draw();
    }
  }

  #end(): void {
    if (this.#points !== null) {
      this.#strokes.push({ radius: this.radius, points: this.#points });
      this.#points = null;
      this.#changed();
    }
  }

  #count(): number {
    return this.#strokes.reduce((sum, stroke) => sum + stroke.points.length, this.#points?.length ?? 0);
  }

  #at(event: PointerEvent): Point {
    const box = this.#canvas.getBoundingClientRect();
    const share = (value: number, size: number): number => Math.round(Math.min(1, Math.max(0, value / size)) * 10_000) / 10_000;
    return [share(event.clientX - box.left, box.width), share(event.clientY - box.top, box.height)];
  }

  #changed(): void {
    this.#draw();
    this.onChange();
  }

  #draw(): void {
    const { naturalWidth: width, naturalHeight: height } = this.#picture;
    const brush = this.#canvas.getContext("2d");
    if (brush === null || width === 0) {
      return;
    }
    Object.assign(this.#canvas, { width, height });
    Object.assign(brush, { strokeStyle: "#ffb454", lineCap: "round", lineJoin: "round" });
    const growing = this.#points === null ? [] : [{ radius: this.radius, points: this.#points }];
    for (const { radius, points } of [...this.#strokes, ...growing]) {
      brush.lineWidth = 2 * radius * width;
      brush.beginPath();
      for (const [x, y] of [...points, ...points.slice(-1)]) {
        brush.lineTo(x * width, y * height);
      }
      brush.stroke();
    }
  }
}
