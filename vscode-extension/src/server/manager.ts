/**
 * Keeps one language server connected.
 *
 * Owns the running client, the timer of the next try and the state that everything else shows. Invariant: at most one
 * client exists, and whatever a past client reports is ignored.
 */

import * as vscode from "vscode";
import { METHODS, type ExecutionEvent } from "../protocol";
import type { Keys } from "./auth";
import { createClient, endClient, type ConstellationClient } from "./client";
import { machineProbes } from "./probes";
import { describe, resolveServer, sameChoice, type Choice } from "./resolve";
import { processSettings, serverSettings } from "./settings";
import { INITIAL, reduce, retryDelay, type ServerEvent, type ServerState } from "./state";
import { Unauthorized } from "./websocket";

export class ServerManager implements vscode.Disposable {
  private client: ConstellationClient | null = null;
  private choice: Choice = { kind: "none", message: "" };
  private reasons: string[] = [];
  private generation = 0;
  private timer: NodeJS.Timeout | undefined;
  private current: ServerState = INITIAL;
  private readonly changed = new vscode.EventEmitter<ServerState>();
  private readonly executionEvents = new vscode.EventEmitter<ExecutionEvent>();

  /** After every transition. */
  readonly onDidChange = this.changed.event;
  readonly onExecutionEvent = this.executionEvents.event;

  constructor(
    private readonly output: vscode.LogOutputChannel,
    private readonly keys: Keys,
    private readonly knownCommands: ReadonlySet<string>,
  ) {}

  get state(): ServerState {
    return this.current;
  }

  /** The connected client, or nothing. */
  get ready(): ConstellationClient | null {
    return this.current.phase === "ready" ? this.client : null;
  }

  /** The server's address or command. */
  get server(): string {
    return describe(this.choice);
  }

  get version(): string {
    return this.client?.initializeResult?.serverInfo?.version ?? "";
  }

  get kind(): Choice["kind"] {
    return this.choice.kind;
  }

  get resolution(): string[] {
    return this.reasons;
  }

  /** The URL to which an API key belongs. */
  get url(): string {
    return this.choice.kind === "websocket" ? this.choice.url : serverSettings(this.folder()?.uri).url;
  }

  /** Ends what runs and starts anew. */
  async restart(): Promise<void> {
    this.apply({ type: "stop" });
    await this.start();
  }

  /** Ends the server for good. */
  async stop(): Promise<void> {
    this.generation += 1;
    clearTimeout(this.timer);
    await this.endCurrent();
  }

  /** Starts again only if the settings now mean another server. */
  async settingsChanged(): Promise<void> {
    const folder = this.folder()?.uri;
    const next = await resolveServer(serverSettings(folder), machineProbes(folder));
    if (this.current.phase !== "ready" || !sameChoice(next.choice, this.choice)) await this.restart();
  }

  /** Tries at once if a try is due later. */
  retryNow(): void {
    if (this.timer !== undefined) void this.start();
  }

  /** Resolves when the server is ready, or no longer on its way. */
  async settled(): Promise<void> {
    const underWay = (): boolean => ["resolving", "starting"].includes(this.current.phase);
    if (!underWay()) return;
    await new Promise<void>((resolve) => {
      const listener = this.changed.event(() => {
        if (underWay()) return;
        listener.dispose();
        resolve();
      });
    });
  }

  dispose(): void {
    void this.stop();
    this.changed.dispose();
    this.executionEvents.dispose();
  }

  private folder(): vscode.WorkspaceFolder | undefined {
    const document = vscode.window.activeTextEditor?.document;
    const own = document?.languageId === "constellation" ? vscode.workspace.getWorkspaceFolder(document.uri) : undefined;
    return own ?? vscode.workspace.workspaceFolders?.[0];
  }

  private apply(event: ServerEvent): void {
    this.current = reduce(this.current, event);
    this.output.info(`${this.current.phase}: ${this.current.message}`);
    this.changed.fire(this.current);
  }

  private async start(): Promise<void> {
    const mine = ++this.generation;
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.endCurrent();
    if (!vscode.workspace.isTrusted) return this.apply({ type: "untrusted" });
    const folder = this.folder()?.uri;
    this.apply({ type: "resolve" });
    const { choice, reasons } = await resolveServer(serverSettings(folder), machineProbes(folder));
    if (mine !== this.generation) return;
    this.choice = choice;
    this.reasons = reasons;
    for (const reason of reasons) this.output.info(`  ${reason}`);
    if (choice.kind === "none") return this.apply({ type: "notFound", message: choice.message });
    this.apply({ type: "start", what: describe(choice) });
    await this.connect(mine, choice, folder);
  }

  private async connect(mine: number, choice: Exclude<Choice, { kind: "none" }>, folder: vscode.Uri | undefined): Promise<void> {
    const key = choice.kind === "websocket" ? await this.keys.of(choice.url) : undefined;
    if (mine !== this.generation) return;
    const client = createClient({
      choice,
      ...processSettings(folder),
      key,
      output: this.output,
      knownCommands: this.knownCommands,
      lensesEnabled: () => vscode.workspace.getConfiguration("constellation").get("codeLens.enable", true),
      valuesShown: (document) => vscode.workspace.getConfiguration("constellation", document.uri).get("run.showInlineResults", true),
      lost: () => this.lost(mine),
    });
    this.client = client;
    client.onNotification(METHODS.executionEvent, (event: ExecutionEvent) => this.executionEvents.fire(event));
    try {
      await client.start();
    } catch (error) {
      this.failed(mine, error);
      return;
    }
    if (mine !== this.generation) return void endClient(client);
    const info = client.initializeResult?.serverInfo;
    this.apply({ type: "ready", message: `${info?.name ?? "server"} ${info?.version ?? ""}`.trim() });
  }

  private failed(mine: number, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof Unauthorized && mine === this.generation) this.apply({ type: "refused", message });
    else void this.down(mine, message);
  }

  private lost(mine: number): void {
    void this.down(mine, "the connection was closed");
  }

  /** A server that was there, or was about to be, is gone. */
  private async down(mine: number, cause: string): Promise<void> {
    const reason = (await this.client?.process?.reason()) ?? cause;
    const told = this.timer !== undefined || ["crashed", "unreachable"].includes(this.current.phase);
    if (mine !== this.generation || told) return;
    const what = describe(this.choice);
    if (this.choice.kind === "stdio") {
      const message = `The language server (${what}) ${reason}. The log has everything that it printed.`;
      this.apply({ type: "exited", now: Date.now(), message });
    } else this.apply({ type: "disconnected", message: `Cannot reach the server: ${reason}` });
    const delay = retryDelay(this.current, Math.random());
    if (delay === null) return;
    this.timer = setTimeout(() => {
      if (mine === this.generation) void this.start();
    }, delay);
  }

  private async endCurrent(): Promise<void> {
    const client = this.client;
    this.client = null;
    if (client) await endClient(client);
  }
}
