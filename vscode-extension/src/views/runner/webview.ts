/**
 * The runner page: the input form, the buttons that run, what came out.
 *
 * Owns the page's state between two messages. It validates before it sends, and it never runs anything itself.
 */

import type { FromRunner, SubmitMode, ToRunner } from "../../messages";
import type { ErrorInfo } from "../../protocol";
import { element } from "../element";
import { InputForm } from "../form/form";
import { connect } from "../host-api";
import { RecentRuns } from "./recent";
import { showResult } from "./result";
import { StepSection } from "./steps";

const app = document.getElementById("app")!;
const title = element("h1", { text: "Pipeline" });
const dot = element("span", { class: "dot", attrs: { role: "img" } });
const connection = element("div", { class: "notice", attrs: { role: "status", hidden: true } });
const schemaNote = element("div", { class: "notice", attrs: { role: "status", hidden: true } });
const inputs = element("div", { class: "inputs" });
const output = element("section", { class: "result", attrs: { "aria-label": "Result", "aria-live": "polite" } });
const hint = element("div", { class: "run-hint", attrs: { role: "status" } });

let ready = false;
let runnable = false;
let running = false;
let stepping = false;
let waiting: SubmitMode | null = null;
let hasSchema = false;
let uri = "";
let known: Record<string, unknown> = {};

interface Saved {
  uri: string;
  values: Record<string, unknown>;
}

const { send, saved, save } = connect<FromRunner, ToRunner>(receive);
const form = new InputForm(inputs, {
  changed: () => {
    hint.replaceChildren();
    remember();
  },
});
const recent = new RecentRuns((run) => {
  form.setValues(run.inputs);
  remember();
  showOutcome(run.result, false);
});

const steps = new StepSection({
  act: (action) => send({ type: "stepAction", action }),
  revealNode: (nodeId) => send({ type: "revealNode", nodeId }),
});

const run = button("Run", "primary", () => submit("complete"));
const cancel = button("Cancel", "", () => send({ type: "cancel" }));
const step = button("Step", "", () => submit("step"));
const partial = button("Run with missing inputs", "", () => submit("partial"));
const json = button("Edit as JSON", "small", () => {
  form.toggleJson();
  json.textContent = form.asJson ? "Edit as form" : "Edit as JSON";
});
partial.title = "Run what can run; the pipeline waits for the rest";

app.replaceChildren(
  element("header", {}, title, dot),
  connection,
  schemaNote,
  element("section", { attrs: { "aria-label": "Inputs" } }, element("div", { class: "heading" }, element("h2", { text: "Inputs" }), json), inputs),
  element("div", { class: "actions" }, run, partial, step, cancel),
  hint,
  steps.root,
  output,
  recent.root,
);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit("complete");
});
refresh();
send({ type: "ready" });

function button(text: string, style: string, act: () => void): HTMLButtonElement {
  return element("button", { class: style, text, attrs: { type: "button" }, on: { click: act } });
}

function refresh(): void {
  run.disabled = partial.disabled = step.disabled = running || stepping || !ready || !runnable;
  cancel.hidden = !running;
  step.hidden = running;
  partial.hidden = running || form.inputCount === 0;
  run.textContent = running ? "Running…" : "Run";
  json.hidden = form.inputCount === 0;
}

function receive(message: ToRunner): void {
  switch (message.type) {
    case "file":
      showFile(message);
      break;
    case "schema":
      showSchema(message);
      break;
    case "submit":
      waiting = message.mode;
      break;
    case "running":
      running = true;
      hint.replaceChildren();
      break;
    case "step":
      stepping = message.step !== null;
      steps.show(message.step);
      if (stepping) output.replaceChildren();
      break;
    case "result":
      running = false;
      showOutcome(message.result, message.resumable);
      break;
    case "recent":
      recent.show(message.runs);
      break;
    case "connection":
      ready = message.connection.ready;
      showConnection(message.connection.message);
      break;
  }
  if (waiting !== null && ready && hasSchema) {
    const mode = waiting;
    waiting = null;
    if (runnable) submit(mode);
  }
  refresh();
}

function remember(): void {
  save({ uri, values: form.read().values } satisfies Saved);
}

function showFile(message: ToRunner & { type: "file" }): void {
  const before = saved as Saved | undefined;
  uri = message.uri;
  running = false;
  known = before?.uri === uri ? { ...message.known, ...before.values } : message.known;
  title.textContent = message.fileName;
  hasSchema = false;
  form.clear();
  output.replaceChildren();
}

function showConnection(text: string): void {
  dot.classList.toggle("ready", ready);
  dot.setAttribute("aria-label", ready ? "Connected" : "Not connected");
  dot.title = text;
  connection.hidden = ready;
  connection.replaceChildren(text, " ", button("Server actions…", "small", () => send({ type: "serverActions" })));
}

function showSchema(message: ToRunner & { type: "schema" }): void {
  hasSchema = true;
  runnable = message.problem === null;
  form.setFields(message.inputs, known);
  remember();
  schemaNote.hidden = runnable;
  const first = message.errors.find((error) => typeof error.line === "number");
  schemaNote.replaceChildren(message.problem ?? "", " ", first ? button("Go to error", "small", () => reveal(first)) : "");
}

function reveal(error: ErrorInfo): void {
  const [line, column] = [error.line ?? 1, error.column ?? 1];
  send({ type: "reveal", line, column, endLine: error.endLine ?? line, endColumn: error.endColumn ?? column });
}

function submit(mode: SubmitMode): void {
  if (running || stepping || !ready || !runnable) return;
  const collected = form.read();
  if (mode === "examples") {
    send({ type: "run", inputs: {}, mode });
    return;
  }
  const blocked = collected.problems.size > 0 || (mode !== "partial" && collected.missing.length > 0);
  if (!blocked) {
    hint.replaceChildren();
    if (mode === "step") send({ type: "step", inputs: collected.values });
    else send({ type: "run", inputs: collected.values, mode });
    return;
  }
  form.reveal();
  hint.replaceChildren(
    collected.problems.size > 0
      ? "Correct the marked inputs first."
      : `Enter ${collected.missing.join(", ")}, or run with missing inputs: the pipeline then waits for them.`,
  );
}

function showOutcome(result: Parameters<typeof showResult>[1], resumable: boolean): void {
  showResult(output, result, {
    reveal,
    revealNode: (nodeId) => send({ type: "revealNode", nodeId }),
    copy: (text) => send({ type: "copy", text }),
    resume: resumable ? (executionId, values) => send({ type: "resume", executionId, inputs: values }) : null,
  });
}
