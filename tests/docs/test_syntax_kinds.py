"""The table of syntax mistakes: every kind the grammar knows, each with programs that make exactly it."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest

from constellation_grammar.parser import parse
from tests.docs.book import DOCS, build

KINDS: dict[str, dict[str, Any]] = build()["errors"].syntax_kinds()
PROGRAMS = [(slug, program) for slug, kind in KINDS.items() for program in kind["programs"]]
PROGRAMS.append(("too-deep", "out " + "(" * 300 + "1" + ")" * 300 + " as one"))
SLUG = re.compile(r"[a-z]+(-[a-z]+)+")


def slugs(text: str) -> set[str]:
    program = parse(text)
    return {p.slug for p in (*program.problems, *(p for s in program.statements for p in s.problems))}


@pytest.mark.parametrize(("slug", "program"), PROGRAMS)
def test_a_program_makes_its_mistake(slug: str, program: str) -> None:
    assert slugs(program) == {slug}


def test_every_kind_the_grammar_knows_is_in_the_table() -> None:
    known: set[str] = set()
    for path in (DOCS.parent / "grammar" / "constellation_grammar").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and SLUG.fullmatch(node.value):
                known.add(node.value)
    assert set(KINDS) == known
    assert {slug for slug, _ in PROGRAMS} == known
