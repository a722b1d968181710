"""`stdlib.validate`: values that must meet a condition.

Invariant: a value that meets it is passed through unchanged.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from constellation.stdlib.declare import Namespace, StandardError, extended, twin
from constellation.stdlib.limits import texts_joined
from constellation.types.text import render_text

namespace = Namespace("stdlib.validate")
added = extended(namespace)


@added("in-range", "(value: O, low: O, high: O) -> O")
def in_range(value: Any, low: Any, high: Any) -> Any:
    """The value, if it lies between two bounds, both included. Fails with `value <v> is outside [<low>, <high>]`."""
    if low <= value <= high:
        return value
    raise StandardError(f"value {render_text(value)} is outside [{render_text(low)}, {render_text(high)}]")


@added("one-of", "(value: String, allowed: List<String>) -> String")
def one_of(value: str, allowed: Sequence[str]) -> str:
    """The text, if it is in a list. Fails with `value '<v>' is not one of: a, b`."""
    if value in allowed:
        return value
    raise StandardError(f"value '{value}' is not one of: {texts_joined(', ', allowed)}")


@added("not-blank", "(value: String) -> String")
def not_blank(value: str) -> str:
    """The text, if it is more than whitespace. Fails with `value is blank`."""
    if not value or value.isspace():
        raise StandardError("value is blank")
    return value


async def _await_validate(value: Any, predicate: Callable[[Any], Awaitable[bool]], message: str) -> Any:
    if await predicate(value):
        return value
    raise StandardError(message)


@added("validate", "(value: T, predicate: (T) => Boolean, message: String) -> T")
@twin(_await_validate)
def validate(value: Any, predicate: Callable[[Any], bool], message: str) -> Any:
    """The value, if a predicate holds for it. Fails with the given message."""
    if predicate(value):
        return value
    raise StandardError(message)


@added("validate-length", "(list: List<T>, min: Int, max: Int) -> List<T>")
def validate_length(items: Sequence[Any], least: int, most: int) -> Sequence[Any]:
    """The list, if its length lies between two bounds. Fails with `list has <n> elements, expected <min> to
    <max>`."""
    if least <= len(items) <= most:
        return items
    raise StandardError(f"list has {len(items)} elements, expected {least} to {most}")
