"""Text → tree: nodes and spans by example, and the memory of statements."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constellation_grammar.parser import Parser, parse
from constellation_grammar.syntax import (
    Arithmetic,
    Assignment,
    BooleanLiteral,
    Call,
    Expression,
    FloatLiteral,
    If,
    Input,
    Interpolation,
    IntLiteral,
    Name,
    Negation,
    Not,
    Option,
    Output,
    Projection,
    Quoted,
    Variable,
    Word,
)
from tests.grammar.programs import Programs, mutated, text_of
from tests.grammar.trees import meaning_of, meanings_of, tree_of, trees_of


def expression(text: str) -> Expression:
    """The expression as a tree whose spans begin at its own first character."""
    program = parse("v=" + text)
    assert program.is_valid, program
    (statement,) = program.statements
    assert isinstance(statement.node, Assignment)
    return statement.node.value


def test_a_call_ends_behind_its_options_and_closes_behind_its_parenthesis() -> None:
    text = "ns.f(a) with retry: 2, lazy"
    assert expression(text) == Call(
        2, 29, Name(2, 6, "ns.f"), (Variable(7, 8, "a"),),
        (Option(15, 23, Name(15, 20, "retry"), IntLiteral(22, 23, 2)),
         Option(25, 29, Name(25, 29, "lazy"), BooleanLiteral(25, 29, True))),
        9,
    )  # fmt: skip


def test_an_input_begins_at_its_first_annotation() -> None:
    (statement,) = parse("# c\n@example(1)\nin x: Int  # d\n").statements
    assert isinstance(statement.node, Input)
    assert (statement.node.start + statement.offset, statement.node.end + statement.offset) == (4, 25)
    assert statement.node.annotations[0].end + statement.offset == 15


def test_a_guarded_output_keeps_no_alias() -> None:
    (statement,) = parse("out user when approval").statements
    assert isinstance(statement.node, Output)
    assert statement.node.alias is None


def test_an_interpolation_has_one_text_more_than_expressions() -> None:
    value = expression(r'"a\n${x}${ "b${y}" }\u{41}"')
    assert isinstance(value, Interpolation)
    assert value.parts == ("a\n", "", "A")
    assert isinstance(value.expressions[1], Interpolation)


@pytest.mark.parametrize(
    "text, value",
    [
        ("-7", IntLiteral(2, 4, -7)),
        ("-9223372036854775808", IntLiteral(2, 22, -(2**63))),
        ("-2.5", FloatLiteral(2, 6, -2.5)),
        ("- 7", Negation(2, 5, IntLiteral(4, 5, 7))),
        ("--7", Negation(2, 5, IntLiteral(3, 5, -7))),
        ("1.5e-3", FloatLiteral(2, 8, 0.0015)),
        ("x{a}", Projection(2, 6, Variable(2, 3, "x"), (Name(4, 5, "a"),), True)),
    ],
)
def test_literals_and_small_things(text: str, value: Expression) -> None:
    assert expression(text) == value


def test_options_have_values_of_their_own() -> None:
    value = expression('f(a) with cache_backend: "a\\b${", window: count(5), backoff: fixed')
    assert isinstance(value, Call)
    backend, window, backoff = (option.value for option in value.options)
    assert isinstance(backend, Quoted)
    assert backend.value == "a\\b${"
    assert isinstance(window, Word)
    assert window.arguments is not None
    assert isinstance(backoff, Word)
    assert backoff.arguments is None


SAME = [
    ("not n == 3", "not (n == 3)"),
    ("not(a) == b", "not ((a) == b)"),
    ("not a and b", "(not a) and b"),
    ("a or b and c", "a or (b and c)"),
    ("v when a or b", "v when (a or b)"),
    ("v when ok ?? 0", "(v when ok) ?? 0"),
    ("a ?? b ?? c", "a ?? (b ?? c)"),
    ("a - b - c", "(a - b) - c"),
    ("a - b * c", "a - (b * c)"),
    ("-a.b", "-(a.b)"),
    ("x => y when z", "x => (y when z)"),
    ("1 + if (c) 2 else 3 + 4", "1 + (if (c) 2 else (3 + 4))"),
    ("f(a) with retry: 2 + 1", "(f(a) with retry: 2) + 1"),
    ("g(f(a) with retry: 2, b)", "g((f(a) with retry: 2), b)"),
    ("f(a) with fallback: g(b) with retry: 2, timeout: 5s", "f(a) with fallback: (g(b) with retry: 2, timeout: 5s)"),
    ("{a: f(x) with lazy, b: 1}", "{a: (f(x) with lazy), b: 1}"),
    ("match x{a} { _ -> 1 }", "match (x{a}) { _ -> 1 }"),
    ("f(a,)", "f(a)"),
    ("x == not(y)", "x == (not y)"),
]


@pytest.mark.parametrize("text, explicit", SAME)
def test_precedence(text: str, explicit: str) -> None:
    assert meaning_of(expression(text), parentheses=False) == meaning_of(expression(explicit), parentheses=False)


VALID = [
    "x = 1 out x",
    "orders = a android = b whenever = c withdrawal = d assets = e",
    "x = {type: 1, in: 2}.out",
    "x = a.not(x)",
    "x = branch { true->1, otherwise->2 }",
    "x = f(a) with retry: 2, y = 3",
    "\ufeffout x",
    "x = a --b",
    "",
]
INVALID = [
    "x = a[b](c)",
    "x = a .b(c)",
    "x = 1 + x => y",
    "x = if (a) b else c == d == e",
    "x = (f(a) with lazy,)",
    "x = a\0",
    "flag- = 1",
    "x = match if (a) b else c { _ -> 1 }",
    "x\u00a0= 1",
    "use a . b",
    "x = {a: f(x) with lazy, retry: y}",
]


@pytest.mark.parametrize("text", VALID)
def test_valid_corners(text: str) -> None:
    assert parse(text).is_valid


@pytest.mark.parametrize("text", INVALID)
def test_invalid_corners(text: str) -> None:
    assert not parse(text).is_valid


# ------------------------------------------------------------------------------------------------------- memory


def test_an_unchanged_statement_is_the_same_object_when_it_moves() -> None:
    parser = Parser()
    before = parser.parse("a = f(1)\nb = g(a)\nout b\n")
    after = parser.parse("a = f(12345)\nb = g(a)\nout b\n")
    assert after.statements[1].node is before.statements[1].node
    assert after.statements[2].node is before.statements[2].node
    assert after.statements[1].offset == before.statements[1].offset + 4
    assert trees_of(after) == trees_of(Parser().parse("a = f(12345)\nb = g(a)\nout b\n"))


@pytest.mark.parametrize("number", range(25))
def test_a_parser_with_a_memory_answers_like_a_fresh_one(number: int, seed: int) -> None:
    """A session of edits, many of which break the text."""
    random = Random(f"{seed}/{number}")
    parser = Parser()
    tokens = Programs(random).program(random.randint(3, 8))
    for _ in range(20):
        changed = mutated(tokens, random)
        tokens = changed if random.random() < 0.5 else tokens
        text = text_of(changed, random, crowded=0.1)
        remembered, fresh = parser.parse(text), Parser().parse(text)
        assert trees_of(remembered) == trees_of(fresh), text
        assert [
            tree_of(problem, statement.offset) for statement in remembered.statements for problem in statement.problems
        ] == [tree_of(problem, statement.offset) for statement in fresh.statements for problem in statement.problems]
        assert remembered.problems == fresh.problems


def test_a_head_like_line_inside_a_string_or_a_bracket_is_no_boundary() -> None:
    text = 'x = "one\nout y\nz = 1\n"\ny = f(\nq == 1,\na)\nout x\n'
    parser = Parser()
    for _ in range(2):
        assert len(parser.parse(text).statements) == 3


@given(st.text())
def test_nothing_raises(text: str) -> None:
    program = parse(text)
    assert program.length == len(text)


def test_parentheses_around_a_name_are_kept() -> None:
    value = expression("not (a)")
    assert isinstance(value, Not)
    assert meanings_of(parse("x = (a)")) != meanings_of(parse("x = a"))
    assert isinstance(expression("1 + 2"), Arithmetic)
    assert isinstance(expression("if (a) b else c"), If)
