"""JSON in and out: the only module of the server that knows a JSON library.

Owns parsing with its limits and serialising. Refuses to know what a document means. Duplicate keys: the last one wins.
Invariant: what `dumps` writes is valid JSON; non-finite numbers are the value encoder's business, which writes them as
the strings the API documents.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any, Final, cast

import orjson

MAX_DEPTH: Final = 128
_CONTAINERS: Final = frozenset({dict, list})


class JsonError(ValueError):
    """A text that is not a JSON document the server accepts; the message is a sentence for the client."""


def loads(data: bytes | bytearray | str) -> Any:
    """Parse a document. Raises JsonError for malformed text and for documents nested deeper than MAX_DEPTH."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as problem:
        if "depth" in problem.msg:
            raise JsonError(_TOO_DEEP) from None
        place = f" (line {problem.lineno}, column {problem.colno})" if problem.doc else ""
        raise JsonError(f"Malformed JSON: {problem.msg}{place}") from None
    if type(value) in _CONTAINERS and _may_be_deep(data) and _is_deep(value):
        raise JsonError(_TOO_DEEP)
    return value


_TOO_DEEP: Final = f"The JSON document is nested more than {MAX_DEPTH} levels deep"


def _may_be_deep(data: bytes | bytearray | str) -> bool:
    if isinstance(data, str):
        return data.count("{") + data.count("[") > MAX_DEPTH
    return data.count(b"{") + data.count(b"[") > MAX_DEPTH


def _is_deep(value: Any) -> bool:
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = [child for container in level for child in _children(container) if type(child) in _CONTAINERS]
        if not level:
            return False
    return True


def _children(container: Any) -> Iterable[Any]:
    return cast("dict[str, Any]", container).values() if type(container) is dict else cast("list[object]", container)


def dumps(value: Any) -> bytes:
    """Serialise a document as UTF-8.

    Values orjson refuses (lone surrogates, integers beyond 64 bits) go through the standard library, which escapes
    them.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(finite(value), separators=(",", ":")).encode("ascii")


def finite(value: Any) -> Any:
    """The document with non-finite floats replaced by `"NaN"`, `"Infinity"` and `"-Infinity"`."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return {str(key): finite(item) for key, item in members.items()}
    if isinstance(value, list | tuple):
        items = cast("list[object]", value)
        return [finite(item) for item in items]
    return value
