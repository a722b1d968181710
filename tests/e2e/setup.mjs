// Makes node_modules of this folder ready for the end-to-end tests: code-server is published without the modules of
// the editor inside it, and its install script would compile them. Installing them as they are is enough here.
// Does nothing when it has already been done.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const editor = join(modules, "code-server", "lib", "vscode");
const stamp = join(modules, ".editor-ready");
const wanted = readFileSync(join(here, "package-lock.json"), "utf8");

function npm(folder, ...args) {
  execFileSync("npm", [...args, "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
}

function link(folder, name, target) {
  const path = join(editor, "bin", folder, name);
  rmSync(path, { force: true });
  symlinkSync(target, path);
}

if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
  if (!existsSync(editor) || !existsSync(join(modules, "playwright-core"))) npm(here, "ci");
  npm(editor, "install", "--omit=dev");
  npm(join(editor, "extensions"), "install", "--omit=dev");
  link("remote-cli", "code-server", "code-linux.sh");
  link("helpers", "browser.sh", "browser-linux.sh");
  writeFileSync(stamp, wanted);
}
