"""`constellation lsp` as editors start it: a process with pipes."""

from __future__ import annotations

import asyncio
import os
import sys

import pytest

from constellation.engine.constellation import Constellation
from constellation_lsp.transports.framing import with_headers
from constellation_lsp.transports.stdio import serve_pipes
from tests.conformance.lsp_transports import connect

URI = "file:///project/main.cst"


async def test_a_whole_session_in_a_process() -> None:
    async with connect("process") as client:
        result = await client.initialize({"general": {"positionEncodings": ["utf-16"]}})
        assert result["serverInfo"]["name"] == "constellation"
        await client.open(URI, "in text: String\nr = acme.text.shout(text)\nout nope\n")
        found = await client.diagnostics_of(URI)
        assert [d["code"] for d in found["diagnostics"] if d["severity"] == 1] == ["E001"]
        await client.change(URI, [{"text": "in text: String\nr = acme.text.shout(text)\nout r\n"}])
        run = await client.request("constellation/executePipeline", {"uri": URI, "inputs": {"text": "hé"}})
        assert run["outputs"] == {"r": "HÉ!"}
        await client.request("shutdown")
        await client.notify("exit")


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"", 1),
        (b"garbage\r\n\r\n", 1),
        (b"Content-Length: 10\r\n\r\n{", 1),
        (with_headers(b'{"jsonrpc":"2.0","method":"exit"}'), 1),
        (with_headers(b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,'
                      b'"capabilities":{}}}')
         + with_headers(b'{"jsonrpc":"2.0","id":2,"method":"shutdown"}')
         + with_headers(b'{"jsonrpc":"2.0","method":"exit"}'), 0),
    ],
)  # fmt: skip
async def test_the_end_of_a_session_tells_whether_it_was_orderly(engine: Constellation, sent: bytes, code: int) -> None:
    to_server, client_end = os.pipe()
    from_server, server_end = os.pipe()
    os.write(client_end, sent)
    os.close(client_end)
    assert await asyncio.wait_for(serve_pipes(engine, to_server, server_end), 10) == code
    for descriptor in (to_server, from_server, server_end):
        os.close(descriptor)


async def test_nothing_but_messages_reaches_standard_output() -> None:
    command = [sys.executable, "-m", "constellation_server", "lsp", "--stdio"]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)
    output, _ = await process.communicate(b"nonsense\r\n\r\n")
    assert output.startswith(b"Content-Length: ")
    assert output.count(b"jsonrpc") == 1
