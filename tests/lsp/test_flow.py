"""The call hierarchy shows the flow of data."""

from __future__ import annotations

from typing import Any

from tests.lsp.editor import URI, Editor

TEXT = """in text: String
in n: Int
clean = Trim(text)
both = "${clean} ${clean}"
out both
out clean when n > 1 as shown
"""
JSON = dict[str, Any]


def prepared(editor: Editor, line: int, character: int) -> JSON | None:
    at = {"textDocument": {"uri": URI}, "position": {"line": line, "character": character}}
    found = editor.ask("textDocument/prepareCallHierarchy", at)["result"]
    return found[0] if found else None


def test_who_reads_a_variable(editor: Editor) -> None:
    editor.open(TEXT)
    item = prepared(editor, 3, 10)
    assert item is not None
    assert (item["name"], item["kind"], item["selectionRange"]["start"]) == ("clean", 13, {"line": 2, "character": 0})
    found = editor.ask("callHierarchy/incomingCalls", {"item": item})["result"]
    assert [(f["from"]["name"], len(f["fromRanges"])) for f in found] == [("both", 2), ("shown", 1)]


def test_what_a_definition_reads(editor: Editor) -> None:
    editor.open(TEXT)
    item = prepared(editor, 2, 0)
    found = editor.ask("callHierarchy/outgoingCalls", {"item": item})["result"]
    assert [(f["to"]["name"].lower(), f["to"]["kind"]) for f in found] == [("text", 7), ("trim", 12)]
    assert found[0]["fromRanges"][0]["start"] == {"line": 2, "character": 13}


def test_only_variables_have_one(editor: Editor) -> None:
    editor.open(TEXT)
    assert prepared(editor, 2, 9) is None
    assert prepared(editor, 0, 12) is None
