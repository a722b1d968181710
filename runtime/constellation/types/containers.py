"""Conversions of annotations with parts: lists, maps, optionals, unions, functions.

Invariant: a container whose parts pass unchanged passes unchanged itself; nothing is copied without need.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from constellation.types.conversion import Conversion, ConversionError, Converter, kind_of
from constellation.types.kinds import is_items, is_mapping, is_sequence
from constellation.types.model import FunctionType, ListType, MapType, OptionalType, RecordType, Type, UnionType
from constellation.types.values import NONE, Some, Variant


def list_conversion(type_: Type | None, element: Conversion, container: type) -> Conversion:
    """`List<element>` (or the given sequence type), arriving as `container` (list or tuple)."""
    outgoing, incoming = element.to_value, element.from_value

    def to_value(value: Any) -> Any:
        items = _sequence(value)
        if outgoing is None:
            return items
        try:
            return [outgoing(item) for item in items]
        except ConversionError:
            raise _locate_in_list(items, outgoing) from None

    def from_value(value: Any) -> Any:
        if incoming is None:
            return value if type(value) is container else container(value)
        return container(map(incoming, value))

    return Conversion(type_ or ListType(element.type), to_value, from_value, _is_sequence)


def _is_sequence(value: object) -> bool:
    return is_sequence(value) and not hasattr(value, "_fields")


def _sequence(value: Any) -> Any:
    if is_items(value):
        return value
    if is_sequence(value):
        return list(value)
    as_list = getattr(value, "tolist", None)
    if callable(as_list):
        items = as_list()
        if is_items(items):
            return items
    raise ConversionError("a list", kind_of(value))


def _locate_in_list(items: Sequence[Any], convert: Converter) -> ConversionError:
    for position, item in enumerate(items):
        try:
            convert(item)
        except ConversionError as error:
            return error.under(f"[{position}]")
    return ConversionError("a list", "a list that changes while it is read")


def map_conversion(key: Conversion, value: Conversion) -> Conversion:
    """`Map<key, value>`, arriving as a dict."""
    key_out, value_out = key.to_value, value.to_value
    key_in, value_in = key.from_value, value.from_value

    def to_value(mapping: Any) -> dict[Any, Any]:
        if not is_mapping(mapping):
            raise ConversionError("a mapping", kind_of(mapping))
        result: dict[Any, Any] = {}
        for name, item in mapping.items():
            try:
                result[name if key_out is None else key_out(name)] = item if value_out is None else value_out(item)
            except ConversionError as error:
                raise error.under(str(name)) from None
        return result

    def from_value(mapping: Any) -> dict[Any, Any]:
        return {
            (name if key_in is None else key_in(name)): (item if value_in is None else value_in(item))
            for name, item in mapping.items()
        }

    unchanged = key_in is None and value_in is None
    return Conversion(MapType(key.type, value.type), to_value, None if unchanged else from_value, is_mapping)


def optional_conversion(inner: Conversion) -> Conversion:
    """`Optional<inner>`: absent is None."""
    outgoing, incoming = inner.to_value, inner.from_value

    def to_value(value: Any) -> Any:
        if value is None:
            return NONE
        return Some(value if outgoing is None else outgoing(value))

    def from_value(value: Any) -> Any:
        if value is NONE:
            return None
        return value.value if incoming is None else incoming(value.value)

    return Conversion(OptionalType(inner.type), to_value, from_value, lambda v: v is None or inner.accepts(v))


def union_conversion(members: Sequence[Conversion]) -> Conversion:
    """`A | B`. Raises `ValueError` when two members could not be told apart."""
    by_key: dict[str, Conversion] = {}
    shapes: dict[str, Type] = {}
    for member in members:
        if isinstance(member.type, OptionalType | FunctionType):
            raise ValueError(f"{member.type} cannot be a member of a union")
        shape = _shape(member.type)
        if shape in shapes:
            raise ValueError(f"members {shapes[shape]} and {member.type} cannot be told apart")
        shapes[shape] = member.type
        by_key[member.type.key] = member
    type_ = UnionType(tuple(member.type for member in members))
    expected = " | ".join(sorted(type_.by_tag))

    def to_value(value: Any) -> Any:
        if isinstance(value, Variant):
            member_type = type_.by_tag.get(value.tag)
            return value if member_type is None else Variant(member_type.key, value.value)
        for key, member in by_key.items():
            if member.accepts(value):
                return Variant(key, value if member.to_value is None else member.to_value(value))
        raise ConversionError(expected, kind_of(value))

    def from_value(value: Any) -> Any:
        incoming = by_key[value.tag].from_value
        return value.value if incoming is None else incoming(value.value)

    return Conversion(type_, to_value, from_value, lambda v: any(m.accepts(v) for m in members))


def _shape(type_: Type) -> str:
    """Types of one shape look alike as plain data: lists all do, records do when they require the same fields."""
    if isinstance(type_, RecordType):
        required = sorted(n for n, t in type_.by_name.items() if not isinstance(t, OptionalType))
        return f"record {required}"
    if isinstance(type_, MapType):
        return "record"
    return type(type_).__name__ if not hasattr(type_, "name") else str(type_)


def function_conversion(parameters: Sequence[Conversion], result: Conversion, awaits: bool) -> Conversion:
    """`(A, B) => C`. A language callable arrives as a Python callable over converted values.

    With `awaits` it always arrives as an async callable, whether or not the lambda's body awaits.
    """
    type_ = FunctionType(tuple(p.type for p in parameters), result.type)
    outgoing: list[Converter | None] = [p.to_value if p.from_value is not None else None for p in parameters]
    incoming = result.from_value
    untouched = incoming is None and not any(outgoing)

    def arguments(values: tuple[Any, ...]) -> list[Any]:
        return [v if c is None else c(v) for c, v in zip(outgoing, values, strict=True)]

    def plain(function: Any) -> Any:
        def call(*values: Any) -> Any:
            returned = function(*arguments(values))
            return returned if incoming is None else incoming(returned)

        return call

    def awaiting(function: Any) -> Any:
        async def call(*values: Any) -> Any:
            returned = function(*arguments(values))
            if inspect.isawaitable(returned):
                returned = await returned
            return returned if incoming is None else incoming(returned)

        return call

    if awaits:
        return Conversion(type_, None, awaiting, callable)
    return Conversion(type_, None, None if untouched else plain, callable)
