"""Whether a type or signature leaves something open that a call fills in."""

from __future__ import annotations

from constellation.types.model import (
    FunctionType,
    ListType,
    MapType,
    OptionalType,
    RecordType,
    SeqType,
    Type,
    TypeVariable,
    UnionType,
)
from constellation.types.signature import Signature


def has_open_parts(type_: Type) -> bool:
    """True when the type mentions a type variable, a function type or an open record."""
    match type_:
        case TypeVariable() | FunctionType():
            return True
        case ListType(element) | SeqType(element):
            return has_open_parts(element)
        case MapType(key, value):
            return has_open_parts(key) or has_open_parts(value)
        case OptionalType(inner):
            return has_open_parts(inner)
        case RecordType():
            return type_.row is not None or any(has_open_parts(t) for _, t in type_.fields)
        case UnionType(members):
            return any(map(has_open_parts, members))
        case _:
            return False


def is_generic(signature: Signature) -> bool:
    """True when any part of the signature is open."""
    return has_open_parts(signature.returns) or any(has_open_parts(p.type) for p in signature.parameters)
