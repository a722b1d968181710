"""Hypothesis strategies: types, and values of a type."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from constellation.types.model import (
    BOOLEAN,
    FLOAT,
    INT,
    STRING,
    ListType,
    MapType,
    OptionalType,
    RecordType,
    SeqType,
    Type,
    UnionType,
)
from constellation.types.values import NONE, Some, Variant

NAMES = st.sampled_from(["a", "b", "name", "é", "tag", "value"])
PRIMITIVES = st.sampled_from([STRING, INT, FLOAT, BOOLEAN])


def types(nested_optionals: bool = False) -> st.SearchStrategy[Type]:
    """Types of the language; optionals directly inside optionals only on request."""

    def extend(inner: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
        single = inner if nested_optionals else inner.filter(lambda t: not isinstance(t, OptionalType))
        unions = st.lists(PRIMITIVES | records(inner), min_size=2, max_size=3, unique_by=_look).map(
            lambda members: UnionType(tuple(members))
        )
        return st.one_of(
            inner.map(ListType),
            inner.map(SeqType),
            single.map(OptionalType),
            st.builds(MapType, st.sampled_from([STRING, INT, BOOLEAN]), inner),
            records(inner),
            unions,
        )

    return st.recursive(PRIMITIVES, extend, max_leaves=6)


def records(inner: st.SearchStrategy[Type]) -> st.SearchStrategy[RecordType]:
    """Record types."""
    return st.dictionaries(NAMES, inner, min_size=1, max_size=3).map(lambda f: RecordType(tuple(f.items())))


def _look(type_: Type) -> str:
    return "record" if isinstance(type_, RecordType) else str(type_)


def values(type_: Type) -> st.SearchStrategy[Any]:
    """Values of a type."""
    match type_:
        case ListType(element) | SeqType(element):
            return st.lists(values(element), max_size=3)
        case MapType(key, item):
            return st.dictionaries(values(key), values(item), max_size=3)
        case OptionalType(inner):
            return st.just(NONE) | values(inner).map(Some)
        case RecordType():
            return st.fixed_dictionaries({name: values(t) for name, t in type_.fields})
        case UnionType():
            return st.one_of([st.builds(Variant, st.just(key), values(t)) for key, t in type_.by_key.items()])
        case _:
            primitives: dict[Type, st.SearchStrategy[Any]] = {
                STRING: st.text(max_size=5),
                INT: st.integers(-(2**63), 2**63 - 1),
                FLOAT: st.floats(allow_nan=False),
                BOOLEAN: st.booleans(),
            }
            return primitives[type_]
