import assert from "node:assert/strict";
import { test } from "node:test";
import { describe, resolveServer, type Probes, type ServerSettings } from "../src/server/resolve";

const DEFAULTS: ServerSettings = { mode: "auto", url: "ws://localhost:8080/lsp", urlIsSet: false, command: null, args: [], modules: [] };
const VENV = "/shop/.venv/bin/python";

/** A machine on which these commands exist, and a server answers or not. */
function machine(found: { selected?: string; environments?: string[]; installed?: string[]; healthy?: boolean }): Probes {
  return {
    selectedInterpreter: () => Promise.resolve(found.selected),
    environments: () => Promise.resolve(found.environments ?? []),
    version: ([program = ""]) => Promise.resolve(found.installed?.includes(program) ? { version: "1.2.3" } : { problem: "not found" }),
    healthy: () => Promise.resolve(found.healthy ?? false),
  };
}

const CASES: [string, Partial<ServerSettings>, Parameters<typeof machine>[0], string][] = [
  ["a URL that a person set is used", { url: "ws://shop:9/lsp", urlIsSet: true }, { installed: ["constellation"] }, "ws://shop:9/lsp"],
  ["an http URL becomes a WebSocket", { url: "https://shop", urlIsSet: true }, {}, "wss://shop/lsp"],
  ["mode stdio ignores a URL", { mode: "stdio", url: "ws://shop:9/lsp", urlIsSet: true }, { installed: ["constellation"] }, "constellation lsp"],
  ["mode websocket ignores what is installed", { mode: "websocket" }, { installed: ["constellation"] }, "ws://localhost:8080/lsp"],
  ["a command is taken as it is", { command: ["uv", "run", "constellation", "lsp"] }, {}, "uv run constellation lsp"],
  ["a command gets modules and arguments", { command: ["c"], modules: ["shop.a"], args: ["--demo"] }, {}, "c --modules shop.a --demo"],
  ["an empty command is none", { command: [] }, { installed: ["constellation"] }, "constellation lsp"],
  ["the selected interpreter comes first", {}, { selected: "/py", environments: [VENV], installed: ["/py", VENV] }, "/py -m constellation_server lsp"],
  ["an interpreter without the engine is passed over", {}, { selected: "/py", environments: [VENV], installed: [VENV] }, `${VENV} -m constellation_server lsp`],
  ["the workspace's environment is found", {}, { environments: [VENV], installed: [VENV, "constellation"] }, `${VENV} -m constellation_server lsp`],
  ["then the path", {}, { environments: [VENV], installed: ["constellation"] }, "constellation lsp"],
  ["modules are passed on", { modules: ["a", "b"] }, { installed: ["constellation"] }, "constellation lsp --modules a --modules b"],
  ["then a server that answers", {}, { healthy: true }, "ws://localhost:8080/lsp"],
  ["nothing at all", {}, {}, "none"],
  ["mode stdio does not connect to a server", { mode: "stdio" }, { healthy: true }, "none"],
  ["a URL that is none", { url: "shop", urlIsSet: true }, { installed: ["constellation"] }, "none"],
];

for (const [name, settings, found, expected] of CASES) {
  test(name, async () => {
    const { choice } = await resolveServer({ ...DEFAULTS, ...settings }, machine(found));
    assert.equal(describe(choice), expected);
  });
}

test("when nothing is found the message says what to do, and the reasons what was tried", async () => {
  const { choice, reasons } = await resolveServer(DEFAULTS, machine({ environments: [VENV] }));
  assert.equal(choice.kind, "none");
  assert.match(choice.message, /pip install constellation-engine/);
  assert.match(choice.message, /constellation\.server\.command/);
  assert.deepEqual(reasons, [
    `${VENV} -m constellation_server: not found`,
    "constellation: not found",
    "no server answers at http://localhost:8080",
  ]);
});
