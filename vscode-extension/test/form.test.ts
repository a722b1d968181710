import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { InputField, TypeDescriptor } from "../src/protocol";
import { InputForm } from "../src/views/form/form";
import { button, click, enter, newPage } from "./page";

const primitive = (name: string): TypeDescriptor => ({ kind: "primitive", name });
const field = (name: string, type: TypeDescriptor, more: Partial<InputField> = {}): InputField => ({ name, type, ...more });
const ADDRESS: TypeDescriptor = { kind: "record", fields: [{ name: "street", type: primitive("String") }, { name: "floor", type: primitive("Int") }] };

let root: HTMLElement;
let form: InputForm;
let changes: number;

beforeEach(() => {
  root = newPage();
  changes = 0;
  form = new InputForm(root, { changed: () => (changes += 1) });
});

const control = (name: string): Element | null => root.querySelector(`[data-input="${name}"] .control input, [data-input="${name}"] .control select`);
const problems = (name: string): string => root.querySelector(`[data-input="${name}"] .problems`)?.textContent ?? "";

test("what is typed is read back by type, and every change is told", () => {
  form.setFields([field("text", primitive("String")), field("n", primitive("Int")), field("x", primitive("Float"))]);
  enter(control("text"), "hello");
  enter(control("n"), "42");
  enter(control("x"), "1.5e3");
  assert.deepEqual(form.read().values, { text: "hello", n: 42, x: 1500 });
  assert.equal(changes, 3);
});

test("a boolean starts unset, not false", () => {
  form.setFields([field("ok", primitive("Boolean"))]);
  assert.deepEqual(form.read().missing, ["ok"]);
  const radios = [...root.querySelectorAll<HTMLInputElement>("input[type=radio]")];
  radios[1]!.checked = true;
  radios[1]!.dispatchEvent(new Event("change"));
  assert.deepEqual(form.read().values, { ok: false });
});

test("a wrong number is explained at its control and linked to it", () => {
  form.setFields([field("n", primitive("Int"))]);
  enter(control("n"), "many");
  assert.equal(problems("n"), 'expected Int, got "many"');
  const input = control("n");
  assert.equal(input?.getAttribute("aria-invalid"), "true");
  assert.equal(input?.getAttribute("aria-describedby"), root.querySelector(".problems")?.id);
});

test("what is missing is marked after the first try to run", () => {
  form.setFields([field("n", primitive("Int"))]);
  assert.equal(problems("n"), "");
  form.reveal();
  assert.equal(problems("n"), "required: enter a value of type Int");
  assert.equal(document.activeElement, control("n"));
});

test("lists get rows, records fields, maps keys, unions a choice", () => {
  const union: TypeDescriptor = { kind: "union", members: [primitive("Int"), primitive("String")] };
  const map: TypeDescriptor = { kind: "map", keyType: primitive("String"), valueType: primitive("Int") };
  form.setFields([field("tags", { kind: "list", elementType: primitive("String") }), field("home", ADDRESS), field("rates", map), field("either", union)]);
  const part = (name: string): Element => root.querySelector(`[data-input="${name}"]`)!;
  click(part("tags").querySelector(".add"));
  click(part("tags").querySelector(".add"));
  enter(part("tags").querySelectorAll(".row input")[0], "a");
  enter(part("tags").querySelectorAll(".row input")[1], "b");
  enter(part("home").querySelectorAll("input")[0], "Main St");
  enter(part("home").querySelectorAll("input")[1], "2");
  click(part("rates").querySelector(".add"));
  enter(part("rates").querySelector("input.key"), "EUR");
  enter(part("rates").querySelector("input.number"), "3");
  const select = part("either").querySelector("select")!;
  select.value = "1";
  select.dispatchEvent(new Event("change"));
  enter(part("either").querySelector("input.text"), "x");
  assert.deepEqual(form.read().values, {
    tags: ["a", "b"],
    home: { street: "Main St", floor: 2 },
    rates: { EUR: 3 },
    either: { tag: "String", value: "x" },
  });
  click(button(part("tags"), "✕"));
  assert.deepEqual((form.read().values as { tags: string[] }).tags, ["b"]);
});

test("an optional is none until it is switched on", () => {
  form.setFields([field("note", { kind: "parameterized", name: "Optional", params: [primitive("String")] })]);
  assert.deepEqual(form.read().values, { note: null });
  const toggle = root.querySelector<HTMLInputElement>("input[type=checkbox]")!;
  toggle.checked = true;
  toggle.dispatchEvent(new Event("change"));
  enter(root.querySelector("input.text"), "hi");
  assert.deepEqual(form.read().values, { note: "hi" });
});

test("examples fill records too, and a button brings an example back", () => {
  form.setFields([field("home", ADDRESS, { example: { street: "Elm", floor: 1 } })]);
  assert.deepEqual(form.read().values, { home: { street: "Elm", floor: 1 } });
  enter(root.querySelector("input.text"), "Oak");
  click(root.querySelector(".example"));
  assert.deepEqual(form.read().values, { home: { street: "Elm", floor: 1 } });
});

test("the JSON text and the form show the same", () => {
  form.setFields([field("text", primitive("String")), field("n", primitive("Int"))]);
  enter(control("text"), "a");
  form.toggleJson();
  const area = root.querySelector("textarea")!;
  assert.equal(area.value, '{\n  "text": "a"\n}');
  enter(area, '{"text": "b", "n": ');
  assert.equal(form.read().problems.size, 1);
  form.toggleJson();
  assert.equal(form.asJson, true, "invalid JSON stays on the page");
  enter(area, '{"text": "b", "n": 7}');
  form.toggleJson();
  assert.equal(form.asJson, false);
  assert.deepEqual(form.read().values, { text: "b", n: 7 });
});

test("names, docs and examples of a hostile file are text on the page", () => {
  const hostile = '"><img src=x onerror=alert(1)>';
  form.setFields([field("x", primitive("String"), { doc: hostile, example: hostile, type: { kind: "ref", name: hostile } })]);
  assert.equal(root.querySelector("img"), null);
  assert.match(root.textContent ?? "", /<img src=x/);
});

test("every control has a name for a screen reader", () => {
  const types = [primitive("String"), primitive("Int"), primitive("Boolean"), ADDRESS, { kind: "list", elementType: primitive("Int") } as TypeDescriptor];
  form.setFields(types.map((type, index) => field(`i${index}`, type)));
  for (const one of root.querySelectorAll("input, textarea, select, button")) {
    const named = one.getAttribute("aria-label") ?? one.textContent ?? "";
    const labelled = one.closest("label")?.textContent ?? "";
    assert.notEqual(`${named}${labelled}`.trim(), "", one.outerHTML);
  }
});
