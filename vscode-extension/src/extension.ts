/**
 * Activation: puts the parts together and registers the commands.
 *
 * Owns nothing that lives longer than VS Code's subscriptions. Invariant: activation does not wait for a server.
 */

import * as vscode from "vscode";
import { GraphFeature } from "./features/graph";
import { InlineResults } from "./features/inline";
import { StandInLenses } from "./features/lens";
import { RunFeature } from "./features/run";
import { runOnSave, toggleRunOnSave } from "./features/save";
import { act, StatusFeature } from "./features/status";
import { Keys } from "./server/auth";
import { ServerManager } from "./server/manager";

type Command = (argument?: unknown) => unknown;

const SKELETON = '@example("Ada")\nin name: String\n\ngreeting = "Hello, ${name}!"\n\nout greeting\n';

async function newPipeline(): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ language: "constellation", content: SKELETON });
  await vscode.window.showTextDocument(document);
}

async function serverActions(server: ServerManager): Promise<void> {
  const actions = ["Restart Server", "Show Log", "Open Settings", "Enter Key", "Copy Debug Information"];
  const chosen = await vscode.window.showQuickPick(actions, { title: "Constellation", placeHolder: server.state.message });
  if (chosen !== undefined) await act(chosen);
}

async function copyDebugInfo(context: vscode.ExtensionContext, server: ServerManager): Promise<void> {
  const version = (context.extension.packageJSON as { version: string }).version;
  const lines = [
    `extension ${version}, VS Code ${vscode.version}, ${process.platform}, Node ${process.version}`,
    `state: ${server.state.phase} (${server.state.message})`,
    `server: ${server.server}`,
    ...server.resolution.map((reason) => `  ${reason}`),
  ];
  await vscode.env.clipboard.writeText(lines.join("\n"));
  void vscode.window.showInformationMessage("Constellation: debug information copied.");
}

let running: ServerManager | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("Constellation", { log: true });
  const keys = new Keys(context.secrets);
  const known = new Set<string>();
  const server = new ServerManager(log, keys, known);
  running = server;
  const graph = new GraphFeature(context.extensionUri, server, log);
  const runs = new RunFeature(context, server, graph, log);
  const inline = new InlineResults(runs);
  const setRunning = (active: boolean): void => void vscode.commands.executeCommand("setContext", "constellation.running", active);

  const commands: Record<string, Command> = {
    "constellation.runPipeline": (argument) => runs.open(argument, null),
    "constellation.run": (argument) => runs.open(argument, "complete"),
    "constellation.runWithExamples": (argument) => runs.open(argument, "examples"),
    "constellation.step": (argument) => runs.open(argument, "step"),
    "constellation.stepNext": () => runs.step("next"),
    "constellation.stepContinue": () => runs.step("continue"),
    "constellation.stepStop": () => runs.step("stop"),
    "constellation.rerun": (argument) => runs.again(argument),
    "constellation.cancelRun": () => runs.cancel(),
    "constellation.toggleRunOnSave": toggleRunOnSave,
    "constellation.clearResults": () => inline.clear(),
    "constellation.showDag": (argument) => graph.show(argument),
    "constellation.newPipeline": newPipeline,
    "constellation.restartServer": () => server.restart(),
    "constellation.setApiKey": async () => {
      if (await keys.ask(server.url)) await server.restart();
    },
    "constellation.clearApiKey": () => keys.clear(server.url),
    "constellation.showOutput": () => log.show(),
    "constellation.copyDebugInfo": () => copyDebugInfo(context, server),
    "constellation.serverActions": () => serverActions(server),
  };
  for (const [id, run] of Object.entries(commands)) {
    known.add(id);
    context.subscriptions.push(vscode.commands.registerCommand(id, run));
  }

  context.subscriptions.push(
    log,
    server,
    graph,
    runs,
    inline,
    runOnSave(runs),
    new StandInLenses(server),
    new StatusFeature(server, runs),
    runs.onDidStart(() => setRunning(true)),
    runs.onDidFinish(() => setRunning(false)),
    vscode.workspace.onDidGrantWorkspaceTrust(() => server.restart()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("constellation.server")) void server.settingsChanged();
    }),
    vscode.window.onDidChangeWindowState((state) => {
      if (state.focused) server.retryNow();
    }),
  );
  void server.restart();
}

export async function deactivate(): Promise<void> {
  await running?.stop();
}
