/**
 * Where the nodes of a graph go and which way its edges run.
 *
 * Owns the layered layout (dagre) and the rounded orthogonal paths through its bend points. Pure: sizes in, places
 * out. Invariant: the same graph with the same sizes gives the same drawing.
 */

import { Graph, layout as layered } from "@dagrejs/dagre";
import type { Dag } from "../../protocol";

export interface Size {
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

export interface PlacedNode extends Point, Size {
  id: string;
}

export interface PlacedEdge {
  key: string;
  source: string;
  target: string;
  label: string;
  kind: string;
  points: Point[];
  labelAt: Point;
}

export interface Drawing extends Size {
  nodes: PlacedNode[];
  edges: PlacedEdge[];
}

const NODE_GAP = 32;
const LAYER_GAP = 56;
const MARGIN = 20;

/** Places `dag`, whose nodes measure `sizes`. Edges of unknown nodes are left out. */
export function place(dag: Dag, sizes: ReadonlyMap<string, Size>, direction: "TB" | "LR"): Drawing {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: direction, nodesep: NODE_GAP, ranksep: LAYER_GAP, marginx: MARGIN, marginy: MARGIN });
  for (const node of dag.nodes) graph.setNode(node.id, { ...(sizes.get(node.id) ?? { width: 120, height: 44 }) });
  const edges = dag.edges
    .filter((edge) => graph.hasNode(edge.source) && graph.hasNode(edge.target))
    .map((edge, index) => ({ ...edge, key: `${edge.source}→${edge.target}#${edge.label ?? ""}#${index}` }));
  for (const edge of edges) graph.setEdge(edge.source, edge.target, {}, edge.key);
  layered(graph);
  const nodes = dag.nodes.map((node) => {
    const at = graph.node(node.id) as PlacedNode;
    return { id: node.id, x: at.x, y: at.y, width: at.width, height: at.height };
  });
  const bounds = graph.graph() as Partial<Size>;
  return {
    nodes,
    edges: edges.map((edge) => {
      const points = (graph.edge(edge.source, edge.target, edge.key) as { points: Point[] }).points.map(({ x, y }) => ({ x, y }));
      return {
        key: edge.key,
        source: edge.source,
        target: edge.target,
        label: edge.label ?? "",
        kind: edge.kind ?? "Data",
        points,
        labelAt: points[Math.floor(points.length / 2)] ?? { x: 0, y: 0 },
      };
    }),
    width: bounds.width ?? 0,
    height: bounds.height ?? 0,
  };
}

/** A path through `points` in axis-parallel steps with rounded corners. */
export function route(points: Point[], direction: "TB" | "LR", radius = 8): string {
  const corners = orthogonal(points, direction);
  const first = corners[0];
  if (!first) return "";
  let path = `M${round(first.x)},${round(first.y)}`;
  for (let index = 1; index < corners.length; index += 1) {
    const corner = corners[index]!;
    const next = corners[index + 1];
    if (!next) {
      path += `L${round(corner.x)},${round(corner.y)}`;
      break;
    }
    const before = toward(corner, corners[index - 1]!, radius);
    const after = toward(corner, next, radius);
    path += `L${round(before.x)},${round(before.y)}Q${round(corner.x)},${round(corner.y)} ${round(after.x)},${round(after.y)}`;
  }
  return path;
}

/** Each slanted stretch becomes three axis-parallel ones that turn half-way. */
function orthogonal(points: Point[], direction: "TB" | "LR"): Point[] {
  const result: Point[] = [];
  for (const [index, point] of points.entries()) {
    const last = points[index - 1];
    if (last && Math.abs(last.x - point.x) > 0.5 && Math.abs(last.y - point.y) > 0.5) {
      const middle = direction === "TB" ? (last.y + point.y) / 2 : (last.x + point.x) / 2;
      if (direction === "TB") result.push({ x: last.x, y: middle }, { x: point.x, y: middle });
      else result.push({ x: middle, y: last.y }, { x: middle, y: point.y });
    }
    result.push(point);
  }
  return withoutStraightCorners(result);
}

function withoutStraightCorners(points: Point[]): Point[] {
  return points.filter((point, index) => {
    const before = points[index - 1];
    const after = points[index + 1];
    if (!before || !after) return true;
    const vertical = Math.abs(before.x - point.x) < 0.5 && Math.abs(after.x - point.x) < 0.5;
    const horizontal = Math.abs(before.y - point.y) < 0.5 && Math.abs(after.y - point.y) < 0.5;
    return !vertical && !horizontal;
  });
}

/** The point at most `distance` from `from` on the way to `to`, not past the middle. */
function toward(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const step = length === 0 ? 0 : Math.min(distance, length / 2) / length;
  return { x: from.x + (to.x - from.x) * step, y: from.y + (to.y - from.y) * step };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
