"""Implicit conversions along subtyping, made once per pair of types.

Owns what a `ConvertNode` does to a value: an Int where a Float is wanted, a member tagged into its union, a record
losing its extra fields, and any of these inside lists, maps, optionals and records. Refuses to decide whether a
conversion is allowed (the checker did).

Invariant: `converter(a, a)` is None, meaning the value itself; a converter never changes the value it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from constellation.types.model import (
    FLOAT,
    INT,
    Bottom,
    ErrorType,
    ListType,
    MapType,
    OptionalType,
    RecordType,
    SeqType,
    Type,
    UnionType,
)
from constellation.types.values import NONE, Some, Variant

Converter = Callable[[Any], Any]


_CACHED: Final = 4096
_made: Final[dict[tuple[str, str], Converter | None]] = {}


def converter(source: Type, target: Type) -> Converter | None:
    """The function from values of one type to values of another; None when the value can stay as it is.

    Types that are equal may still need one: the order of a record's fields is shown. So what is made for two types is
    kept by how they are spelled.
    """
    spelled = str(source), str(target)
    if spelled[0] == spelled[1]:
        return None
    if spelled not in _made:
        if len(_made) >= _CACHED:
            _made.clear()
        _made[spelled] = _make(source, target)
    return _made[spelled]


def _make(source: Type, target: Type) -> Converter | None:
    match source, target:
        case (Bottom() | ErrorType(), _) | (_, ErrorType()):
            return None
        case UnionType(), _:
            return _from_union(source, target)
        case _, UnionType():
            return _into_union(source, target)
        case OptionalType(inner=a), OptionalType(inner=b):
            return _inside_optional(converter(a, b))
        case _, OptionalType(inner=b):
            return _wrap(converter(source, b))
        case ((ListType(element=a) | SeqType(element=a)), (ListType(element=b) | SeqType(element=b))):
            return _each(converter(a, b))
        case MapType(), MapType():
            return _map(converter(source.key_type, target.key_type), converter(source.value_type, target.value_type))
        case RecordType(), RecordType():
            return _record(source, target)
        case _ if source == INT and target == FLOAT:
            return float
        case _:
            return None


def _each(one: Converter | None) -> Converter | None:
    return None if one is None else lambda items: [one(item) for item in items]


def _wrap(one: Converter | None) -> Converter:
    return Some if one is None else lambda value: Some(one(value))


def _inside_optional(one: Converter | None) -> Converter | None:
    return None if one is None else lambda value: NONE if value is NONE else Some(one(value.value))


def _map(key: Converter | None, value: Converter | None) -> Converter | None:
    if key is None and value is None:
        return None
    of_key: Converter = key or _same
    of_value: Converter = value or _same
    return lambda entries: {of_key(k): of_value(v) for k, v in entries.items()}


def _same(value: Any) -> Any:
    return value


def _record(source: RecordType, target: RecordType) -> Converter:
    fields = tuple((n, converter(source.by_name[n], t)) for n, t in target.fields if n in source.by_name)
    if all(one is None for _, one in fields):
        names = tuple(name for name, _ in fields)
        return lambda record: {name: record[name] for name in names}
    return lambda record: {n: record[n] if one is None else one(record[n]) for n, one in fields}


def _into_union(source: Type, target: UnionType) -> Converter:
    member = _member_for(source, target)
    tag, one = member.key, converter(source, member)
    if one is None:
        return lambda value: Variant(tag, value)
    return lambda value: Variant(tag, one(value))


def _from_union(source: UnionType, target: Type) -> Converter | None:
    """A union into a wider union, or into a type every member fits (a record all of them have)."""
    if isinstance(target, UnionType):
        moves = {key: _move(member, target) for key, member in source.by_key.items()}
        if all(key == new_key and one is None for key, (new_key, one) in moves.items()):
            return None
        return lambda value: _moved(value, *moves[value.tag])
    if isinstance(target, OptionalType):
        return _wrap(_from_union(source, target.inner))
    ways = {key: converter(member, target) for key, member in source.by_key.items()}
    return lambda value: value.value if (one := ways[value.tag]) is None else one(value.value)


def _move(member: Type, target: UnionType) -> tuple[str, Converter | None]:
    found = _member_for(member, target)
    return found.key, converter(member, found)


def _moved(value: Variant, tag: str, one: Converter | None) -> Variant:
    return Variant(tag, value.value if one is None else one(value.value))


def _member_for(source: Type, target: UnionType) -> Type:
    """The member a value of the type becomes: the type itself, else the first one it is a subtype of."""
    for member in target.members:
        if member == source:
            return member
    from constellation.types.relations import is_subtype

    for member in target.members:
        if is_subtype(source, member):
            return member
    for member in target.members:
        if source == INT and member == FLOAT:
            return member
    raise TypeError(f"no member of {target} takes a {source}")
