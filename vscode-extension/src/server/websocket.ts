/**
 * The language protocol over a WebSocket.
 *
 * Owns the reader and writer that the language client speaks through. One message per frame in both directions, with
 * the base protocol's header, which every server of this language accepts. No queue of its own and nothing dropped.
 */

import { readFileSync } from "node:fs";
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageReader,
  type MessageWriter,
} from "vscode-jsonrpc/node";
import WebSocket from "ws";
import { frame, unframe } from "./framing";

/** The server refused the key. */
export class Unauthorized extends Error {}

/** The connection could not be made or ended. */
export class Unreachable extends Error {}

class FrameReader extends AbstractMessageReader {
  constructor(private readonly socket: WebSocket) {
    super();
    socket.on("close", () => this.fireClose());
    socket.on("error", (error) => this.fireError(error));
  }

  listen(callback: DataCallback): Disposable {
    const receive = (data: WebSocket.RawData): void => {
      const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
      try {
        for (const text of unframe(bytes)) callback(JSON.parse(text) as Message);
      } catch (error) {
        this.fireError(error instanceof Error ? error : new Error(String(error)));
      }
    };
    this.socket.on("message", receive);
    return { dispose: () => this.socket.off("message", receive) };
  }
}

class FrameWriter extends AbstractMessageWriter {
  private failures = 0;

  constructor(private readonly socket: WebSocket) {
    super();
    socket.on("close", () => this.fireClose());
  }

  write(message: Message): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.send(frame(JSON.stringify(message)), (error) => {
        if (!error) return resolve();
        this.failures += 1;
        this.fireError(error, message, this.failures);
        reject(error);
      });
    });
  }

  end(): void {
    this.socket.close(1000);
  }
}

export interface Transports {
  reader: MessageReader;
  writer: MessageWriter;
}

export interface ConnectOptions {
  /** Sent as a bearer token; never logged. */
  key: string | undefined;
  /** Certificate of a private authority. */
  caFile: string | undefined;
  timeoutMs: number;
}

/** Connects to `url`. Fails with `Unauthorized` or `Unreachable`. */
export function connectWebSocket(url: string, options: ConnectOptions): Promise<Transports> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, {
      headers: options.key === undefined ? {} : { Authorization: `Bearer ${options.key}` },
      handshakeTimeout: options.timeoutMs,
      maxPayload: 64 * 1024 * 1024,
      ...(options.caFile === undefined ? {} : { ca: readFileSync(options.caFile) }),
    });
    socket.once("unexpected-response", (_request, response) => {
      const status = response.statusCode ?? 0;
      response.resume();
      socket.terminate();
      reject(status === 401 || status === 403 ? new Unauthorized(refusal(url, status)) : new Unreachable(`${url} answered ${status} instead of a WebSocket`));
    });
    socket.once("error", (error) => reject(new Unreachable(`${url}: ${error.message}`)));
    socket.once("open", () => resolve({ reader: new FrameReader(socket), writer: new FrameWriter(socket) }));
  });
}

function refusal(url: string, status: number): string {
  return status === 401 ? `${url} asks for an API key.` : `${url} refuses this client (403). Check the key's role and the server's allowed origins.`;
}
