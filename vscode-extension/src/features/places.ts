/**
 * Where the results of a run belong in the text.
 *
 * Owns finding the line of a declaration and the words shown behind it. Pure.
 */

import type { NodeState } from "../protocol";
import { milliseconds } from "../views/values/duration";

export interface InlineResult {
  line: number;
  text: string;
  failed: boolean;
  nodeId: string;
}

const LONGEST = 60;

function cut(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}

/** What stands behind a declaration. */
export function inlineText(state: NodeState): string | undefined {
  const time = state.durationMs === undefined ? "" : ` · ${milliseconds(state.durationMs)}`;
  switch (state.status) {
    case "completed":
      return state.preview === undefined ? undefined : ` = ${cut(state.preview)}${time}`;
    case "failed":
      return ` ✗ ${cut(state.error ?? "failed")}`;
    case "skipped":
      return " – skipped";
    default:
      return undefined;
  }
}

/** The results of assignments (`v:name`) and outputs (`out:name`) at the lines that declare them, the last one first. */
export function placeResults(text: string, states: Record<string, NodeState>): InlineResult[] {
  const results: InlineResult[] = [];
  for (const [line, content] of text.split("\n").entries()) {
    const assigned = /^\s*([A-Za-z_][\w-]*)\s*=(?![=>])/.exec(content)?.[1];
    const given = /^\s*out\s+(?:.*\sas\s+)?([A-Za-z_][\w-]*)/.exec(content)?.[1];
    const nodeId = given !== undefined ? `out:${given}` : assigned !== undefined ? `v:${assigned}` : undefined;
    const state = nodeId === undefined ? undefined : states[nodeId];
    const shown = state && inlineText(state);
    if (nodeId !== undefined && shown !== undefined) results.push({ line, text: shown, failed: state?.status === "failed", nodeId });
  }
  return results;
}
