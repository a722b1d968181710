/**
 * The status bar.
 *
 * Owns two items: the state of the language server, and the last run. Shows one notification per cause.
 */

import * as vscode from "vscode";
import type { ServerManager } from "../server/manager";
import { needsAttention, type Phase, type ServerState } from "../server/state";
import { isPipeline } from "./documents";
import { summary } from "./outcome";
import type { RunFeature } from "./run";

const ICONS: Record<Phase, string> = {
  stopped: "$(circle-slash)",
  untrusted: "$(shield)",
  resolving: "$(sync~spin)",
  starting: "$(sync~spin)",
  ready: "$(check)",
  noServer: "$(warning)",
  crashed: "$(error)",
  unreachable: "$(warning)",
  unauthorized: "$(key)",
};

const PHASES: Record<Exclude<Phase, "ready">, string> = {
  stopped: "stopped",
  untrusted: "workspace not trusted",
  resolving: "looking for a server",
  starting: "starting",
  noServer: "no server",
  crashed: "server stopped",
  unreachable: "server unreachable",
  unauthorized: "API key needed",
};

export class StatusFeature implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("constellation.server", vscode.StatusBarAlignment.Right, 100);
  private readonly run = vscode.window.createStatusBarItem("constellation.run", vscode.StatusBarAlignment.Left, 0);
  private readonly subscriptions: vscode.Disposable[];
  private told: string | null = null;

  constructor(private readonly server: ServerManager, runs: RunFeature) {
    this.item.name = "Constellation Server";
    this.item.command = "constellation.serverActions";
    this.run.name = "Constellation Run";
    this.run.command = "constellation.runPipeline";
    this.subscriptions = [
      this.item,
      this.run,
      server.onDidChange((state) => this.show(state)),
      vscode.window.onDidChangeActiveTextEditor(() => this.visibility()),
      runs.onDidStart(() => this.running()),
      runs.onDidFinish(({ result }) => this.finished(summary(result))),
    ];
    this.show(server.state);
    this.visibility();
  }

  dispose(): void {
    for (const one of this.subscriptions) one.dispose();
  }

  private visibility(): void {
    const relevant = vscode.window.visibleTextEditors.some((editor) => isPipeline(editor.document));
    if (relevant) this.item.show();
    else this.item.hide();
  }

  private show(state: ServerState): void {
    this.item.text = `${ICONS[state.phase]} ${this.label(state)}`;
    const lines = [state.message, ...(state.phase === "ready" ? [this.server.server] : [])];
    const tooltip = new vscode.MarkdownString();
    for (const line of lines) tooltip.appendText(line).appendMarkdown("\n\n");
    this.item.tooltip = tooltip.appendMarkdown("Click for actions");
    const severe = ["crashed", "noServer", "unauthorized", "unreachable"].includes(state.phase);
    this.item.backgroundColor = severe ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    if (state.phase === "ready") this.told = null;
    if (needsAttention(state)) void this.tell(state);
  }

  private label({ phase }: ServerState): string {
    if (phase !== "ready") return `Constellation: ${PHASES[phase]}`;
    return `Constellation ${this.server.version} (${this.server.kind})`;
  }

  private async tell(state: ServerState): Promise<void> {
    if (this.told === state.phase) return;
    this.told = state.phase;
    const actions = state.phase === "unauthorized" ? ["Enter Key", "Show Log"] : ["Try Again", "Open Settings", "Show Log"];
    if (state.phase === "noServer") actions.unshift("Install…");
    const chosen = await vscode.window.showWarningMessage(`Constellation: ${state.message}`, ...actions);
    if (chosen !== undefined) await act(chosen);
  }

  private running(): void {
    this.run.text = "$(sync~spin) running";
    this.run.tooltip = "The pipeline is running";
    this.run.backgroundColor = undefined;
    this.run.show();
  }

  private finished(result: { status: string; short: string; text: string }): void {
    this.run.text = result.short;
    this.run.tooltip = result.text;
    this.run.backgroundColor = result.status === "failed" ? new vscode.ThemeColor("statusBarItem.errorBackground") : undefined;
    this.run.show();
  }
}

const ACTIONS: Record<string, string> = {
  "Try Again": "constellation.restartServer",
  "Restart Server": "constellation.restartServer",
  "Show Log": "constellation.showOutput",
  "Enter Key": "constellation.setApiKey",
  "Copy Debug Information": "constellation.copyDebugInfo",
};

/** Carries out an action of a notification or of the action list. */
export async function act(action: string): Promise<void> {
  const command = ACTIONS[action];
  if (command) await vscode.commands.executeCommand(command);
  else if (action === "Open Settings") await vscode.commands.executeCommand("workbench.action.openSettings", "constellation.server");
  else if (action === "Install…") prepareInstallation();
}

/** Types the installing command into a terminal and leaves pressing Enter to the person. */
function prepareInstallation(): void {
  const terminal = vscode.window.createTerminal("Install Constellation");
  terminal.show();
  terminal.sendText("python -m pip install constellation-engine", false);
}
