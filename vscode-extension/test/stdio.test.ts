import assert from "node:assert/strict";
import { test } from "node:test";
import { StdioServer } from "../src/server/stdio";

const ECHO = "process.stdin.pipe(process.stdout); process.stderr.write('hello\\n')";

function start(script: string, printed: (text: string) => void = () => undefined): Promise<StdioServer> {
  return StdioServer.start({ command: process.execPath, args: ["-e", script], cwd: undefined, env: process.env, printed });
}

test("messages go through the process, and what else it prints is told", async () => {
  const heard = new Promise<string>((resolve) => void start(ECHO, resolve).then(talk));
  const message = { jsonrpc: "2.0", method: "x", params: ["ä"] };
  let server: StdioServer | undefined;
  let answered: ((back: unknown) => void) | undefined;
  const back = new Promise((resolve) => (answered = resolve));
  async function talk(started: StdioServer): Promise<void> {
    server = started;
    const { reader, writer } = started.transports;
    reader.listen((received) => answered?.(received));
    await writer.write(message);
  }
  assert.equal(await heard, "hello\n");
  assert.deepEqual(await back, message);
  await server?.end();
});

test("a process that ends tells how, and the last line that it printed", async () => {
  const server = await start("console.error('reading …'); console.error('ModuleNotFoundError: shop'); process.exit(3)");
  assert.equal(await server.reason(), "ended with exit code 3: ModuleNotFoundError: shop");
  await server.end();
});

test("a program that does not exist", async () => {
  const options = { command: "no-such-program", args: [], cwd: undefined, env: process.env, printed: () => undefined };
  await assert.rejects(StdioServer.start(options), /there is no program "no-such-program"/);
});

test("a process that does not go by itself is ended", async () => {
  const server = await start("process.stdin.resume(); process.stdin.on('end', () => undefined); setInterval(() => undefined, 1000)");
  await server.end();
  assert.match(await server.reason(), /^ended by SIGKILL/);
});
