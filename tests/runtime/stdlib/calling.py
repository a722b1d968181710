"""Calls standard functions with plain Python values, the way a compiled program would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from constellation.modules.registry import ModuleRegistry
from constellation.stdlib import SETS, load
from constellation.stdlib.declare import StandardError
from constellation.types.kinds import is_items, is_mapping
from constellation.types.model import (
    BOOLEAN,
    FLOAT,
    INT,
    NOTHING,
    STRING,
    FunctionType,
    ListType,
    MapType,
    OptionalType,
    RecordType,
    Type,
)
from constellation.types.unification import Bindings
from constellation.types.values import Absent, Some

REGISTRY = ModuleRegistry([load(SETS)])

_SCALARS: dict[type, Type] = {bool: BOOLEAN, int: INT, float: FLOAT, str: STRING}


def type_of(value: Any) -> Type:
    """The type of a value, elements judged by the first."""
    if type(value) in _SCALARS:
        return _SCALARS[type(value)]
    if is_items(value):
        return ListType(type_of(value[0]) if value else NOTHING)
    if is_mapping(value):
        if all(isinstance(k, str) for k in value) and len({str(type_of(v)) for v in value.values()}) > 1:
            return RecordType(tuple((k, type_of(v)) for k, v in value.items()))
        key, item = next(iter(value.items()), (None, None))
        return MapType(STRING, NOTHING) if key is None else MapType(type_of(key), type_of(item))
    if isinstance(value, Some):
        return OptionalType(type_of(value.value))
    if isinstance(value, Absent):
        return OptionalType(NOTHING)
    raise TypeError(value)


def bound(name: str, *types: Type) -> Callable[..., Any]:
    """The implementation the first fitting overload of a function has for arguments of these types."""
    module = REGISTRY[name]
    for index, signature in enumerate(module.spec.overloads):
        if len(signature.parameters) != len(types):
            continue
        bindings = Bindings(seq_for_list=True)
        if all(
            isinstance(p.type, FunctionType) or bindings.bind(p.type, t)
            for p, t in zip(signature.parameters, types, strict=True)
        ):
            resolved = tuple(bindings.close(p.type) for p in signature.parameters)
            return module.bind(index, resolved, bindings.close(signature.returns))
    raise AssertionError(f"no overload of {name} takes {types}")


def call(name: str, *arguments: Any) -> Any:
    """The result of a function for these arguments; lambdas are plain callables."""
    types = tuple(FunctionType((), NOTHING) if callable(a) else type_of(a) for a in arguments)
    return bound(name, *types)(*arguments)


def fails(message: str, name: str, *arguments: Any) -> None:
    """Asserts that the call fails with exactly this message."""
    with pytest.raises(StandardError) as caught:
        call(name, *arguments)
    assert str(caught.value) == message
