import assert from "node:assert/strict";
import { test } from "node:test";
import type { TypeDescriptor } from "../src/protocol";
import { collect, draftOf, emptyDraft } from "../src/views/form/draft";

const string: TypeDescriptor = { kind: "primitive", name: "String" };
const int: TypeDescriptor = { kind: "primitive", name: "Int" };
const float: TypeDescriptor = { kind: "primitive", name: "Float" };
const boolean: TypeDescriptor = { kind: "primitive", name: "Boolean" };
const list = (elementType: TypeDescriptor): TypeDescriptor => ({ kind: "list", elementType });
const optional = (inner: TypeDescriptor): TypeDescriptor => ({ kind: "parameterized", name: "Optional", params: [inner] });
const record = (fields: Record<string, TypeDescriptor>): TypeDescriptor => ({
  kind: "record",
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
});
const map = (valueType: TypeDescriptor): TypeDescriptor => ({ kind: "map", keyType: string, valueType });
const union = (...members: TypeDescriptor[]): TypeDescriptor => ({ kind: "union", members });
const user: TypeDescriptor = { kind: "ref", name: "User", resolved: record({ name: string, age: optional(int) }) };

const ROUND_TRIPS: [string, TypeDescriptor, unknown, unknown?][] = [
  ["a text", string, "hello"],
  ["the empty text is a value", string, ""],
  ["an integer", int, -7],
  ["a float", float, 2.5],
  ["an integer as a float", float, 2],
  ["a boolean", boolean, false],
  ["an optional that is none", optional(string), null],
  ["an optional with a value", optional(list(int)), [1, 2]],
  ["a list", list(string), ["a", "b"]],
  ["the empty list", list(string), []],
  ["a list that is too long for rows", list(int), Array.from({ length: 300 }, (_, index) => index)],
  ["a record", user, { name: "Ann", age: 3 }],
  ["a map", map(int), { a: 1, b: 2 }],
  ["a map whose keys are no texts", { kind: "map", keyType: int, valueType: string }, [[1, "a"]]],
  ["a union is sent with its tag", union(int, string), "x", { tag: "String", value: "x" }],
  ["a tagged union", union(int, float), { tag: "Float", value: 1 }],
  ["a type that nobody knows", { kind: "ref", name: "Tensor" }, { any: ["thing"] }],
];

for (const [name, type, value, sent = value] of ROUND_TRIPS) {
  test(`${name} goes into the form and comes out again`, () => {
    const draft = draftOf(type, value);
    assert.ok(draft);
    assert.deepEqual(collect(type, draft, "x"), { state: "valid", value: sent });
  });
}

for (const [name, type] of Object.entries({ string, int, boolean, list: list(int), record: user, map: map(int), union: union(int, string) })) {
  test(`an untouched ${name} is unset`, () => {
    assert.equal(collect(type, emptyDraft(type), "x").state, "unset");
  });
}

test("an untouched optional is none", () => {
  assert.deepEqual(collect(optional(int), emptyDraft(optional(int)), "x"), { state: "valid", value: null });
});

const PROBLEMS: [TypeDescriptor, Parameters<typeof collect>[1], string, RegExp][] = [
  [int, { kind: "number", text: "1.5" }, "n", /expected Int, got "1.5"/],
  [int, { kind: "number", text: "9007199254740993" }, "n", /too large/],
  [float, { kind: "number", text: "NaN" }, "n", /expected Float, got "NaN"/],
  [float, { kind: "number", text: "1e999" }, "n", /expected Float/],
  [list(int), { kind: "list", items: [{ kind: "number", text: "x" }] }, "n[0]", /expected Int/],
  [list(int), { kind: "list", items: [{ kind: "number", text: null }] }, "n[0]", /missing/],
  [optional(int), { kind: "optional", present: true, inner: { kind: "number", text: null } }, "n", /choose none/],
  [{ kind: "ref", name: "T" }, { kind: "json", text: "{" }, "n", /not JSON/],
  [map(int), { kind: "map", rows: [{ key: "a", value: { kind: "number", text: "1" } }, { key: "a", value: { kind: "number", text: "2" } }] }, 'n["a"]', /twice/],
];

for (const [type, draft, path, message] of PROBLEMS) {
  test(`${JSON.stringify(draft)} is refused at ${path}`, () => {
    const collected = collect(type, draft, "n");
    assert.equal(collected.state, "invalid");
    assert.equal(collected.problems[0]?.path, path);
    assert.match(collected.problems[0]?.message ?? "", message);
  });
}

test("a record that is half filled names the field that is missing", () => {
  const type = record({ name: string, age: int });
  const draft = emptyDraft(type);
  assert.ok(draft.kind === "record");
  draft.fields.set("name", { kind: "text", text: "Ann" });
  assert.deepEqual(collect(type, draft, "user"), { state: "invalid", problems: [{ path: "user.age", message: "missing" }] });
});

test("a value of another type has no draft", () => {
  assert.equal(draftOf(int, "x"), undefined);
  assert.equal(draftOf(list(int), { a: 1 }), undefined);
  assert.equal(draftOf(user, "Ann"), undefined);
});
