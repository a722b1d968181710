import assert from "node:assert/strict";
import { test } from "node:test";
import type { StepView } from "../src/messages";
import { StepSection } from "../src/views/runner/steps";
import { button, click, newPage } from "./page";

const VIEW: StepView = {
  complete: false,
  stale: false,
  state: {
    currentBatch: 1,
    totalBatches: 3,
    batchNodes: ["v:a"],
    completedNodes: [{ nodeId: "in:text", nodeName: "text", valuePreview: '"hi"' }],
    pendingNodes: ["v:a", "v:b"],
    failedNodes: [],
    skippedNodes: [],
  },
};

function lists(root: Element): Record<string, string> {
  const found = [...root.querySelectorAll<HTMLElement>("[data-steps]")];
  return Object.fromEntries(found.map((list) => [list.dataset["steps"] ?? "", list.querySelector("ul")?.textContent ?? ""]));
}

test("a session shows its batch, what is next, done and waiting", () => {
  const page = newPage();
  const section = new StepSection({ act: () => undefined, revealNode: () => undefined });
  page.append(section.root);
  section.show(VIEW);
  assert.match(section.root.textContent ?? "", /Batch 1 of 2/);
  assert.deepEqual(lists(section.root), { next: "a", done: 'text = "hi"', waiting: "b" });
  section.show({ ...VIEW, stale: true });
  assert.match(section.root.textContent ?? "", /The text changed/);
  section.show(null);
  assert.equal(section.root.hidden, true);
});

test("its buttons act and keep the focus, its nodes lead to the text", () => {
  const page = newPage();
  const told: string[] = [];
  const section = new StepSection({ act: (action) => told.push(action), revealNode: (id) => told.push(id) });
  page.append(section.root);
  section.show(VIEW);
  button(page, "Next").focus();
  click(button(page, "Next"));
  section.show({ ...VIEW, state: { ...VIEW.state, currentBatch: 2, batchNodes: ["v:b"] } });
  assert.equal(document.activeElement, button(page, "Next"));
  click(button(page, "b"));
  click(button(page, "Stop"));
  assert.deepEqual(told, ["next", "v:b", "stop"]);
});
