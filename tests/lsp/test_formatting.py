"""Formatting: few edits, the whole text or a range of it."""

from __future__ import annotations

import pytest

from constellation_grammar.formatter import format_text
from constellation_lsp.features.edits import apply_edits
from constellation_lsp.features.formatting import MOST_COMPARED_LINES, format_edits
from tests.lsp.editor import JSON, URI, Editor, settle

UGLY = "in  a:Int\nin b: Int\nr=add( a ,b )\n\n\n\nout   r"
OPTIONS = {"tabSize": 2, "insertSpaces": True}


async def edits(editor: Editor, method: str, **params: object) -> list[JSON]:
    editor.send(method, {"textDocument": {"uri": URI}, "options": OPTIONS, **params}, "f")
    await settle()
    result: list[JSON] = editor.answers[-1]["result"]
    return result


@pytest.mark.parametrize("count", [1, MOST_COMPARED_LINES])
def test_the_edits_give_the_formatted_text(count: int) -> None:
    text = "".join(f"in  a{i}:Int\nin b{i}: Int\n" for i in range(count)) + "out a0\n"
    found = format_edits(text)
    assert apply_edits(text, [(e.start, e.end, e.text) for e in found]) == format_text(text)
    assert format_edits(format_text(text)) == []


def test_lines_that_are_fine_are_left_alone() -> None:
    found = format_edits(UGLY)
    assert not any("in b: Int" in UGLY[e.start : e.end] for e in found)


async def test_a_range_is_formatted_alone(editor: Editor) -> None:
    editor.open(UGLY)
    third = {"start": {"line": 2, "character": 0}, "end": {"line": 2, "character": 3}}
    found = await edits(editor, "textDocument/rangeFormatting", range=third)
    assert [e["newText"] for e in found] == ["r = add(a, b)\n"]


async def test_a_long_stretch_is_replaced_as_a_whole(editor: Editor) -> None:
    editor.open("\n".join(f"in  a{i}:Int" for i in range(3000)))
    assert len(await edits(editor, "textDocument/formatting")) == 1
