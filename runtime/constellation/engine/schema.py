"""JSON Schema of types: what forms and API descriptions are drawn from.

Invariant: a value accepted by the decoder of a type is valid under its schema in its canonical spelling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from constellation.types.model import (
    STRING,
    ListType,
    MapType,
    OptionalType,
    Primitive,
    RecordType,
    SeqType,
    Type,
    UnionType,
)

_PRIMITIVES: Final[dict[str, dict[str, Any]]] = {
    "String": {"type": "string"},
    "Int": {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1},
    "Float": {"anyOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}]},
    "Boolean": {"type": "boolean"},
}


def type_schema(type_: Type) -> dict[str, Any]:
    """The JSON Schema of values of a type in plain JSON."""
    match type_:
        case Primitive(name=name):
            return dict(_PRIMITIVES[name])
        case ListType(element=element) | SeqType(element=element):
            return {"type": "array", "items": type_schema(element)}
        case OptionalType(inner=inner):
            return {"anyOf": [type_schema(inner), {"type": "null"}]}
        case MapType(key_type=key, value_type=value):
            if key == STRING:
                return {"type": "object", "additionalProperties": type_schema(value)}
            pair = [type_schema(key), type_schema(value)]
            return {"type": "array", "items": {"type": "array", "prefixItems": pair, "minItems": 2, "maxItems": 2}}
        case RecordType(by_name=by_name):
            required = [name for name, field in by_name.items() if not isinstance(field, OptionalType)]
            return object_schema(by_name, required)
        case UnionType(by_tag=by_tag):
            return {"anyOf": [_tagged(tag, member) for tag, member in by_tag.items()]}
        case _:
            return {}


def object_schema(fields: Mapping[str, Type], required: Sequence[str]) -> dict[str, Any]:
    """The schema of an object with these fields."""
    return {
        "type": "object",
        "properties": {name: type_schema(field) for name, field in fields.items()},
        "required": list(required),
    }


def _tagged(tag: str, member: Type) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"tag": {"const": tag}, "value": type_schema(member)},
        "required": ["tag", "value"],
    }
