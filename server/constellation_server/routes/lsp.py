"""The language server over a WebSocket: one session per connection, one shared engine.

Owns the socket: origin check, limits, order of outgoing messages, liveness. Refuses to look into messages. Invariant: a
message is never dropped silently; a client that does not read is disconnected.
"""

from __future__ import annotations

import asyncio
import logging
from importlib import import_module
from typing import Any, Final

from aiohttp import WSMsgType, web

from constellation_server.problems import BadRequest, Unavailable
from constellation_server.reading import require_same_origin
from constellation_server.routing import Route
from constellation_server.scope import REQUEST_ID_HEADER, scope_of
from constellation_server.state import STATE

LOG: Final = logging.getLogger("constellation.lsp")
MAX_MESSAGE: Final = 16 * 1024**2
MAX_QUEUED: Final = 1000
MAX_QUEUED_BYTES: Final = 32 * 1024**2
STALL_SECONDS: Final = 30.0
PING_SECONDS: Final = 30.0
TRY_AGAIN_LATER: Final = 1013


class Outbox:
    """Frames on their way to one client, sent in order by one task."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket
        self._frames: asyncio.Queue[str | None] = asyncio.Queue()
        self._waiting_bytes = 0
        self._close_code = 1000
        self._task = asyncio.create_task(self._drain())

    def put(self, frame: str) -> None:
        """Queue a frame; a client that lets too much pile up is disconnected."""
        self._waiting_bytes += len(frame)
        if self._frames.qsize() >= MAX_QUEUED or self._waiting_bytes > MAX_QUEUED_BYTES:
            LOG.warning("an editor does not read its messages; disconnecting it")
            self._task.cancel()
            self._task = asyncio.create_task(self._close(TRY_AGAIN_LATER))
            return
        self._frames.put_nowait(frame)

    def end(self, code: int) -> None:
        """Close the socket once everything queued is sent."""
        self._close_code = code
        self._frames.put_nowait(None)

    async def _drain(self) -> None:
        try:
            while (frame := await self._frames.get()) is not None:
                async with asyncio.timeout(STALL_SECONDS):
                    await self._socket.send_str(frame)
                self._waiting_bytes -= len(frame)
            await self._close(self._close_code)
        except TimeoutError:
            await self._close(TRY_AGAIN_LATER)
        except ConnectionError:
            return

    async def _close(self, code: int) -> None:
        await self._socket.close(code=code, drain=False)

    async def stop(self) -> None:
        """Stop sending."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def lsp(request: web.Request) -> web.StreamResponse:
    """`GET /lsp`."""
    state = request.app[STATE]
    state.require_accepting()
    require_same_origin(request)
    socket = web.WebSocketResponse(heartbeat=PING_SECONDS, max_msg_size=MAX_MESSAGE, protocols=("constellation",))
    if not socket.can_prepare(request).ok:
        raise BadRequest("/lsp is a WebSocket: send an upgrade request", headers={"Upgrade": "websocket"})
    if len(state.websockets) >= state.config.max_websockets:
        raise Unavailable("Too many open connections, try again later", code="TooManyConnections",
                          headers={"Retry-After": "5"})  # fmt: skip
    framing = request.query.get("framing")
    if framing not in {None, "headers", "bare"}:
        raise BadRequest("Query parameter 'framing' must be headers or bare")
    state.websockets.add(socket)
    try:
        # importing the language server takes a third of a second the first time
        sessions: Any = await asyncio.to_thread(import_module, "constellation_lsp.session")
        socket.headers[REQUEST_ID_HEADER] = scope_of(request).request_id
        await socket.prepare(request)
        await _converse(socket, sessions, state.engine, framing)
    finally:
        state.websockets.discard(socket)
    return socket


async def _converse(socket: web.WebSocketResponse, sessions: Any, engine: Any, framing: str | None) -> None:
    outbox = Outbox(socket)
    session = sessions.create_session(engine, outbox.put, framing=framing, on_close=outbox.end)
    try:
        async for message in socket:
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                session.receive(message.data)
    finally:
        session.close()
        await outbox.stop()


ROUTES = (
    Route("GET", "/lsp", lsp, "openLanguageServer", "The language server (WebSocket, JSON-RPC 2.0)", {},
          role="ReadOnly", websocket=True),
)  # fmt: skip
