"""What is accepted, what is refused, and that no text is expensive."""

from __future__ import annotations

import time

import pytest

from constellation_grammar.formatter import format_text
from constellation_grammar.limits import NESTING_LIMIT
from constellation_grammar.parser import Parser, token_hash

ACCEPTED = {
    "parentheses": "x = " + "(" * 100 + "a" + ")" * 100,
    "if": "x = " + "if (a) b else " * 100 + "c",
    "conditions": "x = " + "if (" * 100 + "a" + ") b else c" * 100,
    "lists": "x = " + "[" * 100 + "]" * 100,
    "records": "x = " + "{a: " * 100 + "1" + "}" * 100,
    "types": "in x: " + "List<" * 100 + "Int" + ">" * 100,
    "?? chain": "x = " + "a ?? " * 199 + "b",
    "and chain": "x = " + "a and " * 199 + "b",
    "+ chain": "x = " + "a + " * 199 + "b",
    "long name": "x = " + "a" * 10_000,
    "outputs": "".join(f"out x{i}\n" for i in range(500)),
    "exactly the limit": "x = " + "(" * (NESTING_LIMIT - 1) + "a" + ")" * (NESTING_LIMIT - 1),
    "wide, not deep": "x = [" + "f(a) + 1, " * 1_000 + "]",
}


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_accepted(text: str) -> None:
    program = Parser().parse(text)
    assert program.is_valid
    assert Parser().parse(format_text(text)).is_valid


TOO_DEEP = {
    "parentheses": "x = " + "(" * 250 + "a" + ")" * 250,
    "lists": "x = " + "[" * 10_000 + "]" * 10_000,
    "records": "x = " + "{a: " * 10_000 + "1" + "}" * 10_000,
    "types": "in x: " + "List<" * 10_000 + "Int" + ">" * 10_000,
    "unions of merges": "in x: " + "(A | B + " * 300 + "C" + ")" * 300,
    "if": "x = " + "if (a) b else " * 10_000 + "c",
    "calls": "x = " + "f(" * 10_000 + ")" * 10_000,
    "lambdas": "x = " + "a => " * 10_000 + "b",
    "??": "x = " + "a ?? " * 10_000 + "b",
    "+": "x = " + "a + " * 10_000 + "b",
    "when": "x = " + "a when " * 10_000 + "b",
    "not": "x = " + "not " * 10_000 + "b",
    "minus": "x = " + "-" * 10_000 + "b",
    "fields": "x = a" + ".b" * 10_000,
    "projections": "x = a" + "[b]" * 10_000,
    "interpolations": "x = " + '"${' * 2_000 + "a" + '}"' * 2_000,
    "match": "x = " + "match " * 1_000 + "a" + " { _ -> 1 }" * 1_000,
    "branch": "x = " + "branch { otherwise -> " * 1_000 + "1" + "}" * 1_000,
    "options": "x = " + "f() with fallback: " * 1_000 + "1",
    "examples": "@example(" + "[" * 1_000 + "]" * 1_000 + ") in x: Int",
}


@pytest.mark.parametrize("text", TOO_DEEP.values(), ids=TOO_DEEP.keys())
def test_too_deep(text: str) -> None:
    program = Parser().parse(text + "\nout a")
    assert [problem.slug for statement in program.statements for problem in statement.problems] == ["too-deep"]
    assert len(program.statements) == 2


ODD = {
    "unclosed brackets": "([{" * 30_000,
    "closing brackets": ")]}" * 30_000,
    "quotes": '"' * 100_000,
    "escaped quotes": 'x = "\\"\n' * 20_000,
    "one unclosed string and escaped quotes": 'y = \\"\n' * 20_000 + '"',
    "interpolations": '"${' * 30_000,
    "commas": "x = f(a) with lazy" + "," * 50_000,
    "closing commas": "x = f(a) with lazy,\n" * 5_000,
    "a long string": 'x = "' + "a" * 1_000_000 + '"',
    "a long comment": "#" * 1_000_000,
    "blanks": " " * 1_000_000,
    "digits": "x = " + "1" * 1_000_000,
    "a fraction": "x = 1." + "1" * 1_000_000,
    "hyphens": "x = a" + "-" * 100_000,
    "annotations": "@example(" * 20_000,
    "all control characters": "".join(map(chr, range(32))) * 1_000,
    "beyond ASCII": "é" * 100_000,
    "surrogates": 'x = "\ud800"\nout \udfff',
    "equals signs": "=" * 100_000,
    "heads": "in out type use a = " * 3_000,
    "comparisons": "x = " + "a < " * 30_000,
    "broken lines": "x = (\n" * 10_000,
    "20,000 declarations": "".join(f"n{i} = f(n{i})\n" for i in range(20_000)),
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_no_text_is_expensive(text: str) -> None:
    """Seconds where anything quadratic would take minutes; nothing raises."""
    before = time.process_time()
    assert Parser().parse(text).length == len(text)
    token_hash(text)
    assert time.process_time() - before < 10


def test_a_null_character_is_never_part_of_a_program() -> None:
    program = Parser().parse('x = "\0"\nout x')
    assert [problem.slug for statement in program.statements for problem in statement.problems] == ["stray-character"]
