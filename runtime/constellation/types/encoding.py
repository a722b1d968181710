"""Language values → plain JSON or plain Python: one generated function per type.

Invariant: `decode(encode(v)) == v` for every value of every type without nested optionals; a value that needs no
change is returned as it is (`same`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from constellation.types.generated import function_of
from constellation.types.kinds import is_list
from constellation.types.model import (
    FLOAT,
    STRING,
    ListType,
    MapType,
    OptionalType,
    RecordType,
    SeqType,
    Type,
    UnionType,
)
from constellation.types.text import render_float
from constellation.types.values import NONE

Encode = Callable[[Any], Any]
_CACHED: Final = 4096
_json: Final[dict[str, Encode]] = {}
_python: Final[dict[str, Encode]] = {}


def same(value: Any) -> Any:
    """The encoder of values that are plain already."""
    return value


def encoder(type_: Type, python: bool = False) -> Encode:
    """The encoder of a type, made once: to JSON, or with `python` to plain Python objects, which keep floats that
    are no numbers and dicts with keys of any kind."""
    cache = _python if python else _json
    spelled = str(type_)
    found = cache.get(spelled)
    if found is None:
        if len(cache) >= _CACHED:
            cache.clear()
        found = cache[spelled] = _make(type_, python)
    return found


def _make(type_: Type, python: bool) -> Encode:
    match type_:
        case ListType(element) | SeqType(element):
            return _list(encoder(element, python))
        case MapType(key, value):
            return _map(key == STRING or python, encoder(key, python), encoder(value, python))
        case OptionalType(inner):
            return _optional(encoder(inner, python))
        case RecordType():
            return _record([(name, encoder(t, python)) for name, t in type_.fields])
        case UnionType():
            return _union({key: (str(t), encoder(t, python)) for key, t in type_.by_key.items()})
        case _:
            return _float if type_ == FLOAT and not python else same


def _float(value: float) -> float | str:
    return value if value - value == 0.0 else render_float(value)


def _list(element: Encode) -> Encode:
    if element is same:
        return _as_list
    return lambda value: [element(item) for item in value]


def _as_list(value: Any) -> Any:
    return value if is_list(value) else list(value)


def _map(as_object: bool, key: Encode, value: Encode) -> Encode:
    if not as_object:
        return lambda entries: [[key(k), value(v)] for k, v in entries.items()]
    if key is same and value is same:
        return same
    return lambda entries: {key(k): value(v) for k, v in entries.items()}


def _optional(inner: Encode) -> Encode:
    if inner is same:
        return lambda value: None if value is NONE else value.value
    return lambda value: None if value is NONE else inner(value.value)


def _record(fields: list[tuple[str, Encode]]) -> Encode:
    if all(encode is same for _, encode in fields):
        return same
    names: dict[str, Any] = {f"e{i}": encode for i, (_, encode) in enumerate(fields)}
    parts = [
        f"{name!r}: " + (f"record[{name!r}]" if encode is same else f"e{i}(record[{name!r}])")
        for i, (name, encode) in enumerate(fields)
    ]
    return function_of("record", f"{{{', '.join(parts)}}}", names)


def _union(by_key: dict[str, tuple[str, Encode]]) -> Encode:
    def encode(value: Any) -> Any:
        tag, inner = by_key[value.tag]
        return {"tag": tag, "value": inner(value.value)}

    return encode
