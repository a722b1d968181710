// Builds dist/: the extension (CommonJS for the extension host), one script per webview, the TextMate grammars as JSON.
// With --tests: bundles test/*.test.ts to build/test/ for node's own test runner. With --watch: rebuilds on change.
import { readFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import esbuild from "esbuild";
import { load } from "js-yaml";

const here = (name) => new URL(name, import.meta.url);

async function grammars() {
  await mkdir(here("dist/"), { recursive: true });
  for (const name of ["constellation.tmLanguage", "constellation.markdown.tmLanguage"]) {
    const grammar = load(await readFile(here(`syntaxes/${name}.yaml`), "utf8"));
    delete grammar.variables;
    await writeFile(here(`dist/${name}.json`), JSON.stringify(grammar));
  }
}

const common = { bundle: true, minify: true, sourcemap: true, logLevel: "warning", absWorkingDir: here(".").pathname };

const extension = {
  ...common,
  entryPoints: { extension: "src/extension.ts" },
  outdir: "dist",
  platform: "node",
  target: "node20",
  format: "cjs",
  mainFields: ["module", "main"],
  external: ["vscode", "bufferutil", "utf-8-validate"],
};

const views = {
  ...common,
  entryPoints: {
    runner: "src/views/runner/webview.ts",
    dag: "src/views/dag/webview.ts",
    "runner-style": "src/views/runner/runner.css",
    "dag-style": "src/views/dag/dag.css",
  },
  outdir: "dist",
  platform: "browser",
  target: "chrome120",
  format: "esm",
};

async function tests() {
  await rm(here("build/test/"), { recursive: true, force: true });
  const names = (await readdir(here("test/"))).filter((name) => name.endsWith(".test.ts"));
  return {
    ...common,
    minify: false,
    sourcemap: "inline",
    entryPoints: names.map((name) => `test/${name}`),
    outdir: "build/test",
    outExtension: { ".js": ".mjs" },
    platform: "node",
    target: "node20",
    format: "esm",
    packages: "external",
  };
}

if (process.argv.includes("--tests")) {
  await esbuild.build(await tests());
} else {
  await rm(here("dist/"), { recursive: true, force: true });
  await grammars();
  if (process.argv.includes("--watch")) {
    for (const options of [extension, views]) await (await esbuild.context(options)).watch();
  } else {
    await Promise.all([extension, views].map((options) => esbuild.build(options)));
  }
}
