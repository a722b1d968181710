import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import Module from "node:module";
import { join } from "node:path";
import { test } from "node:test";

const here = process.cwd();
const read = (name: string): string => readFileSync(join(here, name), "utf8");
interface Manifest {
  activationEvents: string[];
  contributes: {
    commands: { command: string; title: string }[];
    keybindings: { command: string }[];
    menus: Record<string, { command: string }[]>;
    configuration: { properties: Record<string, unknown> };
    grammars: { path: string }[];
    snippets: { path: string }[];
  };
}
const manifest = JSON.parse(read("package.json")) as Manifest;
const declared = manifest.contributes.commands.map((one) => one.command);

test("every command in menus and keys is declared, and every declared one is registered", () => {
  const used = [...manifest.contributes.keybindings, ...Object.values(manifest.contributes.menus).flat()].map((one) => one.command);
  for (const command of used) assert.ok(declared.includes(command), command);
  const registered = new Set([...read("src/extension.ts").matchAll(/^ {4}"(constellation\.\w+)":/gm)].map((match) => match[1]));
  assert.deepEqual([...registered].sort(), [...declared].sort());
});

test("every setting and every command is in the README", () => {
  const readme = read("README.md");
  for (const setting of Object.keys(manifest.contributes.configuration.properties)) assert.ok(readme.includes(`\`${setting}\``), setting);
  for (const { title, command } of manifest.contributes.commands) {
    if (command !== "constellation.serverActions") assert.ok(readme.includes(title), title);
  }
});

test("no setting holds a key", () => {
  assert.deepEqual(Object.keys(manifest.contributes.configuration.properties).filter((name) => /key|token|password/i.test(name)), []);
});

test("files that the manifest names exist", () => {
  for (const { path } of [...manifest.contributes.grammars, ...manifest.contributes.snippets]) assert.ok(statSync(join(here, path)).size > 0);
});

test("the bundle loads with nothing but vscode, and stays small", () => {
  const loader = Module as unknown as { _load: (request: string, ...rest: unknown[]) => unknown };
  const original = loader._load;
  const stub: object = new Proxy(function () {}, { get: (_target, name) => (name === Symbol.toPrimitive ? () => "" : stub), construct: () => stub, apply: () => stub });
  const asked: string[] = [];
  loader._load = (request, ...rest) => {
    if (request === "vscode") return stub;
    asked.push(request);
    return original(request, ...rest);
  };
  try {
    const extension = createRequire(join(here, "dist/"))(join(here, "dist/extension.js")) as Record<string, unknown>;
    assert.equal(typeof extension["activate"], "function");
    assert.equal(typeof extension["deactivate"], "function");
  } finally {
    loader._load = original;
  }
  const builtin = new Set([...Module.builtinModules, ...Module.builtinModules.map((name) => `node:${name}`)]);
  assert.deepEqual(asked.filter((name) => !builtin.has(name) && !name.endsWith("extension.js") && !/bufferutil|utf-8-validate/.test(name)), []);
  assert.ok(statSync(join(here, "dist/extension.js")).size < 1024 * 1024);
});
