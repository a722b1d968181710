"""Each extension of the language beyond its first implementation, one numbered row each, in the guide's order.

`x01` to `x71`. A row is what a person writes and what they see; both front ends must agree on it. Broader tests of the
same rules stand in `test_extensions.py` and `test_gaps.py`; those about the text of an excerpt in `test_rendering.py`.
"""

from __future__ import annotations

import pytest

from constellation_grammar.document import Document
from constellation_grammar.parser import parse
from tests.runtime.compiler.judged import Report, checker, report

FUNCTIONS = (
    "Load(id: Int) -> String",
    "Take(v: Float) -> Int",
    "Save(p: { name: String, score: Float }) -> Boolean",
    "Apply(f: (Int) => Int) -> Int",
    "TakeAll(v: List<Float>) -> Int",
    "TakeSeq(v: Seq<Float>) -> Int",
    "TakeOpt(v: Optional<Float>) -> Int",
    "TakeAny(v: Float | String) -> Int",
    "acme.lists.type(v: Int) -> Int",
    "acme.lists.size(v: Int) -> Int",
)


def judged(source: str) -> tuple[list[Report], list[Report], dict[str, str], list[str]]:
    """Errors, warnings, the types of a valid program's variables, and the words; the same through both front ends."""
    judge = checker(*FUNCTIONS)
    answers: list[tuple[list[Report], list[Report], dict[str, str], list[str]]] = []
    for program in (parse(source), Document(source).program):
        checked = judge.check(program, text=source)
        variables = {} if checked.errors else checked.variables_before(len(checked.statements))
        answers.append(
            (
                [report(source, found) for found in checked.errors],
                [report(source, found) for found in checked.warnings],
                {name: str(variable.type) for name, variable in variables.items()},
                [words for found in checked.errors for words in (found.message, *found.suggestions)],
            )
        )
    assert answers[0] == answers[1]
    return answers[0]


ACCEPTED = {
    "x01-byte-order-mark": "\ufeffin x: Int\nout x",
    "x03-blanks-before-an-annotation's-bracket": "@example (1)\nin x: Int\nout x",
    "x04-hyphen-before-an-arrow-ends-a-name": "in flag: Boolean\nr = branch { flag->1, otherwise->2 }\nout r",
    "x05-reserved-words-as-field-names": "in e: { type: Int, in: Int }\n"
    "a = e.type\nb = e[in]\nc = { is: 1 }\nd = e{type}\n"
    "s = (a + b.in) * c.is + d.type\nout s",
    "x07-unary-minus": "in n: Int\na = -n * 2 - -(n + 1)\nout a",
    "x08-negative-floats-and-exponents": "a = -2.5 + 1.5e-3 + 2.0E+2\nout a",
    "x09-unicode-escapes": 'a = "\\u{1F600}"\nout a',
    "x10-blanks-and-lines-inside-an-interpolation": 'in n: Int\na = "${ n } ${\n  n\n}"\nout a',
    "x11-trailing-commas": "type T = { a: Int, b: Int, }\nin t: T\nin c: Boolean\nin xs: List<Int>\n"
    "a = [1, 2,]\nb = { a: 1, b: 2, }\nd = t[a, b,]\ne = map(xs, (x,) => x,)\n"
    "f = branch { c -> 1, otherwise -> 2, }\ng = match t { { a, b, } -> 1, _ -> 2, }\n"
    "h = Load(1,) with retry: 2, cache: 1min,\nout a\nout b\nout d\nout e\nout f\nout g\nout h",
    "x13-annotated-outputs": 'in x: Int\n@sink("topic", key: "k")\nout x',
    "x14-types-in-parentheses": "in x: (List<(Int | String)>)\nout x",
    "x15-lambda-without-brackets": "in xs: List<Int>\na = map(xs, x => x + 1)\nout a",
    "x16-chained-guards": "in a: Boolean\nin b: Boolean\nx = 1 when a when b\nout x",
    "x17-postfix-scrutinee": "in r: { s: Int | String }\na = match r.s { is Int -> 1, is String -> 2 }\nout a",
    "x20-examples-of-an-optional": "@example(1)\nin x: Optional<Int>\nout x",
    "x21-examples-of-a-map": "@example({ a: 1, b: 2 })\nin x: Map<String, Int>\nout x",
    "x22-integer-examples-of-a-float": "@example(1)\nin x: Float\nout x",
    "x27-outputs-of-expressions": "in p: { name: String, age: Int }\nin m: Optional<Int>\nin c: Boolean\n"
    "out p.name\nout p[age] as years\nout m ?? 0\nout (c)\nout p{name, age}\nout 1 + 1 as two",
    "x37-elements-of-lists-are-checked": "a = TakeAll([1, 2])\nout a",
    "x38-arms-are-checked": "in c: Boolean\na = Take(if (c) 1 else 2)\n"
    "b = Take(branch { c -> 1, otherwise -> 2.5 })\nout a\nout b",
    "x39-both-sides-of-a-coalesce-are-checked": "in m: Optional<Float>\na = Take(m ?? 1)\nout a",
    "x40-brackets-are-transparent": "a = Take((1))\nb = TakeAll(([1]))\nout a\nout b",
    "x41-sequences-optionals-and-unions-are-reached": "in c: Boolean\na = TakeSeq([1])\n"
    "b = TakeOpt(1 when c)\nd = TakeAny(1)\n"
    "out a\nout b\nout d",
    "x42-an-integer-literal-is-a-float": "a = Take(1)\nb = Take(-1)\nout a\nout b",
    "x49-integers-compare-with-floats": "in n: Int\na = n == 1.5\nb = n < 2.5\nout a\nout b",
    "x50-floats-have-all-comparisons": "in f: Float\n"
    "a = [f == 1.0, f != 2.0, f < 1.0]\nb = [f > 1.0, f <= 1.0]\nout a\nout b",
    "x51-booleans-are-equal-or-not": "in b: Boolean\na = (b == true) or (b != false)\nout a",
    "x52-strings-have-an-order": 'in s: String\na = (s < "b") or (s >= "a")\nout a',
    "x54-a-coalesce-with-an-empty-list": "in m: Optional<List<Int>>\na = m ?? []\nout a",
    "x57-an-import's-last-segment-is-a-name": "use acme.lists\na = lists.size(1)\nout a",
    "x58-a-reserved-word-as-called-name": "a = acme.lists.type(1)\nout a",
    "x64-options-on-built-in-functions": "in xs: List<Int>\na = map(xs, x => x) with timeout: 5s\nout a",
}


@pytest.mark.parametrize("source", ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(source: str) -> None:
    assert judged(source)[0] == []


TYPED = {
    "x16-one-layer-of-optional": ("in c: Boolean\nx = 1 when c when c\nout x", {"x": "Optional<Int>"}),
    "x34-lists-merge-with-sequences": (
        "in a: List<{ x: Int }>\nin b: Seq<{ y: Int }>\nc = a + b\nout c",
        {"c": "Seq<{ x: Int, y: Int }>"},
    ),
    "x43-a-field-of-an-optional-is-optional": (
        "in m: Optional<{ a: Int, b: Optional<Int> }>\nx = m.a\ny = m.b\nout x\nout y",
        {"x": "Optional<Int>", "y": "Optional<Int>"},
    ),
    "x44-a-field-of-a-union": ("in u: { f: Int } | { f: String }\nx = u.f\nout x", {"x": "Int | String"}),
    "x46-float-arithmetic": ("in f: Float\nx = f / 2.0\nout x", {"x": "Float"}),
    "x47-mixed-arithmetic": ("in f: Float\nin n: Int\nx = n * f\nout x", {"x": "Float"}),
    "x55-a-coalesce-takes-the-left-side's-type": (
        'in m: Optional<{ a: Int }>\nx = m ?? { a: 1, b: "more" }\nout x',
        {"x": "{ a: Int }"},
    ),
}


@pytest.mark.parametrize(("source", "types"), TYPED.values(), ids=TYPED)
def test_typed(source: str, types: dict[str, str]) -> None:
    problems, _, found, _ = judged(source)
    assert problems == []
    assert {name: found[name] for name in types} == types


REJECTED: dict[str, tuple[str, list[Report]]] = {
    "x02-spans-end-with-their-construct": ("in x: Int\ny = nope(x)   # why\n\nout y", [("E002", 2, "nope")]),
    "x06-integers-out-of-range": ("x = 9223372036854775808\nout x", [("E020", 1, "9223372036854775808")]),
    "x12-a-field-twice-in-a-literal": ("x = { a: 1, a: 2 }\nout x", [("E030", 1, "a")]),
    "x19-a-circle-of-variables": ("a = b\nb = a\nout a", [("E031", 1, "b")]),
    "x25-a-type-twice": ("type T = Int\ntype T = String\nin x: T\nout x", [("E030", 2, "T")]),
    "x26-an-output-twice": ("in x: Int\nout x\nout x + 1 as x", [("E030", 3, "x")]),
    "x28-an-output-without-a-name": ("in x: Int\nout x + 1", [("E032", 2, "x + 1")]),
    "x29-a-constructor-without-arguments": ("in x: List\nout x", [("E003", 1, "List")]),
    "x30-a-field-twice-in-a-type": ("type T = { a: Int, a: Int }\nin x: T\nout x", [("E030", 1, "a")]),
    "x38-the-arm-that-is-wrong": ("in c: Boolean\na = Take(if (c) 1 else true)\nout a", [("E010", 2, "true")]),
    "x45-a-projection-points-at-its-field": (
        "in r: { a: Int }\nx = r[a, b, c]\nout x",
        [("E006", 2, "b"), ("E006", 2, "c")],
    ),
    "x53-both-operands-of-a-logical-operator": ('x = 1 and "a"\nout x', [("E010", 1, "1"), ("E010", 1, '"a"')]),
    "x59-methods-do-not-exist": ("in s: String\nx = s.trim()\nout x", [("E004", 2, "s")]),
    "x60-a-throttle-over-no-time": ("x = Load(1) with throttle: 1/0s\nout x", [("E016", 1, "throttle: 1/0s")]),
    "x62-windows-are-positive": (
        "x = Load(1) with window: sliding(1s, 2s)\nout x",
        [("E016", 1, "window: sliding(1s, 2s)")],
    ),
    "x63-unknown-options": ("x = Load(1) with retri: 2\nout x", [("E020", 1, "retri")]),
    "x65-negative-counts": ("x = Load(1) with retry: -1\nout x", [("E016", 1, "retry: -1")]),
    "x66-an-option-twice": ("x = Load(1) with retry: 1, retry: 2\nout x", [("E016", 1, "retry: 2")]),
    "x67-options-beyond-32-bits": ("x = Load(1) with retry: 4294967296\nout x", [("E016", 1, "retry: 4294967296")]),
    "x68-every-bad-option": (
        "x = Load(1) with retry: -1, concurrency: 0\nout x",
        [("E016", 1, "retry: -1"), ("E016", 1, "concurrency: 0")],
    ),
    "x69-a-broken-declaration-hides-nothing": (
        "in x: Int\na = Load(x\nb = nope(x)\nc = a\nout c\nout b",
        [("E020", 2, ""), ("E002", 3, "nope")],
    ),
    "x70-a-lambda-out-of-place": ("x = (y: Int) => y\nout x", [("E018", 1, "(y: Int) => y")]),
    "x71-an-unknown-type-alone": ("type T = List<Strin>\nin x: T\nout x", [("E003", 1, "Strin")]),
}


@pytest.mark.parametrize(("source", "wanted"), REJECTED.values(), ids=REJECTED)
def test_rejected(source: str, wanted: list[Report]) -> None:
    assert judged(source)[0] == wanted


WARNED: dict[str, tuple[str, list[Report]]] = {
    "x23-connector-properties-are-literals": (
        'in n: Int\n@source("k", size: n)\nin x: Int\ny = n + x\nout y',
        [("LANG006", 2, "n")],
    ),
    "x24-rebinding": ("in x: Int\nx = x + 1\nout x", [("LANG001", 2, "x")]),
    "x26-an-output-repeated": ("in x: Int\nout x\nout x", [("LANG005", 3, "x")]),
    "x56-an-arm-that-never-matches": (
        "in u: Int | String\na = match u { is Int -> 1, is String -> 2, _ -> 3 }\nout a",
        [("LANG004", 2, "_ -> 3")],
    ),
    "x61-priorities-out-of-range": ("x = Load(1) with priority: 101\nout x", [("OPTS004", 1, "priority: 101")]),
    "x32-unused-variables": ("in x: Int\ny = 1\n_z = 2\nout x", [("LANG002", 2, "y")]),
    "x33-unused-imports": ("use stdlib.math\nin x: Int\nout x", [("LANG003", 1, "use stdlib.math")]),
}


@pytest.mark.parametrize(("source", "wanted"), WARNED.values(), ids=WARNED)
def test_warned(source: str, wanted: list[Report]) -> None:
    problems, found, _, _ = judged(source)
    assert problems == []
    assert found == wanted


HELPED = {
    "x18-declared-further-down": ("y = x\nx = 1\nout y", "'x' is declared later, on line 2; move it above this line"),
    "x29-a-constructor-says-what-it-needs": ("in x: List\nout x", "List needs a type argument: List<T>"),
    "x31-glued-subtractions": ("in x: Int\ny = x-1\nout y", "Did you mean the subtraction 'x - 1'?"),
    "x35-case-comes-first": ('x = uppercasE("a")\nout x', "Did you mean 'uppercase'?"),
    "x36-short-names-differ-by-one": ("in abc: Int\nx = abd\nout x", "Did you mean 'abc'?"),
    "x48-sequences-are-suggested": ("in x: Sec<Int>\nout x", "Did you mean 'Seq'?"),
    "x59-methods-are-written-as-calls": (
        "in s: String\nx = s.trim()\nout x",
        "constellation-lang has no methods; write trim(s)",
    ),
    "x63-an-option-that-is-meant": ("x = Load(1) with retri: 2\nout x", "Did you mean 'retry'?"),
}


@pytest.mark.parametrize(("source", "wanted"), HELPED.values(), ids=HELPED)
def test_helped(source: str, wanted: str) -> None:
    assert any(wanted in words for words in judged(source)[3]), judged(source)[3]


def test_x36_a_short_name_does_not_resemble_everything() -> None:
    assert not any("Did you mean" in hint for hint in judged("in abc: Int\nx = axy\nout x")[3])
