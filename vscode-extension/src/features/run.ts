/**
 * Running pipelines.
 *
 * Owns the runner panel and the one run that may be under way: inputs that are remembered, cancelling, resuming, what
 * the last run answered. Invariant: the text that runs is the editor's buffer, not the file.
 */

import * as vscode from "vscode";
import { readFromRunner, type FromRunner, type RecentRun, type RunMode, type StepAction, type SubmitMode, type ToRunner } from "../messages";
import { METHODS, type InputSchema, type NodeState, type RunResult } from "../protocol";
import type { ServerManager } from "../server/manager";
import { afterEvent, statesOfRun } from "../views/graph/structure";
import { Panel } from "../views/panel";
import { documentOf, fileName, isPipeline, reveal } from "./documents";
import type { GraphFeature } from "./graph";
import { failedRun, summary } from "./outcome";
import { Stepper } from "./step";

const QUIET_MS = 250;
const MOST_RECENT = 20;
const CANCEL_MS = 2_000;

interface Active {
  document: vscode.TextDocument;
  executionId: string;
  cancellation: vscode.CancellationTokenSource;
  states: Record<string, NodeState>;
}

export interface Finished {
  document: vscode.TextDocument;
  /** The version of the text that ran. */
  version: number;
  inputs: Record<string, unknown>;
  result: RunResult;
}

export class RunFeature implements vscode.Disposable {
  private readonly panel: Panel<ToRunner, FromRunner>;
  private readonly subscriptions: vscode.Disposable[] = [];
  private readonly finished = new vscode.EventEmitter<Finished>();
  private readonly started = new vscode.EventEmitter<vscode.TextDocument>();
  private readonly stepped = new vscode.EventEmitter<{ document: vscode.TextDocument; states: Record<string, NodeState> }>();
  private document: vscode.TextDocument | undefined;
  private active: Active | null = null;
  private submit: SubmitMode | null = null;
  private readonly stepper: Stepper;
  private readonly recent = new Map<string, RecentRun[]>();
  private timer: NodeJS.Timeout | undefined;
  private request = 0;

  /** While stepping: what is known about the nodes of the text so far. */
  readonly onDidStep = this.stepped.event;
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
      void this.stepper.stop();
    });
    this.stepper = new Stepper(server, {
      changed: (document, step, states) => {
        this.graph.showStates(document, states);
        this.stepped.fire({ document, states: step?.stale ? {} : states });
        if (document === this.document) this.panel.post({ type: "step", step });
      },
      finished: (document, version, result, inputs) => this.show(document, version, result, inputs),
    });
    this.subscriptions.push(
      this.panel,
      this.stepper,
      this.finished,
      this.started,
      this.stepped,
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
        deserializeWebviewPanel: async (panel, state: unknown) => {
          this.document = await documentOf(state).catch(() => undefined);
          this.panel.adopt(panel);
        },
      }),
    );
  }

  /** Opens the runner; with a mode, runs as soon as nothing required is missing. */
  async open(argument: unknown, submit: SubmitMode | null): Promise<void> {
    const document = await documentOf(argument);
    if (!document) return void vscode.window.showInformationMessage("Open a .cst file to run it.");
    if (submit !== null && !this.server.ready) await this.server.settled();
    this.submit = submit;
    this.follow(document);
    this.panel.show(this.title(document), submit === null);
    if (submit !== null) await this.refresh();
  }

  /** Runs without opening the runner, if the inputs of an earlier run are known or examples are wanted. */
  async quietly(document: vscode.TextDocument, mode: RunMode): Promise<void> {
    const known = this.context.workspaceState.get<Record<string, unknown>>(this.memory(document));
    if (!this.server.ready || (mode !== "examples" && known === undefined)) return;
    await this.execute(document, mode === "examples" ? {} : (known ?? {}), mode);
  }

  /** Runs the document with the inputs of its last run. */
  async again(argument: unknown): Promise<void> {
    await this.open(argument, "complete");
  }

  /** Advances or ends the step session. */
  async step(action: StepAction): Promise<void> {
    await this.stepper.act(action);
  }

  /** Cancels the run under way: by name where the server can, else the request. */
  cancel(): void {
    const active = this.active;
    if (!active) return;
    if (!this.supports(METHODS.cancel)) return active.cancellation.cancel();
    const late = setTimeout(() => active.cancellation.cancel(), CANCEL_MS);
    active.cancellation.token.onCancellationRequested(() => clearTimeout(late));
    void this.server.ready?.sendRequest(METHODS.cancel, { executionId: active.executionId }).then(undefined, () => active.cancellation.cancel());
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.active?.cancellation.cancel();
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

  /** Tells a page everything about the document but its inputs. */
  private postFile(): void {
    if (!this.document) return;
    const uri = this.document.uri.toString();
    const known = this.context.workspaceState.get<Record<string, unknown>>(this.memory(this.document), {});
    const runs = this.recent.get(uri) ?? [];
    this.panel.post({ type: "file", uri, fileName: fileName(this.document), known });
    this.panel.post({ type: "recent", runs });
    if (runs[0]) this.postResult(runs[0]);
    if (this.active?.document === this.document) this.panel.post({ type: "running" });
    this.panel.post({ type: "step", step: this.stepper.viewOf(this.document) });
  }

  private postResult(run: RecentRun): void {
    const resumable = this.supports(METHODS.resume);
    this.panel.post({ type: "result", result: run.result, inputs: run.inputs, resumable });
  }

  private supports(method: string): boolean {
    return this.server.ready?.experimental?.methods.includes(method) ?? false;
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
      case "step":
        await this.remember(document, message.inputs);
        await this.stepper.start(document, message.inputs);
        break;
      case "stepAction":
        await this.step(message.action);
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
        const range = await this.graph.sourceOf(document, message.nodeId);
        if (range) await reveal(document, range, true);
        break;
      }
      case "copy":
        await vscode.env.clipboard.writeText(message.text);
        break;
    }
  }

  private async execute(document: vscode.TextDocument, inputs: Record<string, unknown>, mode: RunMode): Promise<void> {
    if (mode !== "examples") await this.remember(document, inputs);
    const params = { uri: document.uri.toString(), inputs, useExamples: mode === "examples" };
    await this.perform(document, METHODS.execute, params, inputs);
  }

  private async remember(document: vscode.TextDocument, inputs: Record<string, unknown>): Promise<void> {
    const wanted = vscode.workspace.getConfiguration("constellation").get("run.rememberInputs", true);
    if (wanted) await this.context.workspaceState.update(this.memory(document), inputs);
  }

  private async resume(document: vscode.TextDocument, executionId: string, inputs: Record<string, unknown>): Promise<void> {
    const before = this.recent.get(document.uri.toString())?.find((run) => run.result.executionId === executionId)?.inputs;
    await this.perform(document, METHODS.resume, { executionId, inputs }, { ...before, ...inputs });
  }

  private async perform(document: vscode.TextDocument, method: string, params: object, inputs: Record<string, unknown>): Promise<void> {
    const client = this.server.ready;
    if (!client) return void this.show(document, document.version, failedRun(this.server.state.message), inputs);
    this.active?.cancellation.cancel();
    const cancellation = new vscode.CancellationTokenSource();
    const executionId = (params as { executionId?: string }).executionId ?? crypto.randomUUID();
    const active: Active = { document, executionId, cancellation, states: {} };
    this.active = active;
    this.started.fire(document);
    this.panel.post({ type: "running" });
    const seconds = vscode.workspace.getConfiguration("constellation", document.uri).get("run.timeout", 60);
    const limit = setTimeout(() => this.cancel(), seconds * 1000);
    const begun = Date.now();
    const { version } = document;
    try {
      const result = await client.sendRequest<RunResult>(method, { ...params, executionId }, cancellation.token);
      result.executionTimeMs ??= Date.now() - begun;
      if (active === this.active) this.show(document, version, result, inputs);
    } catch (error) {
      if (active === this.active) this.show(document, version, failedRun(error, cancellation.token.isCancellationRequested), inputs);
    } finally {
      clearTimeout(limit);
      cancellation.dispose();
      if (active === this.active) this.active = null;
    }
  }

  private show(document: vscode.TextDocument, version: number, result: RunResult, inputs: Record<string, unknown>): void {
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
    this.graph.showStates(document, statesOfRun(result, inputs));
    if (document === this.document) {
      this.postResult(run);
      this.panel.post({ type: "recent", runs: this.recent.get(key) ?? [] });
    }
    this.finished.fire({ document, version, inputs, result });
  }
}
