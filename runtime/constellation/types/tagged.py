"""Tagged JSON: types and values with everything needed to read them back, for states and caches.

Owns both directions. Refuses plain JSON (`json.py`).

Invariant: `from_tagged(to_tagged(v, t)) == (v, t)` for every value of every type, nested optionals included.
"""

from __future__ import annotations

from math import inf, nan
from typing import Any, Final

from constellation.errors import ConstellationError
from constellation.types.model import (
    FLOAT,
    NOTHING,
    PRIMITIVES,
    Bottom,
    ListType,
    MapType,
    OptionalType,
    Primitive,
    RecordType,
    SeqType,
    Type,
    UnionType,
)
from constellation.types.text import render_float
from constellation.types.values import NONE, Some, Variant

Json = dict[str, Any]

_SPECIAL: Final = {"NaN": nan, "Infinity": inf, "-Infinity": -inf}


class TaggedError(ConstellationError):
    """What was read is no tagged JSON."""

    default_code = "CODEC"
    default_category = "storage"


def type_to_tagged(type_: Type) -> Json:
    """A type as tagged JSON: `{"tag": "CList", "valuesType": …}`."""
    match type_:
        case Primitive():
            return {"tag": type_.wire}
        case Bottom():
            return {"tag": "CNothing"}
        case ListType(element):
            return {"tag": "CList", "valuesType": type_to_tagged(element)}
        case SeqType(element):
            return {"tag": "CSeq", "valuesType": type_to_tagged(element)}
        case MapType(key, value):
            return {"tag": "CMap", "keysType": type_to_tagged(key), "valuesType": type_to_tagged(value)}
        case OptionalType(inner):
            return {"tag": "COptional", "innerType": type_to_tagged(inner)}
        case RecordType():
            return {"tag": "CProduct", "structure": _structure(type_.by_name)}
        case UnionType():
            return {"tag": "CUnion", "structure": _structure(type_.by_tag)}
        case _:
            raise TaggedError(f"{type_} has no tagged form")


def _structure(types_: dict[str, Type]) -> Json:
    return {name: type_to_tagged(t) for name, t in types_.items()}


def type_from_tagged(json: Any) -> Type:
    """The type of tagged JSON. Raises `TaggedError`."""
    try:
        return _read_type(json)
    except (KeyError, TypeError, AttributeError) as error:
        raise TaggedError(f"malformed type: {type(error).__name__}: {error}") from None


def _read_type(json: Json) -> Type:
    tag = json["tag"]
    match tag:
        case "CString" | "CInt" | "CFloat" | "CBoolean":
            return PRIMITIVES[tag[1:]]
        case "CNothing":
            return NOTHING
        case "CList":
            return ListType(_read_type(json["valuesType"]))
        case "CSeq":
            return SeqType(_read_type(json["valuesType"]))
        case "CMap":
            return MapType(_read_type(json["keysType"]), _read_type(json["valuesType"]))
        case "COptional":
            return OptionalType(_read_type(json["innerType"]))
        case "CProduct":
            return RecordType(tuple((name, _read_type(t)) for name, t in json["structure"].items()))
        case "CUnion":
            return UnionType(tuple(_read_type(t) for t in json["structure"].values()))
        case _:
            raise TaggedError(f"Unknown CType tag: {tag}")


def to_tagged(value: Any, type_: Type) -> Json:
    """A value with its type as tagged JSON."""
    match type_:
        case Primitive():
            special = type_ == FLOAT and value - value != 0.0
            return {"tag": type_.wire, "value": render_float(value) if special else value}
        case ListType(element) | SeqType(element):
            tag = "CList" if isinstance(type_, ListType) else "CSeq"
            return {"tag": tag, "value": [to_tagged(v, element) for v in value], "subtype": type_to_tagged(element)}
        case MapType(key, item):
            entries = [{"key": to_tagged(k, key), "value": to_tagged(v, item)} for k, v in value.items()]
            return {
                "tag": "CMap",
                "value": entries,
                "keysType": type_to_tagged(key),
                "valuesType": type_to_tagged(item),
            }
        case RecordType():
            by_name = type_.by_name
            fields = {name: to_tagged(item, by_name[name]) for name, item in value.items() if name in by_name}
            if len(fields) < len(by_name):
                raise KeyError(next(name for name in by_name if name not in fields))
            return {"tag": "CProduct", "value": fields, "structure": _structure(type_.by_name)}
        case UnionType():
            member = type_.by_key[value.tag]
            inner = to_tagged(value.value, member)
            return {"tag": "CUnion", "value": inner, "structure": _structure(type_.by_tag), "unionTag": str(member)}
        case OptionalType(inner_type):
            if value is NONE:
                return {"tag": "CNone", "innerType": type_to_tagged(inner_type)}
            return {
                "tag": "CSome",
                "value": to_tagged(value.value, inner_type),
                "innerType": type_to_tagged(inner_type),
            }
        case _:
            raise TaggedError(f"{type_} has no values")


def from_tagged(json: Any) -> tuple[Any, Type]:
    """The value and type of tagged JSON. Raises `TaggedError`."""
    try:
        return _read_value(json)
    except (KeyError, TypeError, AttributeError) as error:
        raise TaggedError(f"malformed value: {type(error).__name__}: {error}") from None


def value_from_tagged(json: Any) -> Any:
    """The value of tagged JSON, without its type. Raises `TaggedError`."""
    return from_tagged(json)[0]


def _read_value(json: Json) -> tuple[Any, Type]:
    tag = json["tag"]
    match tag:
        case "CString" | "CInt" | "CBoolean":
            return json["value"], PRIMITIVES[tag[1:]]
        case "CFloat":
            raw = json["value"]
            return _SPECIAL[raw] if isinstance(raw, str) else float(raw), FLOAT
        case "CList" | "CSeq":
            element = _read_type(json["subtype"])
            items = [_read_value(item)[0] for item in json["value"]]
            return items, ListType(element) if tag == "CList" else SeqType(element)
        case "CMap":
            entries = {_read_value(e["key"])[0]: _read_value(e["value"])[0] for e in json["value"]}
            return entries, MapType(_read_type(json["keysType"]), _read_type(json["valuesType"]))
        case "CProduct":
            structure = RecordType(tuple((n, _read_type(t)) for n, t in json["structure"].items()))
            fields = json["value"]
            found = {name: _read_value(item)[0] for name, item in fields.items() if name in structure.by_name}
            if len(found) < len(structure.by_name):
                raise KeyError(next(name for name in structure.by_name if name not in found))
            return found, structure
        case "CUnion":
            union = UnionType(tuple(_read_type(t) for t in json["structure"].values()))
            member = union.by_tag[json["unionTag"]]
            return Variant(member.key, _read_value(json["value"])[0]), union
        case "CSome":
            return Some(_read_value(json["value"])[0]), OptionalType(_read_type(json["innerType"]))
        case "CNone":
            return NONE, OptionalType(_read_type(json["innerType"]))
        case _:
            raise TaggedError(f"Unknown CValue tag: {tag}")
