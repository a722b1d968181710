"""The compiler's parser and stock Lark agree on every text: the same verdict, the same tree."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constellation_grammar.parser import Parser
from tests.grammar.programs import Programs, mutated, text_of
from tests.grammar.stock import Stock
from tests.grammar.trees import tree_of, trees_of


@pytest.fixture(scope="module")
def stock() -> Stock:
    return Stock()


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    yield Parser()


def agree(stock: Stock, parser: Parser, text: str) -> None:
    expected = stock.parse(text)
    program = parser.parse(text)
    assert program.is_valid == (expected is not None), (text, program)
    if expected is not None:
        assert trees_of(program) == [tree_of(node) for node in expected], text
    fresh = Parser().parse(text) if not program.is_valid else program
    assert fresh.is_valid == program.is_valid


def test_on_made_up_programs_and_changed_ones(stock: Stock, parser: Parser, seed: int, slow: bool) -> None:
    for number in range(20_000 if slow else 400):
        random = Random(f"{seed}/{number}")
        tokens = Programs(random).program()
        if number % 2:
            tokens = mutated(tokens, random)
        agree(stock, parser, text_of(tokens, random))


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.data())
def test_on_programs_with_changed_characters(stock: Stock, parser: Parser, number: int, data: st.DataObject) -> None:
    random = Random(number)
    text = text_of(Programs(random).program(random.randint(1, 4)), random)
    at = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 2))
    inserted = data.draw(st.text(st.sampled_from('ab1.,:=(){}[]<>+-*/|?!@#"\\$ \n\t_é'), max_size=3))
    agree(stock, parser, text[:at] + inserted + text[at + length :])


_PIECES = [*'abx=+-*/()[]{}<>,.:|@#"$\\ \n\t0159_', " in ", " out ", "${", "->", " with ", "if", "\r\n", "é"]


@settings(max_examples=100)
@given(st.lists(st.sampled_from(_PIECES)).map("".join))
def test_on_any_text(stock: Stock, parser: Parser, text: str) -> None:
    agree(stock, parser, text)
