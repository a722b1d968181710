"""Every function, for any arguments of its signature, returns a value of its result type or fails in a sentence."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constellation.modules.errors import ElementError
from constellation.stdlib import load
from constellation.stdlib.declare import StandardError
from constellation.types.model import (
    BOOLEAN,
    FLOAT,
    INT,
    STRING,
    FunctionType,
    ListType,
    MapType,
    OptionalType,
    RecordType,
    Type,
)
from constellation.types.relations import substitute
from constellation.types.values import NONE, Some
from tests.runtime.types.values import values

BINDINGS: list[dict[str, Type]] = [
    {"T": INT, "U": STRING, "V": INT, "W": FLOAT, "K": STRING, "A": INT, "N": INT, "O": INT},
    {"T": STRING, "U": INT, "V": STRING, "W": INT, "K": INT, "A": STRING, "N": FLOAT, "O": FLOAT},
    {
        "T": RecordType((("a", INT),)),
        "U": ListType(INT),
        "V": OptionalType(INT),
        "W": BOOLEAN,
        "K": BOOLEAN,
        "A": ListType(STRING),
        "N": FLOAT,
        "O": STRING,
    },
]
RECORDS_OF_THEIR_OWN = {"stdlib.record.has-field", "stdlib.record.record-to-map", "stdlib.record.omit",
                        "stdlib.record.rename"}  # fmt: skip
OVERLOADS = [
    pytest.param(module, index, number, id=f"{module.spec.name}-{index}-{number}")
    for module in load()
    if module.name not in RECORDS_OF_THEIR_OWN
    for index in range(len(module.spec.overloads))
    for number in range(len(BINDINGS) if module.spec.generic else 1)
]


def conforms(value: Any, type_: Type) -> bool:
    """Whether a value is exactly of a type."""
    match type_:
        case ListType(element):
            return isinstance(value, list | tuple) and all(conforms(v, element) for v in value)
        case MapType(key, item):
            return isinstance(value, dict) and all(conforms(k, key) and conforms(v, item) for k, v in value.items())
        case OptionalType(inner):
            return value is NONE or (isinstance(value, Some) and conforms(value.value, inner))
        case RecordType():
            same = isinstance(value, dict) and list(value) == [n for n, _ in type_.fields]
            return same and all(conforms(value[n], t) for n, t in type_.fields)
        case _ if type_ == INT:
            return type(value) is int and -(2**63) <= value < 2**63
        case _ if type_ == FLOAT:
            return type(value) is float and math.isfinite(value)
        case _:
            return type(value) is (str if type_ == STRING else bool)


def arguments_of(type_: Type, data: st.DataObject) -> Any:
    """A value of a type; a lambda that always gives one value, for a function type."""
    if isinstance(type_, FunctionType):
        result = data.draw(finite_values(type_.result))
        return lambda *_: result
    return data.draw(finite_values(type_))


def finite_values(type_: Type) -> st.SearchStrategy[Any]:
    """Values of a type, numbers often small and always finite."""
    if type_ == FLOAT:
        return st.floats(allow_nan=False, allow_infinity=False) | st.floats(-10, 10)
    if type_ == INT:
        return st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 20)
    if isinstance(type_, ListType):
        return st.lists(finite_values(type_.element), max_size=4)
    return values(type_)


@pytest.mark.parametrize(("module", "index", "number"), OVERLOADS)
@settings(max_examples=8)
@given(data=st.data())
def test_results_have_the_declared_type(module: Any, index: int, number: int, data: st.DataObject) -> None:
    signature = module.spec.overloads[index]
    parameters = tuple(substitute(p.type, BINDINGS[number], {}) for p in signature.parameters)
    returns = substitute(signature.returns, BINDINGS[number], {})
    arguments = [arguments_of(p, data) for p in parameters]
    before = repr(arguments)
    try:
        result = module.bind(index, parameters, returns)(*arguments)
    except (StandardError, ElementError):
        return
    assert conforms(result, returns), f"{result!r} is no {returns}"
    assert repr(arguments) == before
