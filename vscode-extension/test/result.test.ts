import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { RunResult } from "../src/protocol";
import { showResult } from "../src/views/runner/result";
import { preview } from "../src/views/values/preview";
import { valueTree } from "../src/views/values/tree";
import { button, click, enter, newPage } from "./page";

let root: HTMLElement;
let told: unknown[];

beforeEach(() => {
  root = newPage();
  told = [];
});

function show(result: RunResult, resumable = true): void {
  showResult(root, result, {
    reveal: (error) => told.push(["reveal", error.line]),
    revealNode: (id) => told.push(["node", id]),
    copy: (text) => told.push(["copy", text]),
    resume: resumable ? (id, values) => told.push(["resume", id, values]) : null,
  });
}

test("a completed run shows its outputs as tree, JSON and table", () => {
  show({ success: true, status: "completed", executionTimeMs: 12.3, outputs: { name: "Ada", rows: [{ a: 1 }, { a: 2, b: "x" }] } });
  assert.equal(root.dataset["status"], "completed");
  assert.match(root.querySelector(".heading")?.textContent ?? "", /Completed12 ms/);
  assert.equal(root.querySelector('[data-output="name"]')?.textContent, 'name: "Ada"');
  click(button(root, "Table"));
  assert.deepEqual([...root.querySelectorAll("th")].map((cell) => cell.textContent), ["a", "b"]);
  click(button(root, "JSON"));
  assert.equal(button(root, "JSON").getAttribute("aria-pressed"), "true");
  click(button(root, "Copy"));
  assert.deepEqual(told, [["copy", root.querySelector("pre")?.textContent]]);
});

const SUSPENDED: RunResult = {
  success: true,
  status: "suspended",
  executionId: "e1",
  missingInputs: { approved: "CBoolean", n: "CInt" },
  pendingOutputs: ["total"],
  missing: [{ name: "n", type: { kind: "primitive", name: "Int" } }],
};

test("a suspended run names what it waits for and resumes with it", () => {
  show(SUSPENDED);
  assert.match(root.textContent ?? "", /Not computed yet: total/);
  enter(root.querySelector("#resume-n"), "5");
  click(button(root, "Resume"));
  assert.deepEqual(told, [["resume", "e1", { n: 5 }]]);
});

test("nothing is resumed with nothing", () => {
  show(SUSPENDED);
  click(button(root, "Resume"));
  assert.deepEqual(told, []);
  assert.match(root.textContent ?? "", /required: enter a value of type Int/);
});

test("a server that cannot resume: the page says what to do", () => {
  show({ ...SUSPENDED, missing: null }, false);
  assert.deepEqual([...root.querySelectorAll("[data-missing]")].map((one) => one.textContent), ["approved: Boolean", "n: Int"]);
  assert.match(root.textContent ?? "", /run again/);
});

test("errors have a category, a place to go to, and their excerpt", () => {
  show({
    success: false,
    status: "failed",
    errors: [
      { category: "reference", message: "[E002] Unknown function", line: 2, column: 5, codeContext: "2 | x", suggestion: "Did you mean 'y'?" },
      { category: "runtime", message: "division by zero", nodeId: "v:r" },
    ],
  });
  click(button(root, "line 2:5"));
  click(button(root, "go to source"));
  assert.deepEqual(told, [["reveal", 2], ["node", "v:r"]]);
  assert.match(root.textContent ?? "", /Did you mean 'y'\?/);
});

test("an older server that tells only an error", () => {
  show({ success: false, error: "Document not found" });
  assert.equal(root.dataset["status"], "failed");
  assert.match(root.textContent ?? "", /Document not found/);
});

test("values of a hostile pipeline are text", () => {
  show({ success: true, outputs: { "<b>x</b>": "<img src=x>" }, error: "<script>" });
  assert.equal(root.querySelector("b, img, script"), null);
});

test("long lists come in portions", () => {
  root.append(valueTree(Array.from({ length: 250 }, (_, index) => index)));
  const details = root.querySelector("details")!;
  details.open = true;
  details.dispatchEvent(new Event("toggle"));
  assert.equal(root.querySelectorAll(".value-children > .value-line").length, 100);
  click(button(root, "Show more (150 left)"));
  assert.equal(root.querySelectorAll(".value-children > .value-line").length, 200);
});

test("one-line previews", () => {
  assert.deepEqual(
    ["x", 1.5, null, [1], [], { a: 1, b: 2 }, {}, "y".repeat(80)].map((value) => preview(value, 20)),
    ['"x"', "1.5", "null", "[1 item]", "[0 items]", "{ a, b }", "{}", `"${"y".repeat(18)}…`],
  );
});
