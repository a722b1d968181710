/**
 * The language protocol over a process's standard input and output.
 *
 * Owns the process: starting it, keeping the last lines that it printed to explain its end, and ending it. Invariant: a
 * process that was started here does not outlive `end`.
 */

import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { StreamMessageReader, StreamMessageWriter } from "vscode-jsonrpc/node";
import type { Transports } from "./websocket";

const KEPT_LINES = 20;
const GRACE_MS = 2_000;

export interface ProcessOptions {
  command: string;
  args: string[];
  cwd: string | undefined;
  env: Record<string, string | undefined>;
  /** Everything that the process prints beside the protocol. */
  printed: (text: string) => void;
}

export class StdioServer {
  private lines: string[] = [];
  private ended: string | null = null;

  private constructor(private readonly process: ChildProcessWithoutNullStreams, options: ProcessOptions) {
    process.stderr.setEncoding("utf8").on("data", (text: string) => {
      options.printed(text);
      this.lines = [...this.lines, ...text.split("\n").filter((line) => line.trim() !== "")].slice(-KEPT_LINES);
    });
    process.on("exit", (code, signal) => (this.ended = signal ? `ended by ${signal}` : `ended with exit code ${code}`));
    // Writing to a process that is gone fails; that it is gone is told by its end.
    process.stdin.on("error", () => undefined);
  }

  /** Starts the process; fails when there is no such program. */
  static start(options: ProcessOptions): Promise<StdioServer> {
    return new Promise((resolve, reject) => {
      const child = spawn(options.command, options.args, { cwd: options.cwd, env: options.env, stdio: "pipe" });
      child.once("error", (error: NodeJS.ErrnoException) => {
        reject(new Error(error.code === "ENOENT" ? `there is no program "${options.command}"` : error.message));
      });
      child.once("spawn", () => resolve(new StdioServer(child, options)));
    });
  }

  get transports(): Transports {
    return { reader: new StreamMessageReader(this.process.stdout), writer: new StreamMessageWriter(this.process.stdin) };
  }

  /** Why the process is gone: how it ended, and the last line that it printed. */
  async reason(): Promise<string> {
    await this.wait(GRACE_MS);
    const last = this.lines.at(-1);
    return [this.ended ?? "closed its output", ...(last === undefined ? [] : [last])].join(": ");
  }

  /** Ends the process, by force if it does not go by itself. */
  async end(): Promise<void> {
    this.process.stdin.end();
    await this.wait(GRACE_MS);
    if (this.ended === null) this.process.kill("SIGKILL");
  }

  /** Waits until the process and its output are gone, at most `limit` milliseconds. */
  private wait(limit: number): Promise<void> {
    if (this.ended !== null && this.process.stderr.closed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, limit);
      this.process.once("close", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
