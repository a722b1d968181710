/**
 * Zoom and pan of a drawing.
 *
 * Owns the transformation of the scene. Invariant: until a person zooms or pans, the whole drawing is in view.
 */

import type { Point, Size } from "./layout";

const CLOSEST = 3;
const FARTHEST = 0.1;

export class Viewport {
  private scale = 1;
  private offset: Point = { x: 0, y: 0 };
  private content: Size = { width: 0, height: 0 };
  private touched = false;

  constructor(private readonly frame: SVGSVGElement, private readonly scene: SVGGElement) {
    frame.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    frame.addEventListener("pointerdown", (event) => this.drag(event));
    if (typeof ResizeObserver === "function") new ResizeObserver(() => this.resized(this.content)).observe(frame);
  }

  /** The drawing, or the room for it, changed its size. */
  resized(content: Size): void {
    this.content = content;
    if (!this.touched) this.fit();
  }

  /** Shows everything, never larger than life. */
  fit(): void {
    const { clientWidth: width, clientHeight: height } = this.frame;
    if (width === 0 || height === 0 || this.content.width === 0) return;
    this.touched = false;
    this.scale = Math.max(FARTHEST, Math.min(1.25, width / this.content.width, height / this.content.height));
    this.offset = {
      x: (width - this.content.width * this.scale) / 2,
      y: (height - this.content.height * this.scale) / 2,
    };
    this.apply();
  }

  /** Zooms about `at`, or about the middle. */
  zoom(factor: number, at: Point = { x: this.frame.clientWidth / 2, y: this.frame.clientHeight / 2 }): void {
    const scale = Math.min(CLOSEST, Math.max(FARTHEST, this.scale * factor));
    const ratio = scale / this.scale;
    this.offset = { x: at.x - (at.x - this.offset.x) * ratio, y: at.y - (at.y - this.offset.y) * ratio };
    this.scale = scale;
    this.touched = true;
    this.apply();
  }

  /** Brings a place of the drawing to the middle. */
  centre(point: Point): void {
    this.offset = {
      x: this.frame.clientWidth / 2 - point.x * this.scale,
      y: this.frame.clientHeight / 2 - point.y * this.scale,
    };
    this.touched = true;
    this.apply();
  }

  /** Brings a place into view if it is outside. */
  reveal(point: Point | undefined): void {
    if (!point) return;
    const x = point.x * this.scale + this.offset.x;
    const y = point.y * this.scale + this.offset.y;
    if (x < 0 || y < 0 || x > this.frame.clientWidth || y > this.frame.clientHeight) this.centre(point);
  }

  private apply(): void {
    this.scene.setAttribute("transform", `translate(${this.offset.x},${this.offset.y}) scale(${this.scale})`);
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const box = this.frame.getBoundingClientRect();
    this.zoom(Math.exp(-event.deltaY / 400), { x: event.clientX - box.left, y: event.clientY - box.top });
  }

  private drag(start: PointerEvent): void {
    if (start.button !== 0 || (start.target as Element).closest("[data-node-id]")) return;
    const from = { x: start.clientX - this.offset.x, y: start.clientY - this.offset.y };
    const move = (event: PointerEvent): void => {
      this.offset = { x: event.clientX - from.x, y: event.clientY - from.y };
      this.touched = true;
      this.apply();
    };
    const end = (): void => {
      this.frame.removeEventListener("pointermove", move);
      this.frame.removeEventListener("pointerup", end);
      this.frame.removeEventListener("pointercancel", end);
    };
    this.frame.setPointerCapture(start.pointerId);
    this.frame.addEventListener("pointermove", move);
    this.frame.addEventListener("pointerup", end);
    this.frame.addEventListener("pointercancel", end);
  }
}
