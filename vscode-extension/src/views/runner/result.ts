/**
 * What a run answered: status, outputs, errors, and what it waits for.
 *
 * Owns the DOM of one result. Invariant: texts of the server appear as text, never as markup.
 */

import { printType, type ErrorInfo, type InputField, type RunResult } from "../../protocol";
import { element, type Child } from "../element";
import { InputForm } from "../form/form";
import { milliseconds } from "../values/duration";
import { valueTable, valueTree } from "../values/tree";

export interface ResultEvents {
  reveal: (error: ErrorInfo) => void;
  revealNode: (nodeId: string) => void;
  copy: (text: string) => void;
  /** Absent when the server cannot resume. */
  resume: ((executionId: string, values: Record<string, unknown>) => void) | null;
}

const TITLES: Record<string, string> = {
  completed: "✓ Completed",
  suspended: "‖ Suspended",
  failed: "✗ Failed",
  cancelled: "■ Cancelled",
};

/** The status of a result; older servers tell only success. */
export function statusOf(result: RunResult): string {
  return result.status ?? (result.success ? "completed" : "failed");
}

/** Shows `result` in `target`. */
export function showResult(target: HTMLElement, result: RunResult, events: ResultEvents): void {
  const status = statusOf(result);
  const parts: Child[] = [heading(status, result)];
  if (status === "suspended") parts.push(suspension(result, events));
  const errors = result.errors ?? [];
  for (const error of errors) parts.push(errorCard(error, events));
  if (errors.length === 0 && result.error) parts.push(element("p", { class: "error-text", text: result.error }));
  const outputs = result.outputs ?? {};
  if (Object.keys(outputs).length > 0) parts.push(outputSection(outputs, events));
  else if (status === "completed") parts.push(element("p", { class: "hint", text: "The pipeline has no outputs." }));
  for (const warning of result.warnings ?? []) if (warning.message) parts.push(element("p", { class: "hint", text: warning.message }));
  parts.push(details(result));
  target.dataset["status"] = status;
  target.replaceChildren(...parts.filter((part): part is Node => part instanceof Node));
}

function heading(status: string, result: RunResult): HTMLElement {
  const time = typeof result.executionTimeMs === "number" ? element("span", { class: "time", text: milliseconds(result.executionTimeMs) }) : null;
  return element("div", { class: "heading" }, element("h2", { class: `status ${status}`, text: TITLES[status] ?? status }), time);
}

function outputSection(outputs: Record<string, unknown>, events: ResultEvents): HTMLElement {
  const body = element("div", { class: "outputs" });
  const text = JSON.stringify(outputs, null, 2);
  const tree = (): HTMLElement[] =>
    Object.entries(outputs).map(([name, value]) => element("div", { class: "output", attrs: { "data-output": name } }, valueTree(value, name)));
  const table = (): HTMLElement[] =>
    Object.entries(outputs).flatMap(([name, value]) => {
      const shown = valueTable(value);
      return shown ? [element("h3", { text: name }), shown] : [];
    });
  const views: Record<string, () => Node[]> = {
    Tree: tree,
    JSON: () => [element("pre", { class: "json-text", text, attrs: { tabindex: 0 } })],
  };
  if (table().length > 0) views["Table"] = table;
  const bar = element("div", { class: "tabs", attrs: { role: "group", "aria-label": "How outputs are shown" } });
  const show = (name: string): void => {
    body.replaceChildren(...(views[name] ?? tree)());
    for (const tab of bar.querySelectorAll("button.tab")) tab.setAttribute("aria-pressed", String(tab.textContent === name));
  };
  for (const name of Object.keys(views)) {
    bar.append(element("button", { class: "small tab", text: name, attrs: { type: "button" }, on: { click: () => show(name) } }));
  }
  bar.append(element("button", { class: "small", text: "Copy", attrs: { type: "button" }, on: { click: () => events.copy(text) } }));
  show("Tree");
  return element("section", { attrs: { "aria-label": "Outputs" } }, element("div", { class: "heading" }, element("h3", { text: "Outputs" }), bar), body);
}

function errorCard(error: ErrorInfo, events: ResultEvents): HTMLElement {
  const { line, column, nodeId } = error;
  let place: HTMLElement | null = null;
  if (typeof line === "number") {
    const text = `line ${line}${typeof column === "number" ? `:${column}` : ""}`;
    place = element("button", { class: "link", text, attrs: { type: "button" }, on: { click: () => events.reveal(error) } });
  } else if (typeof nodeId === "string") {
    place = element("button", { class: "link", text: "go to source", attrs: { type: "button" }, on: { click: () => events.revealNode(nodeId) } });
  }
  return element(
    "article",
    { class: "error" },
    element("div", { class: "heading" }, element("span", { class: "category", text: error.category }), place),
    element("p", { class: "error-text", text: error.message }),
    error.codeContext ? element("pre", { text: error.codeContext }) : null,
    error.suggestion ? element("p", { class: "suggestion", text: error.suggestion }) : null,
  );
}

function missingFields(result: RunResult): InputField[] {
  if (result.missing && result.missing.length > 0) return result.missing.map((field) => ({ ...field, required: true }));
  return Object.entries(result.missingInputs ?? {}).map(([name, type]) => ({
    name,
    required: true,
    // The wire says CInt where the language says Int.
    type: { kind: "primitive", name: type.replace(/^C(?=String$|Int$|Float$|Boolean$)/, "") },
  }));
}

function suspension(result: RunResult, events: ResultEvents): HTMLElement {
  const fields = missingFields(result);
  const names = element("ul", { class: "missing" });
  for (const field of fields) {
    const name = element("code", { text: field.name });
    names.append(element("li", { attrs: { "data-missing": field.name } }, name, `: ${printType(field.type)}`));
  }
  const pending = result.pendingOutputs ?? [];
  const box = element("section", { class: "suspension", attrs: { "aria-label": "Missing inputs" } });
  box.append(element("p", { text: fields.length === 1 ? "The pipeline waits for an input:" : "The pipeline waits for inputs:" }), names);
  if (pending.length > 0) box.append(element("p", { class: "hint", text: `Not computed yet: ${pending.join(", ")}` }));
  const { resume } = events;
  const { executionId } = result;
  if (!resume || !executionId) {
    box.append(element("p", { class: "hint", text: "Enter them above and run again." }));
    return box;
  }
  const body = element("div", { class: "inputs" });
  const form = new InputForm(body, { changed: () => undefined }, "resume");
  form.setFields(fields.map((field) => ({ ...field, doc: undefined })));
  const act = (): void => {
    const collected = form.read();
    if (collected.problems.size > 0 || Object.keys(collected.values).length === 0) form.reveal();
    else resume(executionId, collected.values);
  };
  box.append(body, element("button", { class: "primary", text: "Resume", attrs: { type: "button" }, on: { click: act } }));
  return box;
}

function details(result: RunResult): HTMLElement {
  const rows: [string, unknown][] = [
    ["Execution", result.executionId],
    ["Structural hash", result.structuralHash],
    ["Compile time", typeof result.compileTimeMs === "number" ? milliseconds(result.compileTimeMs) : undefined],
    ["Compiled", result.cached === true || typeof result.cached === "string" ? "from the cache" : undefined],
  ];
  const list = element("dl", {});
  for (const [name, value] of rows) {
    if (typeof value === "string" && value !== "") list.append(element("dt", { text: name }), element("dd", { text: value }));
  }
  const box = element("details", { class: "details" }, element("summary", { text: "Details" }), list);
  box.hidden = list.childElementCount === 0;
  return box;
}
