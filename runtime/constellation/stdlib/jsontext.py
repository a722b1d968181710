"""`stdlib.json`: JSON as text.

Invariant: reading never fails for a path that leads nowhere; it finds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from constellation.stdlib.declare import Namespace, Site, StandardError, extended
from constellation.stdlib.limits import INT_MAX, INT_MIN, check_text, check_text_form
from constellation.types.encoding import encoder
from constellation.types.kinds import is_items, is_mapping
from constellation.types.text import render_text
from constellation.types.values import NONE, Absent, Some

namespace = Namespace("stdlib.json")
added = extended(namespace)

_STEP: Final = re.compile(r"\[(-?[0-9]{1,9})\]|([^.\[\]]+)")
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_NOTHING: Final = object()


def written(plain: Any) -> str:
    """Compact JSON text, non-ASCII characters kept."""
    import json

    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    check_text(len(text))
    return text


@added("to-json", "(value: T) -> String", binder=True)
def to_json(site: Site) -> Callable[[Any], str]:
    """A value as compact JSON text; fields keep their order."""
    encode = encoder(site.parameter_types[0])

    def to_text(value: Any) -> str:
        check_text_form(value)
        return written(encode(value))

    return to_text


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _float(digits: str) -> float:
    value = float(digits)
    if value - value != 0.0:
        raise ValueError(digits)
    return value


def _int(digits: str) -> int:
    _float(digits)
    return int(digits)


def read(text: str) -> Any:
    """The plain data of a JSON text. Refused are numbers no Float can hold, and escapes that are no character."""
    import json

    try:
        content = json.loads(text, parse_constant=_no_constant, parse_float=_float, parse_int=_int)
        if _SURROGATE.search(text):
            json.dumps(content, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise StandardError("invalid JSON") from None
    return content


def found_at(text: str, path: str) -> Any:
    """What a path leads to in a JSON text; `_NOTHING` when nowhere."""
    current = read(text)
    position = 0
    while position < len(path):
        if path[position] == "." and position > 0:
            position += 1
        step = _STEP.match(path, position)
        if step is None:
            return _NOTHING
        position = step.end()
        current = _inside(current, step)
        if current is _NOTHING:
            return _NOTHING
    return current


def _inside(current: Any, step: re.Match[str]) -> Any:
    if step[1] is not None:
        index = int(step[1])
        if is_items(current) and -len(current) <= index < len(current):
            return current[index]
        return _NOTHING
    return current.get(step[2], _NOTHING) if is_mapping(current) else _NOTHING


@added("json-get", "(json: String, path: String) -> Optional<String>")
def json_get(text: str, path: str) -> Some | Absent:
    """What a path such as `user.tags[0]` leads to: texts, numbers and Booleans in text form, objects and arrays as
    JSON; nothing for null. Fails with `invalid JSON`."""
    found = found_at(text, path)
    if found is _NOTHING or found is None:
        return NONE
    return Some(written(found) if isinstance(found, dict | list) else render_text(found))


@added("json-get-int", "(json: String, path: String) -> Optional<Int>")
def json_get_int(text: str, path: str) -> Some | Absent:
    """The integer a path leads to, if it does. Fails with `invalid JSON`."""
    found = found_at(text, path)
    if type(found) is float and found.is_integer():
        found = int(found)
    return Some(found) if type(found) is int and INT_MIN <= found <= INT_MAX else NONE


@added("json-get-float", "(json: String, path: String) -> Optional<Float>")
def json_get_float(text: str, path: str) -> Some | Absent:
    """The number a path leads to, if it does. Fails with `invalid JSON`."""
    found = found_at(text, path)
    if type(found) is int and abs(found) < 2**1023:
        return Some(float(found))
    return Some(found) if type(found) is float and found - found == 0.0 else NONE


@added("json-get-bool", "(json: String, path: String) -> Optional<Boolean>")
def json_get_bool(text: str, path: str) -> Some | Absent:
    """The Boolean a path leads to, if it does. Fails with `invalid JSON`."""
    found = found_at(text, path)
    return Some(found) if type(found) is bool else NONE
