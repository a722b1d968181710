/**
 * Run and Graph above a pipeline when the server offers no lenses of its own.
 *
 * Owns only that stand-in: a server that declares lenses is asked instead.
 */

import * as vscode from "vscode";
import { DOCUMENTS } from "../server/client";
import type { ServerManager } from "../server/manager";

const DECLARATION = /^\s*(in|out|use|type|@\w+|[A-Za-z_][\w-]*\s*=)/;

/** The line of the first declaration. */
export function firstDeclaration(text: string): number | undefined {
  const line = text.split("\n").findIndex((one) => DECLARATION.test(one));
  return line < 0 ? undefined : line;
}

export class StandInLenses implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly subscriptions: vscode.Disposable[];
  readonly onDidChangeCodeLenses = this.changed.event;

  constructor(private readonly server: ServerManager) {
    this.subscriptions = [
      this.changed,
      server.onDidChange(() => this.changed.fire()),
      vscode.languages.registerCodeLensProvider(DOCUMENTS, this),
    ];
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const client = this.server.ready;
    const enabled = vscode.workspace.getConfiguration("constellation", document.uri).get("codeLens.enable", true);
    if (!client || !enabled || client.initializeResult?.capabilities.codeLensProvider) return [];
    const line = firstDeclaration(document.getText());
    if (line === undefined) return [];
    const range = new vscode.Range(line, 0, line, 0);
    return [
      new vscode.CodeLens(range, { title: "▶ Run", command: "constellation.run", arguments: [document.uri] }),
      new vscode.CodeLens(range, { title: "◇ Graph", command: "constellation.showDag", arguments: [document.uri] }),
    ];
  }

  dispose(): void {
    for (const one of this.subscriptions) one.dispose();
  }
}
