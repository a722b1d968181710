"""Connections to a language server under test: operating-system pipes, the HTTP server's WebSocket, a subprocess.

Owns the registry the cases expect. Invariant: leaving a connection's context ends its session.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp.test_utils import TestClient, TestServer

from constellation import Constellation, module
from constellation.stdlib.demo import demo_modules
from constellation_lsp.transports.framing import FrameReader, FramingError, with_headers
from constellation_lsp.transports.stdio import serve_pipes
from constellation_server.app import create_app
from constellation_server.config import ServerConfig
from tests.conformance.lsp_client import Client


@module(name="Splice")
def splice(text: str, find: str, replace: str) -> str:
    """Replaces every occurrence of a text by another."""
    return text.replace(find, replace)


@module(namespace="acme.text", name="shout")
def shout(text: str) -> str:
    """The text in capitals with an exclamation mark."""
    return text.upper() + "!"


@module(namespace="acme.num", name="twice")
def twice(n: int) -> int:
    """Two times a number."""
    return 2 * n


def case_engine() -> Constellation:
    """An engine with the registry of the cases: standard library, demo modules and three host functions."""
    return Constellation(modules=[*demo_modules(), splice, shout, twice])


@asynccontextmanager
async def connect(transport: str) -> AsyncIterator[Client]:
    """A client of a fresh session over `stdio`, `ws` or `process`."""
    if transport == "ws":
        async with _websocket() as client:
            yield client
    elif transport == "process":
        async with _process() as client:
            yield client
    else:
        async with _pipes() as client:
            yield client


@asynccontextmanager
async def _pipes() -> AsyncIterator[Client]:
    to_server, client_end = os.pipe()
    from_server, server_end = os.pipe()
    loop = asyncio.get_running_loop()
    engine = case_engine()
    server = asyncio.create_task(serve_pipes(engine, to_server, server_end))
    reader = asyncio.StreamReader(limit=1 << 26)
    read_end = os.fdopen(from_server, "rb", 0)
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), read_end)

    async def send(text: str) -> None:
        data = with_headers(text.encode("utf-8", "surrogatepass"))
        while data:
            data = data[os.write(client_end, data[:4096]) :]
            await asyncio.sleep(0)

    client = Client(send)
    pump = asyncio.create_task(_pump(reader, client))
    try:
        yield client
    finally:
        os.close(client_end)
        await asyncio.wait_for(server, 10)
        os.close(to_server)
        os.close(server_end)
        await pump
        transport.close()
        await engine.shutdown()


async def _pump(reader: asyncio.StreamReader, client: Client) -> None:
    frames = FrameReader()
    while chunk := await reader.read(1 << 16):
        for message in frames.feed(chunk):
            if isinstance(message, FramingError):
                raise message
            await client.received(message.decode())
    client.lost()


@asynccontextmanager
async def _process() -> AsyncIterator[Client]:
    command = [sys.executable, "-m", "constellation_server", "lsp", "--stdio", "--demo"]
    command += ["--modules", "tests.conformance.lsp_transports"]
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 26
    )
    assert process.stdin is not None and process.stdout is not None
    writer = process.stdin

    async def send(text: str) -> None:
        writer.write(with_headers(text.encode()))
        await writer.drain()

    client = Client(send)
    pump = asyncio.create_task(_pump(process.stdout, client))
    try:
        yield client
    finally:
        writer.close()
        await asyncio.wait_for(process.wait(), 20)
        await pump


Socket = aiohttp.ClientWebSocketResponse


@asynccontextmanager
async def _application() -> AsyncIterator[Callable[[], Awaitable[Socket]]]:
    """The HTTP server with the cases' registry, and a way to open connections to its `/lsp`."""
    app = create_app(case_engine(), ServerConfig(access_log=False))
    async with TestClient(TestServer(app)) as http:

        async def connect_to() -> Socket:
            return await http.ws_connect("/lsp", max_msg_size=0)

        yield connect_to


@asynccontextmanager
async def _websocket() -> AsyncIterator[Client]:
    async with _application() as connect_to:
        socket = await connect_to()
        client = Client(socket.send_str)
        pump = asyncio.create_task(_pump_socket(socket, client))
        try:
            yield client
        finally:
            await socket.close()
            await pump


async def _pump_socket(socket: Socket, client: Client) -> None:
    async for message in socket:
        if message.type == aiohttp.WSMsgType.TEXT:
            await client.received(message.data)
    client.lost()


@dataclass
class RawAnswer:
    """What a raw exchange gave."""

    frames: list[str] = field(default_factory=list[str])
    closed: bool = False
    server_alive: bool = False


async def raw_websocket(frames: list[str], answers: int, *, wait_close: bool) -> RawAnswer:
    """Sends frames as they are; collects that many answers, or everything until the server closes."""
    got = RawAnswer()
    async with _application() as connect_to:
        socket = await connect_to()
        for frame in frames:
            await socket.send_str(frame)
        with contextlib.suppress(TimeoutError):
            while len(got.frames) < answers or wait_close:
                message = await asyncio.wait_for(socket.receive(), 10)
                if message.type != aiohttp.WSMsgType.TEXT:
                    got.closed = True
                    break
                got.frames.append(message.data)
        await socket.close()
        other = await connect_to()
        got.server_alive = not other.closed
        await other.close()
    return got
