"""Boxed values: values that carry their type, for code outside a plan that wants to see both.

Owns the boxes and both directions. Refuses to be used while programs run: values are plain objects there.

Invariant: `from_cvalue(to_cvalue(value, type)) == value`, and `to_cvalue(value, type).ctype == type`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

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


@dataclass(frozen=True, slots=True)
class CValue:
    """Base of all boxes."""

    @property
    def ctype(self) -> Type:
        """The type of the value."""
        raise TypeError(f"{type(self).__name__} has no type of its own")


@dataclass(frozen=True, slots=True)
class _Scalar(CValue):
    kind: ClassVar[Type]

    @property
    def ctype(self) -> Type:
        return self.kind


@dataclass(frozen=True, slots=True)
class CString(_Scalar):
    """A text."""

    value: str
    kind: ClassVar[Type] = STRING


@dataclass(frozen=True, slots=True)
class CInt(_Scalar):
    """An integer of 64 bits."""

    value: int
    kind: ClassVar[Type] = INT


@dataclass(frozen=True, slots=True)
class CFloat(_Scalar):
    """A floating-point number."""

    value: float
    kind: ClassVar[Type] = FLOAT


@dataclass(frozen=True, slots=True)
class CBoolean(_Scalar):
    """True or false."""

    value: bool
    kind: ClassVar[Type] = BOOLEAN


@dataclass(frozen=True, slots=True)
class CList(CValue):
    """A list of boxes; `subtype` is the element type."""

    values: tuple[CValue, ...]
    subtype: Type

    @property
    def ctype(self) -> Type:
        return ListType(self.subtype)


@dataclass(frozen=True, slots=True)
class CSeq(CValue):
    """A sequence of boxes; `subtype` is the element type."""

    values: tuple[CValue, ...]
    subtype: Type

    @property
    def ctype(self) -> Type:
        return SeqType(self.subtype)


@dataclass(frozen=True, slots=True)
class CMap(CValue):
    """Pairs of boxes, in order."""

    entries: tuple[tuple[CValue, CValue], ...]
    keys_type: Type
    values_type: Type

    @property
    def ctype(self) -> Type:
        return MapType(self.keys_type, self.values_type)


@dataclass(frozen=True, slots=True)
class CProduct(CValue):
    """A record of boxes."""

    fields: Mapping[str, CValue]
    structure: RecordType

    @property
    def ctype(self) -> Type:
        return self.structure


@dataclass(frozen=True, slots=True)
class CUnion(CValue):
    """A box with the tag of its member."""

    value: CValue
    tag: str
    structure: UnionType

    @property
    def ctype(self) -> Type:
        return self.structure


@dataclass(frozen=True, slots=True)
class CSome(CValue):
    """A present optional."""

    value: CValue
    inner_type: Type

    @property
    def ctype(self) -> Type:
        return OptionalType(self.inner_type)


@dataclass(frozen=True, slots=True)
class CNone(CValue):
    """An absent optional; `inner_type` is the type of what is absent."""

    inner_type: Type

    @property
    def ctype(self) -> Type:
        return OptionalType(self.inner_type)


def to_cvalue(value: Any, ctype: Type) -> CValue:
    """A language value in boxes of its type."""
    match ctype:
        case ListType(element):
            return CList(tuple(to_cvalue(v, element) for v in value), element)
        case SeqType(element):
            return CSeq(tuple(to_cvalue(v, element) for v in value), element)
        case MapType(key, item):
            return CMap(tuple((to_cvalue(k, key), to_cvalue(v, item)) for k, v in value.items()), key, item)
        case RecordType():
            return CProduct({name: to_cvalue(value[name], t) for name, t in ctype.fields}, ctype)
        case UnionType():
            member = ctype.by_key[value.tag]
            return CUnion(to_cvalue(value.value, member), str(member), ctype)
        case OptionalType(inner):
            return CNone(inner) if value is NONE else CSome(to_cvalue(value.value, inner), inner)
        case _ if ctype in _SCALARS:
            return _SCALARS[ctype](value)
        case _:
            raise TypeError(f"{ctype} has no values")


_SCALARS: dict[Type, Callable[[Any], CValue]] = {STRING: CString, INT: CInt, FLOAT: CFloat, BOOLEAN: CBoolean}


def from_cvalue(box: CValue) -> Any:
    """The language value in the boxes."""
    match box:
        case CList() | CSeq():
            return [from_cvalue(v) for v in box.values]
        case CMap():
            return {from_cvalue(k): from_cvalue(v) for k, v in box.entries}
        case CProduct():
            return {name: from_cvalue(v) for name, v in box.fields.items()}
        case CUnion():
            return Variant(box.structure.by_tag[box.tag].key, from_cvalue(box.value))
        case CSome():
            return Some(from_cvalue(box.value))
        case CNone():
            return NONE
        case CString() | CInt() | CFloat() | CBoolean():
            return box.value
        case _:
            raise TypeError(f"{type(box).__name__} is no box")
