/**
 * One language client for one chosen server.
 *
 * Owns how VS Code's client is set up: documents, capabilities that only we declare, transports, and that a lost
 * connection is reported instead of handled. It never restarts anything; the manager does.
 */

import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  type ClientCapabilities,
  type LanguageClientOptions,
  type ServerOptions,
  type StaticFeature,
} from "vscode-languageclient/node";
import { METHODS } from "../protocol";
import type { Choice } from "./resolve";
import { StdioServer } from "./stdio";
import { connectWebSocket, type Transports } from "./websocket";

export const DOCUMENTS = ["file", "untitled", "vscode-remote", "vscode-vfs"].map((scheme) => ({ language: "constellation", scheme }));

export interface Capabilities {
  protocol: number;
  methods: string[];
}

export interface ClientOptions {
  choice: Exclude<Choice, { kind: "none" }>;
  cwd: string | undefined;
  env: Record<string, string>;
  key: string | undefined;
  caFile: string | undefined;
  output: vscode.LogOutputChannel;
  /** The commands that exist here; lenses with others are left out. */
  knownCommands: ReadonlySet<string>;
  lensesEnabled: () => boolean;
  /** Whether values already stand behind the lines, so that lenses need not tell them. */
  valuesShown: (document: vscode.TextDocument) => boolean;
  /** The connection ended without being asked to. */
  lost: () => void;
}

const HANDSHAKE_MS = 10_000;

/** A client that leaves it to the manager to tell people about failures. */
class QuietClient extends LanguageClient {
  /** The process behind the client, if it has one. */
  process: StdioServer | undefined;

  override error(message: string, data?: unknown, _showNotification?: boolean | "force"): void {
    super.error(message, data, false);
  }

  /** What the server says that it can do beyond the protocol. */
  get experimental(): Capabilities | undefined {
    const declared = this.initializeResult?.capabilities.experimental as { constellation?: Partial<Capabilities> } | undefined;
    const own = declared?.constellation;
    return own && { protocol: own.protocol ?? 1, methods: own.methods ?? [] };
  }
}

export type ConstellationClient = QuietClient;

const notifications: StaticFeature = {
  fillClientCapabilities(capabilities: ClientCapabilities): void {
    const wanted = [METHODS.executionEvent, METHODS.registryChanged, METHODS.serverStatus];
    capabilities.experimental = { ...(capabilities.experimental as object | undefined), constellation: { notifications: wanted } };
  },
  initialize: () => undefined,
  getState: () => ({ kind: "static" }),
  clear: () => undefined,
};

async function connect(options: ClientOptions, started: (server: StdioServer) => void): Promise<Transports> {
  const { choice } = options;
  if (choice.kind === "websocket") {
    return connectWebSocket(choice.url, { key: options.key, caFile: options.caFile, timeoutMs: HANDSHAKE_MS });
  }
  const server = await StdioServer.start({
    command: choice.command,
    args: choice.args,
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    printed: (text) => options.output.append(text),
  });
  started(server);
  return server.transports;
}

/** The settings as the server names them: it counts the time limit of a run in milliseconds. */
function forServer(section: unknown): unknown {
  const run = (section as { run?: { timeout?: unknown } } | null)?.run;
  if (typeof run?.timeout !== "number") return section;
  return { ...(section as object), run: { ...run, timeoutMs: Math.round(run.timeout * 1000) } };
}

/** A client for the chosen server, not started yet. */
export function createClient(options: ClientOptions): ConstellationClient {
  const settings: LanguageClientOptions = {
    documentSelector: DOCUMENTS,
    outputChannel: options.output,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        options.lost();
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
    markdown: { isTrusted: false, supportHtml: false },
    synchronize: { configurationSection: "constellation" },
    middleware: {
      workspace: {
        async configuration(params, token, next) {
          const sections = await next(params, token);
          return Array.isArray(sections) ? sections.map(forServer) : sections;
        },
      },
      async provideCodeLenses(document, token, next) {
        if (!options.lensesEnabled()) return [];
        const lenses = (await next(document, token)) ?? [];
        const valuesShown = options.valuesShown(document);
        // The server's sign for stepping is in few fonts; VS Code has an icon for it.
        for (const { command } of lenses) if (command) command.title = command.title.replace("⏵", "$(debug-step-over)");
        return lenses.filter(({ command }) => (command?.command ? options.knownCommands.has(command.command) : !valuesShown));
      },
    },
  };
  const server: ServerOptions = () => connect(options, (process) => (client.process = process));
  const client = new QuietClient("constellation", "Constellation", server, settings);
  client.registerFeature(notifications);
  return client;
}

/** Ends a client that may be in any state. */
export async function endClient(client: ConstellationClient): Promise<void> {
  try {
    if (client.state === State.Running) await client.stop(2000);
    await client.dispose(2000);
  } catch {
    // A client whose server is gone cannot be asked to stop; there is nothing left to end.
  }
  await client.process?.end();
}
