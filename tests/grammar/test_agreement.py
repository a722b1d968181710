"""Two front ends, one language: the compiler's parser and the editor's document agree on every text.

For valid text they build the same program, span for span; one finds a mistake exactly when the other does.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from constellation_grammar.document import Document
from constellation_grammar.parser import Parser
from tests.conformance.cases import load_cases
from tests.grammar.corners import INVALID_EXPRESSIONS, TEXTS, VALID_EXPRESSIONS
from tests.grammar.programs import Programs, mutated, text_of
from tests.grammar.spans import declarations, mistakes

CONFORMANCE = Path(__file__).parent.parent / "conformance"


def agree(text: str, parser: Parser) -> bool:
    """Assert that both read the text alike; whether it is valid."""
    strict, tolerant = parser.parse(text), Document(text).program
    assert strict.is_valid == tolerant.is_valid, (text, mistakes(strict), mistakes(tolerant))
    if strict.is_valid:
        assert declarations(strict) == declarations(tolerant), text
    return strict.is_valid


@pytest.fixture(scope="module")
def parser() -> Parser:
    return Parser()


def test_valid_programs(parser: Parser, seed: int, slow: bool) -> None:
    for number in range(100_000 if slow else 2_000):
        random = Random(f"{seed}/valid/{number}")
        assert agree(text_of(Programs(random).program(), random), parser)


def test_programs_with_one_token_changed(parser: Parser, seed: int, slow: bool) -> None:
    broken = 0
    count = 100_000 if slow else 2_000
    for number in range(count):
        random = Random(f"{seed}/mutant/{number}")
        tokens = mutated(Programs(random).program(random.randint(1, 6)), random)
        broken += not agree(text_of(tokens, random), parser)
    assert broken > count // 2


def test_programs_with_characters_changed(parser: Parser, seed: int, slow: bool) -> None:
    for number in range(50_000 if slow else 1_000):
        random = Random(f"{seed}/characters/{number}")
        text = list(text_of(Programs(random).program(random.randint(1, 4)), random))
        for _ in range(random.randint(1, 3)):
            at = random.randrange(len(text) + 1)
            text[at : at + random.randint(0, 1)] = random.choice('"\\${}()[]<>=-.,:#@ \n\ra1é\0_')
        agree("".join(text), parser)


def conformance_sources() -> list[str]:
    found: list[str] = []
    for name in ("language", "stdlib", "cookbook", "runtime"):
        for case in load_cases(CONFORMANCE / f"{name}.yaml"):
            pending: list[object] = [case]
            while pending:
                value = pending.pop()
                if isinstance(value, dict):
                    pending += value.values()
                elif isinstance(value, list):
                    pending += value
                elif isinstance(value, str) and "out" in value:
                    found.append(value)
    return found


def test_every_program_of_the_conformance_cases(parser: Parser) -> None:
    sources = conformance_sources()
    assert len(sources) > 700
    valid = [text for text in sources if agree(text, parser)]
    assert len(valid) > 600


@pytest.mark.parametrize("expression", VALID_EXPRESSIONS)
def test_valid_corner(expression: str, parser: Parser) -> None:
    assert agree(f"v = {expression}\nout v", parser)
    assert agree(f"out {expression} as v\nw = 1", parser)


@pytest.mark.parametrize("expression", INVALID_EXPRESSIONS)
def test_invalid_corner(expression: str, parser: Parser) -> None:
    assert not agree(f"v = {expression}\nout v", parser)


@pytest.mark.parametrize("depth", [249, 10_000])
@pytest.mark.parametrize(
    ("opener", "closer"), [("(", ")"), ("[", "]"), ("not ", ""), ("x ?? ", ""), ("x + ", ""), ("x => ", "")]
)
def test_deep_nesting(opener: str, closer: str, depth: int, parser: Parser) -> None:
    text = f"v = {opener * depth}x{closer * depth}\nout v"
    strict, tolerant = parser.parse(text), Document(text).program
    assert strict.is_valid == tolerant.is_valid == (depth < 250)
    if strict.is_valid:
        assert strict.statements[0] == tolerant.statements[0]


@pytest.mark.parametrize("text", ["", " \n", *TEXTS])
def test_whole_texts(text: str, parser: Parser) -> None:
    agree(text, parser)


@pytest.mark.parametrize(
    "text", ["# a\0\nx = 1\nout x", "x = 1 # a\0b\nout x\n", "x = 1\nout x\n# \0\n", "# \0", "x = (1 # \0\n)\nout x"]
)
def test_a_nul_in_a_comment_is_wrong_for_both(text: str, parser: Parser) -> None:
    assert not agree(text, parser)
