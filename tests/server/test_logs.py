"""The access log and the two forms of log lines."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from constellation_server.logs import JsonFormatter, TextFormatter, configure_logging
from tests.server.serving import serving


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a server with JSON logging writes to stderr."""
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    root = logging.getLogger("constellation")
    before = root.handlers, root.level, root.propagate
    configure_logging("INFO", "json")
    yield stream
    root.handlers, root.level, root.propagate = before


async def test_one_line_for_each_request(lines: io.StringIO) -> None:
    async with serving(access_log=True) as client:
        body = await client.run("in secret: String\nout secret", secret="hush")
        await client.get("/pipelines/nope?x=hush", X_Request_ID="trace-1", X_Constellation_Agent="editor/1")
    assert "hush" not in lines.getvalue()
    written = [json.loads(line) for line in lines.getvalue().splitlines()]
    first, second = [line for line in written if line["logger"] == "constellation.access"]
    assert (first["method"], first["route"], first["path"], first["status"]) == ("POST", "/run", "/run", 200)
    assert first["executionId"] == body["executionId"] and first["durationMs"] >= 0 and first["bytesOut"] > 0
    assert first["clientIp"] == "127.0.0.1" and first["@timestamp"].endswith("Z")
    assert (second["requestId"], second["agent"], second["status"]) == ("trace-1", "editor/1", 404)
    assert (second["route"], second["path"]) == ("/pipelines/{ref}", "/pipelines/nope")


async def test_an_unexpected_failure_is_logged_once_with_its_traceback(
    lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving() as client:

        def explode(source: str) -> None:
            raise RuntimeError("inner detail")

        monkeypatch.setattr(client.server.state.engine, "compile_result", explode)
        answer = await client.post("/compile", {"source": "in x: Int\nout x"}, X_Request_ID="trace-2")
        assert answer.status == 500
    [line] = [line for line in map(json.loads, lines.getvalue().splitlines()) if line["level"] == "ERROR"]
    assert line["requestId"] == "trace-2" and "inner detail" in line["exception"]


def record(message: str) -> logging.LogRecord:
    made = logging.LogRecord("constellation.server", logging.INFO, "", 0, message, None, None)
    made.created = 1.5
    made.facts = {"path": "/x", "agent": None, "count": 3}
    return made


def test_no_client_can_forge_a_line() -> None:
    text = TextFormatter().format(record("one\nERROR two\x1b[31m"))
    assert text == "1970-01-01T00:00:01.500Z INFO    constellation.server: one\\nERROR two\\x1b[31m count=3"
    document = json.loads(JsonFormatter().format(record("one\ntwo")))
    assert document == {"@timestamp": "1970-01-01T00:00:01.500Z", "level": "INFO", "logger": "constellation.server",
                        "message": "one\ntwo", "path": "/x", "count": 3}  # fmt: skip
