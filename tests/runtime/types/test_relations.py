"""Subtyping, least upper bounds, unions, merging, and the notation the other tests are written in."""

from __future__ import annotations

import pytest

from constellation.types.model import ERROR, NOTHING, ListType, RecordType, Type
from constellation.types.notation import NotationError, parse_function, parse_signature, parse_type
from constellation.types.relations import (
    MergeError,
    is_generic,
    is_subtype,
    least_upper_bound,
    merge_types,
    nesting_depth,
    substitute,
    union_of,
)
from constellation.types.unification import Bindings


def types(*texts: str) -> list[Type]:
    return [parse_type(text) for text in texts]


@pytest.mark.parametrize(
    "left, right",
    [
        ("Int", "Int"),
        ("Nothing", "Int"),
        ("List<Int>", "Seq<Int>"),
        ("List<Nothing>", "List<String>"),
        ("Optional<{ a: Int, b: Int }>", "Optional<{ a: Int }>"),
        ("Map<String, { a: Int, b: Int }>", "Map<String, { a: Int }>"),
        ("{ b: Int, a: Int }", "{ a: Int, b: Int }"),
        ("{ a: Int }", "{}"),
        ("{ a: Int, b: Int }", "{ a: Int | r }"),
        ("Int", "Int | String"),
        ("Int | String", "Int | String | Boolean"),
        ("{ a: Int, b: Int } | { a: Int }", "{ a: Int }"),
        ("({ a: Int }) => Int", "({ a: Int, b: Int }) => Int | String"),
    ],
)
def test_subtypes(left: str, right: str) -> None:
    assert is_subtype(*types(left, right))


@pytest.mark.parametrize(
    "left, right",
    [
        ("Int", "Float"),
        ("Int", "Optional<Int>"),
        ("Optional<Int>", "Int"),
        ("Seq<Int>", "List<Int>"),
        ("{ a: Int }", "{ a: Int, b: Int }"),
        ("{ a: Int | r }", "{ a: Int }"),
        ("Map<{ a: Int, b: Int }, Int>", "Map<{ a: Int }, Int>"),
        ("Int | String", "Int"),
        ("(Int) => Int", "(Int, Int) => Int"),
    ],
)
def test_no_subtypes(left: str, right: str) -> None:
    assert not is_subtype(*types(left, right))


def test_the_error_type_relates_to_everything() -> None:
    for type_ in types("Int", "List<Int>", "{ a: Int }", "Int | String"):
        assert is_subtype(ERROR, type_)
        assert is_subtype(type_, ERROR)
        assert is_subtype(ListType(ERROR), type_) == (type_ == parse_type("List<Int>"))
        assert least_upper_bound(type_, ERROR) is ERROR


@pytest.mark.parametrize(
    "members, bound",
    [
        (("{ a: Int, b: Int }", "{ a: Int }"), "{ a: Int }"),
        (("List<Nothing>", "List<Int>"), "List<Int>"),
        (("Int", "String"), "Int | String"),
        (("Int", "Float"), "Float | Int"),
        (("Int", "String", "Int | String | Boolean"), "Int | String | Boolean"),
        (("Int | String", "Boolean", "Int"), "Int | String | Boolean"),
        (("Nothing",), "Nothing"),
    ],
)
def test_least_upper_bounds(members: tuple[str, ...], bound: str) -> None:
    assert least_upper_bound(*types(*members)) == parse_type(bound)
    folded: Type = NOTHING
    for member in types(*members):
        folded = least_upper_bound(folded, member)
    assert folded == parse_type(bound)


def test_unions_flatten_and_drop_duplicates() -> None:
    assert union_of(*types("Int | String", "String", "Int")) == parse_type("String | Int")
    assert union_of(*types("Int", "Int")) == parse_type("Int")
    assert str(union_of(*types("{ a: Int }", "{ a: Int, b: Int }"))) == "{ a: Int } | { a: Int, b: Int }"
    assert union_of() is NOTHING


@pytest.mark.parametrize(
    "left, right, merged",
    [
        ("{ a: Int, b: { x: Int } }", "{ b: { y: Int }, c: Int }", "{ a: Int, b: { y: Int }, c: Int }"),
        ("List<{ a: Int }>", "{ b: Int }", "List<{ a: Int, b: Int }>"),
        ("{ b: Int }", "Seq<{ a: Int }>", "Seq<{ b: Int, a: Int }>"),
        ("List<{ a: Int }>", "List<{ b: Int }>", "List<{ a: Int, b: Int }>"),
        ("List<{ a: Int }>", "Seq<{ b: Int }>", "Seq<{ a: Int, b: Int }>"),
        ("List<List<{ a: Int }>>", "{ b: Int }", "List<List<{ a: Int, b: Int }>>"),
    ],
)
def test_merging(left: str, right: str, merged: str) -> None:
    assert merge_types(*types(left, right)) == parse_type(merged)


def test_a_failed_merge_names_the_innermost_pair() -> None:
    with pytest.raises(MergeError) as failure:
        merge_types(*types("List<Int>", "{ x: Int }"))
    assert (str(failure.value.left), str(failure.value.right)) == ("Int", "{ x: Int }")


def test_substitution_adds_the_fields_of_rows() -> None:
    open_record = parse_type("{ id: T | r }")
    closed = substitute(open_record, {"T": parse_type("Int")}, {"r": (("name", parse_type("String")),)})
    assert str(closed) == "{ id: Int, name: String }"
    assert not is_generic(closed)


def test_depth_is_counted_without_recursion() -> None:
    type_ = parse_type("Int")
    for _ in range(5_000):
        type_ = type_ if len(type_.key) > 4_000 else ListType(type_)
    assert nesting_depth(type_) > 600
    assert nesting_depth(RecordType(())) == 1


@pytest.mark.parametrize(
    "parameter, argument, bound",
    [
        ("T", "Int", {"T": "Int"}),
        ("List<T>", "List<Nothing>", {"T": "Nothing"}),
        ("Map<K, List<V>>", "Map<String, List<Int>>", {"K": "String", "V": "Int"}),
        ("N", "Float", {"N": "Float"}),
        ("{ key: K, value: V }", "{ key: Int, value: String }", {"K": "Int", "V": "String"}),
    ],
)
def test_variables_get_their_types(parameter: str, argument: str, bound: dict[str, str]) -> None:
    bindings = Bindings()
    assert bindings.bind(*types(parameter, argument))
    assert {name: str(type_) for name, type_ in bindings.types.items()} == bound


def test_a_failed_binding_leaves_no_trace() -> None:
    bindings = Bindings()
    assert bindings.bind(*types("T", "Int"))
    assert not bindings.bind(*types("{ a: U, b: T }", "{ a: Boolean, b: String }"))
    assert {name: str(type_) for name, type_ in bindings.types.items()} == {"T": "Int"}
    assert not bindings.bind(*types("N", "String"))
    assert not bindings.bind(*types("List<T>", "Seq<Int>"))
    assert Bindings(seq_for_list=True).bind(*types("List<T>", "Seq<Int>"))


def test_the_notation() -> None:
    name, signature = parse_signature("acme.pick(xs: List[T], by: (T) => Boolean) -> Optional<T>")
    assert name == "acme.pick"
    assert str(signature) == "(xs: List<T>, by: (T) => Boolean) -> Optional<T>"
    spec = parse_function("acme.rank-v2(u: { id: Int | r }) -> { | r }")
    assert (spec.namespace, spec.name, spec.generic) == ("acme", "rank-v2", True)
    for wrong in ("Set<Int>", "List<Int", "Integer", "{ a Int }", "f(", "(Int", "Int Int", "é"):
        with pytest.raises(NotationError):
            parse_type(wrong)
