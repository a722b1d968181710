"""A small language client for tests: it talks to a session over pipes, a WebSocket or a subprocess.

Owns requests, notifications, the text of the document it opened and the diagnostics it was sent. Invariant: every
message it receives is either an answer to its request, a request it answers itself, or kept in `notifications`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

JSON = dict[str, Any]


class RpcError(Exception):
    """An error response."""

    def __init__(self, error: JSON) -> None:
        super().__init__(error.get("message"))
        self.error = error


class Client:
    """One end of a connection. `send` transmits one JSON text; feed what arrives to `received`."""

    def __init__(self, send: Callable[[str], Awaitable[None]]) -> None:
        self._send = send
        self._next = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._changed = asyncio.Condition()
        self.notifications: list[JSON] = []
        self.diagnostics: dict[str, JSON] = {}
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}

    async def received(self, text: str) -> None:
        """Takes a message from the server."""
        message: JSON = json.loads(text)
        if "method" in message and "id" in message:
            await self._write({"jsonrpc": "2.0", "id": message["id"], "result": None})
        elif "method" in message:
            async with self._changed:
                self.notifications.append(message)
                if message["method"] == "textDocument/publishDiagnostics":
                    self.diagnostics[message["params"]["uri"]] = message["params"]
                self._changed.notify_all()
        elif (future := self._waiting.pop(message.get("id") or 0, None)) is not None and not future.done():
            if "error" in message:
                future.set_exception(RpcError(message["error"]))
            else:
                future.set_result(message["result"])

    def lost(self) -> None:
        """The connection is gone."""
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(ConnectionError("the server closed the connection"))
                future.exception()  # nobody may be waiting for this answer any more

    async def _write(self, message: JSON) -> None:
        await self._send(json.dumps(message, ensure_ascii=False))

    async def start(self, method: str, params: Any) -> tuple[int, asyncio.Future[Any]]:
        """Sends a request without waiting; returns its id and its future result."""
        self._next += 1
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[self._next] = future
        identifier = self._next
        message: JSON = {"jsonrpc": "2.0", "id": identifier, "method": method}
        if params is not None:
            message["params"] = params
        await self._write(message)
        return identifier, future

    async def request(self, method: str, params: Any = None, timeout: float = 30) -> Any:
        """Sends a request and waits for its result; raises `RpcError` for an error response."""
        _, future = await self.start(method, params)
        return await asyncio.wait_for(future, timeout)

    async def notify(self, method: str, params: Any = None) -> None:
        """Sends a notification."""
        message: JSON = {"jsonrpc": "2.0", "method": method}
        if params is not None:
            message["params"] = params
        await self._write(message)

    async def initialize(self, capabilities: JSON | None = None) -> JSON:
        """The handshake."""
        params = {"processId": None, "rootUri": None, "capabilities": capabilities or {}}
        result: JSON = await self.request("initialize", params)
        await self.notify("initialized", {})
        return result

    async def open(self, uri: str, text: str) -> None:
        """Opens a document at version 1."""
        self.texts[uri] = text
        self.versions[uri] = 1
        document = {"uri": uri, "languageId": "constellation", "version": 1, "text": text}
        await self.notify("textDocument/didOpen", {"textDocument": document})

    async def change(self, uri: str, changes: list[JSON]) -> None:
        """One `didChange`; ranges are LSP ranges in UTF-16."""
        self.versions[uri] += 1
        for change in changes:
            self.texts[uri] = edited(self.texts[uri], [change])
        identifier = {"uri": uri, "version": self.versions[uri]}
        await self.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": changes})

    async def close_document(self, uri: str) -> None:
        """Closes a document."""
        self.diagnostics.pop(uri, None)
        self.versions.pop(uri, None)
        await self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    async def diagnostics_of(self, uri: str, timeout: float = 20) -> JSON:
        """The diagnostics published for the document's current version (or since it was closed)."""

        def is_current() -> bool:
            found = self.diagnostics.get(uri)
            return found is not None and (uri not in self.versions or found.get("version") == self.versions[uri])

        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(is_current), timeout)
        return self.diagnostics[uri]

    async def final_diagnostics_of(self, uri: str, quiet: float = 0.3) -> JSON:
        """The same, once nothing newer came for a while: syntax errors may come ahead of everything else."""
        found = await self.diagnostics_of(uri)
        while True:
            count = len(self.notifications)
            await asyncio.sleep(quiet)
            if len(self.notifications) == count:
                return self.diagnostics.get(uri, found)

    async def until(self, uri: str, wanted: Callable[[JSON], bool], timeout: float = 20) -> None:
        """Waits until the diagnostics of the document's current version are as wanted."""

        def holds() -> bool:
            found = self.diagnostics.get(uri)
            return found is not None and found.get("version") == self.versions.get(uri) and wanted(found)

        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(holds), timeout)


def offset_of(text: str, line: int, character: int) -> int:
    """The code point offset of a UTF-16 position."""
    start = 0
    for _ in range(line):
        ends = [e for e in (text.find("\n", start), text.find("\r", start)) if e >= 0]
        if not ends:
            return len(text)
        end = min(ends)
        start = end + (2 if text[end : end + 2] == "\r\n" else 1)
    units = 0
    while start < len(text) and text[start] not in "\r\n":
        units += 2 if ord(text[start]) > 0xFFFF else 1
        if units > character:
            break
        start += 1
    return start


def position_of(text: str, offset: int) -> JSON:
    """The UTF-16 position of a code point offset."""
    head = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    line = head.rsplit("\n", 1)[-1]
    return {"line": head.count("\n"), "character": len(line.encode("utf-16-le")) // 2}


def edited(text: str, changes: list[JSON]) -> str:
    """A text after changes or edits that all refer to the text as given (later positions first)."""
    spans: list[tuple[int, int, str]] = []
    for change in changes:
        new = change["text"] if "text" in change else change["newText"]
        if "range" not in change:
            return str(new)
        start, end = change["range"]["start"], change["range"]["end"]
        first = offset_of(text, start["line"], start["character"])
        spans.append((first, offset_of(text, end["line"], end["character"]), new))
    for first, last, new in sorted(spans, key=lambda s: s[0], reverse=True):
        text = text[:first] + new + text[last:]
    return text
