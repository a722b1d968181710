/**
 * Graphs and node states from the several shapes in which servers tell them.
 *
 * Owns the conversion of the older structure answer to a graph, and of run results and events to node states. Pure.
 */

import type { Dag, DagStructure, ExecutionEvent, NodeResult, NodeState, NodeStatus, RunResult, StepState } from "../../protocol";
import { preview } from "../values/preview";

/** The graph that `structure` describes: data without a producer are inputs, declared outputs get a node each. */
export function fromStructure(structure: DagStructure): Dag {
  const producer = new Map(structure.outEdges.map(([moduleId, dataId]) => [dataId, moduleId]));
  const dag: Dag = { nodes: [], edges: [] };
  for (const [id, data] of Object.entries(structure.data)) {
    if (!producer.has(id)) dag.nodes.push({ id, kind: "Input", label: data.name, typeSignature: data.cType ?? null });
  }
  for (const [id, module] of Object.entries(structure.modules)) {
    dag.nodes.push({ id, kind: "Operation", label: module.name, typeSignature: Object.values(module.produces ?? {})[0] ?? null });
  }
  for (const [dataId, moduleId] of structure.inEdges) {
    dag.edges.push({ source: producer.get(dataId) ?? dataId, target: moduleId, label: structure.data[dataId]?.name, kind: "Data" });
  }
  for (const name of structure.declaredOutputs) {
    const found = Object.entries(structure.data).find(([, data]) => data.name === name);
    dag.nodes.push({ id: `out:${name}`, kind: "Output", label: name, typeSignature: found?.[1].cType ?? null });
    if (found) dag.edges.push({ source: producer.get(found[0]) ?? found[0], target: `out:${name}`, label: "value", kind: "Data" });
  }
  return dag;
}

const STATUS: Record<string, NodeStatus> = {
  pending: "pending",
  running: "running",
  completed: "completed",
  success: "completed",
  succeeded: "completed",
  failed: "failed",
  skipped: "skipped",
};

/** What a finished run says about its nodes. */
export function statesOf(results: NodeResult[]): Record<string, NodeState> {
  const states: Record<string, NodeState> = {};
  for (const result of results) {
    const id = result.nodeId ?? result.id;
    const status = STATUS[(result.status ?? result.state ?? "completed").toLowerCase()];
    if (id === undefined || status === undefined) continue;
    states[id] = nodeState(status, result);
  }
  return states;
}

/** What a run says about the graph: inputs that were given, nodes, errors, outputs. */
export function statesOfRun(result: RunResult, inputs: Record<string, unknown>): Record<string, NodeState> {
  const shown = (prefix: string, values: Record<string, unknown>): [string, NodeState][] =>
    Object.entries(values).map(([name, value]) => [`${prefix}:${name}`, { status: "completed", preview: preview(value, 40) }]);
  const failures = (result.errors ?? [])
    .filter((error) => typeof error.nodeId === "string")
    .map((error): [string, NodeState] => [String(error.nodeId), { status: "failed", error: error.message }]);
  const waiting = Object.keys(result.missingInputs ?? {}).map((name): [string, NodeState] => [`in:${name}`, { status: "pending" }]);
  return {
    ...Object.fromEntries(shown("in", inputs)),
    ...Object.fromEntries(waiting),
    ...statesOf(result.nodeResults ?? []),
    ...Object.fromEntries(failures),
    ...Object.fromEntries(shown("out", result.outputs ?? {})),
  };
}

/** What a step session says about the graph; the batch that comes next is shown as running. */
export function statesOfStep(state: StepState, complete: boolean): Record<string, NodeState> {
  const states: Record<string, NodeState> = {};
  for (const id of state.pendingNodes) states[id] = { status: "pending" };
  if (!complete) for (const id of state.batchNodes) states[id] = { status: "running" };
  for (const node of state.completedNodes) states[node.nodeId] = nodeState("completed", node);
  for (const node of state.failedNodes ?? []) states[node.nodeId] = { status: "failed", error: node.error };
  for (const id of state.skippedNodes ?? []) states[id] = { status: "skipped" };
  return states;
}

function nodeState(status: NodeStatus, detail: Omit<NodeResult, "status" | "state">): NodeState {
  const state: NodeState = { status };
  if (typeof detail.durationMs === "number") state.durationMs = detail.durationMs;
  if (typeof detail.valuePreview === "string") state.preview = detail.valuePreview;
  if (typeof detail.error === "string") state.error = detail.error;
  return state;
}

const EVENT_STATUS: Partial<Record<ExecutionEvent["type"], NodeStatus>> = {
  nodeStarted: "running",
  nodeCompleted: "completed",
  nodeFailed: "failed",
  nodeSkipped: "skipped",
};

/** The states after `event`. */
export function afterEvent(states: Record<string, NodeState>, event: ExecutionEvent): Record<string, NodeState> {
  const status = EVENT_STATUS[event.type];
  if (event.type === "started") return {};
  if (!status || event.nodeId === undefined) return states;
  return { ...states, [event.nodeId]: nodeState(status, event) };
}
