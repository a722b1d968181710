"""A mistake stays in its declaration: segments, broken declarations, what is kept."""

from __future__ import annotations

from random import Random

import pytest

from constellation_grammar.parser import Parser
from constellation_grammar.segments import segment
from constellation_grammar.syntax import Assignment, Broken, Input, Output
from tests.grammar.programs import Programs, mutated, text_of

SEGMENTS = [
    ("in a: Int in b: Int s = a + b out s", ["in a: Int", "in b: Int", "s = a + b", "out s"]),
    ("x = add(a, 1\ny = [1, 2\nz = add(a, 2)", ["x = add(a, 1", "y = [1, 2", "z = add(a, 2)"]),
    ("x = u.\nnext = Foo(u)", ["x = u.", "next = Foo(u)"]),
    ("x = {\n  a = 1\n}\nout x", ["x = {\n  a = 1\n}", "out x"]),
    ("  x = f(a\n  y = 2", ["x = f(a", "y = 2"]),
    (
        '@example(1)\n# c\n@source("k", in: 2)\nin x: Int\nout x',
        ['@example(1)\n# c\n@source("k", in: 2)\nin x: Int', "out x"],
    ),
    ('a = concat(s, "abc\nb = Uppercase(s)\nout b', ['a = concat(s, "abc', "b = Uppercase(s)", "out b"]),
    ('a = "one\n two"\nout a', ['a = "one\n two"', "out a"]),
    ('a = "x ${b\nout a\nc = {d: 1}', ['a = "x ${b', "out a", "c = {d: 1}"]),
    ("x = a.in\ny = {type: 1}[type, in]", ["x = a.in", "y = {type: 1}[type, in]"]),
    ("type T = List<Int\nx = 1", ["type T = List<Int", "x = 1"]),
    ("lazy = 1 out x", ["lazy = 1", "out x"]),
    ("junk # c\nin x: Int # d\n", ["junk", "in x: Int"]),
    ("", []),
]


@pytest.mark.parametrize("text, parts", SEGMENTS)
def test_declarations_are_told_apart_by_tokens_alone(text: str, parts: list[str]) -> None:
    assert [text[part.start : part.end] for part in segment(text)] == parts


def _stay_whole_alone(text: str) -> None:
    """Segments are in order, begin and end at a token, and each, cut alone, is one segment again."""
    at = 0
    for part in segment(text):
        assert at <= part.start < part.end
        assert part.tokens[0][2] == part.start
        assert part.tokens[-1][3] == part.end
        at = part.end
        (again,) = segment(text[part.start : part.end])
        assert (again.start, again.end) == (0, part.end - part.start), text


def test_segments_hold_every_token_and_cut_alone_they_stay_whole(seed: int) -> None:
    for number in range(300):
        random = Random(f"{seed}/{number}")
        _stay_whole_alone(text_of(mutated(Programs(random).program(), random), random))


@pytest.mark.parametrize(
    "text",
    [
        'x = f(a) with\nout, cache_backend: "${"out@',
        'x = f(a) with lazy\nin, cache_backend: "a\\" }"out y',
        'x = f(a) with (\nout, cache_backend: "${"out@',
    ],
)
def test_what_another_declaration_says_does_not_change_how_a_string_is_read(text: str) -> None:
    _stay_whole_alone(text)


def test_a_stray_bracket_does_not_close_an_interpolation() -> None:
    """A declaration inside an unclosed interpolation ends it, whatever brackets came before."""
    for rest in ("", "\nuse@s"):
        text = '"${)x=}"use' + rest
        assert [text[part.start : part.end] for part in segment(text)][:2] == ['"${)', 'x=}"use']


def test_valid_programs_fall_into_their_declarations(seed: int) -> None:
    """Unless a line of a string looks like a declaration, which only counts for a broken text."""
    parser = Parser()
    for number in range(300):
        random = Random(f"{seed}/{number}")
        text = text_of(Programs(random).program(), random, comments=0)
        if any("\n" in token[1] for part in segment(text) for token in part.tokens):
            continue
        starts = [statement.node.start + statement.offset for statement in parser.parse(text).statements]
        assert [part.start for part in segment(text)] == starts, text


def test_every_broken_declaration_is_reported_and_the_others_are_whole() -> None:
    program = Parser().parse("in a: Int\nx = add(a, 1\ny = [1, 2\nz = add(a, 2)\nout z\n")
    assert [bool(statement.problems) for statement in program.statements] == [False, True, True, False, False]
    assert isinstance(program.statements[3].node, Assignment)


@pytest.mark.parametrize(
    "text, keyword, name",
    [
        ("in x", "in", "x"),
        ("in x: {", "in", "x"),
        ("@example(1, 2)\nin x: Int", "in", "x"),
        ("type T =", "type", "T"),
        ("x = a +", "=", "x"),
        ("out f(", "out", None),
        ("use a. as m", "use", "m"),
        ("in when: Int", "in", None),
        ("!!", "", None),
    ],
)
def test_a_broken_declaration_keeps_its_name(text: str, keyword: str, name: str | None) -> None:
    (statement,) = Parser().parse(text).statements
    assert isinstance(statement.node, Broken)
    assert statement.node.keyword == keyword
    assert (statement.node.name and statement.node.name.text) == name
    if statement.node.name is not None:
        assert text[statement.node.name.start : statement.node.name.end] == name


def test_a_declaration_stands_when_only_the_line_behind_it_is_wrong() -> None:
    program = Parser().parse("in x: Int\ninvalid line 1\nin y: String\ninvalid line 2\nout x\n")
    assert [type(statement.node) for statement in program.statements] == [Input, Input, Output]
    assert [len(statement.problems) for statement in program.statements] == [1, 1, 0]


def test_a_value_with_a_mistake_on_its_own_line_is_not_believed() -> None:
    (statement, _) = Parser().parse("x = a && b\nout x").statements
    assert isinstance(statement.node, Broken)


def test_a_thousand_mistakes_are_explained() -> None:
    program = Parser().parse("x = (\n" * 3_000)
    assert sum(len(statement.problems) for statement in program.statements) == 1_000
    assert len(program.statements) == 3_000
