"""Edits as the client can take them: bound to versions, with placeholders, to be confirmed."""

from __future__ import annotations

from typing import Any

import pytest

from constellation.engine.constellation import Constellation
from tests.lsp.editor import JSON, URI, Editor

TEXT = "in o: Optional<Int>\nr = add(o, 1)\nout r\n"


def editor_with(engine: Constellation, **support: Any) -> Editor:
    return Editor(engine).start({"workspace": {"workspaceEdit": support}}).open(TEXT)


def default_for(editor: Editor) -> JSON:
    at = {"line": 1, "character": 8}
    asked = {"textDocument": {"uri": URI}, "range": {"start": at, "end": at}, "context": {"diagnostics": []}}
    found = editor.ask("textDocument/codeAction", asked)["result"]
    edit: JSON = next(a["edit"] for a in found if a["title"].startswith("Provide a default"))
    return edit


async def test_placeholders_for_clients_that_fill_them_in(engine: Constellation) -> None:
    edit = default_for(editor_with(engine, documentChanges=True, snippetEditSupport=True))
    change = edit["documentChanges"][0]
    assert change["textDocument"]["version"] == 1
    assert change["edits"][0]["snippet"] == {"kind": "snippet", "value": " ?? ${1:0}"}


@pytest.mark.parametrize("support", [{"documentChanges": True}, {"snippetEditSupport": True}, {}])
async def test_plain_text_for_all_others(engine: Constellation, support: JSON) -> None:
    edit = default_for(editor_with(engine, **support))
    edits = edit["documentChanges"][0]["edits"] if "documentChanges" in edit else edit["changes"][URI]
    assert [e["newText"] for e in edits] == [" ?? 0"]


def renamed(editor: Editor, line: int, character: int, name: str) -> JSON:
    asked = {"textDocument": {"uri": URI}, "position": {"line": line, "character": character}, "newName": name}
    result: JSON = editor.ask("textDocument/rename", asked)["result"]
    return result


async def test_renaming_what_others_see_is_confirmed(engine: Constellation) -> None:
    support = {"documentChanges": True, "changeAnnotationSupport": {}}
    public = renamed(editor_with(engine, **support), 0, 3, "other")
    (annotation,) = public["changeAnnotations"].values()
    assert annotation == {"label": "Changes the pipeline's interface", "needsConfirmation": True}
    assert all(e["annotationId"] in public["changeAnnotations"] for e in public["documentChanges"][0]["edits"])
    output = renamed(editor_with(engine, **support), 1, 0, "other")
    assert "changeAnnotations" in output
    plain = renamed(editor_with(engine, documentChanges=True), 0, 3, "other")
    assert "changeAnnotations" not in plain


async def test_renaming_what_nobody_sees_is_not(engine: Constellation) -> None:
    editor = Editor(engine).start(
        {"workspace": {"workspaceEdit": {"documentChanges": True, "changeAnnotationSupport": {}}}}
    )
    editor.open("in a: Int\nb = a\nout b as c\n")
    assert "changeAnnotations" not in renamed(editor, 1, 0, "other")
