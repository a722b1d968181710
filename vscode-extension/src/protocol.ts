/**
 * The language server's custom methods, as types.
 *
 * Owns the shapes that travel between the extension and the server. It holds no behaviour but the readers that turn
 * an untyped answer into a typed one, and imports nothing, so that a web page can use it as well.
 * Invariant: fields that a server may omit are optional here.
 */

export interface Position {
  line: number;
  character: number;
}

export interface Range {
  start: Position;
  end: Position;
}

/** An input's type, as the form needs it. */
export type TypeDescriptor =
  | { kind: "primitive"; name: string }
  | { kind: "list"; elementType: TypeDescriptor }
  | { kind: "record"; fields: FieldDescriptor[] }
  | { kind: "map"; keyType: TypeDescriptor; valueType: TypeDescriptor }
  | { kind: "union"; members: TypeDescriptor[] }
  | { kind: "parameterized"; name: string; params: TypeDescriptor[] }
  | { kind: "ref"; name: string; resolved?: TypeDescriptor };

export interface FieldDescriptor {
  name: string;
  type: TypeDescriptor;
}

export interface InputField {
  name: string;
  type: TypeDescriptor;
  /** 1-based line of the declaration. */
  line?: number;
  example?: unknown;
  required?: boolean;
  default?: unknown;
  /** The comment block above the declaration. */
  doc?: string;
}

export interface ErrorInfo {
  category: "syntax" | "type" | "reference" | "runtime" | "internal";
  message: string;
  /** 1-based, in UTF-16 units. */
  line?: number | null;
  column?: number | null;
  endLine?: number | null;
  endColumn?: number | null;
  codeContext?: string | null;
  suggestion?: string | null;
  code?: string | null;
  nodeId?: string | null;
}

export interface InputSchema {
  success: boolean;
  inputs?: InputField[] | null;
  outputs?: { name: string; type: string }[] | null;
  error?: string | null;
  errors?: ErrorInfo[] | null;
}

export type RunStatus = "completed" | "suspended" | "failed" | "cancelled";

export interface NodeResult {
  nodeId?: string;
  id?: string;
  status?: string;
  state?: string;
  durationMs?: number | null;
  valuePreview?: string | null;
  error?: string | null;
}

export interface RunResult {
  success: boolean;
  status?: RunStatus | null;
  outputs?: Record<string, unknown> | null;
  error?: string | null;
  errors?: ErrorInfo[] | null;
  executionTimeMs?: number | null;
  executionId?: string | null;
  structuralHash?: string | null;
  syntacticHash?: string | null;
  /** Name → printed type. */
  missingInputs?: Record<string, string> | null;
  missing?: InputField[] | null;
  pendingOutputs?: string[] | null;
  compileTimeMs?: number | null;
  cached?: unknown;
  nodeResults?: NodeResult[] | null;
  warnings?: { message?: string }[] | null;
}

export interface ExecutionEvent {
  uri?: string;
  executionId: string;
  seq?: number;
  type: "started" | "nodeStarted" | "nodeCompleted" | "nodeFailed" | "nodeSkipped" | "finished";
  nodeId?: string;
  state?: string;
  valuePreview?: string;
  durationMs?: number;
  error?: string;
}

export interface StepState {
  /** The next batch to run. */
  currentBatch: number;
  totalBatches: number;
  batchNodes: string[];
  completedNodes: { nodeId: string; nodeName: string; nodeType?: string; valuePreview?: string | null; durationMs?: number | null }[];
  pendingNodes: string[];
  failedNodes?: { nodeId: string; nodeName: string; error: string }[] | null;
  skippedNodes?: string[] | null;
}

export interface StepStarted {
  success: boolean;
  sessionId?: string | null;
  totalBatches?: number;
  initialState?: StepState | null;
  nodeRanges?: Record<string, Range> | null;
  error?: string | null;
  errors?: ErrorInfo[] | null;
}

export interface Stepped {
  success: boolean;
  state?: StepState | null;
  isComplete?: boolean;
  outputs?: Record<string, unknown> | null;
  executionTimeMs?: number | null;
  error?: string | null;
  errors?: ErrorInfo[] | null;
}

export type NodeStatus = "pending" | "running" | "completed" | "failed" | "skipped";

/** What a run says about one node of the graph. */
export interface NodeState {
  status: NodeStatus;
  durationMs?: number;
  preview?: string;
  error?: string;
}

export interface DagNode {
  id: string;
  kind: string;
  label: string;
  typeSignature?: string | null;
  range?: Range | null;
  declaration?: string | null;
}

export interface DagEdge {
  id?: string;
  source: string;
  target: string;
  label?: string | null;
  kind?: string | null;
}

export interface Dag {
  nodes: DagNode[];
  edges: DagEdge[];
}

export interface DagResult {
  success: boolean;
  dag?: Dag | null;
  error?: string | null;
}

/** The older graph method: modules and data, joined by edges. */
export interface DagStructure {
  modules: Record<string, { name: string; consumes?: Record<string, string>; produces?: Record<string, string> }>;
  data: Record<string, { name: string; cType?: string }>;
  inEdges: [string, string][];
  outEdges: [string, string][];
  declaredOutputs: string[];
}

export const METHODS = {
  execute: "constellation/executePipeline",
  resume: "constellation/resumeExecution",
  cancel: "constellation/cancelExecution",
  schema: "constellation/getInputSchema",
  graph: "constellation/getDagVisualization",
  structure: "constellation/getDagStructure",
  stepStart: "constellation/stepStart",
  stepNext: "constellation/stepNext",
  stepContinue: "constellation/stepContinue",
  stepStop: "constellation/stepStop",
  executionEvent: "constellation/executionEvent",
  registryChanged: "constellation/registryChanged",
  serverStatus: "constellation/serverStatus",
} as const;

/** Follows references to the type that they stand for. */
export function resolved(type: TypeDescriptor): TypeDescriptor {
  let current = type;
  while (current.kind === "ref" && current.resolved) current = current.resolved;
  return current;
}

/** The type as the language writes it. */
export function printType(type: TypeDescriptor): string {
  switch (type.kind) {
    case "primitive":
    case "ref":
      return type.name;
    case "list":
      return `List<${printType(type.elementType)}>`;
    case "map":
      return `Map<${printType(type.keyType)}, ${printType(type.valueType)}>`;
    case "record":
      return type.fields.length === 0
        ? "{}"
        : `{ ${type.fields.map((field) => `${field.name}: ${printType(field.type)}`).join(", ")} }`;
    case "union":
      return type.members.map(printType).join(" | ");
    case "parameterized":
      return `${type.name}<${type.params.map(printType).join(", ")}>`;
  }
}
