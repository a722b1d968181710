"""The checker finds the same errors whichever front end read the program; the editor sees more of a broken one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from constellation.compiler.checker import Checker
from constellation.modules.registry import ModuleRegistry
from constellation.stdlib import load
from constellation.types.functions import FunctionTable
from constellation_grammar.document import Document
from constellation_grammar.parser import Parser
from constellation_grammar.syntax import Program
from tests.conformance.cases import load_cases

CASES = [
    case
    for name in ("language.yaml", "more_language.yaml")
    for case in load_cases(Path(__file__).parents[2] / "conformance" / name)
]


@pytest.fixture(scope="module")
def table() -> FunctionTable:
    registry = ModuleRegistry()
    registry.register(*load())
    return registry.table


def errors(table: FunctionTable, program: Program) -> list[tuple[str, int, int, str]]:
    found = Checker(table).check(program).diagnostics
    return [(d.code, d.start, d.end, d.message) for d in found if d.severity == "error"]


def inside_a_broken_declaration(program: Program, start: int, end: int) -> bool:
    return any(
        s.problems and s.node.start + s.offset <= start and end <= s.node.end + s.offset for s in program.statements
    )


@pytest.mark.parametrize("case", CASES, ids=[str(case["id"]) for case in CASES])
def test_the_same_errors(case: dict[str, Any], table: FunctionTable) -> None:
    source: str = case["source"]
    tolerant = Document(source).program
    strict = errors(table, Parser().parse(source))
    found = errors(table, tolerant)
    assert [e for e in found if e in strict] == strict
    # the editor goes on looking into a declaration with a syntax error
    assert all(inside_a_broken_declaration(tolerant, e[1], e[2]) for e in found if e not in strict)
