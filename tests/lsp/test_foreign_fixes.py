"""Quick fixes of what somebody writes who knows another language: mistake, and the text behind its one click."""

from __future__ import annotations

import pytest

from constellation.modules.registry import ModuleRegistry
from constellation_grammar.document import Document
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.code_actions import code_actions
from constellation_lsp.features.diagnostics import diagnose
from constellation_lsp.features.edits import apply_edits
from tests.conformance.lsp_transports import case_engine

FIXES = """
in x: Int?                          | in x: Optional<Int>
in x: Int[]                         | in x: List<Int>
in x: [Int]                         | in x: List<Int>
in x: Int or String                 | in x: Int | String
in x: { a: Int } & { b: Int }       | in x: { a: Int } + { b: Int }
in x: { a: Int; b: Int }            | in x: { a: Int, b: Int }
output y                            | out y
x = 1 =< 2                          | x = 1 <= 2
x = y AND true                      | x = y and true
x = y | true                        | x = y or true
x = !y                              | x = not y
x = [1; 2]                          | x = [1, 2]
x = if (y) 1 elif (true) 2 else 3   | x = if (y) 1 else if (true) 2 else 3
x = branch { y -> 1, _ -> 2 }       | x = branch { y -> 1, otherwise -> 2 }
x = match y { otherwise -> 1 }      | x = match y { _ -> 1 }
x = match y { is Int => 1 }         | x = match y { is Int -> 1 }
x = 1,000                           | x = 1000
"""
ROWS = [tuple(part.strip() for part in line.rsplit("  | ", 1)) for line in FIXES.strip().split("\n")]


@pytest.fixture(scope="module")
def registry() -> ModuleRegistry:
    return case_engine().modules


@pytest.mark.parametrize(("wrong", "right"), ROWS)
def test_the_fix_writes_it_as_we_do(registry: ModuleRegistry, wrong: str, right: str) -> None:
    text = f"in y: Boolean\n{wrong}\nout y\n"
    analysis = Analysis(Document(text), registry)
    problems = [p for p in diagnose(analysis, {}) if p.code == "E020"]
    (problem,) = problems
    (action,) = [a for a in code_actions(analysis, problem.start, problem.end, problems, ["quickfix"]) if a.preferred]
    assert apply_edits(text, list(action.edits)) == f"in y: Boolean\n{right}\nout y\n"


@pytest.mark.parametrize("wrong", ["in x: Int -> Int", "x = 1 ++ 2", "use a/b", "x = (1, 2)", "x = y as String"])
def test_nothing_is_offered_that_would_have_to_guess(registry: ModuleRegistry, wrong: str) -> None:
    analysis = Analysis(Document(f"in y: Boolean\n{wrong}\nout y\n"), registry)
    problems = [p for p in diagnose(analysis, {}) if p.code == "E020"]
    assert not code_actions(analysis, problems[0].start, problems[0].end, problems, ["quickfix"])
