"""What a message advises: each line of `ADVICE` is an expression with the place, the code and one line of help."""

from __future__ import annotations

import pytest

from tests.runtime.compiler.judged import check, errors, report, warnings

FUNCTIONS = (
    "Load(id: Int) -> { a: Int, b: String }",
    "Find(id: Int) -> Optional<Int>",
    "Maybe(id: Int) -> Optional<Boolean>",
    "Count(m: Map<String, Int>) -> Int",
    "Fold(f: (Int, Int) => Int) -> Int",
    "deep.x.y.twice(n: Int) -> Int",
    "near.one(n: Int) -> Int",
)
HEAD = """\
type P = { a: Int }
in i: Int
in oo: Optional<{ a: Int }>
in ol: Optional<List<{ a: Int }>>
in ll: List<List<{ a: Int }>>
in lu: List<{ a: Int } | { b: String }>
in lr: List<{ a: Int } | { a: String }>
in u: { a: Int } | Int
in m: Map<String, { a: Int }>
in n: Map<String, Int>
in s: Int | String
in near-by: Int
"""
ADVICE = r"""
«ol».a                              | E015 | Give a value for when it is absent: (ol ?? []).a
«ll».a                              | E015 | Take the field element by element: map(ll, (x) => x.a)
«lr».a                              | E015 | Take the field element by element: map(lr, (x) => x.a)
«lu».a                              | E015 | Choose element by element: map(lu, (x) => match x { { a } -> …, _ -> … })
«u».a                               | E015 | Not every member has this field; choose by member: match u {…
«m».a                               | E015 | Read an entry of a map: map-get(m, "a")
«i».abs                             | E015 | There are no methods; call the function: abs(i)
(«i + 1»).abs                       | E015 | There are no methods; call the function: abs(value)
«oo»[a]                             | E015 | Give a value for when it is absent: (oo ?? default)[a]
«ll»{a}                             | E015 | Project element by element: map(ll, (x) => x[a])
«u»[a]                              | E015 | Choose by member: match u { { a } -> …, _ -> … }
«m»[a]                              | E015 | Read an entry of a map: map-get(m, "a")
match oo { «{ a }» -> a, _ -> 1 }   | E010 | Give a value for when it is absent: value ?? default
Load(1) with fallback: «{ a: 1 }»   | E017 | The record has no field 'b'
Find(1) with fallback: «1»          | E017 | Guard it to make it optional: value when true
Count(«{ a: 1 }»)                   | E010 | Make it a map: map-from-entries([{ key: "a", value: x }])
filter([1], «i > 1»)                | E010 | A function is wanted here: write a lambda such as (x) => …
Fold(«3»)                           | E010 | A function is wanted here: write a lambda such as (a, b) => …
«u + 1»                             | E014 | Choose by what it is: match value { { a } -> …, _ -> … }
«u == 1»                            | E010 | Choose by what it is: match value { { a } -> …, _ -> … }
abs(«s»)                            | E010 | Choose by what it is: match value { is Int -> …, _ -> … }
«-s»                                | E014 | Choose by what it is: match value { is Int -> …, _ -> … }
«-Find(i)»                          | E014 | Give a value for when it is absent: (value ?? default)
if («Maybe(i)») 1 else 2            | E010 | Give a value for when it is absent: value ?? default
«i-1»                               | E001 | Did you mean the subtraction 'i - 1'?
«near-by-i-1»                       | E001 | Did you mean the subtraction 'near-by - i - 1'?
«null»                              | E001 | There is no null: 'value when condition' makes a value that may be absent
«None»                              | E001 | There is no null: 'value when condition' makes a value that may be absent
«True»                              | E001 | Did you mean 'true'?
«FALSE»                             | E001 | Did you mean 'false'?
«Int»                               | E001 | 'Int' is a type, no value
«Map»                               | E001 | 'Map' is a type, no value
«P»                                 | E001 | 'P' is a type, no value
map([1], «it» + 1)                  | E001 | A lambda names its parameter: (it) => it …
map([1], «_» + 1)                   | E001 | A lambda names its parameter: (x) => x …
«str»(i)                            | E002 | Did you mean 'to-string'?
«len»("a")                          | E002 | Did you mean 'length'?
«i»(2)                              | E002 | 'i' is a variable; only functions can be called
map([1], (f) => «f»(1))             | E002 | 'f' is a variable; only functions can be called
«stdlib.trim»("a")                  | E002 | Did you mean 'stdlib.string.trim'?
«string».trim("a")                  | E004 | Did you mean 'stdlib.string'?
«deep».twice(1)                     | E004 | Did you mean 'deep.x.y'?
«x.y».twice(1)                      | E004 | Did you mean 'deep.x.y'?
"""
LINES = [line for line in ADVICE.splitlines() if line]


@pytest.mark.parametrize("line", LINES)
def test_advice(line: str) -> None:
    marked, code, advice = (part.strip() for part in line.split(" | ", 2))
    before, rest = marked.split("«")
    place, _ = rest.split("»")
    source = f"{HEAD}r = {before}{rest.replace('»', '')}\nout r\nout n\n"
    (found,) = check(source, *FUNCTIONS).errors
    assert report(source, found) == (code, HEAD.count("\n") + 1, place)
    assert found.start == len(HEAD) + 4 + len(before)
    wanted = advice.removesuffix("{…")
    assert any(text.startswith(wanted) if wanted != advice else text == advice for text in found.suggestions)


def test_a_name_in_its_own_declaration() -> None:
    source = "type T = { a: T }\n@example(x)\nin x: T\nout x\n"
    first, second = check(source).errors
    assert report(source, first) == ("E003", 1, "T")
    assert first.suggestions == ("A type cannot refer to itself",)
    assert report(source, second) == ("E001", 2, "x")
    assert second.suggestions == ("An example can only use what is declared above its input",)


def test_a_failed_import_explains_the_functions_it_may_have_brought() -> None:
    source = "use nerar\na = one(1)\nb = twice(2)\nc = missing(3)\nout a\nout b\nout c\n"
    assert errors(source, *FUNCTIONS) == [("E004", 1, "nerar"), ("E002", 4, "missing")]


def test_what_is_used_above_its_declaration_is_not_called_unused() -> None:
    checked = check("total = price * 2\nprice = 3\nin x: T\ntype T = Int\nout total\nout x\n")
    assert [d.code for d in checked.diagnostics] == ["E001", "E003"]
    assert not checked.hints
    assert [d.code for d in check("a = b + 1\nb = c + 1\nc = a + 1\nout a\n").diagnostics] == ["E031"]


def test_two_outputs_that_both_failed_are_not_compared() -> None:
    source = "in x: Int\nout x.y\nout x + true as y\n"
    assert [d.code for d in check(source).diagnostics] == ["E015", "E014"]


def test_an_option_with_a_bad_value_is_one_problem() -> None:
    source = "in i: Int\nr = Find(i) with retry: 99999999999999999999, priority: -99999999999999999999\nout r\n"
    found = check(source, *FUNCTIONS)
    assert [report(source, d) for d in found.diagnostics] == [
        ("E016", 2, "retry: 99999999999999999999"),
        ("E016", 2, "priority: -99999999999999999999"),
    ]
    assert found.errors[0].message == "Invalid value for 'retry': 99999999999999999999 (must be <= 2147483647)"


def test_a_count_is_no_int_but_a_fallback_is() -> None:
    source = "in i: Int\nr = Load(i).a with fallback: 1\ns = abs(i) with fallback: 9223372036854775808\nout r\nout s\n"
    assert ("E020", 3, "9223372036854775808") in errors(source, *FUNCTIONS)
    source = "in i: Int\ns = abs(i) with window: count(9223372036854775808), throttle: 99999999999999999999/1s\nout s\n"
    assert [code for code, _, _ in errors(source)] == ["E016", "E016"]


def test_examples_at_any_depth() -> None:
    source = """
@example({ name: "x", nick: "y", more: [1, 2], m: { k: { z: 1 } } })
in b: { name: String, nick: Optional<String>, more: Optional<List<Float>>, m: Map<String, { z: Optional<Float> }> }
@example([{ a: 1 }, { b: 2 }])
in c: List<Map<String, Int>>
@example([1, 2])
in e: List<Optional<Int>>
@example({ a: 1 })
in f: Optional<Map<String, Float>>
out b out c out e out f
"""
    assert warnings(source) == []


def test_examples_that_do_not_fit() -> None:
    source = """
@example({ a: "x", b: 1 })
in g: { a: Optional<Int>, b: Optional<Int>, d: Int }
@example({ a: "x" })
in h: Map<String, Int>
@example([1, "a"])
in i: List<Optional<Int>>
out g out h out i
"""
    assert errors(source) == [
        ("E015", 2, '{ a: "x", b: 1 }'),
        ("E010", 2, '"x"'),
        ("E010", 4, '{ a: "x" }'),
        ("E010", 6, '[1, "a"]'),
    ]


def test_a_namespace_is_no_value() -> None:
    (found,) = check("use stdlib.math as m\nr = m.abs(1)\nx = m\nout r\n").errors
    assert found.suggestions == ("'m' is a namespace; call its functions: m.function(…)",)


@pytest.mark.parametrize(
    "source",
    [
        "pipeline P {\n  in x: Int\n  out x\n}\n",
        "{\n  in x: Int\n  out x\n}\n",
        "in xs: List<Int>\nfor (x in xs) {\n  out x\n}\n",
    ],
)
def test_an_output_that_could_not_be_read_is_not_called_missing(source: str) -> None:
    (found,) = check(source).errors
    assert found.slug != "no-output"


def test_arms_of_a_generic_body_are_compared_with_the_first_that_fits() -> None:
    source = 'r = flat-map([1], (x) => if (x > 1) [x] else ["s"])\nout r\n'
    (found,) = check(source).errors
    assert report(source, found) == ("E010", 1, '["s"]')
    assert found.message == "Type mismatch: expected List<Int>, got List<String>"
