/**
 * The life of the connection to a language server.
 *
 * Owns every transition, in one pure reducer, and when to try again. Invariant: `ready` is reached from `starting` only.
 */

export type Phase =
  | "stopped"
  | "untrusted"
  | "resolving"
  | "starting"
  | "ready"
  | "noServer"
  | "crashed"
  | "unreachable"
  | "unauthorized";

export interface ServerState {
  phase: Phase;
  /** What is going on, for people. */
  message: string;
  /** Times of the crashes that still count. */
  crashes: number[];
  /** Failed connection attempts in a row. */
  attempts: number;
}

export type ServerEvent =
  | { type: "untrusted" }
  | { type: "resolve" }
  | { type: "notFound"; message: string }
  | { type: "start"; what: string }
  | { type: "ready"; message: string }
  | { type: "refused"; message: string }
  | { type: "exited"; now: number; message: string }
  | { type: "disconnected"; message: string }
  | { type: "stop" };

export const INITIAL: ServerState = { phase: "stopped", message: "Not started", crashes: [], attempts: 0 };

const CRASH_WINDOW_MS = 3 * 60_000;
const MOST_CRASHES = 4;

/** The state after `event`. */
export function reduce(state: ServerState, event: ServerEvent): ServerState {
  switch (event.type) {
    case "untrusted":
      return { ...state, phase: "untrusted", message: "The language server starts once this workspace is trusted." };
    case "resolve":
      return { ...state, phase: "resolving", message: "Looking for a language server" };
    case "notFound":
      return { ...state, phase: "noServer", message: event.message };
    case "start":
      return { ...state, phase: "starting", message: `Starting ${event.what}` };
    case "ready":
      return state.phase === "starting" ? { ...state, phase: "ready", message: event.message, attempts: 0 } : state;
    case "refused":
      return { ...state, phase: "unauthorized", message: event.message };
    case "exited": {
      const crashes = [...state.crashes.filter((at) => event.now - at < CRASH_WINDOW_MS), event.now];
      return { ...state, phase: "crashed", message: event.message, crashes };
    }
    case "disconnected":
      return { ...state, phase: "unreachable", message: event.message, attempts: state.attempts + 1 };
    case "stop":
      return { ...INITIAL };
  }
}

const LONGEST_WAIT_MS = 30_000;

/** Milliseconds until the next try by itself; `null` when a person must act. `random` is in [0, 1). */
export function retryDelay(state: ServerState, random: number): number | null {
  if (state.phase === "crashed") return state.crashes.length <= MOST_CRASHES ? 0 : null;
  if (state.phase !== "unreachable") return null;
  const steady = Math.min(LONGEST_WAIT_MS, 1000 * 2 ** Math.max(0, state.attempts - 1));
  return Math.round(steady * (0.8 + 0.4 * random));
}

/** A phase that a person should hear about, once. */
export function needsAttention(state: ServerState): boolean {
  if (state.phase === "crashed") return retryDelay(state, 0) === null;
  return ["noServer", "unauthorized"].includes(state.phase) || (state.phase === "unreachable" && state.attempts >= 3);
}
