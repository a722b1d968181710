/**
 * One node of the graph as SVG.
 *
 * Owns a node's size, shape, texts and accessible name. It does not decide where the node goes.
 */

import type { DagNode, NodeState } from "../../protocol";
import { milliseconds } from "../values/duration";
import type { Size } from "./layout";

const SVG = "http://www.w3.org/2000/svg";
const NARROWEST = 132;
const WIDEST = 260;
const HEIGHT = 44;
const MARKS: Record<NodeState["status"], string> = { pending: "…", running: "▸", completed: "✓", failed: "✗", skipped: "–" };

/** A new SVG element. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | number> = {},
  text?: string,
): SVGElementTagNameMap[K] {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  if (text !== undefined) node.textContent = text;
  return node;
}

/** The second line of a node: what it is called in the text, and its type. */
export function caption(node: DagNode): string {
  const type = node.typeSignature ?? "";
  const named = node.declaration && node.kind !== "Input" && node.kind !== "Output" && node.id === `v:${node.declaration}`;
  if (!named) return type;
  return type === "" ? String(node.declaration) : `${node.declaration}: ${type}`;
}

export type Measure = (text: string, small: boolean) => number;

/** Measures text with a canvas, or by counting characters where there is none. */
export function textMeasure(family: string): Measure {
  const context = typeof document.createElement("canvas").getContext === "function" ? document.createElement("canvas").getContext("2d") : null;
  if (!context) return (text, small) => text.length * (small ? 6 : 7.5);
  return (text, small) => {
    context.font = small ? `11px ${family}` : `600 13px ${family}`;
    return context.measureText(text).width;
  };
}

function isRound(node: DagNode): boolean {
  return node.kind === "Merge" || node.kind === "Coalesce";
}

/** How much room a node needs. */
export function nodeSize(node: DagNode, measure: Measure): Size {
  if (isRound(node) && caption(node).length < 4) return { width: HEIGHT, height: HEIGHT };
  const text = Math.max(measure(node.label, false), measure(caption(node), true));
  return { width: Math.min(WIDEST, Math.max(NARROWEST, Math.ceil(text) + 70)), height: HEIGHT };
}

function outline(kind: string, { width, height }: Size): SVGElement {
  const [x, y] = [-width / 2, -height / 2];
  if (["Conditional", "Branch", "Guard", "BooleanOp"].includes(kind)) {
    const cut = 12;
    const points = [[x + cut, y], [-x - cut, y], [-x, 0], [-x - cut, -y], [x + cut, -y], [x, 0]];
    return svg("polygon", { class: "box", points: points.map((point) => point.join(",")).join(" ") });
  }
  const pill = ["Input", "Output", "Merge", "Coalesce"].includes(kind);
  const radius = pill ? height / 2 : kind === "Operation" || kind === "HigherOrder" ? 8 : 2;
  return svg("rect", { class: "box", x, y, width, height, rx: radius });
}

function fitted(text: string, width: number, small: boolean, measure: Measure): string {
  if (measure(text, small) <= width) return text;
  let end = text.length;
  while (end > 1 && measure(`${text.slice(0, end)}…`, small) > width) end -= 1;
  return `${text.slice(0, end)}…`;
}

/** What a screen reader says for a node. */
export function nodeName(node: DagNode, state: NodeState | undefined): string {
  const parts = [node.kind, node.label, caption(node), state?.status, state?.preview, state?.error];
  return parts.filter((part) => part).join(", ");
}

/** Fills `group` with the drawing of `node`. */
export function drawNode(group: SVGGElement, node: DagNode, size: Size, state: NodeState | undefined, measure: Measure): void {
  group.dataset["nodeId"] = node.id;
  group.dataset["kind"] = node.kind;
  group.dataset["state"] = state?.status ?? "none";
  group.setAttribute("role", "button");
  group.setAttribute("aria-label", nodeName(node, state));
  const marked = state !== undefined;
  const room = size.width - (marked ? 62 : 36);
  const x = marked ? -12 : 0;
  const second = state?.preview ?? caption(node);
  const parts: SVGElement[] = [svg("title", {}, nodeName(node, state)), outline(node.kind, size)];
  parts.push(svg("text", { class: "label", x, y: second === "" ? 4 : -3 }, fitted(node.label, room, false, measure)));
  if (second !== "") {
    const style = state?.preview === undefined ? "caption" : "caption value";
    parts.push(svg("text", { class: style, x, y: 13 }, fitted(second, room, true, measure)));
  }
  if (marked) parts.push(svg("text", { class: "mark", x: size.width / 2 - 20, y: -1 }, MARKS[state.status]));
  if (state?.durationMs !== undefined) {
    parts.push(svg("text", { class: "duration", x: size.width / 2 - 8, y: 13 }, milliseconds(state.durationMs)));
  }
  group.replaceChildren(...parts);
}
