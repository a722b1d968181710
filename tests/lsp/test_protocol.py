"""Whatever a client sends, it gets an answer or is ignored, and the session goes on."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from constellation.engine.constellation import Constellation
from tests.lsp.editor import URI, Editor, settle

HOVER = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 4}}


def code(answer: dict[str, object]) -> object:
    error = answer["error"]
    assert isinstance(error, dict)
    return error["code"]  # pyright: ignore[reportUnknownVariableType]


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ("{not json}", -32700),
        ("garbage", -32700),
        ("[1, 2]", -32600),
        ('[{"jsonrpc":"2.0","id":1,"method":"shutdown"}]', -32600),
        ("{}", -32600),
        ('{"jsonrpc":"1.0","id":7,"method":"shutdown"}', -32600),
        ('{"jsonrpc":"2.0","id":null,"method":"shutdown"}', -32600),
        ('{"jsonrpc":"2.0","id":{"a":1},"method":"shutdown"}', -32600),
        ('{"jsonrpc":"2.0","id":7}', -32600),
        ("[" * 100_000, -32600),
        ('{"a":' * 5_000, -32700),
    ],
)
async def test_what_is_no_message_is_refused_and_the_session_goes_on(editor: Editor, frame: str, expected: int) -> None:
    editor.raw(frame)
    refusal = editor.answers[-1]
    assert code(refusal) in (expected, -32700)
    assert editor.ask("textDocument/hover", HOVER)["result"] is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=60))
async def test_no_bytes_end_a_session(engine: Constellation, data: bytes) -> None:
    editor = Editor(engine).start()
    before = len(editor.answers)
    editor.raw(data)
    editor.raw(b"\r\n\r\n")
    assert not editor.session.closed
    assert len(editor.answers) >= before


async def test_empty_frames_are_keep_alives(editor: Editor) -> None:
    before = len(editor.frames)
    editor.raw("")
    editor.raw(" \n\t")
    assert len(editor.frames) == before


@pytest.mark.parametrize("params", [None, [], {}, {"position": 1}, {**HOVER, "position": {"line": "x"}}, "text", 7])
async def test_wrong_parameters_of_a_request_are_answered(editor: Editor, params: object) -> None:
    answer = editor.ask("textDocument/hover", params)
    assert code(answer) == -32602
    assert "textDocument/hover" in answer["error"]["message"]


@pytest.mark.parametrize("params", [None, {"uri": 5}, {"uri": "file:///a.cst", "inputs": "x"}])
async def test_wrong_parameters_of_a_custom_method_are_answered(editor: Editor, params: object) -> None:
    assert code(editor.ask("constellation/executePipeline", params)) == -32602


async def test_unknown_requests_are_refused_and_unknown_notifications_ignored(editor: Editor) -> None:
    assert code(editor.ask("nobody/knows", {})) == -32601
    assert code(editor.ask("$/unknown", {})) == -32601
    before = len(editor.frames)
    editor.send("nobody/knows", {})
    editor.send("$/unknown", {})
    assert len(editor.frames) == before


async def test_a_broken_notification_says_nothing(editor: Editor) -> None:
    before = len(editor.frames)
    editor.send("textDocument/didOpen", {"textDocument": {"uri": URI}})
    editor.send("textDocument/didChange", {"textDocument": {"uri": "file:///closed.cst", "version": 2},
                                           "contentChanges": [{"text": "x"}]})  # fmt: skip
    assert len(editor.frames) == before


async def test_requests_before_initialize_are_refused(engine: Constellation) -> None:
    editor = Editor(engine)
    assert code(editor.ask("textDocument/hover", HOVER)) == -32002
    assert code(editor.ask("nobody/knows", {})) == -32002
    assert "result" in editor.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})


async def test_a_failed_initialize_can_be_repeated(engine: Constellation) -> None:
    editor = Editor(engine)
    assert code(editor.ask("initialize", {"capabilities": 3})) == -32602
    assert "result" in editor.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})


async def test_a_second_initialize_is_refused(editor: Editor) -> None:
    assert code(editor.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})) == -32600


async def test_after_shutdown_only_exit_is_left(editor: Editor) -> None:
    assert editor.ask("shutdown")["result"] is None
    assert code(editor.ask("textDocument/hover", HOVER)) == -32600
    editor.send("exit")
    assert editor.session.closed
    assert editor.closed_with == [1000]


async def test_exit_without_shutdown_ends_the_session_only(editor: Editor, engine: Constellation) -> None:
    editor.send("exit")
    assert editor.closed_with == [1000]
    assert "result" in Editor(engine).start().answers[0]


async def test_a_nested_object_that_looks_like_a_message_is_data(editor: Editor) -> None:
    inputs = {"a": {"jsonrpc": "2.0", "method": "exit"}}
    editor.send("constellation/executePipeline", {"uri": URI, "inputs": inputs}, 9)
    await settle()
    assert not editor.session.closed
    assert editor.answers[-1]["result"]["error"] == "Document not found"


async def test_a_bug_in_a_handler_is_answered_with_a_reference_only(
    editor: Editor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret /path/to/file")

    monkeypatch.setattr("constellation_lsp.handlers.language.hover_feature", fail)
    editor.open("in a: Int\nout a\n")
    answer = editor.ask("textDocument/hover", HOVER)
    assert code(answer) == -32603
    assert "secret" not in json.dumps(answer)
    assert "secret" in caplog.text


async def test_a_cancelled_execution_is_answered_once(editor: Editor) -> None:
    editor.open("in text: String\nr = DeepAnalysis(text)\nout r\n")
    editor.send("constellation/executePipeline", {"uri": URI, "inputs": {"text": "a"}}, "run")
    await settle()
    editor.send("$/cancelRequest", {"id": "run"})
    editor.send("$/cancelRequest", {"id": "run"})
    editor.send("$/cancelRequest", {"id": "never"})
    editor.send("$/cancelRequest", None)
    await settle()
    answers = [a for a in editor.answers if a["id"] == "run"]
    assert [code(a) for a in answers] == [-32800]


async def test_an_id_in_use_is_refused(editor: Editor) -> None:
    editor.open("in text: String\nr = DeepAnalysis(text)\nout r\n")
    for _ in range(2):
        editor.send("constellation/executePipeline", {"uri": URI, "inputs": {"text": "a"}}, 5)
    assert code(editor.answers[-1]) == -32600
    editor.session.close()


async def test_a_reader_may_look_but_not_run(engine: Constellation) -> None:
    editor = Editor(engine, {"may_execute": False}).start().open("in a: Int\nout a\n")
    assert editor.ask("constellation/getInputSchema", {"uri": URI})["result"]["success"]
    assert editor.ask("textDocument/hover", HOVER)["result"] is not None
    editor.send("constellation/executePipeline", {"uri": URI, "inputs": {"a": 1}}, "run")
    await settle()
    refusal = editor.answers[-1]
    assert code(refusal) == -32003
    assert refusal["error"]["data"]["required"] == "Execute"


async def test_replies_mirror_the_clients_framing(engine: Constellation) -> None:
    editor = Editor(engine)
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "é"})
    editor.raw(f"Content-Length: {len(body.encode())}\r\n\r\n{body}")
    assert editor.frames[0].startswith("Content-Length: ")
    head, _, rest = editor.frames[0].partition("\r\n\r\n")
    assert int(head.split(":")[1]) == len(rest.encode())


async def test_a_message_over_the_limit_closes_the_session_with_1009(editor: Editor) -> None:
    editor.raw("Content-Length: 99999999999\r\n\r\n{}")
    assert editor.closed_with == [1009]
