import assert from "node:assert/strict";
import { test } from "node:test";
import type { Dag } from "../src/protocol";
import { place, route, type Size } from "../src/views/graph/layout";
import { nodeAt } from "../src/views/graph/source";
import { afterEvent, fromStructure, statesOf, statesOfRun, statesOfStep } from "../src/views/graph/structure";
import { GraphView } from "../src/views/graph/view";
import { newPage } from "./page";

const DAG: Dag = {
  nodes: [
    { id: "in:text", kind: "Input", label: "text", typeSignature: "String" },
    { id: "v:a", kind: "Operation", label: "Trim", typeSignature: "String", declaration: "a" },
    { id: "v:b", kind: "Operation", label: "concat", typeSignature: "String", declaration: "b" },
    { id: "v:b/1", kind: "Literal", label: '"!"', typeSignature: "String" },
    { id: "out:b", kind: "Output", label: "b", typeSignature: "String" },
  ],
  edges: [
    { source: "in:text", target: "v:a", label: "text" },
    { source: "v:a", target: "v:b", label: "a" },
    { source: "v:b/1", target: "v:b", label: "b" },
    { source: "in:text", target: "v:b", label: "c", kind: "Control" },
    { source: "v:b", target: "out:b", label: "value" },
  ],
};
const SIZES = new Map<string, Size>(DAG.nodes.map((node) => [node.id, { width: 120, height: 44 }]));

for (const direction of ["TB", "LR"] as const) {
  test(`${direction}: boxes do not touch, edges run forward from border to border`, () => {
    const drawing = place(DAG, SIZES, direction);
    for (const [index, a] of drawing.nodes.entries()) {
      for (const b of drawing.nodes.slice(index + 1)) {
        assert.ok(Math.abs(a.x - b.x) >= (a.width + b.width) / 2 || Math.abs(a.y - b.y) >= (a.height + b.height) / 2, `${a.id} ${b.id}`);
      }
    }
    const at = new Map(drawing.nodes.map((node) => [node.id, node]));
    assert.equal(drawing.edges.length, DAG.edges.length);
    for (const edge of drawing.edges) {
      const [from, to] = [at.get(edge.source)!, at.get(edge.target)!];
      assert.ok(direction === "TB" ? from.y < to.y : from.x < to.x, edge.key);
      const first = edge.points[0]!;
      assert.ok(Math.abs(first.x - from.x) <= from.width / 2 + 1 && Math.abs(first.y - from.y) <= from.height / 2 + 1);
    }
  });
}

test("the same graph is drawn the same", () => {
  assert.deepEqual(place(DAG, SIZES, "TB"), place(structuredClone(DAG), SIZES, "TB"));
});

test("an edge of a node that is not there is left out", () => {
  assert.equal(place({ nodes: DAG.nodes, edges: [{ source: "gone", target: "v:a" }] }, SIZES, "TB").edges.length, 0);
});

test("edges run in axis-parallel steps", () => {
  const path = route([{ x: 0, y: 0 }, { x: 100, y: 80 }], "TB");
  assert.equal(path, "M0,0L0,32Q0,40 8,40L92,40Q100,40 100,48L100,80");
  assert.equal(route([{ x: 0, y: 0 }, { x: 0, y: 50 }, { x: 0, y: 90 }], "TB"), "M0,0L0,90");
});

test("four hundred nodes are placed in half a second", () => {
  const nodes = Array.from({ length: 400 }, (_, index) => ({ id: `v:n${index}`, kind: "Operation", label: `n${index}` }));
  const edges = nodes.slice(1).map((node, index) => ({ source: `v:n${Math.floor(index / 2)}`, target: node.id }));
  const begun = performance.now();
  place({ nodes, edges }, new Map(), "TB");
  assert.ok(performance.now() - begun < 2000);
});

function ids(root: HTMLElement): (string | undefined)[] {
  return [...root.querySelectorAll<SVGElement>("[data-node-id]")].map((node) => node.dataset["nodeId"]);
}

test("one element per node; an edit keeps the elements of the nodes that stay", () => {
  const root = newPage();
  const view = new GraphView(root, { select: () => undefined });
  view.show(DAG, "TB");
  assert.deepEqual(ids(root), DAG.nodes.map((node) => node.id));
  assert.equal(root.querySelectorAll(".edge path").length, 5);
  const kept = root.querySelector('[data-node-id="v:a"]');
  view.show({ nodes: [...DAG.nodes.filter((node) => node.id !== "v:b/1"), { id: "v:c", kind: "Guard", label: "when" }], edges: DAG.edges }, "LR");
  assert.deepEqual(ids(root), ["in:text", "v:a", "v:b", "out:b", "v:c"]);
  assert.equal(root.querySelector('[data-node-id="v:a"]'), kept);
});

test("states are shown in words, not by colour alone", () => {
  const root = newPage();
  const view = new GraphView(root, { select: () => undefined });
  view.show(DAG, "TB");
  view.showStates({ "v:a": { status: "completed", durationMs: 3.2, preview: '"hi"' }, "v:b": { status: "failed", error: "no" } });
  const [a, b] = ["v:a", "v:b"].map((id) => root.querySelector<SVGElement>(`[data-node-id="${id}"]`)!);
  assert.equal(a?.dataset["state"], "completed");
  assert.match(a?.textContent ?? "", /✓/);
  assert.match(a?.textContent ?? "", /3 ms/);
  assert.equal(b?.getAttribute("aria-label"), "Operation, concat, b: String, failed, no");
});

test("a click selects, a double click and Enter go to the source", () => {
  const root = newPage();
  const chosen: [string, boolean][] = [];
  new GraphView(root, { select: (id, focus) => chosen.push([id, focus]) }).show(DAG, "TB");
  const node = root.querySelector('[data-node-id="v:a"]')!;
  node.dispatchEvent(new Event("click", { bubbles: true }));
  node.dispatchEvent(new Event("dblclick", { bubbles: true }));
  node.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  assert.deepEqual(chosen, [["v:a", false], ["v:a", true], ["v:a", true]]);
  assert.ok(node.classList.contains("selected"));
});

test("arrow keys walk through the nodes with one tab stop", () => {
  const root = newPage();
  new GraphView(root, { select: () => undefined }).show(DAG, "TB");
  const first = root.querySelector('[data-node-id="in:text"]')!;
  first.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }));
  assert.deepEqual([...root.querySelectorAll<SVGElement>('[tabindex="0"]')].map((one) => one.dataset["nodeId"]), ["v:a"]);
});

test("search dims what does not match", () => {
  const root = newPage();
  const view = new GraphView(root, { select: () => undefined });
  view.show(DAG, "TB");
  assert.deepEqual(view.search("conc"), ["v:b"]);
  assert.equal(root.querySelectorAll(".dimmed").length, 4);
  assert.deepEqual(view.search(""), []);
  assert.equal(root.querySelectorAll(".dimmed").length, 0);
});

test("labels of a hostile file are text", () => {
  const root = newPage();
  new GraphView(root, { select: () => undefined }).show({ nodes: [{ id: '"><img>', kind: "<b>", label: "<img src=x>" }], edges: [] }, "TB");
  assert.equal(root.querySelector("img, b"), null);
});

test("the node under the cursor is the one with the smallest source", () => {
  const range = (line: number, start: number, end: number) => ({ start: { line, character: start }, end: { line, character: end } });
  const dag: Dag = { nodes: [{ ...DAG.nodes[2]!, range: range(3, 0, 30) }, { ...DAG.nodes[3]!, range: range(3, 20, 23) }], edges: [] };
  assert.equal(nodeAt(dag, { line: 3, character: 21 })?.id, "v:b/1");
  assert.equal(nodeAt(dag, { line: 3, character: 5 })?.id, "v:b");
  assert.equal(nodeAt(dag, { line: 3, character: 99 })?.id, "v:b");
  assert.equal(nodeAt(dag, { line: 4, character: 0 }), undefined);
});

test("the structure of an older server becomes a graph", () => {
  const dag = fromStructure({
    modules: { m: { name: "Uppercase", produces: { out: "String" } } },
    data: { d1: { name: "text", cType: "String" }, d2: { name: "result", cType: "String" } },
    inEdges: [["d1", "m"]],
    outEdges: [["m", "d2"]],
    declaredOutputs: ["result"],
  });
  assert.deepEqual(dag.nodes.map((node) => [node.id, node.kind]), [["d1", "Input"], ["m", "Operation"], ["out:result", "Output"]]);
  assert.deepEqual(dag.edges.map((edge) => [edge.source, edge.target]), [["d1", "m"], ["m", "out:result"]]);
});

test("states come from results and from events", () => {
  assert.deepEqual(statesOf([{ nodeId: "v:a", status: "Completed", durationMs: 2 }, { id: "v:b", state: "failed", error: "no" }, { status: "completed" }]), {
    "v:a": { status: "completed", durationMs: 2 },
    "v:b": { status: "failed", error: "no" },
  });
  const begun = afterEvent({ old: { status: "completed" } }, { type: "started", executionId: "e" });
  const running = afterEvent(begun, { type: "nodeStarted", executionId: "e", nodeId: "v:a" });
  assert.deepEqual(afterEvent(running, { type: "nodeCompleted", executionId: "e", nodeId: "v:a", valuePreview: "1" }), {
    "v:a": { status: "completed", preview: "1" },
  });
});

test("a run shows inputs, waiting inputs, failures and outputs too", () => {
  const result = {
    success: false,
    outputs: { total: [1, 2] },
    missingInputs: { n: "CInt" },
    nodeResults: [{ nodeId: "v:a", valuePreview: "1" }],
    errors: [{ category: "runtime" as const, message: "division by zero", nodeId: "v:b" }],
  };
  assert.deepEqual(statesOfRun(result, { text: "hi" }), {
    "in:text": { status: "completed", preview: '"hi"' },
    "in:n": { status: "pending" },
    "v:a": { status: "completed", preview: "1" },
    "v:b": { status: "failed", error: "division by zero" },
    "out:total": { status: "completed", preview: "[2 items]" },
  });
});

test("a step session shows what is done, next, waiting, failed and skipped", () => {
  const state = {
    currentBatch: 2,
    totalBatches: 4,
    batchNodes: ["v:b"],
    completedNodes: [{ nodeId: "v:a", nodeName: "Trim", valuePreview: "1", durationMs: 2 }],
    pendingNodes: ["v:b", "v:c"],
    failedNodes: [{ nodeId: "v:d", nodeName: "f", error: "no" }],
    skippedNodes: ["v:e"],
  };
  const words = (complete: boolean): Record<string, string> =>
    Object.fromEntries(Object.entries(statesOfStep(state, complete)).map(([id, { status }]) => [id, status]));
  assert.deepEqual(words(false), { "v:b": "running", "v:c": "pending", "v:a": "completed", "v:d": "failed", "v:e": "skipped" });
  assert.equal(words(true)["v:b"], "pending");
});
