/**
 * Show Graph.
 *
 * Owns the graph panel: which document it shows, when it is drawn again, and its link with the editor's cursor.
 * Invariant: while a document has errors its last good graph stays, marked as such.
 */

import * as vscode from "vscode";
import { readFromGraph, type Direction, type FromGraph, type ToGraph } from "../messages";
import { METHODS, type Dag, type DagResult, type DagStructure, type NodeState } from "../protocol";
import type { ServerManager } from "../server/manager";
import { nodeAt } from "../views/graph/source";
import { fromStructure } from "../views/graph/structure";
import { Panel } from "../views/panel";
import { documentOf, editorOf, fileName, isPipeline, reveal, toRange } from "./documents";

const QUIET_MS = 250;
const METHOD_NOT_FOUND = -32601;

export class GraphFeature implements vscode.Disposable {
  private readonly panel: Panel<ToGraph, FromGraph>;
  private readonly subscriptions: vscode.Disposable[] = [];
  private document: vscode.TextDocument | undefined;
  private dag: Dag | null = null;
  /** By document: what its last run says, until its text changes. */
  private readonly states = new Map<string, Record<string, NodeState>>();
  private timer: NodeJS.Timeout | undefined;
  private request = 0;

  constructor(extension: vscode.Uri, private readonly server: ServerManager, log: vscode.LogOutputChannel) {
    const kind = { viewType: "constellationDag", name: "dag", read: readFromGraph };
    this.panel = new Panel<ToGraph, FromGraph>(kind, extension, log, (message) => void this.receive(message), () => this.reset());
    this.subscriptions.push(
      this.panel,
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.contentChanges.length > 0) this.states.delete(event.document.uri.toString());
        if (event.document === this.document) this.later();
      }),
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (this.panel.isOpen && isPipeline(editor?.document)) this.follow(editor.document);
      }),
      vscode.window.onDidChangeTextEditorSelection((event) => {
        if (event.textEditor.document === this.document) this.cursorMoved(event.textEditor);
      }),
      server.onDidChange(() => {
        if (this.panel.isOpen) this.later();
      }),
      vscode.window.registerWebviewPanelSerializer("constellationDag", {
        deserializeWebviewPanel: async (panel, state: unknown) => {
          this.document = await documentOf(state).catch(() => undefined);
          this.panel.adopt(panel);
        },
      }),
    );
  }

  /** Opens the graph of the document that `argument` names. */
  async show(argument: unknown): Promise<void> {
    const document = await documentOf(argument);
    if (!document) return void vscode.window.showInformationMessage("Open a .cst file to see its graph.");
    this.follow(document);
    this.panel.show(this.title(document), false);
  }

  /** Shows the states of a run of `document`. */
  showStates(document: vscode.TextDocument, states: Record<string, NodeState>): void {
    this.states.set(document.uri.toString(), states);
    if (document === this.document) this.panel.post({ type: "states", states });
  }

  /** Where a node of `document` comes from in its text. */
  async sourceOf(document: vscode.TextDocument, nodeId: string): Promise<vscode.Range | undefined> {
    const dag = document === this.document && this.dag ? this.dag : (await this.ask(document)).dag;
    const node = dag?.nodes.find((one) => one.id === nodeId);
    return node?.range ? toRange(node.range) : undefined;
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const one of this.subscriptions) one.dispose();
  }

  private title(document: vscode.TextDocument): string {
    return `Graph – ${fileName(document)}`;
  }

  private reset(): void {
    this.document = undefined;
    this.dag = null;
  }

  private follow(document: vscode.TextDocument): void {
    if (document === this.document) return;
    this.document = document;
    this.dag = null;
    this.panel.title = this.title(document);
    this.later(0);
  }

  private later(delay = QUIET_MS): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refresh(), delay);
  }

  private direction(): Direction {
    return vscode.workspace.getConfiguration("constellation").get<Direction>("dagLayoutDirection", "TB");
  }

  private async refresh(): Promise<void> {
    const document = this.document;
    if (!document || !this.panel.isOpen) return;
    const mine = ++this.request;
    const answer = await this.ask(document);
    if (mine !== this.request || document !== this.document) return;
    if (answer.dag) {
      this.dag = answer.dag;
      if (document.version !== answer.version) this.later();
    }
    const name = fileName(document);
    if (!this.dag) return this.panel.post({ type: "notice", fileName: name, title: "No graph yet", detail: answer.problem });
    if (this.dag.nodes.length === 0) {
      const detail = "Declare an input (in name: Type), compute something, and give it out (out name).";
      return this.panel.post({ type: "notice", fileName: name, title: "This pipeline is empty", detail });
    }
    const stale = answer.dag ? null : answer.problem;
    this.panel.post({ type: "graph", uri: document.uri.toString(), fileName: name, dag: this.dag, direction: this.direction(), stale });
    this.panel.post({ type: "states", states: this.states.get(document.uri.toString()) ?? {} });
    const editor = editorOf(document);
    if (editor) this.cursorMoved(editor);
  }

  private async ask(document: vscode.TextDocument): Promise<{ dag: Dag | null; problem: string; version: number }> {
    const { version } = document;
    const client = this.server.ready;
    if (!client) return { dag: null, problem: this.server.state.message, version };
    const uri = document.uri.toString();
    try {
      const result = await client.sendRequest<DagResult>(METHODS.graph, { uri, direction: this.direction() });
      if (result.success && result.dag) return { dag: result.dag, problem: "", version };
      return { dag: null, problem: `The graph is drawn once the file has no errors. ${result.error ?? ""}`.trim(), version };
    } catch (error) {
      if ((error as { code?: number }).code === METHOD_NOT_FOUND) return this.askStructure(uri, version);
      return { dag: null, problem: error instanceof Error ? error.message : String(error), version };
    }
  }

  /** Servers without the newer method tell modules and data. */
  private async askStructure(uri: string, version: number): Promise<{ dag: Dag | null; problem: string; version: number }> {
    const client = this.server.ready;
    const result = await client?.sendRequest<{ success: boolean; dag?: DagStructure; error?: string }>(METHODS.structure, { uri });
    const dag = result?.success && result.dag ? fromStructure(result.dag) : null;
    return { dag, problem: result?.error ?? this.server.state.message, version };
  }

  private cursorMoved(editor: vscode.TextEditor): void {
    if (!this.dag || !vscode.workspace.getConfiguration("constellation").get("dag.followCursor", true)) return;
    const { line, character } = editor.selection.active;
    this.panel.post({ type: "cursor", nodeId: nodeAt(this.dag, { line, character })?.id ?? null });
  }

  private async receive(message: FromGraph): Promise<void> {
    const document = this.document;
    switch (message.type) {
      case "ready":
        await this.refresh();
        break;
      case "select": {
        const range = document && (await this.sourceOf(document, message.nodeId));
        if (document && range) await reveal(document, range, message.focus);
        break;
      }
      case "direction":
        await vscode.workspace.getConfiguration("constellation").update("dagLayoutDirection", message.direction, vscode.ConfigurationTarget.Global);
        break;
      case "saveSvg":
        if (document) await saveSvg(document, message.text);
        break;
      case "run":
        if (document) await vscode.commands.executeCommand("constellation.run", document.uri);
        break;
    }
  }
}

async function saveSvg(document: vscode.TextDocument, text: string): Promise<void> {
  const suggested = document.uri.with({ path: document.uri.path.replace(/(\.cst)?$/, ".svg") });
  const target = await vscode.window.showSaveDialog({ defaultUri: suggested, filters: { SVG: ["svg"] } });
  if (target) await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
}

