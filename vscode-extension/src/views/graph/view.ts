/**
 * The graph on the page: nodes, edges, zoom, search, selection.
 *
 * Owns the SVG and keeps its elements while the graph changes: a node that stays keeps its element, so focus, selection
 * and animation survive an edit. Invariant: there is exactly one element with `data-node-id` per node of the graph.
 */

import type { Dag, DagNode, NodeState } from "../../protocol";
import { element } from "../element";
import { place, route, type Drawing, type Size } from "./layout";
import { drawNode, nodeSize, svg, textMeasure, type Measure } from "./node";
import { Viewport } from "./viewport";

export interface GraphEvents {
  /** A node was chosen; `focus` when the person wants to go to its source. */
  select: (nodeId: string, focus: boolean) => void;
}

export class GraphView {
  private readonly svg = svg("svg", { class: "graph", role: "group", "aria-label": "Graph of the pipeline" });
  private readonly scene = svg("g", { class: "scene" });
  private readonly edges = svg("g", { class: "edges" });
  private readonly nodes = svg("g", { class: "nodes" });
  private readonly elements = new Map<string, SVGGElement>();
  private readonly viewport: Viewport;
  private readonly measure: Measure;
  private dag: Dag = { nodes: [], edges: [] };
  private drawing: Drawing = { nodes: [], edges: [], width: 0, height: 0 };
  private sizes = new Map<string, Size>();
  private states: Record<string, NodeState> = {};
  private selected: string | null = null;
  private query = "";

  constructor(root: HTMLElement, private readonly events: GraphEvents) {
    this.measure = textMeasure(getComputedStyle(root).fontFamily || "sans-serif");
    this.scene.append(this.edges, this.nodes);
    this.svg.append(arrowHeads(), this.scene);
    root.replaceChildren(this.svg);
    this.viewport = new Viewport(this.svg, this.scene);
    this.nodes.addEventListener("click", (event) => this.chosen(event, false));
    this.nodes.addEventListener("dblclick", (event) => this.chosen(event, true));
    this.nodes.addEventListener("keydown", (event) => this.key(event));
  }

  /** Draws `dag`. */
  show(dag: Dag, direction: "TB" | "LR"): void {
    this.dag = dag;
    this.sizes = new Map(dag.nodes.map((node) => [node.id, nodeSize(node, this.measure)]));
    this.drawing = place(dag, this.sizes, direction);
    this.updateNodes();
    this.updateEdges(direction);
    this.mark();
    this.viewport.resized(this.drawing);
  }

  /** Shows what a run says about the nodes. */
  showStates(states: Record<string, NodeState>): void {
    this.states = states;
    this.updateNodes();
    this.mark();
  }

  /** Marks one node, as the editor's cursor moves. */
  highlight(nodeId: string | null): void {
    this.selected = nodeId;
    this.mark();
  }

  /** Dims what does not match; returns the ids that do. */
  search(query: string): string[] {
    this.query = query.trim().toLowerCase();
    this.mark();
    return this.query === "" ? [] : this.dag.nodes.filter((node) => this.matches(node)).map((node) => node.id);
  }

  /** Brings a node to the middle. */
  centre(nodeId: string): void {
    const node = this.drawing.nodes.find((placed) => placed.id === nodeId);
    if (node) this.viewport.centre(node);
  }

  zoom(factor: number): void {
    this.viewport.zoom(factor);
  }

  fit(): void {
    this.viewport.fit();
  }

  /** The drawing as a text of its own, with the page's colours written in. */
  exportSvg(): string {
    const copy = this.svg.cloneNode(true) as SVGSVGElement;
    const originals = [...this.svg.querySelectorAll<SVGElement>("*")];
    for (const [index, part] of [...copy.querySelectorAll<SVGElement>("*")].entries()) {
      const style = originals[index] && getComputedStyle(originals[index]);
      for (const name of ["fill", "stroke", "stroke-width", "stroke-dasharray", "font-family", "font-size", "font-weight", "text-anchor"]) {
        const value = style?.getPropertyValue(name);
        if (value) part.setAttribute(name, value);
      }
    }
    copy.querySelector(".scene")?.removeAttribute("transform");
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("viewBox", `0 0 ${this.drawing.width} ${this.drawing.height}`);
    return new XMLSerializer().serializeToString(copy);
  }

  private updateNodes(): void {
    const placed = new Map(this.drawing.nodes.map((node) => [node.id, node]));
    for (const [id, group] of this.elements) {
      if (placed.has(id)) continue;
      group.remove();
      this.elements.delete(id);
    }
    for (const node of this.dag.nodes) {
      const at = placed.get(node.id);
      if (!at) continue;
      let group = this.elements.get(node.id);
      if (!group) {
        group = svg("g", { class: "node", tabindex: -1 });
        this.elements.set(node.id, group);
        this.nodes.append(group);
      }
      drawNode(group, node, at, this.states[node.id], this.measure);
      group.style.transform = `translate(${at.x}px, ${at.y}px)`;
      group.setAttribute("transform", `translate(${at.x},${at.y})`);
    }
    if (!this.nodes.querySelector('[tabindex="0"]')) this.nodes.firstElementChild?.setAttribute("tabindex", "0");
  }

  private updateEdges(direction: "TB" | "LR"): void {
    const parts = this.drawing.edges.map((edge) => {
      const group = svg("g", { class: "edge" });
      Object.assign(group.dataset, { source: edge.source, target: edge.target, kind: edge.kind });
      group.append(svg("path", { d: route(edge.points, direction), "marker-end": "url(#arrow)" }));
      if (edge.label !== "") group.append(svg("text", { x: edge.labelAt.x, y: edge.labelAt.y - 4 }, edge.label));
      return group;
    });
    this.edges.replaceChildren(...parts);
  }

  private matches(node: DagNode): boolean {
    return [node.label, node.declaration ?? "", node.kind, node.typeSignature ?? ""].some((text) => text.toLowerCase().includes(this.query));
  }

  private mark(): void {
    for (const node of this.dag.nodes) {
      const group = this.elements.get(node.id);
      group?.classList.toggle("selected", node.id === this.selected);
      group?.classList.toggle("dimmed", this.query !== "" && !this.matches(node));
    }
    for (const edge of this.edges.children) {
      const { source, target } = (edge as SVGGElement).dataset;
      edge.classList.toggle("touched", this.selected !== null && (source === this.selected || target === this.selected));
    }
  }

  private chosen(event: Event, focus: boolean): void {
    const group = (event.target as Element).closest<SVGGElement>("[data-node-id]");
    const id = group?.dataset["nodeId"];
    if (!group || id === undefined) return;
    this.takeFocus(group);
    this.highlight(id);
    this.events.select(id, focus);
  }

  private key(event: KeyboardEvent): void {
    const group = (event.target as Element).closest<SVGGElement>("[data-node-id]");
    const id = group?.dataset["nodeId"];
    if (!group || id === undefined) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.highlight(id);
      this.events.select(id, event.key === "Enter");
      return;
    }
    const forward = event.key === "ArrowDown" || event.key === "ArrowRight";
    if (!forward && event.key !== "ArrowUp" && event.key !== "ArrowLeft") return;
    event.preventDefault();
    const ids = this.dag.nodes.map((node) => node.id);
    const next = this.elements.get(ids[ids.indexOf(id) + (forward ? 1 : -1)] ?? "");
    if (next) this.takeFocus(next);
  }

  /** Moves the one tab stop of the graph. */
  private takeFocus(group: SVGGElement): void {
    for (const other of this.elements.values()) other.setAttribute("tabindex", other === group ? "0" : "-1");
    group.focus();
    this.viewport.reveal(this.drawing.nodes.find((node) => node.id === group.dataset["nodeId"]));
  }
}

function arrowHeads(): SVGDefsElement {
  const defs = svg("defs");
  const marker = svg("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" });
  marker.append(svg("path", { class: "head", d: "M0,0.5L7.5,4L0,7.5z" }));
  defs.append(marker);
  return defs;
}

/** A search box and the buttons of a graph page. */
export function graphToolbar(actions: Record<string, () => void>): HTMLElement {
  const bar = element("div", { class: "toolbar", attrs: { role: "toolbar", "aria-label": "Graph" } });
  for (const [label, act] of Object.entries(actions)) {
    bar.append(element("button", { class: "tool", text: label, attrs: { type: "button" }, on: { click: act } }));
  }
  return bar;
}
