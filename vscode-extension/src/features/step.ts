/**
 * Stepping through a pipeline.
 *
 * Owns the one step session: starting, advancing and ending it, and the marked lines of the batch that comes next.
 * Invariant: a session that this window started is ended when it is over, replaced, or no longer watched.
 */

import * as vscode from "vscode";
import type { StepAction, StepView } from "../messages";
import { METHODS, type NodeState, type Range, type RunResult, type Stepped, type StepStarted } from "../protocol";
import type { ServerManager } from "../server/manager";
import { statesOfStep } from "../views/graph/structure";
import { toRange } from "./documents";
import { failedRun } from "./outcome";

interface Session {
  id: string;
  document: vscode.TextDocument;
  version: number;
  inputs: Record<string, unknown>;
  ranges: Record<string, Range>;
  view: StepView;
}

export interface StepEvents {
  changed: (document: vscode.TextDocument, view: StepView | null, states: Record<string, NodeState>) => void;
  /** `version` is that of the text that ran. */
  finished: (document: vscode.TextDocument, version: number, result: RunResult, inputs: Record<string, unknown>) => void;
}

export class Stepper implements vscode.Disposable {
  private session: Session | null = null;
  private readonly mark = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor("editor.stackFrameHighlightBackground"),
    overviewRulerColor: new vscode.ThemeColor("editor.stackFrameHighlightBackground"),
  });
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly server: ServerManager, private readonly events: StepEvents) {
    this.subscriptions = [
      this.mark,
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document === this.session?.document && event.contentChanges.length > 0) this.edited();
      }),
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (document === this.session?.document) void this.stop();
      }),
      vscode.window.onDidChangeVisibleTextEditors(() => this.highlight()),
      server.onDidChange((state) => {
        if (state.phase !== "ready") this.end();
      }),
    ];
  }

  /** What a page that shows `document` shows of the session. */
  viewOf(document: vscode.TextDocument): StepView | null {
    return this.session?.document === document ? this.session.view : null;
  }

  async start(document: vscode.TextDocument, inputs: Record<string, unknown>): Promise<void> {
    await this.stop();
    const client = this.server.ready;
    const { version } = document;
    if (!client) return this.events.finished(document, version, failedRun(this.server.state.message), inputs);
    try {
      const started = await client.sendRequest<StepStarted>(METHODS.stepStart, { uri: document.uri.toString(), inputs });
      const { sessionId: id, initialState: state } = started;
      if (!started.success || !id || !state) {
        const result: RunResult = { success: false, status: "failed", error: started.error ?? null, errors: started.errors ?? null };
        return this.events.finished(document, version, result, inputs);
      }
      this.session = { id, document, version, inputs, ranges: started.nodeRanges ?? {}, view: { state, complete: false, stale: false } };
      this.tell();
    } catch (error) {
      this.events.finished(document, version, failedRun(error), inputs);
    }
  }

  async act(action: StepAction): Promise<void> {
    const { session } = this;
    const client = this.server.ready;
    if (action === "stop" || !session || !client) return this.stop();
    try {
      const method = action === "next" ? METHODS.stepNext : METHODS.stepContinue;
      const stepped = await client.sendRequest<Stepped>(method, { sessionId: session.id });
      if (session !== this.session) return;
      const complete = action === "continue" || stepped.isComplete === true;
      if (stepped.state) session.view = { ...session.view, state: stepped.state, complete };
      this.tell();
      if (complete || !stepped.success) await this.finish(session, action === "continue" ? stepped : null);
    } catch (error) {
      if (session !== this.session) return;
      this.end();
      this.events.finished(session.document, session.version, failedRun(error), session.inputs);
    }
  }

  async stop(): Promise<void> {
    const { session } = this;
    if (!session) return;
    this.end();
    await this.server.ready?.sendRequest(METHODS.stepStop, { sessionId: session.id }).then(undefined, () => undefined);
  }

  dispose(): void {
    void this.stop();
    for (const one of this.subscriptions) one.dispose();
  }

  /** Asks for the outputs, shows them, and ends the session. */
  private async finish(session: Session, answer: Stepped | null): Promise<void> {
    const client = this.server.ready;
    const last = answer ?? (await client?.sendRequest<Stepped>(METHODS.stepContinue, { sessionId: session.id }));
    await this.stop();
    if (last) this.events.finished(session.document, session.version, outcome(last, session.view), session.inputs);
  }

  private edited(): void {
    if (!this.session || this.session.view.stale) return;
    this.session.view = { ...this.session.view, stale: true };
    this.tell();
  }

  private tell(): void {
    const { session } = this;
    if (!session) return;
    void vscode.commands.executeCommand("setContext", "constellation.stepping", true);
    this.events.changed(session.document, session.view, statesOfStep(session.view.state, session.view.complete));
    this.highlight();
  }

  private end(): void {
    const { session } = this;
    if (!session) return;
    this.session = null;
    void vscode.commands.executeCommand("setContext", "constellation.stepping", false);
    this.events.changed(session.document, null, statesOfStep(session.view.state, true));
    this.highlight();
  }

  /** Marks the lines of the batch that comes next. */
  private highlight(): void {
    const { session } = this;
    for (const editor of vscode.window.visibleTextEditors) {
      const shown = session && editor.document === session.document && !session.view.complete && !session.view.stale;
      const ranges = shown ? session.view.state.batchNodes.flatMap((id) => session.ranges[id] ?? []) : [];
      editor.setDecorations(this.mark, ranges.map(toRange));
    }
  }
}

/** The end of a session as the result of a run. */
function outcome(last: Stepped, view: StepView): RunResult {
  const failures = view.state.failedNodes ?? [];
  const failed = !last.success || failures.length > 0;
  const errors = failures.map((node) => ({ category: "runtime" as const, message: `${node.nodeName}: ${node.error}`, nodeId: node.nodeId }));
  return {
    success: !failed,
    status: failed ? "failed" : "completed",
    outputs: last.outputs ?? {},
    error: last.error ?? null,
    errors: last.errors ?? errors,
    nodeResults: view.state.completedNodes.map((node) => ({ ...node, status: "completed" })),
  };
}
