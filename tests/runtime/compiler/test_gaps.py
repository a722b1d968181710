"""What hurt users of the language's first implementation, one test for each numbered complaint."""

from __future__ import annotations

import pytest

from constellation.compiler.checker import Checker
from constellation.image.graph import BindingRef, ConvertNode, MatchNode, Operation
from constellation.types.functions import FunctionTable
from constellation.types.model import FLOAT
from constellation.types.notation import parse_function
from constellation_grammar.parser import parse
from tests.runtime.compiler.judged import accepts, check, errors, message, suggestions, type_of, warnings

LOAD = "Load(id: Int) -> String"


def test_gap_01_several_syntax_errors_each_at_its_own_place() -> None:
    found = errors("in x: Int\na = abs(x\nb = x +\nin y Int\nc = nope(x)\nout c\n")
    assert found == [("E020", 2, ""), ("E020", 3, ""), ("E020", 4, "Int"), ("E002", 5, "nope")]


def test_gap_02_a_missing_output_is_a_sentence() -> None:
    source = "in x: Int\ny = x\n"
    assert "at least one output" in message(source)
    assert errors(source) == [("E020", 2, "y")]
    assert errors("") == [("E020", 1, "")]


def test_gap_03_unary_minus_negative_floats_and_exponents() -> None:
    source = "in n: Int\na = -n\nb = -(n + 1)\nc = -2.5\nd = 1.5e-3\ne = -a * 2\nout e\n"
    assert [type_of(name, source) for name in "abcde"] == ["Int", "Int", "Float", "Float", "Int"]


def test_gap_04_a_glued_hyphen_suggests_the_subtraction() -> None:
    source = "in x: Int\ny = x-1\nout y\n"
    assert errors(source) == [("E001", 2, "x-1")]
    assert suggestions(source)[0] == "Did you mean the subtraction 'x - 1'?"
    assert accepts("in flag: Boolean\nr = branch { flag->1, otherwise->2 }\nout r\n")


def test_gap_05_reserved_words_are_field_names() -> None:
    source = "in e: { type: String, in: Int }\na = e.type\nb = e[type, in]\nc = { is: e.in }\nout a\nout b\nout c\n"
    assert type_of("c", source) == "{ is: Int }"


def test_gap_06_trailing_commas() -> None:
    assert accepts(
        "in a: { x: Int, y: Int, }\nb = [a.x, a.y,]\nc = max(a.x, a.y,)\nd = a[x, y,]\nout b\nout c\nout d\n"
    )


def test_gap_07_blanks_inside_an_interpolation() -> None:
    assert accepts('in n: Int\ns = "is ${ n } big"\nout s\n')


def test_gap_08_a_lambda_without_parentheses() -> None:
    assert type_of("r", "in ns: List<Int>\nr = map(ns, n => n * 2)\nout r\n") == "List<Int>"


def test_gap_09_outputs_are_expressions() -> None:
    source = (
        "in p: { name: String, age: Int }\nin m: Optional<Int>\n"
        "out p.name\nout m ?? 0\nout p.age + 1 as next\nout p{age}\n"
    )
    graph = check(source).graph
    assert graph is not None
    assert [(o.name, str(o.type)) for o in graph.outputs] == [
        ("name", "String"),
        ("m", "Int"),
        ("next", "Int"),
        ("p", "{ age: Int }"),
    ]


def test_gap_10_a_match_takes_a_field() -> None:
    source = "in r: { s: { a: Int } | { b: String } }\nx = match r.s { { a } -> a, { b } -> 0 }\nout x\n"
    assert type_of("x", source) == "Int"


def test_gap_11_integers_out_of_range() -> None:
    assert errors("x = 9223372036854775808\nout x\n")[0][0] == "E020"
    assert errors("in n: Int\nr = Load(n) with retry: 4294967296\nout r\n", LOAD)[0][0] == "E016"


def test_gap_12_reserved_words_after_a_dot() -> None:
    assert accepts("in p: Boolean\nr = stdlib.bool.not(p)\ns = stdlib.bool.and(p, r)\nout s\n")


@pytest.mark.parametrize("opener, closer", [("(", ")"), ("[", "]"), ("{ a: ", " }"), ("abs(", ")")])
def test_gap_13_deep_nesting_is_bounded(opener: str, closer: str) -> None:
    assert accepts(f"x = {opener * 100}1{closer * 100}\nout x\n")
    assert {code for code, _, _ in errors(f"x = {opener * 5000}1{closer * 5000}\nout x\n")} == {"E020"}


def test_gap_14_names_that_start_with_reserved_words() -> None:
    assert accepts(
        "in a: Int\nx = a\norders = x\nandroid = orders\nwhenever = android\nassets = whenever\nout assets\n"
    )


def test_gap_15_a_number_touching_letters() -> None:
    assert errors("x = 1e5\nout x\n")[0][0] == "E020"
    assert accepts("x = 1 y = 2 out x out y")


def test_gap_16_float_arithmetic_is_float() -> None:
    checked = check("in a: Float\nin n: Int\nb = a * n + 1\nout b\n")
    assert checked.graph is not None
    total = checked.graph.bindings[0].expression
    assert isinstance(total, Operation)
    assert total.type is FLOAT
    assert isinstance(total.right, ConvertNode)
    assert total.right.type is FLOAT


def test_gap_17_comparisons_on_float_boolean_and_text_order() -> None:
    assert accepts(
        "in f: Float\nin n: Int\nin b: Boolean\nin s: String\n"
        'r = f < 1.5 and f >= n and b == true and s < "m" and f != 2.0\nout r\n'
    )
    assert errors("in b: Boolean\nr = b < true\nout r\n") == [("E013", 2, "b < true")]


def test_gap_18_operators_need_no_import() -> None:
    assert accepts('use stdlib.string\nin n: Int\nr = n > 1 and n != 2 and n * 2 + 1 == 5\ns = trim("${r}")\nout s\n')


def test_gap_19_a_union_fits_a_larger_union() -> None:
    show = "Show(v: Int | String | Boolean) -> String"
    assert accepts("in u: Int | String\nr = Show(u)\nout r\n", show)


def test_gap_20_coalesce_checks_its_right_side() -> None:
    source = (
        "in items: Optional<List<Int>>\nin user: Optional<{ name: String }>\nin f: Optional<Float>\n"
        'a = items ?? []\nb = user ?? { name: "x", extra: 1 }\nc = f ?? 1\nout a\nout b\nout c\n'
    )
    assert [type_of(n, source) for n in "abc"] == ["List<Int>", "{ name: String }", "Float"]


def test_gap_21_arms_are_tagged_by_their_static_type() -> None:
    checked = check('in c: Boolean\nx = if (c) 1 else "one"\ny = [1, "a"]\nout x\nout y\n')
    assert checked.graph is not None
    choice = checked.graph.bindings[0].expression
    assert str(choice.type) == "Int | String"
    for arm in (getattr(choice, "then"), getattr(choice, "orelse")):  # noqa: B009
        assert isinstance(arm, ConvertNode)
        assert arm.type == choice.type


def test_gap_22_bound_fields_have_the_upper_bound_of_the_members() -> None:
    source = (
        "type R = { v: Int, a: Int } | { v: String, b: Int } | { c: Int }\ntype C = { c: Int }\nin r: R\n"
        "x = match r { { v } -> v, _ -> 0 }\ny = match r { is C -> 1, _ -> 2 }\nout x\nout y\n"
    )
    assert type_of("x", source) == "Int | String"
    graph = check(source).graph
    assert graph is not None
    assert isinstance(graph.bindings[1].expression, MatchNode)


def test_gap_23_row_polymorphic_results_keep_the_callers_fields() -> None:
    tag = "tag(x: { id: Int | r }) -> { id: Int, seen: Boolean | r }"
    assert type_of("r", "in u: { id: Int, name: String }\nr = tag(u)\nout r\n", tag) == (
        "{ id: Int, seen: Boolean, name: String }"
    )


def test_gap_24_higher_order_functions_are_generic() -> None:
    source = (
        "in us: List<{ name: String, age: Int }>\nin s: Seq<Float>\na = map(us, (u) => u.name)\n"
        "b = filter(us, (u) => u.age > 1)\nc = filter(s, (f) => f > 1.0)\nout a\nout b\nout c\n"
    )
    assert [type_of(n, source) for n in "abc"] == ["List<String>", "List<{ name: String, age: Int }>", "Seq<Float>"]


def test_gap_25_lambda_bodies_are_full_expressions_and_capture() -> None:
    source = (
        "in ns: List<Int>\nin k: Int\n"
        'r = map(ns, (a) => map(ns, (b) => Load(a * b + k) with fallback: "${a}"))\nout r\n'
    )
    assert type_of("r", source, LOAD) == "List<List<String>>"


def test_gap_26_out_binds_where_it_stands() -> None:
    graph = check('x = 1\nout x\nx = "two"\ny = x\nout y\n').graph
    assert graph is not None
    first = graph.outputs[0].expression
    assert isinstance(first, BindingRef)
    assert (first.key, str(first.type)) == ("x#1", "Int")


def test_gap_27_one_variable_several_times_in_one_call() -> None:
    assert accepts(
        "in n: Int\na = add(n, n)\nb = n * n\nc = branch { n > 1 -> n, otherwise -> n }\nout a\nout b\nout c\n"
    )


def test_gap_28_extra_fields_are_dropped_where_the_supertype_is_taken() -> None:
    checked = check("in c: Boolean\nin w: { a: Int, x: Int }\nin s: { a: Int }\nr = if (c) w else s\nout r\n")
    assert checked.graph is not None
    then = getattr(checked.graph.bindings[0].expression, "then")  # noqa: B009
    assert isinstance(then, ConvertNode)
    assert str(then.type) == "{ a: Int }"


def test_gap_29_examples_for_optional_and_map_inputs() -> None:
    assert accepts(
        "@example(3)\nin a: Optional<Int>\n@example({ x: 1, y: 2 })\nin m: Map<String, Int>\n@example(2)\nin f: Float\n"
        "out a\nout m\nout f\n"
    )
    assert errors('@example({ x: "a" })\nin m: Map<String, Int>\nout m\n')[0][0] == "E010"


def test_gap_30_fields_through_optionals_and_unions() -> None:
    source = (
        "in u: Optional<{ name: String, nick: Optional<String> }>\nin v: { id: Int, a: Int } | { id: Float }\n"
        "a = u.name\nb = u.nick\nc = v.id\nout a\nout b\nout c\n"
    )
    assert [type_of(n, source) for n in "abc"] == ["Optional<String>", "Optional<String>", "Float | Int"]


def test_gap_31_fields_are_listed_in_declaration_order() -> None:
    source = "in r: { zeta: Int, beta: Int, omega: Int, alpha: Int, kappa: Int }\nx = r.nope\nout x\n"
    assert "Available: zeta, beta, omega, alpha, kappa" in message(source)


def test_gap_32_duplicates_are_errors() -> None:
    assert errors("in x: Int\nin x: Int\nout x\n") == [("E030", 2, "x")]
    assert errors("type T = Int\ntype T = Int\nin x: T\nout x\n") == [("E030", 2, "T")]
    assert errors("x = { a: 1, a: 2 }\nout x\n") == [("E030", 1, "a")]
    assert errors("in a: Int\nin b: Int\nout a\nout b as a\n") == [("E030", 4, "a")]


def test_gap_33_a_sequence_becomes_a_list_with_collect() -> None:
    count = "Tally(words: List<String>) -> Int"
    source = "in words: Seq<String>\nr = Tally(words)\nout r\n"
    assert errors(source, count) == [("E010", 2, "words")]
    collect = "stdlib.list.collect(items: Seq<T>) -> List<T>"
    known = FunctionTable([parse_function(count), parse_function(collect, prelude=True)])
    found = Checker(known).check(parse(source)).errors
    assert [e.suggestions for e in found] == [("Make it a list: collect(x)",)]
    collected = Checker(known).check(parse("in words: Seq<String>\nr = Tally(collect(words))\nout r\n"))
    assert collected.graph is not None


@pytest.mark.parametrize(
    "option", ["window: count(0)", "throttle: 5/0s", "window: sliding(1min, 5min)", "retry: -1", "timeout: 0ms"]
)
def test_gap_34_option_values_are_validated(option: str) -> None:
    assert errors(f"in n: Int\nr = Load(n) with {option}\nout r\n", LOAD) == [("E016", 2, option)]


def test_gap_34_a_priority_out_of_range_is_a_warning() -> None:
    found = warnings("in n: Int\nr = Load(n) with priority: 9999\nout r\n", LOAD)
    assert found == [("OPTS004", 2, "priority: 9999")]


def test_gap_35_literals_keep_64_bits() -> None:
    graph = check("x = 9223372036854775807 - 1\nout x\n").graph
    assert graph is not None
    total = graph.bindings[0].expression
    assert isinstance(total, Operation)
    assert getattr(total.left, "value") == 2**63 - 1  # noqa: B009


def test_gap_36_every_failing_declaration_is_reported() -> None:
    source = "in n: Int\na = nope1(n)\nb = nope2(n)\nc = abs(true)\nout zzz\n"
    assert [(code, line) for code, line, _ in errors(source)] == [("E002", 2), ("E002", 3), ("E010", 4), ("E001", 5)]


def test_gap_37_spans_are_tight() -> None:
    source = "in p: { id: Int }\na = p[id, titel]   # note\nb = nope(p)  \nin x: List<Strng>\nout a\n"
    assert errors(source) == [("E006", 2, "titel"), ("E002", 3, "nope"), ("E003", 4, "Strng")]


def test_gap_38_suggestions_fire_and_name_things_that_exist() -> None:
    assert suggestions("in rate: Int\ntotal = rat * 2\nout total\n") == ("Did you mean 'rate'?",)
    assert suggestions("in x: Strng\nout x\n") == ("Did you mean 'String'?",)
    assert suggestions("in s: String\nr = UPPERCASE(s)\nout r\n")[0] == "Did you mean 'Uppercase'?"
    assert any("to-string" in s for s in suggestions("in n: Int\nr = trim(n)\nout r\n"))


def test_gap_39_every_error_has_a_code() -> None:
    assert errors("f = (x: Int) => x\nr = 1\nout r\n") == [("E018", 1, "(x: Int) => x")]
    source = "in n: Int\nr = Load(n) with window: count(5), batch: 3\nout r\n"
    assert "OPTS002" in [code for code, _, _ in warnings(source, LOAD)]


def test_gap_40_merge_help_speaks_of_list_and_seq() -> None:
    help_lines = " ".join(suggestions("type T = String + Int\nin x: T\nout x\n"))
    assert "List" in help_lines
    assert "Seq" in help_lines
    assert "Candidates" not in help_lines


def test_gap_41_unused_and_unreachable() -> None:
    source = "use stdlib.math\nin u: Int | String\nspare = 1\n_kept = 2\nr = match u { _ -> 1, is Int -> 2 }\nout r\n"
    assert warnings(source) == [
        ("LANG003", 1, "use stdlib.math"),
        ("LANG002", 3, "spare"),
        ("LANG004", 5, "is Int -> 2"),
    ]


def test_gap_42_a_method_call_gets_a_targeted_hint() -> None:
    source = "in user: String\nr = user.trim()\nout r\n"
    found = check(source).errors
    assert found
    assert any("trim(user)" in e.message or any("trim(user)" in s for s in e.suggestions) for e in found)


def test_gap_43_values_are_printed_as_written() -> None:
    assert "0/1min" in message("in n: Int\nr = Load(n) with throttle: 0/1min\nout r\n", LOAD)
    assert "0ms" in message("in n: Int\nr = Load(n) with timeout: 0ms\nout r\n", LOAD)
