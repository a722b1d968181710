"""Clients that speak bad HTTP, speak slowly, or hang up; and a server told to stop."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from constellation.engine.constellation import Constellation
from constellation.engine.scheduler import GlobalScheduler
from constellation.modules.decorator import module
from constellation_server import server
from constellation_server.config import ServerConfig
from constellation_server.server import Server
from tests.server.serving import Client, serving, serving_with


async def exchange(client: Client, data: bytes) -> bytes:
    """Send bytes over a connection of their own; what comes back until the server closes or has answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", client.server.port)
    writer.write(data)
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
        )
        return head + await reader.readexactly(length)
    finally:
        writer.close()


@pytest.mark.parametrize(
    "data",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /health HTTP/1.1\r\nbad header\r\n\r\n",
        b"POST /run HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: x\r\nX-Long: " + b"y" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
    ids=["nonsense", "version", "header", "length", "huge header", "huge path", "tls"],
)
async def test_malformed_http_gets_the_envelope(client: Client, data: bytes) -> None:
    answer = await exchange(client, data)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    document = json.loads(body)
    assert document["code"] == "BadRequest" and document["message"] == "Malformed HTTP request"
    assert document["requestId"].encode() in head
    assert b"aiohttp" not in head and b"Traceback" not in body
    assert (await client.get("/health")).status == 200


async def test_a_body_that_never_comes_is_given_up() -> None:
    async with serving(body_timeout=0.05) as client:
        answer = await exchange(
            client,
            b'POST /run HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"so',
        )
        assert b"408" in answer.split(b"\r\n")[0]
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "RequestTimeout"
        assert (await client.get("/health")).status == 200


async def test_a_head_that_never_ends_is_given_up(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", client.server.port)
    try:
        writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200" in (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0]
        writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\nX-Slow")
        async with asyncio.timeout(10):
            rest = await reader.read()
        assert rest.startswith(b"{") and rest.count(b"HTTP/1.1") == 0
    finally:
        writer.close()


async def test_a_slow_answer_is_no_slow_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.0)

    @module
    async def wait(n: int) -> int:
        """Takes longer than a head may."""
        for _ in range(100):
            await asyncio.sleep(0)
        return n

    async with serving(wait) as client:
        assert (await client.run("in n: Int\nm = Wait(n)\nout m", n=1))["outputs"] == {"m": 1}
        assert (await client.get("/health")).status == 200


async def test_continue_is_said_only_for_bodies_that_will_be_read(client: Client) -> None:
    head = b"POST /compile HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
    refused = await exchange(client, head + b"Content-Length: 999999999\r\n\r\n")
    assert b" 413 " in refused.split(b"\r\n")[0]
    reader, writer = await asyncio.open_connection("127.0.0.1", client.server.port)
    body = b'{"source": "in x: Int\\nout x"}'
    writer.write(head + f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode())
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(body)
    assert b" 200 " in (await reader.readuntil(b"\r\n\r\n"))
    writer.close()


class Gate:
    """A module that waits until the test lets it go on."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.opened = asyncio.Event()
        self.finished = 0

    def module(self) -> Any:
        """The module `WaitForGate`."""

        @module(effectful=True)
        async def wait_for_gate(text: str) -> str:
            """The text, once the gate is open."""
            self.entered.set()
            await self.opened.wait()
            self.finished += 1
            return text

        return wait_for_gate


SOURCE = "in text: String\nresult = WaitForGate(text)\nout result"


async def test_a_client_that_hangs_up_does_not_cancel_its_run() -> None:
    gate = Gate()
    async with serving(gate.module()) as client:
        body = json.dumps({"source": SOURCE, "inputs": {"text": "a"}}).encode()
        _, writer = await asyncio.open_connection("127.0.0.1", client.server.port)
        writer.write(b"POST /run HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await gate.entered.wait()
        writer.close()
        gate.opened.set()
        await client.server.state.idle.wait()
        assert gate.finished == 1
        assert (await client.get("/metrics")).json["executions"]["completed"] == 1


async def test_draining_refuses_work_and_waits_for_what_runs() -> None:
    gate = Gate()
    async with serving(gate.module()) as client:
        running = asyncio.create_task(client.run(SOURCE, text="kept"))
        await gate.entered.wait()
        draining = asyncio.create_task(client.server.drain())
        await asyncio.sleep(0)
        ready = await client.get("/health/ready")
        assert (ready.status, ready.json["reason"]) == (503, "draining")
        health = await client.get("/health")
        assert (health.status, health.json["status"]) == (503, "draining")
        assert (await client.get("/health/live")).status == 200
        assert (await client.get("/pipelines")).status == 200
        for path in ("/run", "/compile", "/execute", "/executions/x/resume", "/pipelines/p/reload"):
            refused = await client.post(path, {"source": "in x: Int\nout x", "inputs": {}})
            assert (refused.status, refused.json["code"]) == (503, "ShuttingDown"), path
            assert refused.json["message"] == "Server is shutting down"
            assert refused.headers["Retry-After"] == "5" and refused.headers["Connection"] == "close"
        assert not draining.done()
        gate.opened.set()
        await draining
        assert (await running)["outputs"] == {"result": "kept"}


async def test_draining_cancels_what_outlasts_its_timeout() -> None:
    gate = Gate()
    async with serving(gate.module(), drain_timeout=0.02) as client:
        running = asyncio.create_task(client.post("/run", {"source": SOURCE, "inputs": {"text": "lost"}}))
        await gate.entered.wait()
        await client.server.drain()
        answer = await running
        body = answer.json
        assert (answer.status, body["success"], body["status"], body["code"]) == (200, False, "cancelled", "Cancelled")
        assert body["error"] == body["message"] and body["executionId"]


async def test_a_run_beyond_its_time_limit() -> None:
    gate = Gate()
    async with serving(gate.module()) as client:
        body = {"source": SOURCE, "inputs": {"text": "a"}, "options": {"timeoutMs": 20}}
        answer = await client.post("/run", body)
        document = answer.json
        assert (answer.status, document["status"], document["code"]) == (200, "failed", "ExecutionTimeout")
        assert document["error"].startswith("Execution timed out after ")
        assert (await client.get("/executions")).json["total"] == 0


async def test_a_full_scheduler_queue_is_429() -> None:
    gate = Gate()
    scheduler = GlobalScheduler.bounded(max_concurrency=1, max_queue_size=1)
    engine = Constellation(modules=[gate.module()], scheduler=scheduler)
    async with serving_with(Server(engine, ServerConfig(port=0, access_log=False))) as client:
        accepted = [asyncio.create_task(client.run(SOURCE, text="a"))]
        await gate.entered.wait()
        accepted.append(asyncio.create_task(client.run(SOURCE, text="b")))
        while not (await client.get("/metrics")).json["scheduler"]["queuedCount"]:
            await asyncio.sleep(0)
        refused = await client.post("/run", {"source": SOURCE, "inputs": {"text": "c"}})
        assert (refused.status, refused.json["code"]) == (429, "QueueFull")
        assert refused.json["message"] == "Server is overloaded, try again later"
        assert refused.headers["Retry-After"] == "1"
        gate.opened.set()
        assert [body["outputs"]["result"] for body in await asyncio.gather(*accepted)] == ["a", "b"]


async def test_two_servers_share_nothing(client: Client) -> None:
    async with serving() as other:
        await client.compile("in x: Int\nout x", "mine")
        assert (await other.get("/pipelines")).json["total"] == 0
        assert (await client.get("/pipelines")).json["total"] == 1
