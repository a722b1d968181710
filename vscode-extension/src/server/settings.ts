/**
 * The server settings of a workspace folder.
 *
 * Owns reading them from VS Code and replacing `${env:NAME}` and `${workspaceFolder}`.
 */

import * as vscode from "vscode";
import type { Mode, ServerSettings } from "./resolve";
import { substitute } from "./variables";

export interface ProcessSettings {
  cwd: string | undefined;
  env: Record<string, string>;
  caFile: string | undefined;
}

function isSet(value: ReturnType<vscode.WorkspaceConfiguration["inspect"]>): boolean {
  return [value?.globalValue, value?.workspaceValue, value?.workspaceFolderValue].some((one) => one !== undefined);
}

/** What decides which server is used. */
export function serverSettings(folder: vscode.Uri | undefined): ServerSettings {
  const config = vscode.workspace.getConfiguration("constellation", folder);
  const expand = (text: string): string => substitute(text, folder?.fsPath, process.env);
  return {
    mode: config.get<Mode>("server.mode", "auto"),
    url: config.get<string>("server.url", ""),
    urlIsSet: isSet(config.inspect("server.url")) && config.get<string>("server.url", "") !== "",
    command: config.get<string[] | null>("server.command", null)?.map(expand) ?? null,
    args: config.get<string[]>("server.args", []).map(expand),
    modules: config.get<string[]>("server.modules", []),
  };
}

/** How the chosen server is started. */
export function processSettings(folder: vscode.Uri | undefined): ProcessSettings {
  const config = vscode.workspace.getConfiguration("constellation", folder);
  const expand = (text: string): string => substitute(text, folder?.fsPath, process.env);
  const env = Object.entries(config.get<Record<string, string>>("server.env", {}));
  const cwd = config.get<string | null>("server.cwd", null);
  const caFile = config.get<string | null>("server.caFile", null);
  return {
    cwd: cwd ? expand(cwd) : folder?.scheme === "file" ? folder.fsPath : undefined,
    env: Object.fromEntries(env.map(([name, value]) => [name, expand(value)])),
    caFile: caFile ? expand(caFile) : undefined,
  };
}
