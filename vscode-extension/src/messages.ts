/**
 * Messages between the extension and its webviews.
 *
 * Owns the typed unions of both directions and the check of what arrives from a page. It knows neither VS Code nor the
 * DOM. Invariant: a message that does not pass its reader never reaches a handler.
 */

import type { Dag, ErrorInfo, InputField, NodeState, RunResult, StepState } from "./protocol";

/** How a run treats inputs that are not filled in. */
export type RunMode = "complete" | "partial" | "examples";

/** What the page does with its inputs when asked to: run, or start stepping. */
export type SubmitMode = RunMode | "step";

export interface Connection {
  ready: boolean;
  /** What is wrong and what to do, when not ready. */
  message: string;
}

export interface RecentRun {
  at: string;
  status: string;
  durationMs: number | null;
  inputs: Record<string, unknown>;
  result: RunResult;
}

export type StepAction = "next" | "continue" | "stop";

export interface StepView {
  state: StepState;
  complete: boolean;
  /** The text changed since the session started. */
  stale: boolean;
}

export type ToRunner =
  | { type: "file"; uri: string; fileName: string; known: Record<string, unknown> }
  | { type: "schema"; inputs: InputField[]; errors: ErrorInfo[]; problem: string | null }
  /** Run if everything required is there, else show what is missing. */
  | { type: "submit"; mode: SubmitMode }
  | { type: "running" }
  | { type: "result"; result: RunResult; inputs: Record<string, unknown>; resumable: boolean }
  | { type: "recent"; runs: RecentRun[] }
  | { type: "step"; step: StepView | null }
  | { type: "connection"; connection: Connection };

export type FromRunner =
  | { type: "ready" }
  | { type: "run"; inputs: Record<string, unknown>; mode: RunMode }
  | { type: "resume"; executionId: string; inputs: Record<string, unknown> }
  | { type: "step"; inputs: Record<string, unknown> }
  | { type: "stepAction"; action: StepAction }
  | { type: "cancel" }
  | { type: "reveal"; line: number; column: number; endLine: number; endColumn: number }
  | { type: "revealNode"; nodeId: string }
  | { type: "copy"; text: string }
  | { type: "serverActions" };

export type Direction = "TB" | "LR";

export type ToGraph =
  | { type: "graph"; uri: string; fileName: string; dag: Dag; direction: Direction; stale: string | null }
  | { type: "notice"; fileName: string; title: string; detail: string }
  | { type: "states"; states: Record<string, NodeState> }
  | { type: "cursor"; nodeId: string | null };

export type FromGraph =
  | { type: "ready" }
  | { type: "select"; nodeId: string; focus: boolean }
  | { type: "direction"; direction: Direction }
  | { type: "saveSvg"; text: string }
  | { type: "run" };

type Shape = Record<string, "string" | "number" | "boolean" | "object">;

const RUNNER: Record<FromRunner["type"], Shape> = {
  ready: {},
  run: { inputs: "object", mode: "string" },
  resume: { executionId: "string", inputs: "object" },
  step: { inputs: "object" },
  stepAction: { action: "string" },
  cancel: {},
  reveal: { line: "number", column: "number", endLine: "number", endColumn: "number" },
  revealNode: { nodeId: "string" },
  copy: { text: "string" },
  serverActions: {},
};

const GRAPH: Record<FromGraph["type"], Shape> = {
  ready: {},
  select: { nodeId: "string", focus: "boolean" },
  direction: { direction: "string" },
  saveSvg: { text: "string" },
  run: {},
};

function fits(message: unknown, shapes: Record<string, Shape>): boolean {
  if (typeof message !== "object" || message === null) return false;
  const fields = message as Record<string, unknown>;
  const type = fields["type"];
  if (typeof type !== "string" || !Object.hasOwn(shapes, type)) return false;
  return Object.entries(shapes[type] ?? {}).every(([name, kind]) => typeof fields[name] === kind && fields[name] !== null);
}

/** The message if the runner page may send it. */
export function readFromRunner(message: unknown): FromRunner | undefined {
  if (!fits(message, RUNNER)) return undefined;
  const checked = message as FromRunner;
  if (checked.type === "run" && !["complete", "partial", "examples"].includes(checked.mode)) return undefined;
  if (checked.type === "stepAction" && !["next", "continue", "stop"].includes(checked.action)) return undefined;
  return checked;
}

/** The message if the graph page may send it. */
export function readFromGraph(message: unknown): FromGraph | undefined {
  if (!fits(message, GRAPH)) return undefined;
  const checked = message as FromGraph;
  if (checked.type === "direction" && checked.direction !== "TB" && checked.direction !== "LR") return undefined;
  return checked;
}
