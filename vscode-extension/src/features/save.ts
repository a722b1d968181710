/**
 * Run on save.
 *
 * Owns the decision whether a saved pipeline runs: switched on, without errors, with inputs that are known. It runs
 * quietly; results stand behind the lines and in the status bar.
 */

import * as vscode from "vscode";
import { isPipeline } from "./documents";
import type { RunFeature } from "./run";

type OnSave = "off" | "lastInputs" | "examples";

function setting(document: vscode.TextDocument): OnSave {
  return vscode.workspace.getConfiguration("constellation", document.uri).get<OnSave>("run.onSave", "off");
}

function hasErrors(document: vscode.TextDocument): boolean {
  const ours = vscode.languages.getDiagnostics(document.uri).filter((one) => one.source !== "constellation run");
  return ours.some((one) => one.severity === vscode.DiagnosticSeverity.Error);
}

/** Runs pipelines as they are saved. */
export function runOnSave(runs: RunFeature): vscode.Disposable {
  return vscode.workspace.onDidSaveTextDocument(async (document) => {
    if (!isPipeline(document) || hasErrors(document)) return;
    const wanted = setting(document);
    if (wanted === "examples") await runs.quietly(document, "examples");
    else if (wanted === "lastInputs") await runs.quietly(document, "complete");
  });
}

/** Switches run on save on or off for this workspace. */
export async function toggleRunOnSave(): Promise<void> {
  const config = vscode.workspace.getConfiguration("constellation");
  const next: OnSave = config.get<OnSave>("run.onSave", "off") === "off" ? "lastInputs" : "off";
  const target = vscode.workspace.workspaceFolders ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  await config.update("run.onSave", next, target);
  void vscode.window.setStatusBarMessage(`Constellation: run on save is ${next === "off" ? "off" : "on"}`, 3000);
}
