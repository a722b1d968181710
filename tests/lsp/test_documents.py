"""Documents under edits: positions out of range, encodings, names of documents, sizes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from constellation.engine.constellation import Constellation
from constellation_lsp.documents import MAX_DOCUMENT_BYTES
from tests.conformance.lsp_client import edited
from tests.lsp.editor import JSON, URI, Editor, settle

ANYWHERE = st.fixed_dictionaries({"line": st.integers(0, 9), "character": st.integers(0, 40)})
TEXTS = st.text(alphabet='ab =\n\r"${}()é🚀\u2028\x0cin out', max_size=30)


def ordered(change: JSON) -> JSON:
    start, end = sorted((change["start"], change["end"]), key=lambda p: (p["line"], p["character"]))
    return {"range": {"start": start, "end": end}, "text": change["text"]}


CHANGES = st.fixed_dictionaries({"start": ANYWHERE, "end": ANYWHERE, "text": TEXTS}).map(ordered)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(text=TEXTS, changes=st.lists(CHANGES, max_size=6))
async def test_edits_anywhere_give_the_text_they_describe(
    engine: Constellation, text: str, changes: list[JSON]
) -> None:
    editor = Editor(engine).start().open(text)
    for number, change in enumerate(changes):
        identifier = {"uri": URI, "version": number + 2}
        editor.send("textDocument/didChange", {"textDocument": identifier, "contentChanges": [change]})
        text = edited(text, [change])
    editor.clock.advance()
    document = editor.session.documents.get(URI)
    assert document is not None
    assert document.text == text
    assert editor.published[-1]["version"] == len(changes) + 1


@pytest.mark.parametrize(
    ("offered", "column"), [(["utf-8", "utf-16"], 25), (["utf-32"], 18), (["utf-16"], 20), (["utf-7"], 20), (None, 20)]
)
async def test_positions_are_in_the_negotiated_encoding(
    engine: Constellation, offered: list[str] | None, column: int
) -> None:
    general = {"general": {"positionEncodings": offered}} if offered else {}
    editor = Editor(engine).start(general).open('in s: String\nb = concat("🚀é🚀", nope)\nout b\n')
    starts = [d["range"]["start"] for d in editor.published[-1]["diagnostics"] if d["code"] == "E001"]
    assert starts == [{"line": 1, "character": column}]


async def test_uris_are_equal_after_decoding(editor: Editor) -> None:
    editor.open("in a: Int\nout a\n", "file:///C%3A/my%20file.cst")
    at = {"textDocument": {"uri": "file:///c:/my file.cst"}, "position": {"line": 0, "character": 3}}
    assert editor.ask("textDocument/hover", at)["result"] is not None


async def test_opening_again_replaces(editor: Editor) -> None:
    editor.open("out nope\n").open("in a: Int\nout a\n")
    assert editor.codes == []


async def test_five_megabytes_are_kept_but_not_analysed(engine: Constellation) -> None:
    large, other = Editor(engine).start(), Editor(engine).start()
    large.open("# comment\n" * 500_000 + "out nope\n")
    assert [(d["code"], d["severity"]) for d in large.published[-1]["diagnostics"]] == [("LIMIT", 3)]
    at = {"textDocument": {"uri": URI}, "position": {"line": 3, "character": 3}}
    for method in ("hover", "completion", "definition", "documentSymbol", "foldingRange", "codeLens"):
        assert "result" in large.ask(f"textDocument/{method}", {**at, "options": {"tabSize": 2, "insertSpaces": True}})
    assert large.ask("constellation/getInputSchema", {"uri": URI})["result"]["success"] is False
    other.open("out nope\n")
    assert other.codes == ["E001"]


def long_program() -> str:
    lines = [f"n{i} = Uppercase(n{i - 1})" for i in range(1, 4000)]
    return "\n".join(["in n0: String", *lines, "out nope", ""])


async def until(condition: Callable[[], bool]) -> None:
    """Gives threads their time."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)


async def test_a_long_document_is_read_beside_the_event_loop(engine: Constellation) -> None:
    long, other = Editor(engine).start(), Editor(engine).start()
    long.open(long_program())
    assert long.published == []
    at = {"textDocument": {"uri": URI}, "position": {"line": 1, "character": 6}}
    long.send("textDocument/hover", at, "later")
    long.type(4000, 0, "# ")
    other.open("out nope\n")
    assert other.codes == ["E001"]
    await until(lambda: any(a["id"] == "later" for a in long.answers))
    assert "Uppercase" in long.answers[-1]["result"]["contents"]["value"]
    long.clock.advance(1)
    await until(lambda: bool(long.published))
    assert (long.published[-1]["version"], long.codes[0]) == (2, "E020")


async def test_a_client_that_drops_stale_answers_is_told_when_the_document_changed(engine: Constellation) -> None:
    wanted = {"general": {"staleRequestSupport": {"cancel": True, "retryOnContentModified": []}}}
    editor = Editor(engine).start(wanted).open(long_program())
    at = {"textDocument": {"uri": URI}, "position": {"line": 1, "character": 6}}
    editor.send("textDocument/hover", at, "before")
    editor.type(4000, 0, "# ")
    editor.send("textDocument/hover", at, "after")
    await until(lambda: len(editor.answers) == 3)
    answers = {a["id"]: a for a in editor.answers}
    assert answers["before"]["error"]["code"] == -32801
    assert "Uppercase" in answers["after"]["result"]["contents"]["value"]


async def test_a_request_that_waits_can_be_cancelled_and_a_session_left(engine: Constellation) -> None:
    editor = Editor(engine).start().open(long_program())
    editor.send("textDocument/hover", {"textDocument": {"uri": URI}, "position": {"line": 1, "character": 6}}, "h")
    editor.send("$/cancelRequest", {"id": "h"})
    await settle()
    assert editor.answers[-1]["error"]["code"] == -32800
    editor.session.close()
    await settle()
    assert len([t for t in asyncio.all_tasks() if t is not asyncio.current_task()]) == 0


async def test_a_document_that_shrinks_is_analysed_again(editor: Editor) -> None:
    editor.open("#" * (MAX_DOCUMENT_BYTES + 1) + "\nout nope\n")
    editor.type(0, 1, "", over=MAX_DOCUMENT_BYTES)
    editor.clock.advance()
    assert editor.codes == ["E001"]
