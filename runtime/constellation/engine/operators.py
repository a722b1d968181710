"""What the operators do to values: checked integers, element-wise merges, projections and field access.

Owns the arithmetic of the language. Refuses to know expressions or nodes; the plan's generated code calls these, and
writes the commonest cases (a 64-bit sum, a field of a record) inline.

Invariant: a result is a value of the node's static type, or `OperatorFailure` says why there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NoReturn

from constellation.engine.errors import OperatorFailure
from constellation.types import text
from constellation.types.model import Bottom, ListType, OptionalType, RecordType, SeqType, Type, UnionType
from constellation.types.values import NONE, Some

INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1

Function = Callable[[Any], Any]


def overflow() -> NoReturn:
    """The result does not fit into 64 bits."""
    raise OperatorFailure("integer overflow")


def no_case() -> NoReturn:
    """No arm of a match fits the value."""
    raise OperatorFailure("no matching case")


def divide_integers(left: int, right: int) -> int:
    """The quotient truncated toward zero."""
    if right == 0:
        raise OperatorFailure("division by zero")
    quotient = left // right
    if quotient < 0 and quotient * right != left:
        quotient += 1
    return quotient if quotient <= INT_MAX else overflow()


def divide_floats(left: float, right: float) -> float:
    """The IEEE quotient; a zero divisor fails."""
    if right == 0.0:
        raise OperatorFailure("division by zero")
    return left / right


def text_of(value: Any) -> str:
    """The text form of a value in an interpolation."""
    try:
        return text.text_form(value)
    except text.TextTooLong as problem:
        raise OperatorFailure(str(problem)) from None


def too_long() -> NoReturn:
    """A text has become too long."""
    raise OperatorFailure(str(text.TextTooLong()))


def joined(pieces: tuple[str, ...]) -> str:
    """Many pieces of text as one, its length checked before there is one."""
    return "".join(pieces) if sum(map(len, pieces)) <= text.MAX_TEXT else too_long()


def merge(left: Type, right: Type) -> Callable[[Any, Any], Any]:
    """How values of two mergeable types merge: the right side's fields win, lists go element by element."""
    left_list, right_list = is_list(left), is_list(right)
    if left_list and right_list:
        return _merge_lists
    if left_list:
        return lambda items, record: [{**item, **record} for item in items]
    if right_list:
        return lambda record, items: [{**record, **item} for item in items]
    return lambda a, b: {**a, **b}


def _merge_lists(left: Any, right: Any) -> list[Any]:
    if len(left) != len(right):
        raise OperatorFailure(f"cannot merge lists of different lengths ({len(left)} and {len(right)})")
    return [{**a, **b} for a, b in zip(left, right, strict=True)]


def is_list(type_: Type) -> bool:
    """Whether values of the type are lists."""
    return isinstance(type_, ListType | SeqType)


def element_of(type_: Type) -> Type:
    """The element type of a list or sequence."""
    if isinstance(type_, ListType | SeqType):
        return type_.element
    raise TypeError(f"{type_} has no elements")


def projection(source: Type, fields: tuple[str, ...]) -> Function:
    """`e{f, g}` for values of a type; repeated fields count once, in the order first named."""
    names = tuple(dict.fromkeys(fields))
    if is_list(source):
        one = projection(element_of(source), names)
        return lambda items: [one(item) for item in items]
    if isinstance(source, OptionalType):
        inner = projection(source.inner, names)
        return lambda value: NONE if value is NONE else Some(inner(value.value))
    return lambda record: {name: record[name] for name in names}


def field_access(source: Type, field: str, convert: Callable[[Type], Function | None]) -> Function:
    """`e.f` for values of a type: through lists, optionals and unions.

    `convert(member_type)` gives the conversion from the field's type in one union member to the node's type.
    """
    match source:
        case RecordType():
            return lambda record: record[field]
        case ListType(element=element) | SeqType(element=element):
            one = field_access(element, field, convert)
            return lambda items: [one(item) for item in items]
        case OptionalType(inner=inner):
            return _through_optional(inner, field, convert)
        case UnionType(by_key=by_key):
            return _through_union(by_key, field, convert)
        case Bottom():
            return lambda value: value  # there is no such value
        case _:
            raise TypeError(f"{source} has no fields")


def _through_optional(inner: Type, field: str, convert: Callable[[Type], Function | None]) -> Function:
    one = field_access(inner, field, convert)
    field_type = inner.by_name.get(field) if isinstance(inner, RecordType) else None
    if isinstance(field_type, OptionalType):
        return lambda value: NONE if value is NONE else one(value.value)
    return lambda value: NONE if value is NONE else Some(one(value.value))


def _through_union(by_key: dict[str, Type], field: str, convert: Callable[[Type], Function | None]) -> Function:
    readers: dict[str, Function] = {}
    for key, member in by_key.items():
        if not isinstance(member, RecordType) or field not in member.by_name:
            continue
        readers[key] = _reader(field, convert(member.by_name[field]))
    return lambda value: readers[value.tag](value.value)


def _reader(field: str, convert: Function | None) -> Function:
    if convert is None:
        return lambda record: record[field]
    return lambda record: convert(record[field])
