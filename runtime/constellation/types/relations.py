"""How types relate: subtyping, least upper bounds, unions, merging and substitution.

Owns the relations of the language's type system. Refuses to know expressions, signatures' call rules
(`unification.py`) or how values are converted.

Invariant: the error type relates to everything, in both directions, so that one mistake never causes a second report.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from constellation.types.model import (
    ERROR,
    NOTHING,
    Bottom,
    ErrorType,
    FunctionType,
    ListType,
    MapType,
    OptionalType,
    Primitive,
    RecordType,
    SeqType,
    Type,
    TypeVariable,
    UnionType,
)

__all__ = [
    "MergeError",
    "has_error",
    "is_generic",
    "is_mergeable",
    "is_subtype",
    "least_upper_bound",
    "merge_types",
    "nesting_depth",
    "parts",
    "substitute",
    "union_of",
]

Fields = tuple[tuple[str, Type], ...]


class MergeError(Exception):
    """Two types that cannot be merged: `left` and `right` are the innermost pair that failed."""

    def __init__(self, left: Type, right: Type) -> None:
        super().__init__(f"Cannot merge types: {left} + {right}")
        self.left = left
        self.right = right


def has_error(type_: Type) -> bool:
    """Whether the error type is, or occurs inside, a type."""
    return "?" in type_.key  # no name and no other spelling contains a question mark


def is_subtype(left: Type, right: Type) -> bool:
    """Whether every value of `left` can be used where `right` is wanted."""
    if left is right or left == right:
        return True
    if isinstance(left, (ErrorType, Bottom)) or isinstance(right, ErrorType):
        return True
    if isinstance(left, UnionType):
        return all(is_subtype(member, right) for member in left.members)
    if isinstance(right, UnionType):
        return any(is_subtype(left, member) for member in right.members)
    if isinstance(left, Primitive):
        return False
    if isinstance(left, ListType):
        return isinstance(right, (ListType, SeqType)) and is_subtype(left.element, right.element)
    if isinstance(left, RecordType):
        return isinstance(right, RecordType) and _is_subrecord(left, right)
    if isinstance(left, OptionalType):
        return isinstance(right, OptionalType) and is_subtype(left.inner, right.inner)
    if isinstance(left, SeqType):
        return isinstance(right, SeqType) and is_subtype(left.element, right.element)
    if isinstance(left, MapType):
        return (
            isinstance(right, MapType)
            and (left.key_type == right.key_type or has_error(left.key_type) or has_error(right.key_type))
            and is_subtype(left.value_type, right.value_type)
        )
    if isinstance(left, FunctionType):
        return (
            isinstance(right, FunctionType)
            and len(left.parameters) == len(right.parameters)
            and all(map(is_subtype, right.parameters, left.parameters))
            and is_subtype(left.result, right.result)
        )
    return False


def _is_subrecord(left: RecordType, right: RecordType) -> bool:
    if left.row is not None and right.row is None:
        return False
    mine = left.by_name
    for name, wanted in right.fields:
        have = mine.get(name)
        if have is None or not is_subtype(have, wanted):
            return False
    return True


def union_of(*types: Type) -> Type:
    """The union of types: flattened, without duplicates, a single member being itself. Of no types: `Nothing`."""
    members: dict[str, Type] = {}
    for type_ in types:
        if isinstance(type_, ErrorType):
            return ERROR
        for member in type_.members if isinstance(type_, UnionType) else (type_,):
            members.setdefault(member.key, member)
    if not members:
        return NOTHING
    if len(members) == 1:
        return next(iter(members.values()))
    return UnionType(tuple(members.values()))


def least_upper_bound(*types: Type) -> Type:
    """The smallest type all the types fit, folding from the left; unrelated types give their union."""
    if len(types) == 2:
        left, right = types
        if is_subtype(left, right):
            return ERROR if left is ERROR else right
        return left if is_subtype(right, left) else union_of(left, right)
    members: dict[str, Type] = {}
    for type_ in dict.fromkeys(types):
        if isinstance(type_, ErrorType):
            return ERROR
        parts_ = type_.members if isinstance(type_, UnionType) else (type_,)
        if all(is_subtype(member, type_) for member in members.values()):
            members = {part.key: part for part in parts_}
        elif not all(p.key in members or any(is_subtype(p, m) for m in members.values()) for p in parts_):
            for part in parts_:
                members.setdefault(part.key, part)
    return union_of(*members.values())


def is_mergeable(type_: Type) -> bool:
    """Whether `+` on a value of this type means record merge: a record, or a list or sequence of records."""
    if isinstance(type_, (ListType, SeqType)):
        type_ = type_.element
    return isinstance(type_, RecordType)


def merge_types(left: Type, right: Type) -> Type:
    """`left + right` on types; a shared field has the right side's type. Raises `MergeError`."""
    if isinstance(left, ErrorType) or isinstance(right, ErrorType):
        return ERROR
    if isinstance(left, RecordType):
        if isinstance(right, RecordType):
            fields = dict(left.fields)
            fields.update(right.fields)
            return RecordType(tuple(fields.items()))
        if isinstance(right, (ListType, SeqType)):
            return type(right)(merge_types(left, right.element))
    elif isinstance(left, (ListType, SeqType)):
        if isinstance(right, RecordType):
            return type(left)(merge_types(left.element, right))
        if (
            isinstance(right, (ListType, SeqType))
            and isinstance(left.element, RecordType)
            and isinstance(right.element, RecordType)
        ):
            merged = merge_types(left.element, right.element)
            both_lists = isinstance(left, ListType) and isinstance(right, ListType)
            return ListType(merged) if both_lists else SeqType(merged)
    raise MergeError(left, right)


@lru_cache(maxsize=8192)
def is_generic(type_: Type) -> bool:
    """Whether a type mentions a type variable, a row variable or a function type."""
    if isinstance(type_, (TypeVariable, FunctionType)):
        return True
    if isinstance(type_, RecordType):
        return type_.row is not None or any(is_generic(t) for _, t in type_.fields)
    return any(is_generic(part) for part in parts(type_))


def parts(type_: Type) -> tuple[Type, ...]:
    """The types a type is directly made of."""
    if isinstance(type_, (ListType, SeqType)):
        return (type_.element,)
    if isinstance(type_, OptionalType):
        return (type_.inner,)
    if isinstance(type_, MapType):
        return (type_.key_type, type_.value_type)
    if isinstance(type_, RecordType):
        return tuple(t for _, t in type_.fields)
    if isinstance(type_, UnionType):
        return type_.members
    if isinstance(type_, FunctionType):
        return (*type_.parameters, type_.result)
    return ()


def nesting_depth(type_: Type) -> int:
    """How many levels deep a type is; a primitive is 1. Works level by level, so no depth is too deep for it."""
    depth = 0
    level: dict[int, Type] = {id(type_): type_}
    while level:
        depth += 1
        level = {id(part): part for outer in level.values() for part in parts(outer)}
    return depth


def substitute(type_: Type, bindings: Mapping[str, Type], rows: Mapping[str, Fields] | None = None) -> Type:
    """The type with its variables replaced; a variable without a binding stays. Row variables add fields."""
    if not is_generic(type_):
        return type_
    if isinstance(type_, TypeVariable):
        return bindings.get(type_.name, type_)
    if isinstance(type_, (ListType, SeqType)):
        return type(type_)(substitute(type_.element, bindings, rows))
    if isinstance(type_, OptionalType):
        return OptionalType(substitute(type_.inner, bindings, rows))
    if isinstance(type_, MapType):
        return MapType(substitute(type_.key_type, bindings, rows), substitute(type_.value_type, bindings, rows))
    if isinstance(type_, FunctionType):
        parameters = tuple(substitute(p, bindings, rows) for p in type_.parameters)
        return FunctionType(parameters, substitute(type_.result, bindings, rows))
    if isinstance(type_, UnionType):
        return union_of(*(substitute(m, bindings, rows) for m in type_.members))
    assert isinstance(type_, RecordType)
    return _substitute_record(type_, bindings, {} if rows is None else rows)


def _substitute_record(type_: RecordType, bindings: Mapping[str, Type], rows: Mapping[str, Fields]) -> RecordType:
    fields = {name: substitute(field, bindings, rows) for name, field in type_.fields}
    if type_.row is None or type_.row not in rows:
        return RecordType(tuple(fields.items()), type_.row)
    for name, field in rows[type_.row]:
        fields.setdefault(name, field)
    return RecordType(tuple(fields.items()))
