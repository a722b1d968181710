"""Tokens, and the two hashes of a text."""

from __future__ import annotations

from random import Random

import pytest

from constellation_grammar.parser import Parser, text_hash, token_hash
from constellation_grammar.tokens import mark_commas, scan, scan_exactly
from tests.grammar.programs import Programs, mutated, text_of
from tests.grammar.trees import meanings_of


def test_the_two_lexers_agree(seed: int) -> None:
    for number in range(500):
        random = Random(f"{seed}/{number}")
        tokens = Programs(random).program()
        text = text_of(mutated(tokens, random) if number % 2 else tokens, random)
        fast, exact = scan(text), list(scan_exactly(text, tuple))
        if fast is None:
            continue
        mark_commas(fast)
        kinds = {"OPTION_COMMA": "COMMA", "CLOSING_COMMA": "COMMA"}
        assert [(kinds.get(t[0], t[0]), *t[1:]) for t in fast] == [(kinds.get(t[0], t[0]), *t[1:]) for t in exact], text


@pytest.mark.parametrize(
    "left, right",
    [
        ("x=f(a)", "x = f( a ) # why\n"),
        ('x = "a b"', '\n\nx="a b"\n'),
        ("x = a - 1", "x = a  -  1"),
        ("x = - y", "x = -y"),
        ("x = a.b", "x =\n a.b"),
        ("\ufeffout x", "out x"),
    ],
)
def test_blanks_and_comments_do_not_change_the_token_hash(left: str, right: str) -> None:
    assert token_hash(left) == token_hash(right)
    assert text_hash(left) != text_hash(right)


@pytest.mark.parametrize(
    "left, right",
    [
        ("x = -7", "x = - 7"),
        ("x = n -1", "x = n - 1"),
        ("x = a.b(c)", "x = a .b(c)"),
        ('x = "a b"', 'x = "a  b"'),
        ("x = ab", "x = a b"),
        ("x = 1.5", "x = 1 .5"),
        ('x = "${"a"} # b"', 'x = "${"a"} # c"'),
        ("x = 1", "x = 2"),
        ("x = \0", "x = "),
    ],
)
def test_whatever_may_change_the_meaning_changes_the_token_hash(left: str, right: str) -> None:
    assert token_hash(left) != token_hash(right)


def test_equal_token_hashes_mean_equal_programs(seed: int) -> None:
    parser = Parser()
    for number in range(300):
        random = Random(f"{seed}/{number}")
        tokens = Programs(random).program(random.randint(1, 4))
        left, right = text_of(tokens, random), text_of(tokens, random)
        if token_hash(left) == token_hash(right):
            assert meanings_of(parser.parse(left)) == meanings_of(parser.parse(right))


def test_hashes_are_hexadecimal_sha256() -> None:
    assert text_hash("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert len(token_hash("out x")) == 64
