"""Settings take effect at once."""

from __future__ import annotations

import pytest

from constellation.engine.constellation import Constellation
from constellation.engine.result_cache import InMemoryCache
from constellation_lsp import session as session_file
from tests.lsp.editor import JSON, URI, Editor, settle

BAD = "out nope\n"
LONG = "in alpha: Int\nresult = Splice(alpha, alpha, alpha)\nout result\n"


def configure(editor: Editor, settings: JSON) -> None:
    editor.send("workspace/didChangeConfiguration", {"settings": {"constellation": settings}})
    editor.clock.advance()


async def test_switching_diagnostics_off_takes_them_away(editor: Editor) -> None:
    editor.open(BAD)
    assert editor.codes == ["E001"]
    configure(editor, {"diagnostics": {"mode": "off"}})
    assert editor.codes == []
    configure(editor, {"diagnostics": {"mode": "push"}})
    assert editor.codes == ["E001"]


async def test_switching_to_pull_takes_what_was_pushed_away(engine: Constellation) -> None:
    editor = Editor(engine).start({"textDocument": {"diagnostic": {}}}, {"diagnostics": {"mode": "push"}}).open(BAD)
    assert editor.codes == ["E001"]
    configure(editor, {"diagnostics": {"mode": "pull"}})
    assert editor.codes == []
    found = editor.ask("textDocument/diagnostic", {"textDocument": {"uri": URI}})["result"]
    assert [d["code"] for d in found["items"]] == ["E001"]


async def test_another_lint_severity_is_another_result(engine: Constellation) -> None:
    editor = Editor(engine).start({"textDocument": {"diagnostic": {}}}).open("in a: Int\nb = a\nout a\n")
    asked = {"textDocument": {"uri": URI}}
    first = editor.ask("textDocument/diagnostic", asked)["result"]
    again = {**asked, "previousResultId": first["resultId"]}
    assert editor.ask("textDocument/diagnostic", again)["result"]["kind"] == "unchanged"
    configure(editor, {"lint": {"unused-variable": "warning"}})
    second = editor.ask("textDocument/diagnostic", again)["result"]
    assert [(d["code"], d["severity"]) for d in second["items"]] == [("LANG002", 2)]


async def test_the_width_of_a_line(editor: Editor) -> None:
    editor.open(LONG)
    asked = {"textDocument": {"uri": URI}, "options": {"tabSize": 2, "insertSpaces": True}}
    editor.send("textDocument/formatting", asked, "wide")
    await settle()
    assert editor.answers[-1]["result"] == []
    configure(editor, {"format": {"lineWidth": 20}})
    editor.send("textDocument/formatting", asked, "narrow")
    await settle()
    assert "\n  alpha,\n" in editor.answers[-1]["result"][0]["newText"]


async def test_a_range_formats_the_declarations_it_meets(editor: Editor) -> None:
    editor.open("in  a: Int\nr=add(\na,1)\nout   r\n")
    place = {"start": {"line": 2, "character": 0}, "end": {"line": 2, "character": 1}}
    asked = {"textDocument": {"uri": URI}, "range": place, "options": {"tabSize": 2, "insertSpaces": True}}
    editor.send("textDocument/rangeFormatting", asked, "range")
    await settle()
    edits = editor.answers[-1]["result"]
    assert {line for e in edits for line in (e["range"]["start"]["line"], e["range"]["end"]["line"])} <= {1, 2, 3}
    assert "out r" not in "".join(e["newText"] for e in edits)


async def test_lenses_and_hints_can_be_switched_off(editor: Editor) -> None:
    editor.open("in a: Int\nb = a + 1\nout b\n")
    everything = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}
    asked = {"textDocument": {"uri": URI}, "range": everything}
    assert editor.ask("textDocument/codeLens", asked)["result"]
    assert editor.ask("textDocument/inlayHint", asked)["result"]
    configure(editor, {"codeLens": {"enable": False}, "inlayHints": {"variableTypes": False}})
    assert editor.ask("textDocument/codeLens", asked)["result"] == []
    assert editor.ask("textDocument/inlayHint", asked)["result"] == []


async def test_slow_messages_are_named_when_asked_for(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_file, "SLOW_REQUEST", -1.0)
    hover = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 0}}
    editor.ask("textDocument/hover", hover)
    assert not [m for m in editor.messages if m.get("method") == "window/logMessage"]
    configure(editor, {"trace": {"timings": True}})
    editor.send("textDocument/hover", hover, "slow")
    logged = [m["params"]["message"] for m in editor.messages if m.get("method") == "window/logMessage"]
    assert logged[-1].startswith("textDocument/hover took ")


async def test_a_value_of_the_wrong_kind_is_named_and_ignored(editor: Editor) -> None:
    configure(editor, {"inlayHints": {"maxLength": "wide"}, "unknown": {"key": 1}})
    logged = [m["params"]["message"] for m in editor.messages if m.get("method") == "window/logMessage"]
    assert len(logged) == 1
    assert "inlayHints.maxLength" in logged[0]


BACKENDS = 'in t: String\nr = Trim(t) with cache: 1min, cache_backend: "disk"\nout r\n'


async def test_configured_cache_backends_are_the_ones_there_are(engine: Constellation) -> None:
    plain = Editor(engine).start().open(BACKENDS)
    assert plain.codes == []  # nobody configured any: those of the server the program goes to may be meant
    engine.caches.register("redis", InMemoryCache())
    editor = Editor(engine).start().open(BACKENDS)
    assert editor.codes == ["OPTS005"]
    at = BACKENDS.splitlines()[1].index("disk")
    editor.type(1, at, "", over=4)
    asked = {"textDocument": {"uri": URI}, "position": {"line": 1, "character": at}}
    found = editor.ask("textDocument/completion", asked)["result"]["items"]
    assert [item["label"] for item in found] == ['"memory"', '"redis"']
