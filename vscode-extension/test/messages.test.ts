import assert from "node:assert/strict";
import { test } from "node:test";
import { failedRun, summary } from "../src/features/outcome";
import { readFromGraph, readFromRunner } from "../src/messages";
import { printType } from "../src/protocol";

test("a page's messages pass", () => {
  assert.ok(readFromRunner({ type: "ready" }));
  assert.ok(readFromRunner({ type: "run", inputs: { a: 1 }, mode: "partial" }));
  assert.ok(readFromGraph({ type: "select", nodeId: "v:a", focus: true }));
});

const BAD: unknown[] = [null, 1, {}, { type: "constructor" }, { type: "nope" }, { type: "run", inputs: null, mode: "complete" }, { type: "run", inputs: {}, mode: "all" }, { type: "copy" }];

for (const message of BAD) {
  test(`${JSON.stringify(message)} does not pass`, () => {
    assert.equal(readFromRunner(message), undefined);
  });
}

test("a direction is one of two", () => {
  assert.equal(readFromGraph({ type: "direction", direction: "up" }), undefined);
});

test("a run in a few words", () => {
  assert.equal(summary({ success: true, status: "completed", executionTimeMs: 12.4 }).short, "$(check) 12 ms");
  assert.equal(summary({ success: true, status: "suspended", missingInputs: { a: "Int" } }).short, "$(debug-pause) needs a");
  assert.equal(summary(failedRun(new Error("no server"))).text, "failed · no server");
  assert.equal(summary(failedRun(null, true)).status, "cancelled");
});

test("types as the language writes them", () => {
  const type = {
    kind: "record" as const,
    fields: [
      { name: "a", type: { kind: "map" as const, keyType: { kind: "primitive" as const, name: "String" }, valueType: { kind: "ref" as const, name: "User" } } },
      { name: "b", type: { kind: "union" as const, members: [{ kind: "primitive" as const, name: "Int" }, { kind: "parameterized" as const, name: "Optional", params: [{ kind: "primitive" as const, name: "Float" }] }] } },
    ],
  };
  assert.equal(printType(type), "{ a: Map<String, User>, b: Int | Optional<Float> }");
});
