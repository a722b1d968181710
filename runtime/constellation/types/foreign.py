"""Python objects given where plain JSON is expected: what they are as plain data.

Owns the recognition of dataclasses, models, named tuples, arrays, enumerations and classes with a codec. Refuses to
import any library that is not already loaded.

Invariant: plain JSON never reaches this file; it is asked only about what JSON has no kind for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Final

from constellation.types.codecs import codec_for
from constellation.types.kinds import is_dict, is_items, is_list, is_mapping, is_sequence
from constellation.types.values import Absent, Some, Variant

_KINDS: Final[dict[type, str]] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    tuple: "array",
    dict: "object",
}


def kind_of_plain(raw: object) -> str:
    """`null`, `boolean`, `number`, `string`, `array`, `object`, or the class of anything else."""
    return _KINDS.get(type(raw)) or type(raw).__name__


def as_mapping(raw: Any) -> Mapping[Any, Any] | None:
    """The fields of an object of a record class, or a mapping itself; None for anything else."""
    if is_dict(raw) or is_mapping(raw):
        return raw
    if isinstance(raw, Some | Absent | Variant | type):
        return None
    if dataclasses.is_dataclass(raw):
        return {f.name: getattr(raw, f.name) for f in dataclasses.fields(raw)}
    cls: Any = raw.__class__
    for names in ("model_fields", "__struct_fields__", "_fields"):
        found = getattr(cls, names, None)
        if is_mapping(found) or is_items(found):
            return {str(name): getattr(raw, str(name)) for name in found}
    attrs = getattr(cls, "__attrs_attrs__", None)
    return None if attrs is None else {a.name: getattr(raw, a.name) for a in attrs}


def as_sequence(raw: Any) -> Sequence[Any] | None:
    """The elements of a sequence or an array of numbers; None for texts, sets, named tuples and anything else."""
    if is_list(raw):
        return raw
    if is_items(raw):
        return None if hasattr(raw, "_fields") else raw
    if is_sequence(raw):
        return list(raw)
    convert = getattr(raw, "tolist", None)
    items = convert() if callable(convert) else None
    return items if is_items(items) else None


def as_plain(raw: Any) -> Any:
    """A scalar behind an enumeration, a codec or an array library's number; anything else as it is."""
    if isinstance(raw, Enum):
        return raw.value
    cls: type[Any] = raw.__class__
    codec = codec_for(cls)
    if codec is not None:
        return codec.to_value(raw)
    if isinstance(raw, str):
        return str.__str__(raw)
    item = getattr(raw, "item", None)
    if callable(item) and getattr(raw, "ndim", None) == 0:
        return item()
    return raw
