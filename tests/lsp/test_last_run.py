"""What a run leaves behind in the editor: lenses, hovers and progress."""

from __future__ import annotations

from typing import Any

from constellation.engine.constellation import Constellation
from tests.lsp.editor import URI, Editor, settle

JSON = dict[str, Any]
TEXT = "in text: String\nr = acme.text.shout(text)\nout r\nout r as again\n"


def refreshed(editor: Editor) -> list[str]:
    return [m["method"] for m in editor.messages if m.get("method", "").endswith("/refresh")]


async def run(editor: Editor, **params: Any) -> None:
    editor.send("constellation/executePipeline", {"uri": URI, "inputs": {"text": "hé"}, **params}, "run")
    await settle()


def lenses(editor: Editor) -> list[tuple[int, str, str]]:
    found = editor.ask("textDocument/codeLens", {"textDocument": {"uri": URI}})["result"]
    return [(x["range"]["start"]["line"], x["command"]["title"], x["command"]["command"]) for x in found]


def hover(editor: Editor) -> str:
    at = {"textDocument": {"uri": URI}, "position": {"line": 1, "character": 0}}
    return str(editor.ask("textDocument/hover", at)["result"]["contents"]["value"])


async def test_values_are_shown_until_the_text_changes(engine: Constellation) -> None:
    editor = Editor(engine).start({"workspace": {"codeLens": {"refreshSupport": True}}}).open(TEXT)
    assert len(lenses(editor)) == 3
    await run(editor)
    assert refreshed(editor) == ["workspace/codeLens/refresh"]
    values = lenses(editor)[3:]
    assert [(line, command) for line, _, command in values] == [(2, ""), (3, "")]
    assert all(title.startswith('= "HÉ!"') for _, title, _ in values)
    assert 'Last run: `"HÉ!"' in hover(editor)
    editor.type(3, 0, "\n")
    assert len(lenses(editor)) == 3
    assert "Last run" not in hover(editor)


async def test_a_client_that_shows_results_in_the_text_gets_no_values(engine: Constellation) -> None:
    editor = Editor(engine).start(options={"run": {"showInlineResults": True}}).open(TEXT)
    await run(editor)
    assert len(lenses(editor)) == 3


async def test_progress_of_a_run(editor: Editor) -> None:
    editor.open(TEXT)
    await run(editor, workDoneToken="t")
    values = [m["params"] for m in editor.messages if m.get("method") == "$/progress"]
    assert [(v["token"], v["value"]["kind"]) for v in values] == [("t", "begin"), ("t", "end")]
    assert values[0]["value"]["cancellable"] is True


async def test_cancelling_the_progress_cancels_the_run(editor: Editor) -> None:
    editor.open("in text: String\nr = DeepAnalysis(text)\nout r\n")
    await run(editor, workDoneToken=7)
    assert editor.answers == editor.answers[:1]
    editor.send("window/workDoneProgress/cancel", {"token": 7})
    await settle()
    assert editor.answers[-1]["result"]["status"] == "cancelled"


async def test_everything_is_asked_for_again_when_functions_come(engine: Constellation) -> None:
    support: JSON = {"refreshSupport": True}
    workspace = {"codeLens": support, "inlayHint": support, "semanticTokens": support, "diagnostics": support}
    editor = Editor(engine).start({"workspace": workspace, "textDocument": {"diagnostic": {}}}).open(TEXT)
    engine.modules.unregister("acme.num.twice")
    hover(editor)
    assert sorted(refreshed(editor)) == [
        "workspace/codeLens/refresh", "workspace/diagnostic/refresh", "workspace/inlayHint/refresh",
        "workspace/semanticTokens/refresh",
    ]  # fmt: skip
