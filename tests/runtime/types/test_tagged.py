"""Tagged JSON reads back exactly what was written, types included."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constellation.types.model import FLOAT, INT, OptionalType, RecordType
from constellation.types.notation import parse_type
from constellation.types.tagged import (
    TaggedError,
    from_tagged,
    to_tagged,
    type_from_tagged,
    type_to_tagged,
    value_from_tagged,
)
from constellation.types.values import NONE, Some
from tests.runtime.types.values import types, values


@given(st.data())
def test_values_and_types_survive(data: st.DataObject) -> None:
    type_ = data.draw(types(nested_optionals=True))
    value = data.draw(values(type_))
    text = json.dumps(to_tagged(value, type_), allow_nan=False)
    found, found_type = from_tagged(json.loads(text))
    assert (found, found_type) == (value, type_)
    assert str(found_type) == str(type_)
    assert type_from_tagged(json.loads(json.dumps(type_to_tagged(type_)))) == type_


def test_the_written_form() -> None:
    assert to_tagged(Some(1), OptionalType(INT)) == {
        "tag": "CSome",
        "value": {"tag": "CInt", "value": 1},
        "innerType": {"tag": "CInt"},
    }
    assert to_tagged(NONE, OptionalType(INT)) == {"tag": "CNone", "innerType": {"tag": "CInt"}}
    assert to_tagged(float("nan"), FLOAT) == {"tag": "CFloat", "value": "NaN"}
    record = RecordType((("a", INT),))
    assert to_tagged({"a": 1}, record) == {
        "tag": "CProduct",
        "value": {"a": {"tag": "CInt", "value": 1}},
        "structure": {"a": {"tag": "CInt"}},
    }


def test_layers_of_optionals_are_kept() -> None:
    twice = OptionalType(OptionalType(INT))
    for value in (NONE, Some(NONE), Some(Some(1))):
        assert from_tagged(to_tagged(value, twice))[0] == value


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"tag": "CMystery", "value": 1}, "Unknown CValue tag: CMystery"),
        ({"tag": "CList", "value": [], "subtype": {"tag": "CWhat"}}, "Unknown CType tag: CWhat"),
        ({"tag": "CList"}, "malformed value: KeyError: 'subtype'"),
        ([], "malformed value"),
        (None, "malformed value"),
    ],
)
def test_anything_else_is_refused(document: Any, message: str) -> None:
    with pytest.raises(TaggedError) as caught:
        from_tagged(document)
    assert message in caught.value.message
    assert caught.value.code == "CODEC"


def test_the_fields_of_a_record_keep_their_order() -> None:
    """What a program shows of a value must not depend on whether the value was put away in between."""
    type_ = parse_type("List<{ a: Int, b: Int }>")
    again = value_from_tagged(to_tagged([{"b": 1, "a": 2}, {"a": 3, "b": 4}], type_))
    assert [list(record) for record in again] == [["b", "a"], ["a", "b"]]


@pytest.mark.parametrize("damage", [{"value": {"a": {"tag": "CInt", "value": 1}}}, {"value": {}}])
def test_a_record_that_lacks_a_field_is_refused(damage: dict[str, object]) -> None:
    whole = to_tagged({"a": 1, "b": 2}, parse_type("{ a: Int, b: Int }"))
    with pytest.raises(TaggedError):
        from_tagged({**whole, **damage})
