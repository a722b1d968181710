"""Boxed values know their type and give back what was put in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constellation.types.boxed import CInt, CList, CNone, CSome, CValue, from_cvalue, to_cvalue
from constellation.types.model import INT, NOTHING, ListType, OptionalType
from constellation.types.values import NONE, Some
from tests.runtime.types.values import types, values


@given(st.data())
def test_both_directions_are_inverse(data: st.DataObject) -> None:
    type_ = data.draw(types(nested_optionals=True))
    value = data.draw(values(type_))
    box = to_cvalue(value, type_)
    assert box.ctype == type_
    assert from_cvalue(box) == value


def test_boxes_say_what_they_hold() -> None:
    assert to_cvalue([1], ListType(INT)) == CList((CInt(1),), INT)
    assert to_cvalue(Some(1), OptionalType(INT)) == CSome(CInt(1), INT)
    assert to_cvalue(NONE, OptionalType(INT)) == CNone(INT)


def test_what_has_no_values_has_no_box() -> None:
    with pytest.raises(TypeError, match="Nothing has no values"):
        to_cvalue(1, NOTHING)
    with pytest.raises(TypeError, match="CValue has no type of its own"):
        _ = CValue().ctype
    with pytest.raises(TypeError, match="CValue is no box"):
        from_cvalue(CValue())
