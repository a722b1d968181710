"""Plain JSON in and out: round trips, acceptance, and the wording of every refusal."""

from __future__ import annotations

import json
from array import array
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from constellation.types.json import ValueRejected, decode, encode, encode_python, input_value
from constellation.types.model import BOOLEAN, FLOAT, INT, STRING, ListType, SeqType, Type
from constellation.types.notation import parse_type
from constellation.types.values import NONE, Some, Variant
from tests.runtime.types.values import types, values


@given(st.data())
def test_values_survive_json_text(data: st.DataObject) -> None:
    type_ = data.draw(types())
    value = data.draw(values(type_))
    text = json.dumps(encode(type_)(value), allow_nan=False)
    assert decode(type_)(json.loads(text)) == value


@given(st.data())
def test_plain_python_values_are_accepted_back(data: st.DataObject) -> None:
    type_ = data.draw(types())
    value = data.draw(values(type_))
    assert decode(type_)(encode_python(type_)(value)) == value


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
def test_anything_is_accepted_or_refused_with_problems(data: st.DataObject) -> None:
    type_ = data.draw(types(nested_optionals=True))
    raw = data.draw(ANYTHING)
    try:
        value = decode(type_)(raw)
    except ValueRejected as rejected:
        assert rejected.problems
        assert all(p.message and p.expected for p in rejected.problems)
    else:
        assert decode(type_)(encode(type_)(value)) == value or "Optional<Optional" in str(type_)


@pytest.mark.parametrize(
    ("type_", "raw", "value"),
    [
        ("Int", 42.0, 42),
        ("Int", 4.2e1, 42),
        ("Float", 3, 3.0),
        ("Float", "-Infinity", float("-inf")),
        ("List<Int>", (1, 2), [1, 2]),
        ("Map<String, Int>", [["a", 1], {"key": "b", "value": 2}], {"a": 1, "b": 2}),
        ("Map<Int, String>", {"1": "x", "-2": "y"}, {1: "x", -2: "y"}),
        ("Map<Int, String>", [[1, "x"], [1, "y"]], {1: "y"}),
        ("Map<Boolean, Int>", {"true": 1}, {True: 1}),
        ("{ a: Int, b: Optional<Int> }", {"a": 1, "unknown": 9}, {"a": 1, "b": NONE}),
        ("Optional<Int>", None, NONE),
        ("Optional<Int>", 1, Some(1)),
        ("Int | String", 1, Variant("Int", 1)),
        ("Int | Float", 1, Variant("Int", 1)),
        ("Int | Float", 1.5, Variant("Float", 1.5)),
        ("Int | String", {"tag": "String", "value": "x"}, Variant("String", "x")),
        ("{ a: Int } | { a: Int, b: Int }", {"a": 1, "b": 2}, Variant("{a: Int, b: Int}", {"a": 1, "b": 2})),
        ("{ a: Int } | { b: Int }", {"b": 2}, Variant("{b: Int}", {"b": 2})),
    ],
)
def test_accepted(type_: str, raw: object, value: object) -> None:
    decoded = decode(parse_type(type_))(raw)
    assert decoded == value and type(decoded) is type(value)


@pytest.mark.parametrize(
    ("type_", "raw", "messages"),
    [
        ("String", 1, ["expected String, got number"]),
        ("Int", "1", ["expected Int, got string"]),
        ("Int", True, ["expected Int, got boolean"]),
        ("Int", 3.7, ["expected Int, got number 3.7"]),
        ("Int", 2**63, ["integer out of range"]),
        ("Float", "x", ["expected Float, got string"]),
        ("Float", False, ["expected Float, got boolean"]),
        ("Boolean", 1, ["expected Boolean, got number"]),
        ("String", None, ["expected String, got null"]),
        ("List<Int>", {}, ["expected Array, got object"]),
        ("List<Int>", "ab", ["expected Array, got string"]),
        ("List<Int>", {1, 2}, ["expected Array, got set"]),
        ("List<Int>", [1, "x", True],
         [f"field '[{i}]': expected Int, got {k}" for i, k in ((1, "string"), (2, "boolean"))]),
        ("{ a: Int }", {}, ["missing required field 'a'"]),
        ("{ a: { b: List<{ c: Int }> } }", {"a": {"b": [{"c": 1}, {}]}},
         ["field 'a.b[1]': missing required field 'c'"]),
        ("{ a: Int, b: Int }", {"a": "x"}, ["field 'a': expected Int, got string", "missing required field 'b'"]),
        ("Map<String, Int>", {"k": "x"}, ["field 'k': expected Int, got string"]),
        ("Map<Int, Int>", {"k": 1}, ["field 'k': expected Int, got string"]),
        ("Int | String", {"tag": "Float", "value": 1}, ["invalid union tag 'Float', expected one of: Int, String"]),
        ("{ a: Int } | { b: Int }", {"c": 1}, ["could not match fields to any union variant"]),
        ("Int | String", True, ["expected Int | String, got boolean"]),
    ],
)  # fmt: skip
def test_refused(type_: str, raw: object, messages: list[str]) -> None:
    with pytest.raises(ValueRejected) as caught:
        decode(parse_type(type_))(raw)
    assert [p.message for p in caught.value.problems] == messages


def test_an_input_is_named_in_messages_and_paths() -> None:
    with pytest.raises(ValueRejected) as caught:
        input_value("order", parse_type("{ items: List<{ sku: String }> }"), {"items": [{"sku": 7}]})
    (problem,) = caught.value.problems
    assert problem.path == "order.items[0].sku"
    assert problem.message == "Input 'order': field 'order.items[0].sku': expected String, got number"
    assert (problem.expected, problem.got) == ("String", "number")
    assert caught.value.to_json()["error"] == "INPUT_VALIDATION"


@pytest.mark.parametrize(
    ("written", "raw", "message"),
    [
        ("Int", "7", "Input 'n': field 'n': expected Int, got string"),
        ("List<Int>", {}, "Input 'n': field 'n': expected Array, got object"),
        ("{ a: Int }", {}, "Input 'n': missing required field 'a'"),
        ("{ a: { b: Int } }", {"a": {}}, "Input 'n': field 'n.a': missing required field 'b'"),
    ],
)
def test_messages_of_inputs_lead_to_the_misfit(written: str, raw: object, message: str) -> None:
    with pytest.raises(ValueRejected) as caught:
        input_value("n", parse_type(written), raw)
    assert caught.value.message == message


def test_a_path_given_is_put_in_front() -> None:
    with pytest.raises(ValueRejected, match=r"field 'body\[0\]': expected Int, got string"):
        decode(ListType(INT))(["x"], "body")


def test_limits() -> None:
    with pytest.raises(ValueRejected, match="array of 1000001 elements exceeds the limit of 1000000"):
        decode(ListType(INT))([0] * 1_000_001)
    deep: Type = INT
    raw: Any = 1
    for _ in range(60):
        deep, raw = ListType(deep), [raw]
    with pytest.raises(ValueRejected, match="nested deeper than 50 levels"):
        decode(deep)(raw)


def test_a_wrong_value_deep_inside_costs_no_more_than_linear_time() -> None:
    deep: Type = INT
    raw: Any = "wrong"
    for _ in range(45):
        deep, raw = ListType(deep), [raw]
    with pytest.raises(ValueRejected):
        decode(deep)(raw)


def test_field_order_is_the_types_own() -> None:
    for text in ("{ a: Int, b: Int }", "{ b: Int, a: Int }"):
        value = decode(parse_type(text))({"b": 1, "a": 2})
        assert list(value) == [text[2], text[10]]


def test_numbers_that_are_none_leave_as_text() -> None:
    assert encode(FLOAT)(float("nan")) == "NaN"
    assert encode(ListType(FLOAT))([float("inf"), 1.0]) == ["Infinity", 1.0]
    assert encode_python(FLOAT)(float("inf")) == float("inf")


def test_maps_with_other_keys_leave_as_pairs() -> None:
    assert encode(parse_type("Map<Int, String>"))({1: "x"}) == [[1, "x"]]
    assert encode_python(parse_type("Map<Int, String>"))({1: "x"}) == {1: "x"}


class Point(NamedTuple):
    """A record as a named tuple."""

    x: int
    y: int


@dataclass
class Place:
    """A record as a dataclass."""

    name: str
    at: Point


class Model(BaseModel):
    """A record as a pydantic model."""

    name: str
    place: Any


class Colour(StrEnum):
    """A text as an enumeration."""

    RED = "red"


class Number:
    """What an array library's numbers look like."""

    ndim = 0

    def item(self) -> int:
        return 7


class Numbers:
    """What an array library's arrays look like."""

    def tolist(self) -> list[float]:
        return [1.0, 2.0]


@pytest.mark.parametrize(
    ("type_", "raw", "value"),
    [
        ("{ name: String, at: { x: Int, y: Int } }", Place("a", Point(1, 2)), {"name": "a", "at": {"x": 1, "y": 2}}),
        ("{ name: String }", Model(name="a", place=None), {"name": "a"}),
        ("String", Colour.RED, "red"),
        ("List<Int>", deque([1, 2]), [1, 2]),
        ("List<Float>", array("d", [1.0]), [1.0]),
        ("List<Float>", Numbers(), [1.0, 2.0]),
        ("Int", Number(), 7),
        ("Optional<Int>", Some(1), Some(1)),
        ("Optional<Int>", NONE, NONE),
        ("Int | String", Variant("Int", 1), Variant("Int", 1)),
    ],
)
def test_python_objects_are_accepted_as_inputs(type_: str, raw: object, value: object) -> None:
    assert decode(parse_type(type_))(raw) == value


def test_plain_values_are_not_copied() -> None:
    record = {"a": {"k": 1}, "b": "x"}
    assert encode(parse_type("{ a: Map<String, Int>, b: String }"))(record) is record
    items = [1, 2]
    assert encode(ListType(INT))(items) is items
    assert encode(SeqType(STRING))(("a",)) == ["a"]
    assert encode(BOOLEAN)(True) is True


def test_a_map_whose_key_is_a_list_is_refused_in_words() -> None:
    decode_map = decode(parse_type("Map<List<Int>, Int>"))
    with pytest.raises(ValueRejected, match="a key must be a text, a number or a Boolean, got array"):
        decode_map([[[1], 2]])
