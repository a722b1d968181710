/**
 * Results in the text.
 *
 * Owns the grey words behind declarations after a run, and the temporary problems of a run that failed. Invariant:
 * both are gone as soon as the text is no longer what ran.
 */

import * as vscode from "vscode";
import type { ErrorInfo, NodeState, RunResult } from "../protocol";
import { statesOfRun } from "../views/graph/structure";
import { placeResults } from "./places";
import type { RunFeature } from "./run";

interface Shown {
  states: Record<string, NodeState>;
  result: RunResult;
}

/** Whether results are shown behind the lines of `document`. */
export function showsInlineResults(document: vscode.TextDocument): boolean {
  return vscode.workspace.getConfiguration("constellation", document.uri).get("run.showInlineResults", true);
}

export class InlineResults implements vscode.Disposable {
  private readonly good = style("constellation.inlineResult.foreground");
  private readonly bad = style("constellation.inlineResult.errorForeground");
  private readonly problems = vscode.languages.createDiagnosticCollection("constellation run");
  private readonly shown = new Map<string, Shown>();
  private readonly subscriptions: vscode.Disposable[];

  constructor(runs: RunFeature) {
    this.subscriptions = [
      this.good,
      this.bad,
      this.problems,
      runs.onDidStart((document) => this.forget(document)),
      runs.onDidStep(({ document, states }) => this.show(document, { states, result: { success: true } })),
      runs.onDidFinish(({ document, version, result, inputs }) => {
        if (document.version === version) this.show(document, { states: statesOfRun(result, inputs), result });
      }),
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.contentChanges.length > 0) this.forget(event.document);
      }),
      vscode.workspace.onDidCloseTextDocument((document) => this.forget(document)),
      vscode.window.onDidChangeVisibleTextEditors((editors) => {
        for (const editor of editors) this.decorate(editor);
      }),
    ];
  }

  /** Takes all results out of the text. */
  clear(): void {
    for (const document of vscode.workspace.textDocuments) this.forget(document);
  }

  dispose(): void {
    for (const one of this.subscriptions) one.dispose();
  }

  private show(document: vscode.TextDocument, shown: Shown): void {
    this.shown.set(document.uri.toString(), shown);
    const failures = (shown.result.errors ?? []).filter((error) => error.category === "runtime");
    this.problems.set(document.uri, failures.flatMap((error) => problem(document, error) ?? []));
    this.refresh(document);
  }

  private forget(document: vscode.TextDocument): void {
    if (!this.shown.delete(document.uri.toString())) return;
    this.problems.delete(document.uri);
    this.refresh(document);
  }

  private refresh(document: vscode.TextDocument): void {
    for (const editor of vscode.window.visibleTextEditors) if (editor.document === document) this.decorate(editor);
  }

  private decorate(editor: vscode.TextEditor): void {
    const { document } = editor;
    const shown = this.shown.get(document.uri.toString());
    const results = shown && showsInlineResults(document) ? placeResults(document.getText(), shown.states) : [];
    const option = (result: (typeof results)[number]): vscode.DecorationOptions => {
      const end = document.lineAt(result.line).range.end;
      const hoverMessage = fullValue(shown?.result, result.nodeId);
      const renderOptions = { after: { contentText: result.text } };
      return hoverMessage ? { range: new vscode.Range(end, end), renderOptions, hoverMessage } : { range: new vscode.Range(end, end), renderOptions };
    };
    editor.setDecorations(this.good, results.filter((result) => !result.failed).map(option));
    editor.setDecorations(this.bad, results.filter((result) => result.failed).map(option));
  }
}

function style(colour: string): vscode.TextEditorDecorationType {
  const after = { color: new vscode.ThemeColor(colour), margin: "0 0 0 1.5em", fontStyle: "italic" };
  return vscode.window.createTextEditorDecorationType({ after, rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed });
}

function fullValue(result: RunResult | undefined, nodeId: string): vscode.MarkdownString | undefined {
  const name = nodeId.startsWith("out:") ? nodeId.slice("out:".length) : undefined;
  if (name === undefined || !result?.outputs || !(name in result.outputs)) return undefined;
  return new vscode.MarkdownString().appendCodeblock(JSON.stringify(result.outputs[name], null, 2), "json");
}

function problem(document: vscode.TextDocument, error: ErrorInfo): vscode.Diagnostic | undefined {
  if (typeof error.line !== "number") return undefined;
  const [line, column] = [error.line - 1, (error.column ?? 1) - 1];
  const end = new vscode.Position((error.endLine ?? error.line) - 1, (error.endColumn ?? column + 2) - 1);
  const range = document.validateRange(new vscode.Range(new vscode.Position(line, column), end));
  const diagnostic = new vscode.Diagnostic(range, error.message, vscode.DiagnosticSeverity.Error);
  diagnostic.source = "constellation run";
  if (error.code) diagnostic.code = error.code;
  return diagnostic;
}
