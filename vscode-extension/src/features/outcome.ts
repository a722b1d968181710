/**
 * Runs in one line.
 *
 * Owns what the status bar and the log say about a result. Pure.
 */

import type { RunResult } from "../protocol";
import { milliseconds } from "../views/values/duration";

export interface Summary {
  status: string;
  /** For the status bar, with an icon. */
  short: string;
  /** For the log. */
  text: string;
}

const ICONS: Record<string, string> = { completed: "$(check)", suspended: "$(debug-pause)", failed: "$(error)", cancelled: "$(circle-slash)" };

function duration(result: RunResult): string {
  return typeof result.executionTimeMs === "number" ? milliseconds(result.executionTimeMs) : "";
}

/** A result in a few words. */
export function summary(result: RunResult): Summary {
  const status = result.status ?? (result.success ? "completed" : "failed");
  const missing = Object.keys(result.missingInputs ?? {});
  const detail = status === "suspended" ? `needs ${missing.join(", ")}` : status === "completed" ? duration(result) || "completed" : status;
  const reason = result.error ?? result.errors?.[0]?.message ?? "";
  const text = [status, duration(result), status === "suspended" ? `needs ${missing.join(", ")}` : reason].filter((part) => part !== "");
  return { status, short: `${ICONS[status] ?? "$(play)"} ${detail}`, text: text.join(" · ") };
}

/** The result of a run that the server could not answer. */
export function failedRun(reason: unknown, cancelled = false): RunResult {
  if (cancelled) return { success: false, status: "cancelled", error: "The run was cancelled." };
  return { success: false, status: "failed", error: reason instanceof Error ? reason.message : String(reason) };
}
