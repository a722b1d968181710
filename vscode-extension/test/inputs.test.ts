import assert from "node:assert/strict";
import { test } from "node:test";
import type { InputField } from "../src/protocol";
import { applyJson, collectAll, entriesFor } from "../src/views/form/inputs";

const text: InputField = { name: "text", type: { kind: "primitive", name: "String" }, example: "hello" };
const count: InputField = { name: "count", type: { kind: "primitive", name: "Int" } };
const note: InputField = { name: "note", type: { kind: "parameterized", name: "Optional", params: [{ kind: "primitive", name: "String" }] } };

test("examples fill the form, and what was used last wins over them", () => {
  assert.deepEqual(collectAll(entriesFor([text, count], [], {})).values, { text: "hello" });
  assert.deepEqual(collectAll(entriesFor([text, count], [], { text: "again", count: 2 })).values, { text: "again", count: 2 });
});

test("required inputs with nothing entered are missing, optional ones are none", () => {
  const collected = collectAll(entriesFor([count, note], [], {}));
  assert.deepEqual(collected.missing, ["count"]);
  assert.deepEqual(collected.values, { note: null });
});

test("an input that the server calls not required is not missing", () => {
  assert.deepEqual(collectAll(entriesFor([{ ...count, required: false }], [], {})).missing, []);
});

test("an edit of the pipeline keeps what was entered for the same name and type", () => {
  const entered = applyJson(entriesFor([text, count], [], {}), '{"text": "mine", "count": 3}').entries;
  assert.deepEqual(collectAll(entriesFor([count, text, note], entered, {})).values, { count: 3, text: "mine", note: null });
});

test("a value of a changed type is kept if it still fits, else forgotten", () => {
  const entered = applyJson(entriesFor([text, count], [], {}), '{"text": "mine", "count": 3}').entries;
  const asFloat: InputField = { ...count, type: { kind: "primitive", name: "Float" } };
  const asInt: InputField = { name: "text", type: { kind: "primitive", name: "Int" } };
  assert.deepEqual(collectAll(entriesFor([asInt, asFloat], entered, {})).values, { count: 3 });
});

const BAD_JSON: [string, RegExp][] = [
  ["{", /not JSON/],
  ["[1]", /expected an object/],
  ['{"text": "a", "txet": 1}', /txet: the pipeline has no such input/],
  ['{"count": "x"}', /count: expected Int, got "x"/],
];

for (const [json, message] of BAD_JSON) {
  test(`the JSON text ${json} is refused and nothing is lost`, () => {
    const before = entriesFor([text, count], [], { count: 5 });
    const applied = applyJson(before, json);
    assert.match(applied.problems.join("\n"), message);
    assert.deepEqual(collectAll(applied.entries).values, { text: "hello", count: 5 });
  });
}
