"""What the language adds to its first implementation beyond repairs: one test for each extension with static rules."""

from __future__ import annotations

import pytest

from constellation.compiler.checker import Checker
from constellation.image.graph import ConvertNode, GuardNode
from constellation_grammar.parser import parse
from tests.runtime.compiler.judged import accepts, check, errors, message, report, suggestions, table, type_of, warnings

LOAD = "Load(id: Int) -> String"
SAVE = "Save(p: { name: String, score: Float }) -> Boolean"


def test_a_byte_order_mark_is_skipped() -> None:
    assert accepts("\ufeffx = 1\nout x\n")


def test_unicode_escapes() -> None:
    assert accepts('x = "\\u{1F600}"\nout x\n')


def test_types_in_parentheses() -> None:
    assert type_of("x", "in x: List<(Int | String)>\nout x\n") == "List<Int | String>"


def test_a_list_merges_with_a_sequence_as_a_sequence() -> None:
    assert (
        type_of("c", "in a: List<{ x: Int }>\nin b: Seq<{ y: Int }>\nc = a + b\nout c\n") == "Seq<{ x: Int, y: Int }>"
    )


@pytest.mark.parametrize(
    "argument",
    [
        '{ name: "a", score: 1 }',
        'if (c) { name: "a", score: 1 } else { name: "b", score: 2.5 }',
        '({ name: "a", score: branch { c -> 1, otherwise -> 2 } })',
        'm ?? { name: "a", score: 1 }',
    ],
)
def test_checking_mode_reaches_into_arms_and_parentheses(argument: str) -> None:
    source = f"in c: Boolean\nin m: Optional<{{ name: String, score: Float }}>\nr = Save({argument})\nout r\n"
    assert accepts(source, SAVE)


def test_checking_mode_reports_the_arm_that_is_wrong() -> None:
    source = "in c: Boolean\nr = Take(if (c) 1 else true)\nout r\n"
    assert errors(source, "Take(n: Float) -> Int") == [("E010", 2, "true")]


@pytest.mark.parametrize(
    "type_, argument",
    [
        ("Float", "1"),
        ("Float", "-1"),
        ("List<Float>", "[1, 2.5]"),
        ("Seq<Float>", "[1]"),
        ("Optional<Float>", "1 when c"),
        ("Float | String", "1"),
        ("List<List<Float>>", "[[1], []]"),
        ("{ a: List<Float> }", "{ a: [1], b: 2 }"),
        ("Optional<List<Float>>", "[1] when c"),
    ],
)
def test_integer_literals_become_float_where_one_is_wanted(type_: str, argument: str) -> None:
    assert accepts(f"in c: Boolean\nr = Take({argument})\nout r\n", f"Take(v: {type_}) -> Int")


def test_an_integer_variable_is_no_float() -> None:
    assert errors("in n: Int\nr = Take(n)\nout r\n", "Take(v: Float) -> Int") == [("E010", 2, "n")]


def test_chained_guards_add_one_layer() -> None:
    checked = check("in a: Boolean\nin b: Boolean\nx = 1 when a when b\nout x\n")
    assert checked.graph is not None
    guard = checked.graph.bindings[0].expression
    assert isinstance(guard, GuardNode)
    assert str(guard.type) == "Optional<Int>"


def test_both_operands_of_and_are_reported() -> None:
    assert errors("in n: Int\nin s: String\nr = n and s\nout r\n") == [("E010", 3, "n"), ("E010", 3, "s")]


def test_an_undefined_name_that_is_declared_later_says_where() -> None:
    source = "y = total + 1\nin total: Int\nout y\n"
    assert "declared later, on line 2" in message(source)
    found = check(source).errors[0]
    assert [source[r.start : r.end] for r in found.related] == ["total"]
    assert "declared later, on line 2" in message("in p: Point\ntype Point = Int\nout p\n")


def test_a_circle_of_variables_is_named_once() -> None:
    source = "a = b + 1\nb = c + 1\nc = a + 1\nout c\n"
    assert errors(source) == [("E031", 1, "b")]
    assert message(source) == "Circular dependency: a -> b -> c -> a"


def test_rebinding_warns_and_points_at_the_first_definition() -> None:
    source = "in n: Int\nn = n * 10\nout n\n"
    found = check(source).warnings
    assert [report(source, w) for w in found] == [("LANG001", 2, "n")]
    assert [source[r.start : r.end] for r in found[0].related] == ["n"]
    assert found[0].related[0].start == 3


def test_an_output_repeated_is_a_warning_and_stands_once_in_the_graph() -> None:
    source = "in n: Int\nout n\nout n\n"
    assert warnings(source) == [("LANG005", 3, "n")]
    graph = check(source).graph
    assert graph is not None
    assert len(graph.outputs) == 1


def test_an_output_without_a_name() -> None:
    assert errors("in n: Int\nout n + 1\n") == [("E032", 2, "n + 1")]


def test_the_last_segment_of_an_import_is_a_name_for_it() -> None:
    shout = "acme.text.shout(s: String) -> String"
    assert accepts("use acme.text\nin s: String\nr = text.shout(s)\nout r\n", shout)


def test_an_alias_takes_precedence_over_a_last_segment() -> None:
    functions = ("acme.text.shout(s: String) -> String", "b.shout(s: String) -> Int")
    assert type_of("r", "use acme.text\nuse b as text\nin s: String\nr = text.shout(s)\nout r\n", *functions) == "Int"


def test_every_bad_option_is_reported() -> None:
    source = "in n: Int\nr = Load(n) with retry: -1, timeout: 0s, retry: 2\nout r\n"
    assert errors(source, LOAD) == [("E016", 2, "retry: -1"), ("E016", 2, "timeout: 0s"), ("E016", 2, "retry: 2")]


def test_a_bare_constructor_says_what_it_needs() -> None:
    assert suggestions("in x: List\nout x\n") == ("List needs a type argument: List<T>",)
    assert accepts("type List = Int\nin x: List\nout x\n")


def test_connector_properties_should_be_literals() -> None:
    source = '@source("kafka", topic: other, size: -3, tags: ["a"])\nin n: Int\nout n\n'
    assert warnings(source) == [("LANG006", 1, "other")]


def test_a_boolean_position_suggests_a_comparison() -> None:
    assert suggestions("in n: Int\nr = if (n) 1 else 2\nout r\n") == (
        "Compare it with something, for example x > 0 or x == y",
    )


def test_a_record_that_does_not_fit_says_why() -> None:
    source = "in p: { name: String, score: Int }\nr = Save(p)\nout r\n"
    assert suggestions(source, SAVE) == ("Field 'score' has type Int but Float is expected",)


def test_nothing_goes_with_every_operator() -> None:
    source = (
        "a = map([], (n) => n + 1)\nb = map([], (n) => n > 2.5)\nc = filter([], (n) => not n and n)\n"
        "d = map([], (n) => n.name)\ne = map([], (n) => n ?? 3)\nf = [].name\n"
        "out a\nout b\nout c\nout d\nout e\nout f\n"
    )
    assert type_of("a", source) == "List<Int>"
    assert type_of("b", source) == "List<Boolean>"
    assert type_of("e", source) == "List<Int>"


def test_numeric_variables_print_as_what_they_are() -> None:
    assert message("in s: String\nr = Add(s, 1)\nout r\n") == "Type mismatch: expected Int, got String"
    assert message("in s: Boolean\nr = abs(s)\nout r\n") == "Type mismatch: expected Int or Float, got Boolean"


def test_integers_widen_when_a_float_shares_their_variable() -> None:
    checked = check("in n: Int\nin xs: List<Int>\na = add(n, 2.5)\nb = multiply-each(xs, 0.5)\nout a\nout b\n")
    assert checked.graph is not None
    first = checked.graph.bindings[1].expression
    assert str(first.type) == "List<Float>"
    argument = getattr(first, "arguments")[0].value  # noqa: B009
    assert isinstance(argument, ConvertNode)


def test_standard_list_functions_take_sequences_and_give_them_back() -> None:
    source = (
        "in s: Seq<Int>\na = filter(s, (n) => n > 1)\nb = list-length(s)\n"
        "c = concat(s, [1])\nd = sort(s)\nout a\nout b\nout c\nout d\n"
    )
    assert [type_of(n, source) for n in "abcd"] == ["Seq<Int>", "Int", "Seq<Int>", "Seq<Int>"]


def test_user_functions_hide_standard_ones() -> None:
    assert type_of("r", "use stdlib.string\nin s: String\nr = trim(s)\nout r\n", "trim(s: String) -> Int") == "Int"


def test_an_empty_list_on_the_left_of_coalesce_takes_the_right_sides_type() -> None:
    source = "in c: Boolean\na = ([] when c) ?? [1]\nb = ([] when c) ?? []\nout a\nout b\n"
    assert type_of("a", source) == "List<Int>"
    assert type_of("b", source) == "List<Nothing>"


def test_names_of_types_from_other_languages() -> None:
    assert suggestions("in x: Integer\nout x\n") == ("Did you mean 'Int'?",)
    assert suggestions("in x: Array<Int>\nout x\n") == ("Did you mean 'List'?",)


def test_an_optional_in_arithmetic_says_what_to_do() -> None:
    assert suggestions("in m: Optional<Int>\nr = m + 1\nout r\n") == (
        "Give a value for when it is absent: (value ?? default)",
    )


def test_a_function_named_where_a_value_stands() -> None:
    source = "in xs: List<String>\nr = map(xs, Uppercase)\nout r\n"
    assert errors(source) == [("E001", 2, "Uppercase")]
    assert suggestions(source)[0] == ("A function is no value: call it, or write a lambda: (text) => Uppercase(text)")


def test_a_failed_import_is_reported_once() -> None:
    source = "use stdlib.maths as m\nin n: Int\nr = m.add(n, 1)\nout r\n"
    assert errors(source) == [("E004", 1, "stdlib.maths")]


def test_conflicting_throttles_of_one_function() -> None:
    source = "in n: Int\na = Load(n) with throttle: 5/1s\nb = Load(n) with throttle: 9/1s\nout a\nout b\n"
    assert warnings(source, LOAD) == [("OPTS006", 3, "throttle: 9/1s")]


def test_literal_field_names_decide_the_type() -> None:
    source = (
        'in u: { id: Int, name: String }\nin us: Seq<{ id: Int, name: String }>\na = omit(u, "id")\n'
        'b = rename(us, "name", "title")\nc = record-to-map({ x: 1, y: 2 })\nd = has-field(u, "id")\n'
        "out a\nout b\nout c\nout d\n"
    )
    assert [type_of(n, source) for n in "abcd"] == [
        "{ name: String }",
        "Seq<{ id: Int, title: String }>",
        "Map<String, Int>",
        "Boolean",
    ]
    assert errors('in u: { id: Int }\nr = omit(u, "idd")\nout r\n') == [("E006", 2, '"idd"')]
    assert errors("in u: { id: Int }\nin f: String\nr = omit(u, f)\nout r\n") == [("E015", 3, "f")]


def test_a_literal_regular_expression_is_judged_before_a_run() -> None:
    assert errors('in s: String\nr = regex-test(s, "(")\nout r\n') == [("E016", 2, '"("')]


def test_hints_are_for_editors_only() -> None:
    source = (
        "in n: Int\nin ns: List<Int>\nin spare: Candidates<Int>\n"
        "r = filter(ns, (n) => if (true) n > 1 else false)\nout r\nout n\n"
    )
    checked = check(source)
    assert checked.diagnostics == ()
    assert [d.code for d in checked.hints] == ["LANG007", "LANG009", "LANG010", "LANG011"]


@pytest.mark.parametrize(
    "source",
    [
        "type T0 = { a: Int }\n" + "".join(f"type T{i} = {{ l: T{i - 1}, r: T{i - 1} }}\n" for i in range(1, 40)),
        "v0 = { a: 1 }\n" + "".join(f"v{i} = {{ l: v{i - 1}, r: v{i - 1} }}\n" for i in range(1, 40)),
        "in c: Boolean\nv0 = 1\n" + "".join(f"v{i} = v{i - 1} when c\n" for i in range(1, 300)),
        "v = [" + ", ".join(f"{{ a{i}: 1 }}" for i in range(2_000)) + "]\n",
        "in v: " + " | ".join(f"{{ a{i}: Int }}" for i in range(2_000)) + "\n",
    ],
    ids=["aliases", "values", "optionals", "list", "union"],
)
def test_types_are_bounded(source: str) -> None:
    found = errors(source + "out 1 as one\n")
    assert {code for code, _, _ in found} == {"E020"}


def test_an_unknown_cache_backend_is_a_warning_when_the_backends_are_known() -> None:
    source = 'in n: Int\nr = Load(n) with cache: 1h, cache_backend: "rediss"\nout r\n'
    assert warnings(source, LOAD) == []
    found = Checker(table(LOAD), cache_backends=["redis", "memory"]).check(parse(source)).diagnostics
    assert [d.code for d in found] == ["OPTS005"]
    assert "memory, redis" in found[0].message
