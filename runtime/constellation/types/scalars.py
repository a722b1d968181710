"""Conversions of annotations without parts: primitives, literals, enumerations, classes with a codec, variables.

Invariant: `bool` is never an `Int`, and an `Int` value always fits 64 bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from operator import index
from typing import Any, Final, TypeVar

from constellation.types.codecs import Codec
from constellation.types.conversion import Conversion, ConversionError, kind_of
from constellation.types.model import BOOLEAN, FLOAT, INT, STRING, Type, TypeVariable

INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1


def _string(value: Any) -> str:
    if type(value) is str:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    raise ConversionError("String", kind_of(value))


def _int(value: Any) -> int:
    number = value
    if type(value) is not int:
        if isinstance(value, bool) or not hasattr(value, "__index__"):
            raise ConversionError("Int", kind_of(value))
        number = index(value)
    if INT_MIN <= number <= INT_MAX:
        return int(number)
    raise ConversionError("Int", "an integer outside 64 bits")


def _float(value: Any) -> float:
    if type(value) is float:
        return value
    if isinstance(value, bool) or not (isinstance(value, float) or hasattr(value, "__index__")):
        raise ConversionError("Float", kind_of(value))
    try:
        return float(value)
    except OverflowError:
        raise ConversionError("Float", "an integer too large for a Float") from None


def _boolean(value: Any) -> bool:
    if type(value) is bool:
        return value
    if type(value).__module__ == "numpy" and type(value).__name__ in ("bool", "bool_"):
        return bool(value)
    raise ConversionError("Boolean", kind_of(value))


PRIMITIVE_CONVERSIONS: Final[dict[type, Conversion]] = {
    str: Conversion(STRING, _string, None, lambda value: isinstance(value, str)),
    int: Conversion(INT, _int, None, lambda value: isinstance(value, int) and not isinstance(value, bool)),
    float: Conversion(FLOAT, _float, None, lambda value: isinstance(value, float)),
    bool: Conversion(BOOLEAN, _boolean, None, lambda value: isinstance(value, bool)),
}


def literal_conversion(values: Sequence[object]) -> Conversion | None:
    """`Literal[...]` of texts or of integers, checked in both directions; None for anything else."""
    base: type
    if all(type(v) is str for v in values):
        base = str
    elif all(type(v) is int for v in values):
        base = int
    else:
        return None
    allowed = frozenset(values)
    expected = "one of " + ", ".join(repr(v) for v in values)

    def check(value: Any) -> Any:
        if type(value) is base and value in allowed:
            return value
        raise ConversionError(expected, repr(value))

    return Conversion(_TYPE_OF[base], check, check, lambda value: type(value) is base and value in allowed)


_TYPE_OF: Final[dict[type, Type]] = {str: STRING, int: INT}


def enum_conversion(cls: type[Enum]) -> Conversion | None:
    """An enumeration whose values are all texts or all integers; None for any other."""
    values = [member.value for member in cls]
    base: type
    if values and all(isinstance(v, str) for v in values):
        base = str
    elif values and all(isinstance(v, int) and not isinstance(v, bool) for v in values):
        base = int
    else:
        return None
    plain: dict[object, Any] = {member: base(member.value) for member in cls}
    members = {base(member.value): member for member in cls}
    expected = "one of " + ", ".join(repr(v) for v in members)

    def to_value(value: Any) -> Any:
        if isinstance(value, cls):
            return plain[value]
        if type(value) is base and value in members:
            return value
        raise ConversionError(f"{cls.__name__} ({expected})", repr(value))

    def from_value(value: Any) -> Any:
        try:
            return members[value]
        except KeyError:
            raise ConversionError(f"{cls.__name__} ({expected})", repr(value)) from None

    return Conversion(_TYPE_OF[base], to_value, from_value, lambda value: isinstance(value, cls))


def codec_conversion(codec: Codec) -> Conversion:
    """A class with a registered codec."""
    cls = codec.cls
    outgoing = codec.to_value

    def to_value(value: Any) -> Any:
        if isinstance(value, cls):
            return outgoing(value)
        raise ConversionError(cls.__name__, kind_of(value))

    return Conversion(codec.type, to_value, codec.from_value, lambda value: isinstance(value, cls))


def variable_conversion(variable: TypeVar, bounds: tuple[Type, ...]) -> Conversion:
    """A type variable: values pass through untouched, whatever they are."""
    return Conversion(TypeVariable(variable.__name__, bounds), None, None, _anything)


def _anything(_: object) -> bool:
    return True


Check = Callable[[Any], bool]
