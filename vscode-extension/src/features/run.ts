/**
 * Running pipelines.
 *
 * Owns the runner panel and the one run that may be under way: inputs that are remembered, cancelling, resuming, what
 * the last run answered. Invariant: the text that runs is the editor's buffer, not the file.
 */

import * as vscode from "vscode";
import { readFromRunner, type FromRunner, type RecentRun, type RunMode, type ToRunner } from "../messages";
import { METHODS, type InputSchema, type NodeState, type RunResult } from "../protocol";
import type { ServerManager } from "../server/manager";
import { afterEvent, statesOf } from "../views/graph/structure";
import { Panel } from "../views/panel";
import { documentOf, fileName, isPipeline, reveal } from "./documents";
import type { GraphFeature } from "./graph";
import { failedRun, summary } from "./outcome";

const QUIET_MS = 250;
const MOST_RECENT = 20;

interface Active {
  document: vscode.TextDocument;
  executionId: string;
  cancellation: vscode.CancellationTokenSource;
  states: Record<string, NodeState>;
}

export class RunFeature implements vscode.Disposable {
  private readonly panel: Panel<ToRunner, FromRunner>;
  private readonly subscriptions: vscode.Disposable[] = [];
  private readonly finished = new vscode.EventEmitter<{ document: vscode.TextDocument; result: RunResult }>();
  private readonly started = new vscode.EventEmitter<vscode.TextDocument>();
  private document: vscode.TextDocument | undefined;
  private active: Active | null = null;
  private submit: RunMode | null = null;
  private readonly recent = new Map<string, RecentRun[]>();
  private timer: NodeJS.Timeout | undefined;
  private request = 0;

  readonly onDidStart = this.started.event;
  readonly onDidFinish = this.finished.event;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly server: ServerManager,
    private readonly graph: GraphFeature,
    private readonly log: vscode.LogOutputChannel,
  ) {
    const kind = { viewType: "constellationPipelineRunner", name: "runner", read: readFromRunner };
    this.panel = new Panel<ToRunner, FromRunner>(kind, context.extensionUri, log, (message) => void this.receive(message), () => {
      this.document = undefined;
    });
    this.subscriptions.push(
      this.panel,
      this.finished,
      this.started,
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document === this.document) this.later();
      }),
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (this.panel.isOpen && isPipeline(editor?.document)) this.follow(editor.document);
      }),
      server.onDidChange(() => {
        this.postConnection();
        if (this.panel.isOpen) this.later();
      }),
      server.onExecutionEvent((event) => {
        if (event.executionId !== this.active?.executionId) return;
        this.active.states = afterEvent(this.active.states, event);
        this.graph.showStates(this.active.document, this.active.states);
      }),
      vscode.window.registerWebviewPanelSerializer("constellationPipelineRunner", {
        deserializeWebviewPanel: async (panel) => {
          this.document = await documentOf(undefined);
          this.panel.adopt(panel);
        },
      }),
    );
  }

  /** Opens the runner; with a mode, runs as soon as nothing required is missing. */
  async open(argument: unknown, submit: RunMode | null): Promise<void> {
    const document = await documentOf(argument);
    if (!document) return void vscode.window.showInformationMessage("Open a .cst file to run it.");
    if (submit !== null && !this.server.ready) await this.server.settled();
    this.submit = submit;
    this.follow(document);
    this.panel.show(this.title(document), submit === null);
    if (submit !== null) await this.refresh();
  }

  /** Runs the document with the inputs of its last run. */
  async again(argument: unknown): Promise<void> {
    await this.open(argument, "complete");
  }

  cancel(): void {
    this.active?.cancellation.cancel();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.cancel();
    for (const one of this.subscriptions) one.dispose();
  }

  private title(document: vscode.TextDocument): string {
    return `Run – ${fileName(document)}`;
  }

  private follow(document: vscode.TextDocument): void {
    if (document === this.document) return;
    this.document = document;
    this.panel.title = this.title(document);
    this.postFile();
    this.later(0);
  }

  private later(delay = QUIET_MS): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refresh(), delay);
  }

  private memory(document: vscode.TextDocument): string {
    return `inputs:${document.uri.toString()}`;
  }

  private postFile(): void {
    if (!this.document) return;
    const known = this.context.workspaceState.get<Record<string, unknown>>(this.memory(this.document), {});
    this.panel.post({ type: "file", fileName: fileName(this.document), known });
    this.panel.post({ type: "recent", runs: this.recent.get(this.document.uri.toString()) ?? [] });
  }

  private postConnection(): void {
    this.panel.post({ type: "connection", connection: { ready: this.server.ready !== null, message: this.server.state.message } });
  }

  /** Asks for the inputs of the document's current version. */
  private async refresh(): Promise<void> {
    const document = this.document;
    const client = this.server.ready;
    if (!document || !client || !this.panel.isOpen) return;
    const mine = ++this.request;
    try {
      const schema = await client.sendRequest<InputSchema>(METHODS.schema, { uri: document.uri.toString() });
      if (mine !== this.request || document !== this.document) return;
      const problem = schema.success ? null : "Correct the file's errors to run it.";
      this.panel.post({ type: "schema", inputs: schema.inputs ?? [], errors: schema.errors ?? [], problem });
      if (this.submit !== null) this.panel.post({ type: "submit", mode: this.submit });
      if (this.submit !== null && this.panel.isLoaded) this.submit = null;
    } catch (error) {
      this.log.error(`reading the inputs failed: ${String(error)}`);
    }
  }

  private async receive(message: FromRunner): Promise<void> {
    const document = this.document;
    if (message.type === "serverActions") return void vscode.commands.executeCommand("constellation.serverActions");
    if (!document) return;
    switch (message.type) {
      case "ready":
        this.postFile();
        this.postConnection();
        await this.refresh();
        break;
      case "run":
        await this.execute(document, message.inputs, message.mode);
        break;
      case "resume":
        await this.resume(document, message.executionId, message.inputs);
        break;
      case "cancel":
        this.cancel();
        break;
      case "reveal": {
        const range = new vscode.Range(message.line - 1, message.column - 1, message.endLine - 1, message.endColumn - 1);
        await reveal(document, document.validateRange(range), true);
        break;
      }
      case "revealNode": {
        const range = this.graph.nodeRange(message.nodeId);
        if (range) await reveal(document, range, true);
        break;
      }
      case "copy":
        await vscode.env.clipboard.writeText(message.text);
        break;
    }
  }

  private async execute(document: vscode.TextDocument, inputs: Record<string, unknown>, mode: RunMode): Promise<void> {
    if (vscode.workspace.getConfiguration("constellation").get("run.rememberInputs", true) && mode !== "examples") {
      await this.context.workspaceState.update(this.memory(document), inputs);
    }
    const params = { uri: document.uri.toString(), inputs, useExamples: mode === "examples" };
    await this.perform(document, METHODS.execute, params, inputs);
  }

  private async resume(document: vscode.TextDocument, executionId: string, inputs: Record<string, unknown>): Promise<void> {
    await this.perform(document, METHODS.resume, { executionId, inputs }, inputs);
  }

  private async perform(document: vscode.TextDocument, method: string, params: object, inputs: Record<string, unknown>): Promise<void> {
    const client = this.server.ready;
    if (!client) return void this.show(document, failedRun(this.server.state.message), inputs);
    this.active?.cancellation.cancel();
    const cancellation = new vscode.CancellationTokenSource();
    const executionId = (params as { executionId?: string }).executionId ?? crypto.randomUUID();
    const active: Active = { document, executionId, cancellation, states: {} };
    this.active = active;
    this.started.fire(document);
    this.panel.post({ type: "running" });
    const seconds = vscode.workspace.getConfiguration("constellation", document.uri).get("run.timeout", 60);
    const limit = setTimeout(() => cancellation.cancel(), seconds * 1000);
    const begun = Date.now();
    try {
      const result = await client.sendRequest<RunResult>(method, { ...params, executionId }, cancellation.token);
      result.executionTimeMs ??= Date.now() - begun;
      if (active === this.active) this.show(document, result, inputs);
    } catch (error) {
      if (active === this.active) this.show(document, failedRun(error, cancellation.token.isCancellationRequested), inputs);
    } finally {
      clearTimeout(limit);
      cancellation.dispose();
      if (active === this.active) this.active = null;
    }
  }

  private show(document: vscode.TextDocument, result: RunResult, inputs: Record<string, unknown>): void {
    const run: RecentRun = {
      at: new Date().toISOString(),
      status: summary(result).status,
      durationMs: result.executionTimeMs ?? null,
      inputs,
      result,
    };
    const key = document.uri.toString();
    this.recent.set(key, [run, ...(this.recent.get(key) ?? [])].slice(0, MOST_RECENT));
    this.log.info(`run ${fileName(document)}: ${summary(result).text}`);
    if (result.nodeResults) this.graph.showStates(document, statesOf(result.nodeResults));
    if (document === this.document) {
      const resumable = this.server.ready?.experimental?.methods.includes(METHODS.resume) ?? false;
      this.panel.post({ type: "result", result, inputs, resumable });
      this.panel.post({ type: "recent", runs: this.recent.get(key) ?? [] });
    }
    this.finished.fire({ document, result });
  }
}
