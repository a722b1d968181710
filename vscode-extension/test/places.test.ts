import assert from "node:assert/strict";
import { test } from "node:test";
import { inlineText, placeResults } from "../src/features/places";

test("results stand behind the lines that declare them", () => {
  const text = ["in text: String", "shout = Uppercase(text)", "same = text == shout", "out shout when ok", "out f(text) as total", "# out shout", "x = 1"].join("\n");
  const found = placeResults(text, {
    "in:text": { status: "completed", preview: '"a"' },
    "v:shout": { status: "completed", preview: '"A"', durationMs: 3.4 },
    "v:same": { status: "skipped" },
    "out:shout": { status: "completed", preview: '"A"' },
    "out:total": { status: "failed", error: "division by zero" },
  });
  assert.deepEqual(
    found.map(({ line, text: shown, failed }) => [line, shown, failed]),
    [
      [1, ' = "A" · 3 ms', false],
      [2, " – skipped", false],
      [3, ' = "A"', false],
      [4, " ✗ division by zero", true],
    ],
  );
});

test("long values and values of several lines are one short line", () => {
  assert.equal(inlineText({ status: "completed", preview: `a\n${"b".repeat(100)}` })?.length, 63);
  assert.equal(inlineText({ status: "running" }), undefined);
  assert.equal(inlineText({ status: "completed" }), undefined);
});
