/**
 * Which language server to use.
 *
 * Owns the decision as a pure function of settings and probes: nothing here starts a process or opens a socket but
 * through the probes given. Invariant: every decision carries the reasons that led to it.
 */

import { httpBase, languageUrl } from "./url";

export type Mode = "auto" | "stdio" | "websocket";

export interface ServerSettings {
  mode: Mode;
  /** The URL, and whether a person set it. */
  url: string;
  urlIsSet: boolean;
  command: string[] | null;
  args: string[];
  modules: string[];
}

export interface Probes {
  /** The interpreter chosen in the Python extension, if there is one. */
  selectedInterpreter(): Promise<string | undefined>;
  /** Interpreters of environments inside the workspace folder, best first. */
  environments(): Promise<string[]>;
  /** The answer of `command… --version`, or why there is none. */
  version(command: string[]): Promise<{ version: string } | { problem: string }>;
  /** Whether a server answers at this HTTP address. */
  healthy(base: string): Promise<boolean>;
}

export type Choice =
  | { kind: "stdio"; command: string; args: string[]; version: string | null }
  | { kind: "websocket"; url: string }
  | { kind: "none"; message: string };

export interface Resolution {
  choice: Choice;
  reasons: string[];
}

const HELP =
  "Install it in the project's environment (python -m pip install constellation-engine), " +
  "or set constellation.server.command or constellation.server.url.";

/** Chooses a server. */
export async function resolveServer(settings: ServerSettings, probes: Probes): Promise<Resolution> {
  const reasons: string[] = [];
  if (settings.mode === "websocket") return atUrl(settings.url, ["constellation.server.mode is websocket"]);
  if (settings.mode === "auto" && settings.urlIsSet) return atUrl(settings.url, ["constellation.server.url is set"]);
  const local = await findCommand(settings, probes, reasons);
  if (local) return { choice: local, reasons };
  if (settings.mode === "auto") {
    const base = httpBase(settings.url);
    if (base && (await probes.healthy(base))) return atUrl(settings.url, [...reasons, `a server answers at ${base}`]);
    reasons.push(`no server answers at ${base ?? settings.url}`);
  }
  return { choice: { kind: "none", message: `No language server found. ${HELP}` }, reasons };
}

function atUrl(text: string, reasons: string[]): Resolution {
  const url = languageUrl(text);
  if (url) return { choice: { kind: "websocket", url }, reasons };
  const message = `constellation.server.url is no address of a server: "${text}". Write it like ws://localhost:8080/lsp.`;
  return { choice: { kind: "none", message }, reasons };
}

function serverArguments(settings: ServerSettings): string[] {
  return [...settings.modules.flatMap((name) => ["--modules", name]), ...settings.args];
}

async function findCommand(settings: ServerSettings, probes: Probes, reasons: string[]): Promise<Choice | undefined> {
  if (settings.command && settings.command.length > 0) {
    reasons.push("constellation.server.command is set");
    const [command = "", ...first] = settings.command;
    return { kind: "stdio", command, args: [...first, ...serverArguments(settings)], version: null };
  }
  const selected = await probes.selectedInterpreter();
  const interpreters = [...(selected ? [selected] : []), ...(await probes.environments())];
  const candidates = [...new Set(interpreters)].map((python) => [python, "-m", "constellation_server"]);
  for (const command of [...candidates, ["constellation"]]) {
    const answer = await probes.version(command);
    if ("problem" in answer) {
      reasons.push(`${command.join(" ")}: ${answer.problem}`);
      continue;
    }
    reasons.push(`${command.join(" ")}: version ${answer.version}`);
    const [program = "", ...first] = command;
    return { kind: "stdio", command: program, args: [...first, "lsp", ...serverArguments(settings)], version: answer.version };
  }
  return undefined;
}

/** Whether two choices mean the same server. */
export function sameChoice(a: Choice, b: Choice): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A choice in a few words. */
export function describe(choice: Choice): string {
  switch (choice.kind) {
    case "stdio":
      return [choice.command, ...choice.args].join(" ");
    case "websocket":
      return choice.url;
    case "none":
      return "none";
  }
}
