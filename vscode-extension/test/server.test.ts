import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { WebSocketServer } from "ws";
import { frame, unframe } from "../src/server/framing";
import { INITIAL, needsAttention, reduce, retryDelay, type ServerEvent, type ServerState } from "../src/server/state";
import { httpBase, languageUrl, origin } from "../src/server/url";
import { substitute } from "../src/server/variables";
import { connectWebSocket, Unauthorized, Unreachable } from "../src/server/websocket";

// ---- addresses

const ADDRESSES: [string, string | undefined, string | undefined][] = [
  ["ws://localhost:8080/lsp", "ws://localhost:8080/lsp", "http://localhost:8080"],
  ["http://localhost:8080", "ws://localhost:8080/lsp", "http://localhost:8080"],
  ["https://shop.test/", "wss://shop.test/lsp", "https://shop.test"],
  ["wss://shop.test/team/lsp", "wss://shop.test/team/lsp", "https://shop.test/team"],
  ["shop.test", undefined, undefined],
  ["file:///etc", undefined, undefined],
  ["", undefined, undefined],
];

for (const [text, socket, base] of ADDRESSES) {
  test(`the address "${text}"`, () => {
    assert.equal(languageUrl(text), socket);
    assert.equal(httpBase(text), base);
  });
}

test("a key belongs to scheme, host and port", () => {
  assert.equal(origin("ws://shop.test:81/team/lsp"), "http://shop.test:81");
});

test("variables in settings", () => {
  assert.equal(substitute("${workspaceFolder}/x ${env:A}${env:B} ${other}", "/shop", { A: "1" }), "/shop/x 1 ${other}");
});

// ---- frames

test("a message and its frame", () => {
  assert.equal(frame('{"é":1}'), 'Content-Length: 8\r\n\r\n{"é":1}');
  assert.deepEqual(unframe(Buffer.from(frame('{"é":1}'))), ['{"é":1}']);
});

test("a bare message, several in a frame, and none", () => {
  assert.deepEqual(unframe(Buffer.from(' {"a":1}')), [' {"a":1}'.trim()]);
  assert.deepEqual(unframe(Buffer.from(frame("{}") + frame('{"b":2}'))), ["{}", '{"b":2}']);
  assert.deepEqual(unframe(Buffer.from(" \r\n")), []);
});

test("garbage is an error, not a message", () => {
  assert.throws(() => unframe(Buffer.from("hello")), /neither/);
  assert.throws(() => unframe(Buffer.from("Content-Length: 9\r\n\r\n{}")), /inside a message/);
});

// ---- states

function stateAfter(events: ServerEvent[], from: ServerState = INITIAL): ServerState {
  return events.reduce(reduce, from);
}

const crash = (now: number): ServerEvent[] => [{ type: "start", what: "x" }, { type: "exited", now, message: "gone" }];

test("a server that starts becomes ready", () => {
  const state = stateAfter([{ type: "resolve" }, { type: "start", what: "x" }, { type: "ready", message: "x 1" }]);
  assert.equal(state.phase, "ready");
  assert.equal(needsAttention(state), false);
});

test("ready is reached from starting only", () => {
  assert.equal(stateAfter([{ type: "stop" }, { type: "ready", message: "x" }]).phase, "stopped");
});

test("a crash restarts at once, four times in three minutes, then a person must act", () => {
  const four = stateAfter([0, 1, 2, 3].flatMap((second) => crash(second * 1000)));
  assert.equal(retryDelay(four, 0.5), 0);
  assert.equal(needsAttention(four), false);
  const five = stateAfter(crash(4000), four);
  assert.equal(retryDelay(five, 0.5), null);
  assert.equal(needsAttention(five), true);
  const later = stateAfter(crash(4 * 60_000), four);
  assert.equal(retryDelay(later, 0.5), 0);
});

test("a lost connection is tried again after 1, 2, 4 … 30 seconds", () => {
  let state: ServerState = INITIAL;
  const delays = Array.from({ length: 7 }, () => {
    state = reduce(state, { type: "disconnected", message: "" });
    return retryDelay(state, 0.5);
  });
  assert.deepEqual(delays, [1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  assert.equal(retryDelay(state, 0), 24000);
  assert.equal(stateAfter([{ type: "start", what: "x" }, { type: "ready", message: "" }], state).attempts, 0);
});

test("a person hears about what no retry mends", () => {
  const causes: ServerEvent[] = [{ type: "notFound", message: "" }, { type: "refused", message: "" }];
  for (const event of causes) assert.equal(needsAttention(stateAfter([event])), true);
});

// ---- a real WebSocket

let seen: IncomingMessage | undefined;
const http = createServer();
const sockets = new WebSocketServer({ noServer: true });

before(async () => {
  http.on("upgrade", (request, socket, head) => {
    seen = request;
    if (request.url === "/closed") return void socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
    if (request.url === "/odd") return void socket.end("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on("message", (data) => client.send(data.toString(), { binary: false }));
    });
  });
  await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
});

after(() => {
  for (const client of sockets.clients) client.terminate();
  http.close();
});

const address = (path: string): string => `ws://127.0.0.1:${(http.address() as AddressInfo).port}${path}`;
const options = { key: undefined, caFile: undefined, timeoutMs: 5000 };

test("messages go out in frames with headers and come back, non-ASCII ones too", async () => {
  const { reader, writer } = await connectWebSocket(address("/lsp"), options);
  const message = { jsonrpc: "2.0", method: "x", params: { text: "ä→𝕏" } };
  const back = new Promise((resolve) => reader.listen(resolve));
  await writer.write(message);
  assert.deepEqual(await back, message);
  const closed = new Promise<void>((resolve) => reader.onClose(resolve));
  writer.end();
  await closed;
});

test("the key is sent as a bearer token", async () => {
  const { writer } = await connectWebSocket(address("/lsp"), { ...options, key: "secret" });
  assert.equal(seen?.headers.authorization, "Bearer secret");
  writer.end();
});

test("a refused key, an odd answer and a server that is not there", async () => {
  await assert.rejects(connectWebSocket(address("/closed"), { ...options, key: "secret" }), (error: Error) => {
    return error instanceof Unauthorized && !error.message.includes("secret");
  });
  await assert.rejects(connectWebSocket(address("/odd"), options), Unreachable);
  await assert.rejects(connectWebSocket("ws://127.0.0.1:1/lsp", options), Unreachable);
});
