"""The zero value of a type: what stands in for a result under `on_error: skip`.

Invariant: every type that has values has exactly one zero value.
"""

from __future__ import annotations

from typing import Any, Final

from constellation.types.model import ListType, MapType, OptionalType, Primitive, RecordType, SeqType, Type, UnionType
from constellation.types.values import NONE, Variant

_PRIMITIVE: Final[dict[str, Any]] = {"String": "", "Int": 0, "Float": 0.0, "Boolean": False}


def zero_value(type_: Type) -> Any:
    """`""`, `0`, `0.0`, `false`, empty, absent, a record of zeros, or a union's first member's."""
    match type_:
        case Primitive(name=name):
            return _PRIMITIVE[name]
        case ListType() | SeqType():
            return []
        case MapType():
            return {}
        case OptionalType():
            return NONE
        case RecordType(fields=fields):
            return {name: zero_value(field) for name, field in fields}
        case UnionType(members=members):
            return Variant(members[0].key, zero_value(members[0]))
        case _:
            raise TypeError(f"{type_} has no zero value")
