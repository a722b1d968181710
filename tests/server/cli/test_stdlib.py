"""`constellation stdlib`: the library's functions by any spelling, by namespace, and as one table."""

from __future__ import annotations

from tests.server.cli.conftest import Invoke


def test_a_function_has_one_page_under_all_its_spellings(invoke: Invoke) -> None:
    page = invoke("stdlib", "list-first")
    assert page.code == 0
    assert page.out.startswith("stdlib.list.list-first(list: List<T>) -> T\n\nFirst element.")
    assert "Also written: first, head, ListFirst, First, Head\n" in page.out
    assert page.out.endswith("Fails with:\n    list is empty\n")
    for spelling in ("Head", "stdlib.list.first", "stdlib.list.ListFirst"):
        assert invoke("stdlib", spelling).out == page.out
    assert invoke("stdlib", "stdlib.text.trim").out == invoke("stdlib", "trim").out
    assert "Opt-in: load it with --enable random." in invoke("stdlib", "uuid4").out


def test_namespaces_and_the_whole_library_are_listed(invoke: Invoke) -> None:
    listed = invoke("stdlib", "stdlib.boolean").out.splitlines()
    assert listed[:2] == ["stdlib.bool", "  all-true(values: List<Boolean>) -> Boolean"]
    assert set(listed) < set(invoke("stdlib").out.splitlines())


def test_the_table_as_json(invoke: Invoke) -> None:
    functions = {entry["name"]: entry for entry in invoke("stdlib", "--json").document["functions"]}
    assert len(functions) > 250
    assert functions["stdlib.math.divide"] == {
        "name": "stdlib.math.divide",
        "spellings": ["divide", "Divide"],
        "signatures": ["(a: Int, b: Int) -> Int", "(a: Int or Float, b: Int or Float) -> Float"],
        "description": functions["stdlib.math.divide"]["description"],
        "errors": ["division by zero", "integer overflow"],
        "pure": True,
        "tier": "core",
    }
    assert (functions["stdlib.debug.log"]["pure"], functions["stdlib.http.http-get"]["tier"]) == (False, "http")


def test_an_unknown_name_gets_a_suggestion(invoke: Invoke) -> None:
    unknown = invoke("stdlib", "list-frist")
    assert (unknown.code, unknown.out) == (5, "")
    assert "The standard library has no 'list-frist'; did you mean 'list-first'?" in unknown.err
