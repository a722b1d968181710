"""Record classes: dataclasses, TypedDicts, NamedTuples, msgspec Structs, attrs classes and pydantic models as records.

Owns how their fields are read and how instances are built. Refuses to import a library that is not already loaded.

Invariant: fields keep the class's order; a field that may be left out is `Optional` in the language.
"""

from __future__ import annotations

import dataclasses
import sys
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from constellation.types.conversion import Conversion, ConversionError, Converter, kind_of
from constellation.types.generated import function_of
from constellation.types.model import OptionalType, RecordType
from constellation.types.values import NONE, Some


@dataclass(frozen=True, slots=True)
class RecordField:
    """A field: its name in the language, its name in Python, its annotation, whether it may be left out."""

    name: str
    attribute: str
    hint: Any
    optional: bool
    description: str = ""


@dataclass(frozen=True, slots=True)
class RecordShape:
    """A record class. `mapping` is true for TypedDicts; `build` makes an instance of keyword arguments."""

    cls: type
    fields: tuple[RecordField, ...]
    build: Callable[..., Any]
    mapping: bool = False


def fields_of(cls: type, names: Mapping[str, Any]) -> RecordShape | str | None:
    """The shape of a record class, a sentence when it is one but cannot be used, None when it is none."""
    reader = _reader_of(cls)
    if reader is None:
        return None
    try:
        hints = typing.get_type_hints(cls, localns={**names, cls.__name__: cls}, include_extras=True)
    except NameError as error:
        return f"class {cls.__name__}: {error}"
    return reader(cls, hints)


_Reader = Callable[[type, dict[str, Any]], "RecordShape | str"]


def _reader_of(cls: Any) -> _Reader | None:
    if typing.is_typeddict(cls):
        return _typed_dict
    if tuple in cls.__mro__ and hasattr(cls, "_fields"):
        return _named_tuple
    if hasattr(cls, "__struct_fields__"):
        return _msgspec_struct
    if hasattr(cls, "__pydantic_fields__") or (hasattr(cls, "model_fields") and "pydantic" in sys.modules):
        return _pydantic_model
    if dataclasses.is_dataclass(cls):
        return _dataclass
    if hasattr(cls, "__attrs_attrs__"):
        return _attrs_class
    return None


def _typed_dict(cls: type, hints: dict[str, Any]) -> RecordShape:
    required: frozenset[str] = getattr(cls, "__required_keys__")  # noqa: B009

    def optional(name: str, hint: Any) -> bool:
        # Annotations that are text hide NotRequired from __required_keys__, so what is written decides.
        origin = typing.get_origin(hint)
        return origin is typing.NotRequired or (origin is not typing.Required and name not in required)

    fields = tuple(RecordField(n, n, h, optional(n, h)) for n, h in hints.items())
    return RecordShape(cls, fields, dict, mapping=True)


def _named_tuple(cls: type, hints: dict[str, Any]) -> RecordShape | str:
    names: tuple[str, ...] = getattr(cls, "_fields")  # noqa: B009
    defaults: dict[str, Any] = getattr(cls, "_field_defaults", {})
    missing = [n for n in names if n not in hints]
    if missing:
        return f"named tuple {cls.__name__} has no annotation for '{missing[0]}'; use typing.NamedTuple"
    return RecordShape(cls, tuple(RecordField(n, n, hints[n], n in defaults) for n in names), cls)


def _dataclass(cls: type, hints: dict[str, Any]) -> RecordShape | str:
    fields: list[RecordField] = []
    for item in dataclasses.fields(cls):
        if not item.init:
            return f"field '{item.name}' of {cls.__name__} is not an argument of its constructor (init=False)"
        optional = item.default is not dataclasses.MISSING or item.default_factory is not dataclasses.MISSING
        fields.append(RecordField(item.name, item.name, hints[item.name], optional))
    return RecordShape(cls, tuple(fields), cls)


def _msgspec_struct(cls: type, hints: dict[str, Any]) -> RecordShape:
    import msgspec

    fields: list[RecordField] = []
    for item in msgspec.structs.fields(cls):
        fields.append(RecordField(item.encode_name, item.name, hints[item.name], not item.required))
    return RecordShape(cls, tuple(fields), cls)


def _attrs_class(cls: type, hints: dict[str, Any]) -> RecordShape | str:
    fields: list[RecordField] = []
    build_names: list[str] = []
    for item in getattr(cls, "__attrs_attrs__"):  # noqa: B009
        if item.name not in hints:
            return f"field '{item.name}' of {cls.__name__} has no annotation"
        optional = repr(item.default) != "NOTHING"
        build_names.append(item.alias or item.name.lstrip("_"))
        fields.append(RecordField(item.name, item.name, hints[item.name], optional))
    renamed = {f.attribute: b for f, b in zip(fields, build_names, strict=True) if f.attribute != b}
    if not renamed:
        return RecordShape(cls, tuple(fields), cls)

    def build(**given: Any) -> Any:
        return cls(**{renamed.get(n, n): v for n, v in given.items()})

    return RecordShape(cls, tuple(fields), build)


def _pydantic_model(cls: type, hints: dict[str, Any]) -> RecordShape:
    model: Any = cls
    fields: list[RecordField] = []
    keys: dict[str, str] = {}
    for attribute, info in model.model_fields.items():
        name = info.alias or attribute
        keys[attribute] = name
        fields.append(
            RecordField(name, attribute, hints[attribute], not info.is_required(), str(info.description or ""))
        )

    def build(**given: Any) -> Any:
        return model.model_validate({keys[a]: v for a, v in given.items()})

    return RecordShape(cls, tuple(fields), build)


def record_conversion(shape: RecordShape, resolve: Callable[[type, str, Any], Conversion]) -> Conversion:
    """The conversion of a record class; `resolve` gives the conversion of a field's annotation."""
    inner = [resolve(shape.cls, field.attribute, field.hint) for field in shape.fields]
    types_ = [
        OptionalType(c.type) if f.optional and not isinstance(c.type, OptionalType) else c.type
        for f, c in zip(shape.fields, inner, strict=True)
    ]
    type_ = RecordType(tuple((f.name, t) for f, t in zip(shape.fields, types_, strict=True)))
    parts = [
        _Part(field, conversion, isinstance(conversion.type, OptionalType))
        for field, conversion in zip(shape.fields, inner, strict=True)
    ]
    to_value = _mapping_reader(shape, parts) if shape.mapping else _instance_reader(shape, parts)
    unchanged = shape.mapping and not any(p.field.optional or p.conversion.from_value for p in parts)
    from_value = None if unchanged else _builder(shape, parts)
    return Conversion(type_, to_value, from_value, _recogniser(shape))


@dataclass(frozen=True, slots=True)
class _Part:
    field: RecordField
    conversion: Conversion
    annotated_optional: bool


def _recogniser(shape: RecordShape) -> Callable[[Any], bool]:
    cls = shape.cls
    if not shape.mapping:
        return lambda value: isinstance(value, cls)
    required = frozenset(f.name for f in shape.fields if not f.optional)
    return lambda value: isinstance(value, Mapping) and required <= value.keys()


def _builder(shape: RecordShape, parts: Sequence[_Part]) -> Converter:
    """Language record → instance. Generated as one expression when no field may be left out."""
    if any(p.field.optional for p in parts):
        return _builder_with_defaults(shape, parts)
    scope: dict[str, Any] = {"build": shape.build}
    arguments: list[str] = []
    for position, part in enumerate(parts):
        read = f"record[{part.field.name!r}]"
        if part.conversion.from_value is not None:
            scope[f"c{position}"] = part.conversion.from_value
            read = f"c{position}({read})"
        arguments.append(f"{part.field.attribute}={read}")
    return function_of("record", f"build({', '.join(arguments)})", scope)


def _builder_with_defaults(shape: RecordShape, parts: Sequence[_Part]) -> Converter:
    def build(record: Any) -> Any:
        given: dict[str, Any] = {}
        for part in parts:
            value = record[part.field.name]
            if part.field.optional:
                if value is NONE:
                    continue
                if not part.annotated_optional:
                    value = value.value
            convert = part.conversion.from_value
            given[part.field.attribute] = value if convert is None else convert(value)
        return shape.build(**given)

    return build


def _instance_reader(shape: RecordShape, parts: Sequence[_Part]) -> Converter:
    cls = shape.cls

    def read(instance: Any) -> dict[str, Any]:
        if not isinstance(instance, cls):
            raise ConversionError(cls.__name__, kind_of(instance))
        result: dict[str, Any] = {}
        for part in parts:
            result[part.field.name] = _read_field(part, getattr(instance, part.field.attribute))
        return result

    return read


def _mapping_reader(shape: RecordShape, parts: Sequence[_Part]) -> Converter:
    name = shape.cls.__name__

    def read(mapping: Any) -> dict[str, Any]:
        if not isinstance(mapping, Mapping):
            raise ConversionError(name, kind_of(mapping))
        result: dict[str, Any] = {}
        for part in parts:
            key = part.field.name
            if key in mapping:
                result[key] = _read_field(part, mapping[key])
            elif part.field.optional:
                result[key] = NONE
            else:
                raise ConversionError(f"field '{key}' of {name}", "nothing")
        return result

    return read


def _read_field(part: _Part, value: Any) -> Any:
    convert = part.conversion.to_value
    if convert is None:
        return value
    try:
        converted = convert(value)
    except ConversionError as error:
        raise error.under(part.field.name) from None
    return Some(converted) if part.field.optional and not part.annotated_optional else converted
