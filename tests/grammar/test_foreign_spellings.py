"""What somebody writes who knows another language: each line is a mistake with its range between « and »."""

from __future__ import annotations

import pytest

from constellation_grammar.document import Document
from constellation_grammar.parser import parse
from constellation_grammar.syntax import Program, SyntaxProblem

SPELLINGS = r'''
in x: Int«?»                              | An optional type is written Optional<Int>
in x: { a«?»: Int }                       | An optional field has an optional type: a: Optional<…>
in x: «Int[]»                             | A list type is written List<Int>
in x: «[»Int]                             | A list type is written List<Int>
in x: List«(»Int)                         | Type arguments stand in '<' and '>': List<…>
in x: Int «or» String                     | Use '|' between the types of a union
in x: A «&» B                             | Two record types are joined with '+': A + B
in x: (Int«,» Int)                        | There are no tuples
in f: Int «->» Int                        | The type of a function cannot be written in a program
type T = struct «{» a: Int }              | A record type has no word before its brace
in x: { a: Int«;» b: Int }                | Use ',' instead of ';'
in «in»: Int                              | 'in' is a reserved word and cannot be a name
in «type»: Int                            | 'type' is a reserved word and cannot be a name
type «use» = Int                          | 'use' is a reserved word and cannot be a name
x = «type» + 1                            | 'type' is a reserved word and cannot be a name
x = 1 + «out»                             | 'out' is a reserved word and cannot be a name
x = a when «in»                           | 'in' is a reserved word and cannot be a name
x = match a { { b, «in» } -> 1 }          | 'in' is a reserved word and cannot be a name
x = f((«type») => 1)                      | 'type' is a reserved word and cannot be a name
out x as «type»                           | 'type' is a reserved word and cannot be a name
out «in»                                  | 'in' is a reserved word and cannot be a name
use a as «use»                            | 'use' is a reserved word and cannot be a name
in x: «type»                              | 'type' is a reserved word and cannot be a name
in x: { type: «type» }                    | 'type' is a reserved word and cannot be a name
x = a «|»> f                              | There is no '|>' operator; call the function: f(x)
«x» <- a                                  | Use '=' to name a value, not '<-'
«enum» Colour { a }                       | There are no enumerations
out x «if» a                              | The condition of an output follows 'when'
x = «Point» { a: 1 }                      | A record has no name before its brace
x = f(a) with retry: 3 «and» timeout: 5s  | Use ',' between two options
x = f(a) with retry: 3, «with» lazy       | One 'with' is enough for all options
«in» = 3                                  | 'in' is a reserved word and cannot be a name
«input» x: Int                            | Use 'in' instead of 'input'
«output» x                                | Use 'out' instead of 'output'
«x»: Int                                  | An input begins with 'in': in x: …
«from» a import b                         | Use 'use' instead of 'from'
«while» (x) { y }                         | There are no loops; use map or filter on a list
«for» x in xs: y                          | There are no loops; use map or filter on a list
«foreach» x in xs { y }                   | There are no loops; use map or filter on a list
use «"a.b"»                               | A namespace is written without quotes
use a«.*»                                 | An import takes the whole namespace
use a«/»b                                 | The parts of a namespace are joined by dots
use a«::»b                                | Use '.' instead of '::'
x «:=» 3                                  | Use '=' instead of ':='
x «+=» 3                                  | There is no '+='
«x» == 3                                  | Use '=' to name a value: x = …
«x» > 3                                   | An expression needs a name: result = x …
«x», y                                    | An assignment has one name
«3»                                       | An expression needs a name: result = 3
«=» 3                                     | Expected a name before '='
«--» why                                  | Comments start with '#'
x = a «=<» b                              | Use '<=' instead of '=<'
x = a«++»                                 | There is no '++' operator
x = a «^» 2                               | There is no '^' operator; use pow(a, b)
x = a > 1 «|» b                           | Use 'or' instead of '|'
x = a > 1 «AND» b                         | Reserved words are written small: and
x = a «mod» b                             | There is no 'mod' operator; use modulo(a, b)
x = a «is» Int                            | 'is' stands only in a match
x = a «as» String                         | Values are converted by functions
x = a«?.»b                                | A plain dot reaches into an optional, too
x = a «?:» b                              | Use '??' instead of '?:'
x = a«::»b                                | Use '.' instead of '::'
x = (1«,» 2)                              | There are no tuples
x = 1 «if» a else 2                       | The condition stands first: if (c) a else b
x = if (a) 1 «elif» (b) 2 else 3          | Use 'else if' instead of 'elif'
x = if (a)«:» 1 else 2                    | 'if' takes no ':'
x = if (a) «{» 1 } else { 2 }             | The branches of 'if' are values, without braces
x = branch { a -> 1, «else» -> 2 }        | Use 'otherwise' instead of 'else' in a branch
x = branch { a -> 1, «_» -> 2 }           | Use 'otherwise' instead of '_' in a branch
x = branch { «default» -> 2 }             | Use 'otherwise' instead of 'default' in a branch
x = match a { «otherwise» -> 1 }          | Use '_' instead of 'otherwise' for all other cases
x = match a { «Int» -> 1 }                | 'Int' is not a pattern: write is Int
x = match a { «case» is Int -> 1 }        | A case needs no 'case'
x = match a { is List«<»Int> -> 1 }       | 'is' takes a bare name
x = match a { is Int «when» b -> 1 }      | A case has no condition
x = match a { { b«:» 1 } -> 2, _ -> 3 }   | A record pattern only names fields: { b }
x = match a { is Int -> 1«» _ -> 2 }      | Expected ',' between two cases
x = match a { is«» -> 1 }                 | Expected a type's name after 'is'
x = match«» { is Int -> 1 }               | Expected an expression after 'match'
x = f(«|a|» a)                            | A lambda is written with '=>'
x = f(«lambda» a: a)                      | A lambda is written with '=>'
x = f((a) => «{» a + 1 })                 | A lambda's body is an expression, without braces
x = f((a)«: Int» => a)                    | The type of a lambda's result is inferred
x = f((«Int a») => a)                     | A parameter's type stands behind its name: (a: Int) => …
x = f(«fn»(a) => a)                       | A lambda has no name
x = f(«a =» 1)                            | Arguments are given in order, without names
x = await «f»(a)                          | A call needs no 'await'
x = [1«..»5]                              | There are no ranges; use range(1, 10)
x = { «...»a, b: 1 }                      | Records are merged with '+'
x = [«...»a, 1]                           | Lists are joined by a function
x = [a «for» a in b]                      | There are no comprehensions
x = [1«;» 2]                              | Use ',' instead of ';'
x = «"""a"»""                             | There are no triple quotes
x = «f»"a"                                | A string has no prefix
x = "a "«b» ""                            | A quote inside a string is written \"
x = «1,000»                               | Numbers have no thousands separator: write 1000
x = f(a) with «(»retry: 3)                | Options follow 'with' without parentheses
x = f(a) with retry«» 3                   | Expected ':' between 'retry' and its value
x = f(a) with throttle: 100/«min»         | A rate says in how much time: 100/1min
x = f(a) with throttle: «-»1/1s           | A rate cannot be negative
x = f(a) with timeout: «-»1s              | A duration cannot be negative
x = f(a) with priority: «"high"»          | This word is written without quotes: high
x = f(a) with «ttl»: 5s                   | Unknown option 'ttl'. Did you mean 'cache'?
x = f(a) «retry»: 3                       | Options follow 'with': f(x) with retry: …
x = f(a)«,» retry: 3                      | Options follow 'with': f(x) with retry: …
x = f(a, «retry:» 3)                      | Options follow the call: f(x) with retry: …
'''
ROWS = [tuple(part.strip() for part in line.split(" | ", 1)) for line in SPELLINGS.strip().split("\n")]


BETWEEN_LINES = {
    "r = {\n  a: x«»\n  b: 2\n}": "Expected ',' between two fields",
    "in u: {\n  a: Int«»\n  b: List<Int>\n}": "Expected ',' between two fields",
    "type U = {\n  a: List<Int>«»\n  type: Int\n}": "Expected ',' between two fields",
    "r = { a: x «b»: 2 }": "Expected ',' between two fields",
    "r = branch {\n  x -> 1«»\n  y -> 2,\n  otherwise -> 3\n}": "Expected ',' between two cases",
    "r = match x {\n  is Int -> 1«»\n  _ -> 2\n}": "Expected ',' between two cases",
    "r = [\n  1«»\n  2\n]": "Expected ',' between two items",
    "r = f(\n  x«»\n  y\n)": "Expected ',' between two arguments",
    "r = f(\n  x«»\ns = 3": "Missing ')' to close the '(' opened here",
    "r = [\n  x«»\nout y": "Missing ']' to close the '[' opened here",
    '«"""what it does"»"': "There are no triple quotes; comments start with '#'",
    "out (a, b)«»": "There are no tuples: use a list [a, b] or a record",
}


@pytest.mark.parametrize("marked", BETWEEN_LINES)
def test_over_lines(marked: str) -> None:
    start, end = marked.index("«"), marked.index("»") - 1
    text = marked.replace("«", "").replace("»", "")
    for program in (parse(text), Document(text).program):
        problem = problems_of(program)[0]
        assert BETWEEN_LINES[marked] in problem.message
        assert (problem.start, problem.end) == (start, end)


def problems_of(program: Program) -> list[SyntaxProblem]:
    found = [
        SyntaxProblem(p.start + s.offset, p.end + s.offset, p.message, p.slug)
        for s in program.statements
        for p in s.problems
    ]
    return [*found, *program.problems]


@pytest.mark.parametrize("marked, message", ROWS)
@pytest.mark.parametrize("before", ["", "in zz: Int\n"], ids=["alone", "behind another"])
def test_a_foreign_spelling_is_named_once_at_its_place(marked: str, message: str, before: str) -> None:
    start, end = len(before) + marked.index("«"), len(before) + marked.index("»") - 1
    text = f"{before}{marked.replace('«', '').replace('»', '')}\nout zz\n"
    for program in (parse(text), Document(text).program):
        (problem,) = problems_of(program)
        assert message in problem.message
        assert (problem.start, problem.end) == (start, end)
