/**
 * Looking at the machine for the choice of a server.
 *
 * Owns the processes and requests that the decision needs. Invariant: every probe ends in bounded time.
 */

import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { join } from "node:path";
import * as vscode from "vscode";
import type { Probes } from "./resolve";

const VERSION_MS = 5_000;
const HEALTH_MS = 500;
const ENVIRONMENTS = [".venv", "venv"];

interface PythonApi {
  environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { path: string };
    resolveEnvironment(path: { path: string }): Promise<{ executable?: { uri?: vscode.Uri } } | undefined>;
  };
}

/** Probes for servers of the workspace folder `folder`. */
export function machineProbes(folder: vscode.Uri | undefined): Probes {
  return {
    selectedInterpreter: () => selectedInterpreter(folder),
    environments: () => environments(folder),
    version: (command) => version(command, folder?.fsPath),
    healthy,
  };
}

async function selectedInterpreter(folder: vscode.Uri | undefined): Promise<string | undefined> {
  const python = vscode.extensions.getExtension<PythonApi>("ms-python.python");
  if (!python) return undefined;
  const api = python.isActive ? python.exports : await python.activate();
  const active = api.environments?.getActiveEnvironmentPath(folder);
  const found = active && (await api.environments?.resolveEnvironment(active));
  return found?.executable?.uri?.fsPath;
}

async function environments(folder: vscode.Uri | undefined): Promise<string[]> {
  if (!folder || folder.scheme !== "file") return [];
  const inside = process.platform === "win32" ? join("Scripts", "python.exe") : join("bin", "python");
  const found: string[] = [];
  for (const name of ENVIRONMENTS) {
    const path = join(folder.fsPath, name, inside);
    try {
      await access(path);
      found.push(path);
    } catch {
      // No such environment: the next one may exist.
    }
  }
  return found;
}

function version([program = "", ...args]: string[], cwd: string | undefined): Promise<{ version: string } | { problem: string }> {
  return new Promise((resolve) => {
    execFile(program, [...args, "--version"], { timeout: VERSION_MS, cwd }, (error, stdout, stderr) => {
      if (!error) return resolve({ version: stdout.trim().split(/\s+/).at(-1) || "unknown" });
      const lines = `${stderr}`.trim().split("\n");
      const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
      resolve({ problem: missing ? "not found" : error.killed ? "no answer within 5 s" : lines.at(-1) || error.message });
    });
  });
}

async function healthy(base: string): Promise<boolean> {
  try {
    const answer = await fetch(`${base}/health`, { signal: AbortSignal.timeout(HEALTH_MS) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
