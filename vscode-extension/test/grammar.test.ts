import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import type * as Oniguruma from "vscode-oniguruma";
import type * as TextMate from "vscode-textmate";

const load = createRequire(join(process.cwd(), "package.json"));
const oniguruma = load("vscode-oniguruma") as typeof Oniguruma;
const textmate = load("vscode-textmate") as typeof TextMate;

async function grammar(): Promise<TextMate.IGrammar> {
  await oniguruma.loadWASM(readFileSync(load.resolve("vscode-oniguruma/release/onig.wasm")));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: () => Promise.resolve(JSON.parse(readFileSync("dist/constellation.tmLanguage.json", "utf8")) as TextMate.IRawGrammar),
  });
  const loaded = await registry.loadGrammar("source.constellation");
  assert.ok(loaded);
  return loaded;
}

const colours = await grammar();

/** The innermost scope of each piece of `text`, without the language's suffix. */
function scopes(text: string): [string, string][] {
  let state = textmate.INITIAL;
  const result: [string, string][] = [];
  for (const line of text.split("\n")) {
    const { tokens, ruleStack } = colours.tokenizeLine(line, state);
    state = ruleStack;
    for (const token of tokens) {
      const piece = line.slice(token.startIndex, token.endIndex);
      if (piece.trim() !== "") result.push([piece.trim(), (token.scopes.at(-1) ?? "").replace(/\.constellation$/, "")]);
    }
  }
  return result;
}

/** A program, and the scope that each of these pieces has where it first occurs. */
const EXPECTED: [string, Record<string, string>][] = [
  ["# note", { "#": "punctuation.definition.comment", note: "comment.line.number-sign" }],
  ["in text: String", { in: "keyword.declaration", text: "variable.parameter", String: "support.type.primitive" }],
  ["in xs: List<Map<String, User>>", { List: "support.type.generic", Map: "support.type.generic", String: "support.type.primitive", User: "entity.name.type" }],
  ["in xs: List[Int]\nout xs", { List: "support.type.generic", Int: "support.type.primitive", out: "keyword.declaration" }],
  ["in u: { name: String, age: Int }", { name: "variable.other.property", age: "variable.other.property", Int: "support.type.primitive" }],
  ["in in-stock: Boolean", { "in-stock": "variable.parameter", Boolean: "support.type.primitive" }],
  ["type User = { name: String } | Guest", { type: "keyword.declaration", User: "entity.name.type.definition", "|": "keyword.operator.union", Guest: "entity.name.type" }],
  ["type A = Int\nb = f(1)", { A: "entity.name.type.definition", b: "variable.other.declaration", f: "entity.name.function" }],
  ["use stdlib.math as m", { use: "keyword.control.import", "stdlib.math": "entity.name.namespace", as: "keyword.control.import", m: "entity.name.namespace.alias" }],
  ["use stdlib.math\nx = 1", { "stdlib.math": "entity.name.namespace", x: "variable.other.declaration", "1": "constant.numeric.integer" }],
  ['@example("a")', { "@example": "entity.name.function.decorator", a: "string.quoted.double" }],
  ["out user when approval", { out: "keyword.declaration", user: "variable.other", when: "keyword.control", approval: "variable.other" }],
  ["x = stdlib.math.add(a, 1)", { x: "variable.other.declaration", stdlib: "entity.name.namespace", math: "entity.name.namespace", add: "entity.name.function", a: "variable.other" }],
  ["x = to-upper(in-stock)", { "to-upper": "entity.name.function", "in-stock": "variable.other" }],
  ["type-name = 1", { "type-name": "variable.other.declaration" }],
  ["x = user.name", { user: "variable.other", ".": "punctuation.accessor", name: "variable.other.property" }],
  ["x = user.type", { type: "variable.other.property" }],
  ["x = a == b and not c", { "=": "keyword.operator.assignment", "==": "keyword.operator.comparison", and: "keyword.operator.word", not: "keyword.operator.word" }],
  ["x = a ?? b", { "??": "keyword.operator.coalesce" }],
  ["x = a - -3 * 2.5e-3", { "-": "keyword.operator.arithmetic", "-3": "constant.numeric.integer", "2.5e-3": "constant.numeric.float" }],
  ["x = if (true) 1 else 0", { if: "keyword.control", true: "constant.language.boolean", else: "keyword.control" }],
  ["b = branch { n > 1 -> a, otherwise -> c }", { branch: "keyword.control", "->": "keyword.operator.arrow", otherwise: "keyword.control" }],
  ["b = branch { true->a, otherwise->c }", { true: "constant.language.boolean", "->": "keyword.operator.arrow", otherwise: "keyword.control" }],
  ["b = branch { flag->a, otherwise->c }", { flag: "variable.other", "->": "keyword.operator.arrow" }],
  ["m = match v { is Int -> 1, is Card -> 2, _ -> 3 }", { match: "keyword.control", is: "keyword.operator.word", Int: "support.type.primitive", Card: "entity.name.type", _: "variable.other" }],
  ["f = filter(xs, (x: Int) => x > 1)", { filter: "entity.name.function", x: "variable.parameter", Int: "support.type.primitive", "=>": "keyword.operator.arrow" }],
  ["f = map(xs, x => x)", { x: "variable.parameter" }],
  ["r = { name: 1, type: 2 }", { name: "variable.other.property", type: "variable.other.property" }],
  ["r = f(a) with retry: 3, backoff: exponential, timeout: 30s", { with: "keyword.other", retry: "variable.parameter.option", exponential: "constant.other.option", "30": "constant.numeric.duration", s: "keyword.other.unit" }],
  ["r = f(a) with throttle: 100/1min, cache_backend: \"memory\"", { throttle: "variable.parameter.option", "/": "keyword.operator.rate", min: "keyword.other.unit", cache_backend: "variable.parameter.option", memory: "string.quoted.double" }],
  ["r = f(a) with\n    retry: 3,\n    on_error: skip\nout r", { on_error: "variable.parameter.option", skip: "constant.other.option", out: "keyword.declaration" }],
  ['s = "a\\n\\q"', { a: "string.quoted.double", "\\n": "constant.character.escape", "\\q": "invalid.illegal.escape" }],
  ['s = "\\u{1F600} \\${x}"', { "\\u{1F600}": "constant.character.escape", "\\$": "constant.character.escape" }],
  ['s = "hi ${upper(name)}!"', { "${": "punctuation.section.embedded.begin", upper: "entity.name.function", name: "variable.other", "}": "punctuation.section.embedded.end", "!": "string.quoted.double" }],
  ['s = "a ${f("b ${c} d")} e"', { f: "entity.name.function", c: "variable.other", e: "string.quoted.double" }],
  ['s = "${r{name}} x"', { r: "variable.other", x: "string.quoted.double" }],
  ['s = "never closed\nin a: Int', { "never closed": "string.quoted.double", in: "keyword.declaration" }],
  ["x = # why\n  1", { "#": "punctuation.definition.comment", why: "comment.line.number-sign", "1": "constant.numeric.integer" }],
];

for (const [program, expected] of EXPECTED) {
  test(`colours of ${JSON.stringify(program)}`, () => {
    const found = scopes(program);
    for (const [piece, scope] of Object.entries(expected)) {
      assert.deepEqual([piece, found.find(([text]) => text === piece)?.[1]], [piece, scope], JSON.stringify(found));
    }
  });
}

test("more than a hundred pieces are checked", () => {
  assert.ok(EXPECTED.flatMap(([, expected]) => Object.keys(expected)).length > 100);
});
