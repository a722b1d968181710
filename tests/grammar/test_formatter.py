"""The formatter: its style by example, its promises by property."""

from __future__ import annotations

import re
from random import Random

import pytest

from constellation_grammar.formatter import format_range, format_text
from constellation_grammar.parser import Parser
from constellation_grammar.segments import segment
from tests.grammar.programs import Programs, mutated, text_of
from tests.grammar.trees import meanings_of

STYLE = {
    "one blank around operators, none inside brackets": (
        "in  a:Int\nr=add( a ,b )\ns = a+b*2>c and  not d\nout   r",
        "in a: Int\nr = add(a, b)\ns = a + b * 2 > c and not d\nout r\n",
    ),
    "one declaration per line": ("in a: Int in b: Int s = a + b out s", "in a: Int\nin b: Int\ns = a + b\nout s\n"),
    "annotations stand on lines of their own": (
        '@example( 1 )  @source("k",a:1)\n\nin x:Int @sink("s") out x',
        '@example(1)\n@source("k", a: 1)\nin x: Int\n@sink("s")\nout x\n',
    ),
    "braces have one blank inside, projections none": (
        "x = {a:1,b:{}}\ny = x{a,b}[ a ]\nin z:{a:Int}\nout x",
        "x = { a: 1, b: {} }\ny = x{a, b}[a]\nin z: { a: Int }\nout x\n",
    ),
    "branch and match take one line per case": (
        "b = branch{n>1->1,otherwise->2,}\nm = match b{{f}->f,is Int->1,_->2}",
        "b = branch {\n  n > 1 -> 1,\n  otherwise -> 2\n}\nm = match b {\n  { f } -> f,\n  is Int -> 1,\n  _ -> 2\n}\n",
    ),
    "a chain goes on behind a branch": (
        "b = branch { otherwise -> x } ?? 0",
        "b = branch {\n  otherwise -> x\n} ?? 0\n",
    ),
    "a line break behind the bracket means one element per line": (
        "x = f(\na, b)\ny = [\n1, 2,]\nz = f(a,\nb)",
        "x = f(\n  a,\n  b\n)\ny = [\n  1,\n  2\n]\nz = f(a, b)\n",
    ),
    "up to two options stay on the line": ("x = f(a) with retry:3,\n lazy,", "x = f(a) with retry: 3, lazy\n"),
    "three options take a line each": (
        "x = f(a) with retry: 3, delay: 1s, lazy",
        "x = f(a) with\n    retry: 3,\n    delay: 1s,\n    lazy\n",
    ),
    "a minus touches, unless it would become a number's sign": (
        "x = - a\ny = - 7\nz = -7",
        "x = -a\ny = - 7\nz = -7\n",
    ),
    "comments stay where they are": (
        "#!head\n#one\nin a: Int   #the a\n\n\n\n  # own line\nx = f(a, # first\n  b # second\n  , c)\n# end",
        "#!head\n# one\nin a: Int  # the a\n\n# own line\nx = f(\n  a,  # first\n  b,  # second\n  c\n)\n# end\n",
    ),
    "brackets that hold a comment only close on a line of their own": (
        "x = f([ # none\n], { # nor here\n}, {})\ny = [\n # nothing\n]",
        "x = f(\n  [  # none\n  ],\n  {  # nor here\n  },\n  {}\n)\ny = [\n  # nothing\n]\n",
    ),
    "empty lines shrink to one": ("\n\nin a: Int\n\n\n\nout a\n\n", "in a: Int\n\nout a\n"),
    "empty lines between elements stay single": (
        "x = [\n\n  1,\n\n\n  2\n]",
        "x = [\n  1,\n\n  2\n]\n",
    ),
    "the lone record of a call shares its brackets' lines": ("x = f({\na: 1 })", "x = f({\n  a: 1\n})\n"),
    "strings and numbers stay as they are": ('x = "a  ${ b }\n c" + 1.50', 'x = "a  ${ b }\n c" + 1.50\n'),
    "CRLF stays CRLF": ("in a:Int\r\n# c \r\nout   a\r\n", "in a: Int\r\n# c\r\nout a\r\n"),
    "a byte-order mark stays": ("\ufeffin a:Int", "\ufeffin a: Int\n"),
    "an empty text stays empty": (" \n\t\n", ""),
    "only comments": ("#a\n\n\n#b", "# a\n\n# b\n"),
}


@pytest.mark.parametrize("given, wanted", STYLE.values(), ids=STYLE.keys())
def test_style(given: str, wanted: str) -> None:
    assert format_text(given) == wanted
    assert format_text(wanted) == wanted


def test_what_does_not_fit_the_width_is_broken() -> None:
    text = "total = concat(first_argument, second_argument, third_argument)\n"
    assert format_text(text, width=80) == text
    assert format_text(text, width=40) == (
        "total = concat(\n  first_argument,\n  second_argument,\n  third_argument\n)\n"
    )
    chain = "ok = first_condition and second_condition and third_condition\n"
    assert format_text(chain, width=30) == "ok = first_condition\n  and second_condition\n  and third_condition\n"


def test_a_long_chain_between_parentheses_has_lines_of_its_own() -> None:
    text = "x = if (first and second) 1 else if (third or (fourth and fifth_one)) 2 else 3\n"
    assert format_text(text, width=30) == (
        "x = if (first and second) 1\n  else if (\n    third\n    or (fourth and fifth_one)\n  ) 2\n  else 3\n"
    )
    assert format_text("x = if (first and second and third) 1 else 2\n", width=30) == (
        "x = if (\n  first and second and third\n) 1 else 2\n"
    )
    assert format_text("x = if (first) second_one else third_one\n", width=30) == (
        "x = if (first) second_one\n  else third_one\n"
    )
    assert format_text("x = (aaaaa\n + bbbbb) * 2", width=12) == "x = (\n  aaaaa\n  + bbbbb\n)\n  * 2\n"
    assert format_text("x = (aaaaa\n + bbbbb) * 2") == "x = (aaaaa + bbbbb) * 2\n"


def test_a_declaration_with_a_mistake_stays_byte_for_byte() -> None:
    text = "in  a:Int\nx = add( a ,\n   # why\ny=add(a,1)\n  z  =  (\nout   y\n"
    assert format_text(text) == "in a: Int\nx = add( a ,\n# why\ny = add(a, 1)\n  z  =  (\nout y\n"


def test_only_the_declarations_of_a_range_are_formatted() -> None:
    text = "in  a:Int\nx  =  a\ny  =  x\nout  y\n"
    middle = text.index("x  =")
    assert format_range(text, middle, middle + 1) == "in  a:Int\nx = a\ny  =  x\nout  y\n"


def comments_of(text: str) -> list[str]:
    """The comments of a valid text, without their blanks."""
    found: list[str] = []
    at = 0
    for part in segment(text):
        for _, _, start, end in part.tokens:
            found += re.findall(r"#[^\n]*", text[at:start])
            at = end
    found += re.findall(r"#[^\n]*", text[at:])
    return ["".join(comment.split()) for comment in found]


def test_formatting_keeps_its_promises(seed: int, slow: bool) -> None:
    """Twice is once; the program is the same; no comment is lost or moved past another."""
    parser = Parser()
    for number in range(30_000 if slow else 2_000):
        random = Random(f"{seed}/{number}")
        tokens = Programs(random).program(random.randint(1, 3))
        text = text_of(tokens, random, comments=random.choice((0, 0.03, 0.15)))
        formatted = format_text(text)
        assert format_text(formatted) == formatted, text
        assert meanings_of(parser.parse(text)) == meanings_of(parser.parse(formatted)), text
        assert comments_of(text) == comments_of(formatted), text
        assert not re.search(r"^\n|[ \t]+\n\Z|\n\n\Z", formatted), text


def test_formatting_a_broken_text_never_fails_and_never_loses_a_token(seed: int, slow: bool) -> None:
    for number in range(5_000 if slow else 300):
        random = Random(f"{seed}/{number}")
        text = text_of(mutated(Programs(random).program(random.randint(1, 4)), random), random)
        formatted = format_text(text)
        assert re.sub(r"[\s,]|#", "", formatted) == re.sub(r"[\s,]|#", "", text), text
