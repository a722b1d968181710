"""Syntax errors in words: each line of `MISTAKES` is a program with the reported range between « and »."""

from __future__ import annotations

from random import Random

import pytest

from constellation_grammar.document import Document
from constellation_grammar.parser import Parser, parse
from constellation_grammar.syntax import Broken, Program, SyntaxProblem
from tests.grammar.programs import Programs, mutated, text_of

MISTAKES = r"""
unclosed-bracket       | x = f(a«»                             | Missing ')' to close the '(' opened here
unclosed-bracket       | x = [1, (2«»]                         | Missing ')' to close the '(' opened here
unclosed-bracket       | in p: { name: String«»                | Missing '}' to close the '{' opened here
unclosed-bracket       | in p: List<Int«»                      | Missing '>' to close the '<' opened here
unclosed-bracket       | in p: { a: List<Int«» }               | Missing '>' to close the '<' opened here
unclosed-bracket       | x = "a ${b«»"                         | Missing '}' to close the '${' opened here
unexpected-closing     | x = a«)»                              | Unexpected ')'
unexpected-closing     | x = (a«]»)                            | Unexpected ']'
missing-expression     | x =«»                                 | Expected an expression after '='
missing-expression     | x = a +«»                             | Expected an expression after '+'
missing-expression     | x = if (c) a else«»                   | Expected an expression after 'else'
missing-expression     | x = { a:«» }                          | Expected an expression after ':'
missing-expression     | x = f(a, «*» b)                       | Expected an expression after ','
missing-expression     | x = "${«»}"                           | Expected an expression after '${'
missing-type           | in x:«»                               | Expected a type after ':'
missing-type           | type T = A |«»                        | Expected a type after '|'
missing-type           | type T = «5»                          | Expected a type after '='
missing-type           | x = (a:«») => a                       | Expected a type after ':'
missing-name           | out«»                                 | Expected a name after 'out'
missing-name           | in«»: Int                             | Expected a name after 'in'
missing-name           | use a as«»                            | Expected a name after 'as'
missing-colon          | in x«»                                | Expected ':' and a type after 'x'
missing-colon          | in x «=» 3                            | Expected ':' and a type after 'x'
missing-field          | x = a.«»                              | Expected a field name after '.'
missing-field          | x = a[«»]                             | Expected a field name after '['
missing-else           | x = if (c) a«»                        | 'if' needs an 'else' branch
missing-otherwise      | x = branch { a -> 1 «}»               | 'otherwise' clause as the last item
missing-otherwise      | x = branch { otherwise -> 1, «b» -> 2 } | 'otherwise' clause as the last item
missing-arrow          | x = branch { a«», otherwise -> 2 }    | Expected '->' and a result
missing-option         | x = f(a) with«»                       | Expected an option such as 'retry: 3' after 'with'
missing-option-value   | x = f(a) with retry:«»                | Expected a value for 'retry' (an integer)
missing-option-value   | x = f(a) with timeout«»               | Expected a value for 'timeout' (a duration
bad-option-value       | x = f(a) with backoff: «quick»        | 'quick' is not a backoff strategy: use fixed, linear or
bad-option-value       | x = f(a) with timeout: «30»           | Expected a duration such as 30s
bad-option-value       | x = f(a) with cache: «5m»             | use 5min
bad-option-value       | x = f(a) with cache: «5 min»          | 5min
bad-option-value       | x = f(a) with throttle: «5»           | Expected a rate such as 100/1min
bad-option-value       | x = f(a) with window: «tumbling»      | Expected tumbling(5min)
unknown-option         | x = f(a) with «retyr»: 3              | Unknown option 'retyr'. Did you mean 'retry'?
unknown-option         | x = f(a) with lazy, «timout»: 3s      | Did you mean 'timeout'?
unknown-annotation     | @«exampel»(1) in x: Int               | Unknown annotation '@exampel'. Did you mean '@example'?
misplaced-annotation   | «@example»(1) out x                   | '@example' belongs before the 'in' declaration
misplaced-annotation   | «@sink»("k") in x: Int                | '@sink' belongs before the 'out' declaration
reserved-name          | in «when»: Int                        | 'when' is a reserved word and cannot be a name
reserved-name          | «lazy» = 1                            | 'lazy' is a reserved word
reserved-name          | type «true» = Int                     | 'true' is a reserved word
bad-name               | in «2fast»: Int                       | A name cannot start with a digit
bad-name               | x = «1e5»                             | A number cannot be followed directly by letters
bad-name               | x = «007»                             | no leading zeros: write 7
bad-name               | x = «.5»                              | write 0.5
unterminated-string    | x = «"abc»                            | String is not closed on this line
bad-escape             | x = "a«\q»b"                          | Unknown escape '\q'
bad-escape             | x = "«\u{D800}»"                      | is not a character
stray-character        | x = gr«ö»ße                           | Unexpected character 'ö'
foreign-syntax         | x = a «&&» b                          | Use 'and' instead of '&&'
foreign-syntax         | x = a «||» b                          | Use 'or' instead of '||'
foreign-syntax         | x = «!»a                              | Use 'not' instead of '!'
foreign-syntax         | x = a «// why»                        | Comments start with '#'
foreign-syntax         | x = «'text'»                          | Strings use double quotes
foreign-syntax         | x = if (a) «then» b else c            | 'if' takes no 'then'
foreign-syntax         | x = if «a» b else c                   | Put the condition of 'if' in parentheses
foreign-syntax         | x = xs[«0»]                           | Lists have no index syntax
foreign-syntax         | x = f(a).trim«(»)                     | Values have no methods; call trim(value)
foreign-syntax         | x = if (a «=» b) c else d             | Use '==' to compare
foreign-syntax         | x = { a «=» 1 }                       | Use ':' between a field and its value
foreign-syntax         | x = { «"a"»: 1 }                      | Field names are written without quotes
foreign-syntax         | x = f(«a:» 1)                         | Arguments are given in order
foreign-syntax         | x = f(a «->» a)                       | A lambda is written with '=>'
foreign-syntax         | x = f(a) with «{» retry: 1 }          | without braces
foreign-syntax         | x = f(a) with retry «=» 3             | Use ':' between an option and its value
foreign-syntax         | x = if (a) «{» b } else { c }         | The branches of 'if' are values, without braces
foreign-syntax         | in x: Int «=» 3                       | An input has no default value
foreign-syntax         | «let» x = 1                           | A declaration needs no 'let'
misplaced-with         | x = a «with» retry: 2                 | 'with' options belong to a function call
trailing-comma         | @example(1«,») in x: Int              | Trailing comma
trailing-comma         | out x«,»                              | Trailing comma
chained-comparison     | x = 1 < a «<» 9                       | Comparisons cannot be chained; use 'and'
unexpected-token       | x = a «b»                             | Unexpected 'b'
unexpected-token       | «if» (a) b else c                     | An expression needs a name: result = if
unexpected-token       | «f»(x)                                | The result of 'f' needs a name
unexpected-token       | x = f(a) with retry: 3«» delay: 1s    | Expected ',' between two options
unexpected-token       | x = f(a «b»)                          | Unexpected 'b': expected ',' or ')'
unexpected-token       | x = a == «not» b                      | needs parentheses
unexpected-token       | x = match y { «1» -> 2 }              | Expected a pattern
unexpected-token       | x = match y { «z» -> 2 }              | is not a pattern
number-out-of-range    | x = «9223372036854775808»             | An integer literal out of range
number-out-of-range    | x = - «9223372036854775808»           | An integer literal out of range
"""


def cases() -> list[tuple[str, str, str]]:
    rows = [line.split(" | ", 2) for line in MISTAKES.strip().split("\n")]
    return [(slug.strip(), text.strip(), (rest[0] if rest else "").strip()) for slug, text, *rest in rows]


def problems_of(program: Program) -> list[tuple[SyntaxProblem, int]]:
    found = [(problem, statement.offset) for statement in program.statements for problem in statement.problems]
    return [*found, *((problem, 0) for problem in program.problems)]


@pytest.mark.parametrize("slug, marked, message", [c for c in cases() if "«" in c[1]], ids=lambda value: str(value))
@pytest.mark.parametrize("around", [("", ""), ("in a: Int\n", "\nout a\n")], ids=["alone", "between others"])
def test_the_mistake_is_named_at_its_place(slug: str, marked: str, message: str, around: tuple[str, str]) -> None:
    start, end = marked.index("«"), marked.index("»") - 1
    text = around[0] + marked.replace("«", "").replace("»", "") + around[1]
    found = problems_of(Parser().parse(text))
    problem, offset = found[0]
    assert problem.slug == slug
    assert message in problem.message
    shift = len(around[0]) - offset
    assert (problem.start, problem.end) == (start + shift, end + shift)


def test_a_bracket_that_is_not_closed_is_related_to_its_opener() -> None:
    ((problem, _),) = problems_of(Parser().parse("x = f(a, [1, 2]"))
    assert [(related.start, related.end) for related in problem.related] == [(5, 6)]


def test_a_mistake_has_exactly_one_problem_per_declaration(seed: int) -> None:
    parser = Parser()
    for number in range(500):
        random = Random(f"{seed}/{number}")
        program = parser.parse(text_of(mutated(Programs(random).program(), random), random))
        assert all(len(statement.problems) <= 1 for statement in program.statements)
        for problem, offset in problems_of(program):
            assert 0 <= problem.start + offset <= problem.end + offset <= program.length
            assert problem.message
            assert problem.message[-1] not in ".\n"


def test_an_assignment_with_a_type_is_one_mistake_and_still_names_its_variable() -> None:
    program = parse("in n: Int\nnext: Int = n + 1\nout next\n")
    problems = [(s.offset + p.start, s.offset + p.end, p.message) for s in program.statements for p in s.problems]
    assert problems == [(14, 19, "The type of an assignment is inferred")]
    broken = program.statements[1].node
    assert isinstance(broken, Broken)
    assert broken.name is not None
    assert broken.name.text == "next"
    assert Document("in n: Int\nnext: Int = n + 1\nout next\n").program.statements[1].problems
