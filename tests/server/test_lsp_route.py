"""The language server's WebSocket: origin, limits, sessions that end, and a server that outlives them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from tests.server.serving import Client, serving

INITIALIZE: dict[str, Any] = {"processId": None, "rootUri": None, "capabilities": {}}


async def call(socket: aiohttp.ClientWebSocketResponse, number: int, method: str, params: Any) -> Any:
    """Send a request and wait for its answer."""
    await socket.send_str(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}))
    while True:
        message = json.loads(await socket.receive_str(timeout=10))
        if message.get("id") == number and "method" not in message:
            return message


async def test_a_session_answers(client: Client) -> None:
    async with client.session.ws_connect(client.server.url + "/lsp") as socket:
        answer = await call(socket, 1, "initialize", INITIALIZE)
        assert answer["result"]["serverInfo"]["name"] == "constellation"


async def test_garbage_is_answered_and_the_session_goes_on(client: Client) -> None:
    async with client.session.ws_connect(client.server.url + "/lsp") as socket:
        await socket.send_str("garbage")
        assert json.loads(await socket.receive_str(timeout=10))["error"]["code"] == -32700
        assert "result" in await call(socket, 1, "initialize", INITIALIZE)


async def test_pages_of_other_origins_are_refused(client: Client) -> None:
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await client.session.ws_connect(client.server.url + "/lsp", origin=origin)
        assert refused.value.status == 403
    async with client.session.ws_connect(client.server.url + "/lsp", origin=client.server.url) as socket:
        assert not socket.closed


async def test_a_plain_get_is_no_websocket(client: Client) -> None:
    answer = await client.get("/lsp")
    assert (answer.status, answer.json["code"]) == (400, "BadRequest")


async def test_connections_are_limited() -> None:
    async with serving(max_websockets=1) as client:
        async with client.session.ws_connect(client.server.url + "/lsp"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await client.session.ws_connect(client.server.url + "/lsp")
            assert refused.value.status == 503
        while client.server.state.websockets:
            await asyncio.sleep(0)
        async with client.session.ws_connect(client.server.url + "/lsp") as socket:
            assert "result" in await call(socket, 1, "initialize", INITIALIZE)


async def test_clients_that_vanish_leave_nothing_behind(client: Client) -> None:
    async with client.session.ws_connect(client.server.url + "/lsp") as steady:
        await call(steady, 1, "initialize", INITIALIZE)
        for number in range(20):
            socket = await client.session.ws_connect(client.server.url + "/lsp")
            await socket.send_str(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": INITIALIZE}))
            connection = socket._response.connection
            assert connection is not None and connection.transport is not None
            connection.transport.abort()
            assert "error" in await call(steady, number + 2, "no/such/method", {})
        while len(client.server.state.websockets) > 1:
            await asyncio.sleep(0)


async def test_draining_closes_sessions(client: Client) -> None:
    async with client.session.ws_connect(client.server.url + "/lsp") as socket:
        await client.server.drain()
        message = await socket.receive(timeout=10)
        assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        assert socket.close_code == 1001
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await client.session.ws_connect(client.server.url + "/lsp")
