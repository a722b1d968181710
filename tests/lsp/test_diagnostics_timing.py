"""When diagnostics come: at once while analysis is quick, after a quiet time when it was not, never for an old text."""

from __future__ import annotations

import pytest

from constellation_grammar.parser import Parser
from constellation_grammar.syntax import Program, SyntaxProblem
from tests.lsp.editor import URI, Editor

GOOD = "in text: String\nr = Uppercase(text)\nout r\n"


async def test_a_quick_pass_is_not_delayed(editor: Editor) -> None:
    editor.open(GOOD)
    editor.type(1, 4, "X")
    assert editor.clock.waiting == [0.0]
    editor.clock.advance()
    assert editor.published[-1]["version"] == 2
    assert editor.codes == ["E002"]


async def test_typing_during_the_delay_restarts_it(editor: Editor) -> None:
    editor.clock.work = 0.02
    editor.open(GOOD)
    editor.clock.work = 0.0
    for _ in range(5):
        editor.type(1, 4, "X")
        editor.clock.advance(0.03)
    assert [p["version"] for p in editor.published] == [1]
    assert editor.clock.waiting == [0.02, 0.12]
    editor.clock.advance(0.2)
    assert editor.published[-1]["version"] == 6


async def test_after_a_slow_pass_syntax_errors_come_first(editor: Editor) -> None:
    editor.clock.work = 0.02
    editor.open("in text: String\nr = Nope(text)\ns = Uppercase(text\nout r\n")
    editor.clock.work = 0.0
    editor.type(3, 0, "t = Nope(text)\n")
    editor.clock.advance(0.05)
    assert sorted(editor.codes) == ["E002", "E020"]
    editor.clock.advance(0.1)
    assert [c for c in sorted(editor.codes) if c.startswith("E")] == ["E002", "E002", "E020"]


async def test_saving_does_not_wait(editor: Editor) -> None:
    editor.clock.work = 0.02
    editor.open(GOOD)
    editor.type(1, 4, "X")
    editor.send("textDocument/didSave", {"textDocument": {"uri": URI}})
    assert editor.clock.waiting == [0.0]


async def test_versions_never_go_back(editor: Editor) -> None:
    editor.open(GOOD)
    for step in range(20):
        editor.type(1, 4, "X")
        if step % 3 == 0:
            editor.clock.advance(0.01)
    editor.clock.advance(1)
    versions = [p["version"] for p in editor.published]
    assert versions == sorted(versions)
    assert versions[-1] == 21


async def test_closing_clears_and_cancels(editor: Editor) -> None:
    editor.open("out nope\n")
    assert editor.codes == ["E001"]
    editor.type(0, 0, " ")
    editor.send("textDocument/didClose", {"textDocument": {"uri": URI}})
    editor.clock.advance(1)
    assert editor.published[-1]["diagnostics"] == []
    assert editor.clock.waiting == []


async def test_a_client_that_pulls_is_not_pushed_to(editor: Editor) -> None:
    pulling = Editor(editor.engine).start({"textDocument": {"diagnostic": {}}}).open("out nope\n")
    assert pulling.published == []
    report = pulling.ask("textDocument/diagnostic", {"textDocument": {"uri": URI}})["result"]
    assert [d["code"] for d in report["items"]] == ["E001"]


@pytest.mark.parametrize("mode", ["push", "off"])
async def test_the_mode_can_be_chosen(editor: Editor, mode: str) -> None:
    options = {"diagnostics": {"mode": mode}}
    chosen = Editor(editor.engine).start({"textDocument": {"diagnostic": {}}}, options).open("out nope\n")
    assert bool(chosen.published) == (mode == "push")


async def test_a_lint_can_be_silenced_or_raised(editor: Editor) -> None:
    text = "in a: Int\nunused = a\nout a\n"
    silent = Editor(editor.engine).start(None, {"lint": {"unused-variable": "off"}}).open(text)
    loud = Editor(editor.engine).start(None, {"lint": {"LANG002": "error"}}).open(text)
    assert silent.codes == []
    assert loud.published[-1]["diagnostics"][0]["severity"] == 1


async def test_a_registry_change_reaches_open_documents(editor: Editor) -> None:
    wanted = {"experimental": {"constellation": {"notifications": ["constellation/registryChanged"]}}}
    told = Editor(editor.engine).start(wanted).open("in t: String\nr = acme.text.shout(t)\nout r\n")
    assert told.codes == []
    editor.engine.unregister("acme.text.shout")
    told.raw(" ")
    told.send("$/whatever")
    told.clock.advance()
    assert told.codes == ["E004"]
    changes = [m["params"] for m in told.messages if m.get("method") == "constellation/registryChanged"]
    assert [(c["added"], c["removed"]) for c in changes] == [([], ["acme.text.shout"])]


async def test_a_client_that_pulls_is_asked_to_pull_again(editor: Editor) -> None:
    pulls = {"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": True}}}
    pulling = Editor(editor.engine).start(pulls).open("in a: Int\nout a\n")
    editor.engine.unregister("acme.num.twice")
    pulling.send("$/whatever")
    assert pulling.messages[-1]["method"] == "workspace/diagnostic/refresh"


async def test_a_text_only_the_compiler_refuses_is_shown_on_save(
    editor: Editor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    editor.open(GOOD)
    refused = Program((), len(GOOD), (SyntaxProblem(3, 7, "Unexpected 'text'", "unexpected-token"),))
    monkeypatch.setattr(Parser, "parse", lambda self, text: refused)
    editor.send("textDocument/didSave", {"textDocument": {"uri": URI}})
    editor.clock.advance()
    assert [(d["code"], d["data"]["slug"]) for d in editor.published[-1]["diagnostics"]] == [
        ("E020", "parser-disagreement")
    ]
    assert "disagree" in caplog.text
    monkeypatch.undo()
    editor.type(0, 0, "# \n")
    editor.clock.advance()
    assert editor.codes == []
