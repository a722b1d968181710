"""One edit costs one declaration, however long the program is."""

from __future__ import annotations

from pytest import MonkeyPatch

from constellation.engine.constellation import Constellation
from constellation_grammar.document import Document
from constellation_grammar.parser import Parser
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.diagnostics import diagnose
from tests.lsp.editor import URI, Editor


def program(statements: int) -> str:
    """A chain of calls over one input."""
    lines = ["in text: String", "n0 = Trim(text)"]
    lines += [f"n{i} = Uppercase(n{i - 1})" for i in range(1, statements - 2)]
    return "\n".join([*lines, f"out n{statements - 3}", ""])


async def test_an_edit_reads_and_checks_the_changed_declaration_only(engine: Constellation) -> None:
    document = Document(program(500))
    analysis = Analysis(document, engine.modules)
    diagnose(analysis, {})
    document.apply((250, 7), (250, 16), "Lowercase")
    assert diagnose(analysis, {}) == []
    assert document.parsed_statements == 1
    assert analysis.checked.rechecked <= 2


async def test_a_change_of_type_reaches_the_readers_only(engine: Constellation) -> None:
    document = Document("in a: Int\nb = add(a, 1)\nc = add(b, 1)\nd = add(a, 2)\nout c\nout d\n")
    analysis = Analysis(document, engine.modules)
    diagnose(analysis, {})
    document.apply((1, 4), (1, 13), '"text"')
    assert [p.code for p in diagnose(analysis, {})] == ["E010"]
    assert document.parsed_statements == 1
    assert analysis.checked.rechecked == 3  # b, c, and the output of c


async def test_the_compilers_parser_never_sees_the_whole_text(editor: Editor, monkeypatch: MonkeyPatch) -> None:
    editor.open(program(300))
    parse = Parser.parse
    seen: list[int] = []

    def counting(self: Parser, text: str) -> object:
        seen.append(len(text))
        return parse(self, text)

    monkeypatch.setattr(Parser, "parse", counting)
    for character in "(broken":
        editor.type(100, 6, character)
        editor.clock.advance()
    editor.ask("textDocument/completion", {"textDocument": {"uri": URI}, "position": {"line": 100, "character": 10}})
    editor.ask("textDocument/hover", {"textDocument": {"uri": URI}, "position": {"line": 5, "character": 8}})
    assert editor.published[-1]["version"] == 8
    assert max(seen, default=0) < 100
