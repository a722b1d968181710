"""Sessions come and go; the process, the engine and the other sessions stay."""

from __future__ import annotations

import asyncio
import gc
import weakref
from functools import partial
from typing import Any

from aiohttp import ClientWebSocketResponse
from aiohttp.test_utils import TestClient, TestServer

from constellation.engine.constellation import Constellation
from constellation_lsp.session import Session
from constellation_server.app import create_app
from constellation_server.config import ServerConfig
from tests.conformance.lsp_client import Client
from tests.conformance.lsp_transports import case_engine
from tests.lsp.editor import URI, Editor, settle

GOOD = "in text: String\nr = Uppercase(text)\nout r\n"


def alive() -> int:
    gc.collect()
    return sum(isinstance(found, Session) for found in gc.get_objects())


async def test_a_closed_session_is_gone(engine: Constellation) -> None:
    editor = Editor(engine).start().open(GOOD)
    editor.send("constellation/executePipeline", {"uri": URI, "inputs": {"text": "a"}}, 1)
    reference = weakref.ref(editor.session)
    editor.session.close()
    await settle()
    del editor
    gc.collect()
    assert reference() is None


async def test_a_closed_session_says_nothing_more(editor: Editor) -> None:
    editor.open("in text: String\nr = DeepAnalysis(text)\nout r\n")
    editor.send("constellation/executePipeline", {"uri": URI, "inputs": {"text": "a"}}, "run")
    editor.type(0, 0, "x")
    editor.session.close()
    editor.session.close()
    before = len(editor.frames)
    await settle()
    editor.clock.advance(10)
    editor.send("textDocument/hover", {}, 5)
    assert len(editor.frames) == before
    assert editor.engine.lifecycle.inflight_count == 0


async def test_an_idle_session_hears_of_modules_that_come_and_go(engine: Constellation) -> None:
    capabilities = {"experimental": {"constellation": {"notifications": ["constellation/registryChanged"]}}}
    editor = Editor(engine).start(capabilities).open("in n: Int\nr = acme.num.twice(n)\nout r\n")
    assert editor.codes == []
    module = engine.modules.unregister("acme.num.twice")
    await settle()
    editor.clock.advance()
    assert editor.codes[0] in ("E002", "E004")
    engine.modules.register(module)
    await settle()
    editor.clock.advance()
    assert editor.codes == []
    told = [m["params"] for m in editor.messages if m.get("method") == "constellation/registryChanged"]
    assert [(t["added"], t["removed"]) for t in told] == [([], ["acme.num.twice"]), (["acme.num.twice"], [])]
    editor.session.close()
    before = len(editor.frames)
    engine.modules.unregister("acme.num.twice")
    await settle()
    assert len(editor.frames) == before


async def test_two_sessions_share_names_of_documents_but_not_documents(engine: Constellation) -> None:
    first, second = Editor(engine).start(), Editor(engine).start()
    first.open("out nope\n")
    second.open("in a: Int\nout a\n")
    first.type(0, 4, "x")
    first.clock.advance()
    assert first.codes == ["E001"]
    assert second.codes == []


class Peer:
    """A client on the server's WebSocket."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.client = Client(socket.send_str)
        self.pump = asyncio.create_task(self._pump())

    async def _pump(self) -> None:
        async for message in self.socket:
            await self.client.received(message.data)
        self.client.lost()

    async def kill(self) -> None:
        """Vanishes without a word."""
        transport = self.socket.get_extra_info("socket")
        assert transport is not None
        connection = self.socket._conn  # pyright: ignore[reportPrivateUsage]
        assert connection is not None and connection.transport is not None
        connection.transport.abort()
        await self.pump


def has_codes(codes: list[str], found: dict[str, Any]) -> bool:
    return [d["code"] for d in found["diagnostics"]] == codes


async def joined(http: TestClient, uri: str) -> Peer:  # type: ignore[type-arg]
    peer = Peer(await http.ws_connect("/lsp"))
    await peer.client.initialize()
    await peer.client.open(uri, GOOD)
    await peer.client.diagnostics_of(uri)
    return peer


async def test_one_of_four_sessions_is_killed_a_hundred_times() -> None:
    app = create_app(case_engine(), ServerConfig(access_log=False))
    async with TestClient(TestServer(app)) as http:
        before = alive()
        others = [await joined(http, f"file:///other{n}.cst") for n in range(3)]
        for round_ in range(100):
            victim = await joined(http, URI)
            if round_ % 3 == 0:
                change = {
                    "range": {"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 4}},
                    "text": "X",
                }
                await victim.client.change(URI, [change])
            if round_ % 4 == 0:
                await victim.client.start("constellation/executePipeline", {"uri": URI, "inputs": {"text": "a"}})
            await victim.kill()
            del victim
            peer = others[round_ % 3]
            uri = f"file:///other{round_ % 3}.cst"
            wrong = round_ % 2 == 0
            await peer.client.change(uri, [{"text": GOOD.replace("Uppercase", "Nope") if wrong else GOOD}])
            expected = ["E002"] if wrong else []
            await peer.client.until(uri, partial(has_codes, expected))
        async with asyncio.timeout(10):
            while alive() != before + 3:
                await asyncio.sleep(0)
        for peer in others:
            await peer.socket.close()
            await peer.pump
