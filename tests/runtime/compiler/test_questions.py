"""What an editor asks a checked program, also one that is broken."""

from __future__ import annotations

from constellation_grammar import syntax
from constellation_grammar.document import Document
from tests.runtime.compiler.judged import check, checker

SOURCE = (
    "type User = { name: String, age: Int }\nin users: List<User>\nin limit: Int\n"
    'kept = filter(users, (u) => u.age > limit)\nnames = kept.name\nr = match limit { is Int -> "x" }\nout names\n'
)


def _type(source: str, mark: str, inside: int = 0) -> str:
    return str(check(source).type_at(source.index(mark) + inside))


def test_the_type_of_the_innermost_expression() -> None:
    assert _type(SOURCE, "u.age") == "{ name: String, age: Int }"
    assert _type(SOURCE, ".age", 2) == "Int"
    assert _type(SOURCE, "u.age > limit", 6) == "Boolean"
    assert _type(SOURCE, "kept.name") == "List<{ name: String, age: Int }>"
    assert _type(SOURCE, "limit)") == "Int"


def test_the_type_at_a_definition() -> None:
    assert _type(SOURCE, "names") == "List<String>"
    assert _type(SOURCE, "limit") == "Int"


def test_types_inside_an_expression_that_fails() -> None:
    source = "in n: Int\nin s: String\nr = concat(s, abs(n) + missing)\nout r\n"
    assert _type(source, "abs(n)") == "Int"
    assert _type(source, "n) +") == "Int"


def test_names_visible_at_an_offset() -> None:
    checked = check(SOURCE)
    inside = checked.scope_at(SOURCE.index("u.age"))
    assert {name: (str(s.type), s.kind) for name, s in inside.items() if name != "users"} == {
        "limit": ("Int", "input"),
        "u": ("{ name: String, age: Int }", "parameter"),
    }
    assert SOURCE[inside["u"].start : inside["u"].end] == "u"
    assert inside["u"].start == SOURCE.index("(u)") + 1
    assert "kept" not in inside
    assert "kept" in checked.scope_at(len(SOURCE))


def test_where_a_variable_is_introduced() -> None:
    checked = check(SOURCE)
    variables = checked.variables_before(len(checked.statements))
    start, end = checked.definition_of(variables["kept"]) or (0, 0)
    assert (start, SOURCE[start:end]) == (SOURCE.index("kept"), "kept")
    assert [SOURCE[c.start : c.end] for c in checked.readers_of(variables["kept"])] == ["names = kept.name"]


def test_the_function_a_call_means_even_when_its_arguments_are_wrong() -> None:
    source = "in n: Int\nr = uppercase(n)\nout r\n"
    checked = check(source)
    details = checked.details(1)
    (call,) = details.calls
    assert isinstance(call.node, syntax.Call)
    assert call.function.qualified_name == "stdlib.string.uppercase"
    assert details.call(call.node) is call


def test_a_program_being_typed_is_silent_about_its_holes() -> None:
    for text in ("in u: { name: String }\nx = u.\nnext = u.name\nout next\n", "in u: Int\nx = abs(u, \nout u\n"):
        document = Document(text)
        checked = checker().check(document.program, text=text)
        assert {d.code for d in checked.errors} == {"E020"}


def test_completion_after_a_dot_finds_the_record() -> None:
    text = "in u: { name: String }\nx = u.\nout x\n"
    checked = checker().check(Document(text).program, text=text)
    assert str(checked.type_at(text.index("u.\n"))) == "{ name: String }"


def test_names_of_broken_declarations_are_known() -> None:
    source = "in a\nb = )\ntype C =\nd = a + b\nin e: C\nout d\nout e\n"
    assert {d.code for d in check(source).errors} == {"E020"}


def test_at_most_a_hundred_errors_are_listed() -> None:
    source = "".join(f"x{n} = nope{n}\n" for n in range(150)) + "out x1\n"
    checked = check(source)
    assert len(checked.errors) == 100
    assert checked.omitted_errors == 50
