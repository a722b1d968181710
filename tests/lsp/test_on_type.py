"""Indents while typing."""

from __future__ import annotations

import pytest

from constellation_grammar.document import Document
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.edits import apply_edits
from constellation_lsp.features.on_type import closing_brace, new_line
from tests.conformance.lsp_transports import case_engine


def analysed(marked: str) -> tuple[Analysis, int]:
    at = marked.index("^")
    return Analysis(Document(marked.replace("^", "")), case_engine().modules), at


@pytest.mark.parametrize(
    ("before", "indent"),
    [
        ("x = branch {\n^", 2),
        ("x = foo(\n^", 2),
        ("x = [\n  foo(a,\n^", 4),
        ("x = Trim(t) with\n^", 4),
        ("x = Trim(t) with\n    retry: 3,\n^", 4),
        ("x = Trim(t) with retry: 3,\n^", 4),
        ("x = Trim(t)\n   ^", 0),
        ("in a: Int\n  ^", 0),
        ("x = a +\n^", 2),
        ("x =\n^", 2),
        ("x = branch {\n  a -> 1,\n  ^", 2),
        ("x = branch {\n^}", 0),
        ("in u: {\n^", 2),
        ("# only a comment\n  ^", 0),
    ],
)  # fmt: skip
def test_a_new_line(before: str, indent: int) -> None:
    analysis, at = analysed(before)
    after = apply_edits(analysis.text, new_line(analysis, at))
    line = after[analysis.text.rfind("\n", 0, at) + 1 :]
    assert len(line) - len(line.lstrip(" ")) == indent


def test_a_new_line_inside_a_string_is_left_alone() -> None:
    analysis, at = analysed('x = "some\n^ text"\n')
    assert new_line(analysis, at) == []


def test_a_closing_brace_indents_its_construct() -> None:
    analysis, at = analysed("x = branch {\na > 1 -> foo(\nb,\n  c\n),\n      otherwise -> 2\n   }^\n")
    after = apply_edits(analysis.text, closing_brace(analysis, at))
    assert after == "x = branch {\n  a > 1 -> foo(\n    b,\n    c\n  ),\n  otherwise -> 2\n}\n"


def test_a_brace_in_a_string_closes_nothing() -> None:
    analysis, at = analysed('x = branch {\na -> "}^"\n')
    assert closing_brace(analysis, at) == []
